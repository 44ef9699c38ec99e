"""The forms of changing a care team, breaking the glass and reviewing it."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from portal.drafts.forms import Form
from portal.fields import plain_text, tidy
from portal.people.care import ROLES
from portal.people.care.reviews import FINDINGS

SHORTEST, LONGEST = 10, 500  # characters of a reason


class MemberForm(Form):
    """`therapists` are those there are to choose from, by key."""

    therapist = SelectField(
        "Therapist", validate_choice=False, validators=[InputRequired("Choose a therapist.")], default=""
    )
    role = RadioField(
        "Role",
        choices=ROLES,
        validate_choice=False,
        validators=[AnyOf(ROLES, "Choose a role.")],
    )

    def __init__(self, therapists: Iterable[str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.therapist.choices = list(therapists)

    def validate_therapist(self, field: Any) -> None:
        if field.data not in field.choices:
            raise ValidationError("Choose one of the therapists shown.")


class GlassForm(Form):
    who = StringField(
        "Whose record?",
        filters=[tidy],
        validators=[InputRequired("Type their full name, email or sign-in name."), Length(max=254), plain_text],
    )
    reason = TextAreaField(
        "Why can it not wait for their own team?",
        filters=[tidy],
        validators=[
            InputRequired("Write why. The coordinator reads it."),
            Length(SHORTEST, LONGEST, f"Write {SHORTEST} to {LONGEST} characters."),
            plain_text,
        ],
    )


class FindingForm(Form):
    """`key` names the opening, so that the fields of several on one page are told apart."""

    finding = RadioField(
        "What did you find?",
        choices=FINDINGS,
        validate_choice=False,
        validators=[AnyOf(FINDINGS, "Choose what you found.")],
    )

    def __init__(self, key: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.finding.id = f"finding-{key}"
