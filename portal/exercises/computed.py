"""Computed lines: what the answers of a practice come to, in words. They are never kept and never scored."""

from collections.abc import Mapping
from typing import Any

from portal import words
from portal.exercises.definition import Exercise, Field


def computed_line(exercise: Exercise, line: Field, answers: Mapping[str, Any]) -> str | None:
    """The words of one computed field; None unless all that it needs was answered.

    A difference needs both its numbers. A sum, and the highest, leave out what was skipped; a count counts rows.
    """
    given = {name: answers[name] for name in line.uses if name in answers}
    return _WORDS[line.how](exercise, line, given) if given else None


def _difference(_exercise: Exercise, line: Field, given: Mapping[str, Any]) -> str | None:
    if len(given) < len(line.uses) or len(given) < 2:
        return None
    first, last = _number(given[line.uses[0]]), _number(given[line.uses[-1]])
    return f"{first} before, and {last} after" if first == last else f"From {first} to {last}"


def _sum(_exercise: Exercise, _line: Field, given: Mapping[str, Any]) -> str | None:
    return str(sum(_number(value) for value in given.values()))


def _count(_exercise: Exercise, _line: Field, given: Mapping[str, Any]) -> str | None:
    return str(sum(len(rows) for rows in given.values()))


def _highest(exercise: Exercise, _line: Field, given: Mapping[str, Any]) -> str | None:
    most = max(map(_number, given.values()))
    asked = {field.name: field.short or field.label for field in exercise.asked}
    return f"{words.listed([asked[name] for name, value in given.items() if _number(value) == most])} ({most})"


_WORDS = {"difference": _difference, "sum": _sum, "count": _count, "highest": _highest}


def _number(value: Any) -> int:
    """An answer as a number: a rating is one, and so is the value of each choice that a computed line may use."""
    return int(value)
