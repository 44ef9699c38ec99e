"""The forms of changing a care team, breaking the glass and reviewing it."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.drafts.forms import Form
from portal.fields import OneButton, OneOf, text
from portal.people import Person
from portal.people.care import GIVEN, ROLES
from portal.people.care.reviews import FINDINGS

SHORTEST, LONGEST = 10, 500  # characters of a reason


class MemberForm(Form):
    """`therapists` are those there are to choose from, by key."""

    therapist = OneOf("Therapist", "Choose a therapist.", "Choose one of the therapists shown.", default="")
    role = OneButton("Role", "Choose a role.", choices={role: ROLES[role] for role in GIVEN})

    def __init__(self, therapists: dict[str, Person], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.therapist.choices = {key: person.name for key, person in therapists.items()}


class EndForm(FlaskForm):
    """The successor of whose part in a care team ends; it is needed for the last of somebody in the program."""

    successor = OneOf("Who treats them from now on", wrong="Choose one of the therapists shown.", default="")

    def __init__(self, member: str, therapists: Mapping[str, Person], **more: Any) -> None:
        """`member` is the key of whose part ends, and `therapists` are those there are, by key."""
        super().__init__(**more)
        self.successor.id = f"successor-{member}"
        self.successor.choices = [
            ("", "Nobody"),
            *((key, one.name) for key, one in therapists.items() if key != member),
        ]
        self.therapists = therapists

    @property
    def named(self) -> Person | None:
        return self.therapists.get(self.successor.data)


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
