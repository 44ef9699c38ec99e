"""The form of attendance: how each person of a session attended."""

from collections.abc import Iterator
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, ValidationError
from wtforms.validators import Optional

from portal.drafts.forms import Form
from portal.schedule.attendance.roster import TIMED, RosterRow
from portal.schedule.models import ATTENDANCE
from portal.schedule.staff_meetings import StaffMeeting

AWAY = (5, 10, 15, 20, 30, 45, 60, 90)  # minutes that people are mostly late, or leave early


class MinutesField(IntegerField):
    """Whole minutes; blank is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the minutes as a whole number, such as 100.") from None


class AttendanceForm(Form):
    """One radio group and one field for minutes for each person of a roster; `attendance_form` makes them.

    `rest` is sent by the button "Everyone else came".
    """

    rest = HiddenField()

    def marks(self, roster: list[RosterRow]) -> Iterator[tuple[RosterRow, str, int | None]]:
        """(person, status, minutes) of everyone of whom something new is said.

        With `rest` those who have nothing chosen came, but for who was marked or said that they cannot come: what
        is true of them is for whoever takes attendance to say.
        """
        for person in roster:
            status = self[f"status-{person.key}"].data or ("present" if self.rest.data and person.is_open else None)
            minutes = self[f"minutes-{person.key}"].data if status in TIMED else None
            if status and (status, minutes) != (person.status, person.minutes):
                yield person, status, minutes


def attendance_form(session: StaffMeeting, roster: list[RosterRow]) -> AttendanceForm:
    """The form of `session`, made from how each of the roster is known to have attended."""
    fields: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for person in roster:
        fields[f"status-{person.key}"] = RadioField(
            person.name,
            choices=ATTENDANCE,
            validators=[Optional()],
            invalid_choice_message="Choose one of these.",
        )
        fields[f"minutes-{person.key}"] = MinutesField(
            f"Minutes there, {person.name}",
            validators=[_minutes(f"status-{person.key}", session.time.minutes)],
        )
        known |= {f"status-{person.key}": person.status, f"minutes-{person.key}": person.minutes}
    return type("SessionAttendanceForm", (AttendanceForm,), fields)(data=known)


def likely_minutes(session: StaffMeeting) -> list[int]:
    """The minutes to offer for someone who came late or left early: most of the session, then less of it."""
    return [session.time.minutes - away for away in AWAY if away < session.time.minutes]


def _minutes(status_field: str, most: int) -> Any:
    def check(form: AttendanceForm, field: MinutesField) -> None:
        status, minutes = form[status_field].data, field.data
        if minutes is None:
            if status in TIMED:
                raise ValidationError("How many minutes were they there?")
        elif not status:
            raise ValidationError("First choose how they came.")
        elif status in TIMED and not 0 <= minutes <= most:
            raise ValidationError(f"The session has {most} minutes.")

    return check
