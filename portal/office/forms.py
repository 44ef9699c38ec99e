"""The forms of the program's settings: its neutral name, the second factor, the quiet minutes, the way."""

import re
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import Regexp, ValidationError

from portal.drafts.forms import Form
from portal.fields import Number, OneButton, text

SHORTEST, LONGEST = 5, 30  # minutes
# It stands in titles, in mail and on the home screen of a phone, where others read it.
TELLING = re.compile(
    r"addict|alcohol|anxi|bipolar|behavio|clinic|counsel|crisis|depress|detox|disorder|drug|health|hospital|iop\b"
    r"|medic|mental|mood|outpatient|patient|psych|recover|rehab|sober|substance|suicid|therap|trauma|treatment|wellness",
    re.IGNORECASE,
)


class SettingsForm(Form):
    shown_as = text(
        "Name on phones and in email",
        30,
        needed="Write a name.",
        validators=[Regexp(r"[^\W_][\w '&.-]*\Z", message="Use letters, digits and spaces.")],
    )
    needs_second_factor = OneButton(
        "Must participants have a second step at sign-in?",
        "Choose one.",
        choices={"no": "No, they may", "yes": "Yes, all of them"},
    )
    idle_minutes = Number("Sign participants out after this many minutes without use", SHORTEST, LONGEST)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by the names of the program's columns; for a form that was found good."""
        needs = self.needs_second_factor.data == "yes"
        named = {"shown_as": self.shown_as.data, "idle_minutes": self.idle_minutes.data}
        return named | {"needs_second_factor": needs}

    def validate_shown_as(self, field: StringField) -> None:
        if TELLING.search(field.data or ""):
            raise ValidationError("Choose a name that says nothing about health: others see it on a phone.")

    def validate_idle_minutes(self, field: Number) -> None:
        if field.data is None:
            raise ValidationError(f"Write a number from {SHORTEST} to {LONGEST}.")


class DirectionsForm(Form):
    directions = text("How to find the door", 500, field=TextAreaField)
