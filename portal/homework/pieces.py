"""The pieces that can be given: exercises, readings and measures, each with its title and the page that opens on it."""

from dataclasses import dataclass

from portal.exercises import EXERCISES
from portal.library import MATERIALS
from portal.measures import INSTRUMENTS, served
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class HomeworkPiece:
    """One thing that can be given. `address` opens on the thing itself; `minutes` is about how long it takes."""

    kind: str
    slug: str
    title: str
    address: str
    icon: str
    minutes: int | None = None


def piece_called(kind: str, slug: str) -> HomeworkPiece | None:
    """The piece of this kind and slug; None for an own line, and for one that is no longer here."""
    if kind == "exercise" and (exercise := EXERCISES.get(slug)):
        return HomeworkPiece(kind, slug, exercise.title, exercise.address, exercise.icon, exercise.minutes)
    if kind == "reading" and (material := MATERIALS.get(slug)):
        return HomeworkPiece(kind, slug, material.title, f"/library/{slug}", "learn", material.minutes)
    if kind == "measure" and (instrument := INSTRUMENTS.get(slug)):
        return HomeworkPiece(kind, slug, instrument.short_title, f"/measures/{slug}", "clock")
    return None


def pieces_to_give(program: ProgramFacts) -> dict[str, list[HomeworkPiece]]:
    """All that can be given now, by the words for its kind."""
    slugs = {"exercise": [*EXERCISES], "reading": [*MATERIALS], "measure": [*served(program)]}
    names = {"exercise": "Exercises", "reading": "Readings", "measure": "Measures"}
    return {
        names[kind]: [piece for slug in found if (piece := piece_called(kind, slug))] for kind, found in slugs.items()
    }
