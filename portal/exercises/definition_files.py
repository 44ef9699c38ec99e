"""The exercise files, loaded once and checked at start, so that a new exercise needs no Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal import content
from portal.exercises.definition import Exercise, Field, HandOver
from portal.exercises.definition_rules import check_exercise

FOLDER = Path(__file__).parent / "definitions"
TEXTS = ("text", "long_text")
MATERIALS = Path(__file__).parent.parent / "library" / "materials"


def load(folder: Path = FOLDER) -> dict[str, Exercise]:
    """The exercises of `folder` by slug; raises ContentError, naming file and line, when one cannot be drawn."""
    exercises = content.load(folder, _exercise)
    for exercise in exercises.values():
        if fault := _fault_among(exercise, exercises, folder):
            line, words = fault
            raise content.ContentError(f"{folder.name}/{exercise.slug}.md: line {line}: {words}")
    return exercises


def _fault_among(exercise: Exercise, exercises: Mapping[str, Exercise], folder: Path) -> tuple[int, str] | None:
    """The line and the words of the first thing that an exercise names and the others do not have; None without one."""
    for name in _named_exercises(exercise):
        if name not in exercises or name == exercise.slug:
            return _line_naming(folder / f"{exercise.slug}.md", name), f"no other exercise is called {name!r}"
    over = exercise.hand_over
    if over and (fault := _fault_of(exercise, over, exercises)):
        return over.line, f"hand_over: {fault}"
    for field in exercise.fields:
        if field.drawn_from and not _source(exercises, field.drawn_from):
            return field.line, f"field {field.name} is drawn from {field.drawn_from!r}, which no exercise asks"
    return None


def _line_naming(path: Path, name: str) -> int:
    """The first line of a file that holds this name."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next((number for number, line in enumerate(lines, 1) if name in line), 1)


def _named_exercises(exercise: Exercise) -> list[str]:
    instead = [exercise.caution.instead] if exercise.caution else []
    return [*exercise.next, *instead, *([exercise.hand_over.to] if exercise.hand_over else [])]


def _fault_of(exercise: Exercise, over: HandOver, exercises: Mapping[str, Exercise]) -> str:
    """The words for what is wrong with what an exercise hands over; "" where nothing is."""
    rows, _, column = over.answer.partition(".")
    source = _source(exercises, f"{exercise.slug}.{over.answer}") if column else _text_called(exercise, rows)
    if source is None or source.kind not in TEXTS:
        return f"no text is asked as {over.answer!r}"
    if not _text_called(exercises[over.to], over.field):
        return f"{over.to} asks no text as {over.field!r}"
    return "" if over.words.strip() else "words should not be empty"


def _text_called(exercise: Exercise, name: str) -> Field | None:
    return next((field for field in exercise.asked if field.name == name and field.kind in TEXTS), None)


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
