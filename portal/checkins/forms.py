"""What a check-in accepts. Everything but mood may be left out, and a skip is never a value."""

import re
from datetime import date, timedelta
from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, TimestampSigner
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal import clock
from portal.checkins import words
from portal.db import new_key
from portal.fields import Choice, Choices, plain_text, tidy

TEN = {n: str(n) for n in range(11)}
SLEEP = {half / 2: words.hours(half / 2) for half in range(29)}


def a_day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class CheckInForm(FlaskForm):
    mood = Choice(
        words.QUESTIONS["mood"],
        choices=TEN,
        coerce=int,
        validators=[InputRequired("Choose a number from 0 to 10. It is the only question we need.")],
    )
    anxiety = Choice(words.QUESTIONS["anxiety"], choices=TEN, coerce=int)
    urges = Choice(words.QUESTIONS["urges"], choices=TEN, coerce=int)
    sleep_hours = Choice(words.QUESTIONS["sleep_hours"], choices=SLEEP, coerce=float)
    medication = Choice(words.QUESTIONS["medication"], choices=words.MEDICATION)
    substance_use = Choice(words.QUESTIONS["substance_use"], choices=words.SUBSTANCE_USE)
    skills = Choices(words.QUESTIONS["skills"], choices=words.SKILLS)
    note = TextAreaField(words.QUESTIONS["note"], filters=[tidy], validators=[plain_text])
    safety = Choice(words.QUESTIONS["safety"], choices=words.SAFETY)
    for_day = Choice(words.QUESTIONS["for_day"], coerce=a_day)
    key = HiddenField()
    opened = HiddenField()

    def __init__(self, *args: Any, today: date, asks_safety: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yesterday = today - timedelta(days=1)
        self.for_day.choices = {today: "Today", yesterday: "Yesterday"}
        if not self.for_day.raw_data and self.for_day.data not in (today, yesterday):
            self.for_day.data = today
        if not asks_safety:
            del self.safety
        if not self.key.data:
            self.key.data = new_key()
        if not self.opened.data:
            self.opened.data = _signer().sign(self.key.data).decode()

    def validate_mood(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose a number from 0 to 10. It is the only question we need.")

    def validate_for_day(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("A check-in is for today or for yesterday.")

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", self.key.data or ""):
            self.form_errors.append("A hidden part of this form was damaged. It is mended: save again.")
            self.key.data = new_key()
            return False
        return valid

    @property
    def answers(self) -> dict[str, Any]:
        """The given answers as the columns of a check-in; a skip is None."""
        return {
            "mood": self.mood.data,
            "anxiety": self.anxiety.data,
            "urges": self.urges.data,
            "sleep_hours": self.sleep_hours.data,
            "medication": self.medication.data,
            "substance_use": self.substance_use.data,
            "skills": self.skills.data or None,
            "note": self.note.data or None,
            "safety": self.safety.data if "safety" in self else None,
            "for_day": self.for_day.data,
        }

    def seconds_taken(self) -> int | None:
        """Whole seconds since the form was loaded, as this server saw it; None if that cannot be known."""
        try:
            _, loaded = _signer().unsign(self.opened.data or "", return_timestamp=True)
        except BadSignature:
            return None
        return max(0, int((clock.now() - loaded).total_seconds()))


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key, salt="check-in opened")  # type: ignore[arg-type]


class MoodForm(FlaskForm):
    """The one number on Today that starts a check-in."""

    mood = Choice(words.QUESTIONS["mood"], choices=TEN, coerce=int)


class SafeNowForm(FlaskForm):
    safe_now = Choice(
        "Are you safe right now?",
        choices=words.SAFE_NOW,
        validators=[InputRequired("Choose one of the three.")],
    )


class ReplyForm(FlaskForm):
    reply = TextAreaField("Your reply", filters=[tidy], validators=[plain_text])
