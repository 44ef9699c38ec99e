"""A practice that is taken step by step: what was given so far, the form of one step, and the step after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.exceptions import NotFound

from portal import exercises
from portal.exercises import KeptPractice, sharing
from portal.exercises.definition import Exercise
from portal.exercises.forms import PracticeForm, practice_form
from portal.exercises.steps import ExerciseStep, missing_field, steps_to_take
from portal.people import Person


@dataclass(frozen=True, slots=True)
class SteppedPractice:
    """One step of a practice: its `form`, and the `draft` with what the other steps were given."""

    exercise: Exercise
    draft: KeptPractice | None
    form: PracticeForm

    @property
    def answers(self) -> dict[str, Any]:
        """All answers by field name: those of this step as they are in the form, the others as they were kept."""
        asked = {field.name for field in self.form.asked}
        kept = self.draft.answers if self.draft else {}
        return {name: value for name, value in kept.items() if name not in asked} | self.form.answers

    @property
    def steps(self) -> list[ExerciseStep]:
        """The steps that are asked after these answers."""
        return steps_to_take(self.exercise, self.answers)

    @property
    def after(self) -> int:
        """The number of the next step; 0 after the last."""
        here = self.form.step.number if self.form.step else 0
        return next((step.number for step in self.steps if step.number > here), 0)

    def can(self, action: str) -> bool:
        """Whether the form is good for this action; what is wrong or missing is said on it."""
        if action == "draft":
            return self.form.validate()
        if not self.form.is_whole(empty_is_fine=action == "next" or bool(self.answers)):
            return False
        if action == "finish" and (missing := missing_field(self.exercise, self.answers)):
            step, field = missing
            self.form.form_errors.append(f"Step {step.number} is needed first: {field.label}")
        return not self.form.form_errors

    def save(self, participant: Person, action: str, now: datetime) -> str:
        """Keep the answers as a draft, or finish the practice with them, and return its key."""
        keep = exercises.finish if action == "finish" else exercises.save_draft
        return keep(participant, self.exercise, str(self.form.key.data), self.answers, now)


def stepped_practice(participant: Person, exercise: Exercise, number: str) -> SteppedPractice:
    """The step whose number is `number` of the practice that `participant` has in hand; raises NotFound."""
    draft = exercises.practice_draft(participant, exercise)
    answers = draft.answers if draft else {}
    step = next((one for one in steps_to_take(exercise, answers) if str(one.number) == number), None)
    if not exercise.by_step or step is None:
        raise NotFound
    given = {field.name: answers.get(field.name) for field in step.asked}
    form = practice_form(exercise, step)(data=given | {"key": draft.key} if draft else None)
    sharing.draw_choices(participant, form)
    return SteppedPractice(exercise, draft, form)
