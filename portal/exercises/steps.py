"""The steps of an exercise that asks one section a page: which there are, which comes next, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.exercises.definition import WITHOUT_ANSWER, Exercise, Field


@dataclass(frozen=True, slots=True, eq=False)
class ExerciseStep:
    """One section of an exercise with its fields; `number` counts all sections from 1.

    What stands before the first section has none, and the number 0.
    """

    number: int
    section: Field | None
    fields: tuple[Field, ...]

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields that take an answer."""
        return tuple(field for field in self.fields if field.kind not in WITHOUT_ANSWER)


@cache
def steps_of(exercise: Exercise) -> tuple[ExerciseStep, ...]:
    """All steps of an exercise, in order; made once."""
    fields = exercise.fields
    heads = [at for at, field in enumerate(fields) if field.kind == "section"]
    first, ends = (heads or [len(fields)])[0], [*heads[1:], len(fields)]
    sections = enumerate(zip(heads, ends, strict=False), 1)
    steps = [ExerciseStep(n, fields[at], fields[at + 1 : end]) for n, (at, end) in sections]
    return (ExerciseStep(0, None, fields[:first]), *steps) if first else tuple(steps)


def steps_to_take(exercise: Exercise, answers: Mapping[str, Any]) -> list[ExerciseStep]:
    """The steps that are asked after these answers by field name."""
    return [step for step in steps_of(exercise) if _is_asked(step, answers)]


def _is_asked(step: ExerciseStep, answers: Mapping[str, Any]) -> bool:
    when = step.section.when if step.section else None
    return not when or when.holds(answers)


def step_to_open(exercise: Exercise, answers: Mapping[str, Any]) -> ExerciseStep:
    """The step to go on with: the one after the last that has an answer, or the last of all."""
    steps = steps_to_take(exercise, answers)
    answered = [n for n, step in enumerate(steps) if any(field.name in answers for field in step.asked)]
    return steps[min(answered[-1] + 1, len(steps) - 1)] if answered else steps[0]


def missing_field(exercise: Exercise, answers: Mapping[str, Any]) -> tuple[ExerciseStep, Field] | None:
    """The first field that is needed and has no answer, with its step; None where a practice can be finished."""
    steps = steps_to_take(exercise, answers)
    return next(((s, field) for s in steps for field in s.asked if field.required and field.name not in answers), None)
