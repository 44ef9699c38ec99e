"""Texts of one exercise that go on in another: a weak spot into a plan, a worry into a problem to solve."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.db import db
from portal.exercises import EXERCISES, PRACTICES, KeptPractice, kept_practice
from portal.exercises.definition import Exercise
from portal.exercises.forms import PracticeForm
from portal.exercises.models import Practice
from portal.exercises.steps import steps_of
from portal.people import Person


@dataclass(frozen=True, slots=True)
class HandedText:
    """One text that can go on in another exercise: its `number` among those of the practice, and the page it opens."""

    practice: str
    number: int
    text: str
    words: str
    to: Exercise
    step: int

    @property
    def address(self) -> str:
        """The form of the other exercise with the text in it. Nothing is saved by opening it."""
        page = "edit" if self.to.living else f"steps/{self.step}" if self.to.by_step else ""
        return f"{self.to.address}{'/' if page else ''}{page}?from={self.practice}&line={self.number}"


def texts_to_hand_over(practice: KeptPractice) -> list[HandedText]:
    """The texts of a practice that can go on in another exercise, in their order."""
    over = practice.exercise.hand_over
    if over is None:
        return []
    to, (rows, _, column) = EXERCISES[over.to], over.answer.partition(".")
    found = practice.answers.get(rows)
    texts = [row.get(column) for row in found or ()] if column else [found]
    step = next(step.number for step in steps_of(to) if over.field in [field.name for field in step.asked])
    given = enumerate(text for text in texts if text)
    return [HandedText(practice.key, number, text, over.words, to, step) for number, text in given]


def handed_over(participant: Person, to: Exercise, asked: Mapping[str, str]) -> dict[str, str]:
    """The text that an address names by the key of a practice (`from`) and its `line`, by the field of `to` it goes to.

    Empty where it names none, or what is not theirs.
    """
    if not asked.get("from"):
        return {}
    mine = Practice.participant_id == participant.id, Practice.key == asked["from"], Practice.finished_at.is_not(None)
    row = db.session.execute(PRACTICES.where(*mine, Practice.slug.in_(_handing_to(to)))).first()
    texts = texts_to_hand_over(kept_practice(row)) if row else []
    chosen = [one.text for one in texts if str(one.number) == asked.get("line")]
    over = row and EXERCISES[row.slug].hand_over
    return {over.field: chosen[0]} if over and chosen else {}


def _handing_to(to: Exercise) -> list[str]:
    return [slug for slug, one in EXERCISES.items() if one.hand_over and one.hand_over.to == to.slug]


def put_into(form: PracticeForm, texts: Mapping[str, str]) -> None:
    """Show these texts in a form as if they had been typed: in a plan on a line of its own, else in an empty field."""
    for name, text in texts.items():
        field = next((one for one in form if one.name == name), None)
        stands = field.data or "" if field else text
        if field and text not in stands and (not stands or form.exercise.living):
            field.data = "\n".join(filter(None, [stands, text]))
