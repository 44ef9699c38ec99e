"""The exercise files, loaded once and checked at start, so that a new exercise needs no Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal import content
from portal.exercises.definition import Exercise, Field
from portal.exercises.definition_rules import check_exercise

FOLDER = Path(__file__).parent / "definitions"
MATERIALS = Path(__file__).parent.parent / "library" / "materials"


def load(folder: Path = FOLDER) -> dict[str, Exercise]:
    """The exercises of `folder` by slug; raises ContentError, naming file and line, when one cannot be drawn."""
    exercises = content.load(folder, _exercise)
    for slug, exercise in exercises.items():
        for name in _named_exercises(exercise):
            if name not in exercises or name == slug:
                line = _line_naming(folder / f"{slug}.md", name)
                raise content.ContentError(
                    f"{folder.name}/{slug}.md: line {line}: no other exercise is called {name!r}"
                )
        for field in exercise.fields:
            if field.drawn_from and not _source(exercises, field.drawn_from):
                where = f"{folder.name}/{slug}.md: line {field.line}: field {field.name}"
                raise content.ContentError(f"{where} is drawn from {field.drawn_from!r}, which no exercise asks")
    return exercises


def _line_naming(path: Path, name: str) -> int:
    """The first line of a file that holds this name."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next((number for number, line in enumerate(lines, 1) if name in line), 1)


def _named_exercises(exercise: Exercise) -> list[str]:
    return [*exercise.next, *([exercise.caution.instead] if exercise.caution else [])]


def _source(exercises: Mapping[str, Exercise], drawn_from: str) -> Field | None:
    """The column "exercise.rows.column" that a choice is drawn from."""
    slug, rows, column = (*drawn_from.split("."), "", "")[:3]
    found = [field for field in exercises[slug].asked if field.name == rows] if slug in exercises else []
    return next((cell for field in found for cell in field.fields if cell.name == column), None)


def _exercise(slug: str, front: dict[str, Any], body: str) -> Exercise:
    related = {name: content.title(MATERIALS, name, "material") for name in front.get("related", ())}
    own = {"slug": slug, "html": content.html(body), "related": related}
    exercise = content.record(Exercise, content.without(front, "related"), **own)
    check_exercise(exercise)
    return exercise
