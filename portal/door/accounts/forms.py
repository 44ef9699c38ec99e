"""The form of an invitation."""

from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import StopValidation, ValidationError

from portal.door.forms import SignInName, one_line
from portal.drafts.forms import Form
from portal.fields import OneButton, text
from portal.people import Person, contacts

ROLES = {"participant": "Participant", "therapist": "Therapist", "coordinator": "Coordinator"}


class InvitationForm(Form):
    """The person who is invited. A sign-in name holds no @, and gets a printed code whatever is ticked."""

    role = OneButton("Role", "Choose a role.", choices=ROLES)
    name = text("Full name", 80, needed="Write the full name.", filters=[one_line])
    called = text("Likes to be called", 40, needed="Write what they like to be called.", filters=[one_line])
    email = SignInName("Write an email or a sign-in name.", is_new=True)
    therapist = SelectField("Primary therapist", validate_choice=False)
    covering = SelectField("Covering therapist", validate_choice=False)
    printed = BooleanField("Give a printed code instead of emailing a link")

    def __init__(self, *, therapists: dict[str, Person], **more: Any) -> None:
        """`therapists` are those who can treat somebody, by key."""
        super().__init__(**more)
        names = [(key, person.name) for key, person in therapists.items()]
        self.therapist.choices = [("", "Choose"), *names]
        self.covering.choices = [("", "Nobody"), *names]
        self.therapists = therapists

    @property
    def is_printed(self) -> bool:
        return self.printed.data or not contacts.is_address(self.email.data)

    def validate_therapist(self, field: SelectField) -> None:
        if self.role.data != "participant":
            field.data = ""
            raise StopValidation
        if field.data not in self.therapists:
            raise ValidationError("Choose who treats them.")

    def validate_covering(self, field: SelectField) -> None:
        if self.role.data != "participant":
            field.data = ""
        elif field.data and field.data not in self.therapists:
            raise ValidationError("Choose from the names shown.")
        elif field.data and field.data == self.therapist.data:
            raise ValidationError("Choose someone other than the primary therapist.")
