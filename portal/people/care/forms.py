"""The forms of changing a care team, breaking the glass and reviewing it."""

from typing import Any

from wtforms import TextAreaField
from wtforms.validators import Length

from portal.drafts.forms import Form
from portal.fields import OneButton, OneOf, text
from portal.people import Person
from portal.people.care import ROLES
from portal.people.care.reviews import FINDINGS

SHORTEST, LONGEST = 10, 500  # characters of a reason


class MemberForm(Form):
    """`therapists` are those there are to choose from, by key."""

    therapist = OneOf("Therapist", "Choose a therapist.", "Choose one of the therapists shown.", default="")
    role = OneButton("Role", "Choose a role.", choices=ROLES)

    def __init__(self, therapists: dict[str, Person], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.therapist.choices = {key: person.name for key, person in therapists.items()}


class GlassForm(Form):
    who = text("Whose record?", 254, needed="Type their full name, email or sign-in name.")
    reason = text(
        "Why can it not wait for their own team?",
        LONGEST,
        needed="Write why. The coordinator reads it.",
        field=TextAreaField,
        validators=[Length(SHORTEST, -1, f"Write a little more: {SHORTEST} characters or more.")],
    )


class FindingForm(Form):
    """`key` names the opening, so that the fields of several on one page are told apart."""

    finding = OneButton("What did you find?", "Choose what you found.", choices=FINDINGS)

    def __init__(self, key: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.finding.id = f"finding-{key}"
