"""The forms of joining and coming back."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from portal import program
from portal.door import factors, password_rules
from portal.door.forms import ONLY_ME, SignInName, one_line
from portal.door.joining.invitations import OpenInvitation
from portal.fields import text
from portal.people import contacts


class ProofForm(FlaskForm):
    """A new password; or the browser's answer for a passkey, where the page offers one."""

    password = PasswordField("New password")
    answer = HiddenField()

    def __init__(self, invitation: OpenInvitation, facts: program.ProgramFacts, **more: Any) -> None:
        super().__init__(**more)
        self.invitation, self.facts = invitation, facts

    @property
    def takes_passkey(self) -> bool:
        """A reset does not get around the second factor, so it takes no new one."""
        return self.invitation.purpose != "reset"

    @property
    def passkey(self) -> str | None:
        """The answer of a browser that made a passkey instead of a password."""
        return (self.answer.data or None) if self.takes_passkey else None

    @property
    def second_factor(self) -> bool:
        """Whether something else is asked for beside the password, which may then be shorter; never for staff."""
        person = self.invitation.person
        if person.role != "participant":
            return False
        keeps = self.invitation.purpose == "reset" and factors.has_second_factor(person)
        return keeps or self.facts.needs_second_factor

    @property
    def leads_on(self) -> bool:
        """Whether a second factor is set up before anything opens."""
        return factors.must_have(self.invitation.person, self.facts)

    @property
    def least(self) -> int:
        return password_rules.least(self.second_factor)

    def validate_password(self, field: PasswordField) -> None:
        if self.passkey:
            return
        person = self.invitation.person
        words = password_rules.own_words(self.facts, person.name, person.called, self.invitation.contact)
        if wrong := password_rules.faults(field.data or "", self.second_factor, words):
            raise ValidationError(wrong)


class JoinForm(ProofForm):
    """The first visit: also what the person likes to be called, and whether they alone read their email."""

    called = text("What should we call you?", 40, needed="Write a name, or a letter.", filters=[one_line])
    mail_ok = BooleanField(ONLY_ME)


class CodeForm(FlaskForm):
    code = StringField(
        "Printed code",
        validators=[DataRequired("Type your printed code."), Length(max=60, message="That is too long for a code.")],
    )


class ResetForm(FlaskForm):
    email = SignInName("Type your email or sign-in name.")

    @property
    def asks(self) -> str:
        """The kind of what was typed, by its look alone: an address ("1") or a sign-in "name"."""
        return "1" if contacts.is_address(self.email.data) else "name"
