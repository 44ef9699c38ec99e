"""What planning one session accepts: a new one, what changes it, and the days the program is closed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal import clock
from portal.fields import Number
from portal.people import Person
from portal.schedule.clashes import Clash
from portal.schedule.fields import DayField, LinkField, TimeOfDayField
from portal.schedule.groups.enrolment import MOST_REPEATS, SessionPlan
from portal.schedule.groups.forms import LONGEST, SHORTEST, check_minutes, span_minutes, text
from portal.schedule.groups.tracks import SAY_WHY
from portal.schedule.models import KINDS
from portal.schedule.sessions.looks import PlanForm
from portal.schedule.staff_meetings import StaffMeeting

ALONE = {kind: name for kind, name in KINDS.items() if kind != "group"}
STALE = "This session changed while the page was open. Above is how it is now. Look again before you save."
OVER = "This time is over. Choose one that is still to come."


def skipped(error: clock.SkippedHour) -> str:
    """What is said of a time that the clocks jump over."""
    return f"The clocks jump over this time: {error}. Choose another time."


class SessionForm(PlanForm):
    """A session for some people; `leaders` are (id, key, name), `there` the names, by key, of who can come."""

    kind = SelectField("Kind", choices=ALONE, validate_choice=False)
    title = text("Name", 120)
    leader = SelectField("Therapist", validate_choice=False)
    people = SelectMultipleField("Who comes", validate_choice=False)
    day = DayField("Day", validators=[InputRequired("Choose a day.")])
    starts = TimeOfDayField("Time", validators=[InputRequired("Write when it begins.")])
    minutes = Number("Minutes", SHORTEST, LONGEST, default=50)
    weeks = Number("How many times, once a week", 1, MOST_REPEATS, default=1)
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    bring = text("What to bring", 200)
    note = text("Note for who comes", 300, field=TextAreaField)

    def __init__(self, leaders: list[tuple[int, str, str]], there: dict[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.leaders = {key: id_ for id_, key, _ in leaders}
        self.leader.choices = {"": "Choose"} | {key: name for _, key, name in leaders}
        self.people.choices = there

    def validate_kind(self, field: Any) -> None:
        if field.data not in ALONE:
            raise ValidationError("Choose a kind.")

    def validate_people(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose who comes.")
        if not set(field.data) <= set(field.choices):
            raise ValidationError("Choose from the people shown.")

    def validate_leader(self, field: Any) -> None:
        if field.data not in self.leaders:
            raise ValidationError("Choose a therapist.")

    def validate_minutes(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError("Write how long it lasts.")

    def plan(self, zone: str) -> SessionPlan:
        """What was said, on the clock of `zone`; for a form that was found good."""
        said: dict[str, Any] = {name: self[name].data or "" for name in ("room", "video_url", "bring", "note")}
        return SessionPlan(
            kind=self.kind.data,
            title=self.title.data or ALONE[self.kind.data],
            facilitator_id=self.leaders[self.leader.data],
            wall_at=datetime.combine(self.day.data, self.starts.data),
            zone=zone,
            minutes=self.minutes.data or 0,
            weeks=self.weeks.data or 1,
            **said,
        )

    def refuse(self, error: ValueError) -> None:
        if isinstance(error, clock.SkippedHour):
            self.starts.errors = [skipped(error)]
        elif "over" in str(error):
            self.day.errors = [OVER]
        else:
            super().refuse(error)


class ActForm(PlanForm):
    """One change of one session. `shown` says what the page showed of it, so that nobody changes what has changed."""

    shown = HiddenField("What was shown")

    def __init__(self, session: StaffMeeting, staff: Person, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.session, self.staff = session, staff
        self.now_shown = f"{clock.stamp(session.time.start)} {session.status}"

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.shown.data and self.shown.data != self.now_shown:
            self.form_errors.append(STALE)
            return False
        return good

    def names(self, found: Sequence[Clash], today: date) -> list[str]:
        """Who leads a session need not know who else is somewhere else, and where."""
        if self.staff.role == "coordinator":
            return super().names(found, today)
        said = {
            "facilitator": "You lead another session at that time.",
            "room": "{} is used at that time.",
            "person": "Someone who comes to this has another session at that time.",
        }
        return [said[clash.kind].format(clash.who) if clash.kind in said else clash.words for clash in found]


def why() -> Any:
    """The field for the reason; each form has its own after its other fields, so that errors stand as the page does."""
    return text("Why? It is told to those who come", 300, needed=SAY_WHY, field=TextAreaField)


class ReasonedForm(ActForm):
    reason = why()


class MoveForm(ActForm):
    day = DayField("New day", validators=[InputRequired("Choose a day.")])
    starts = TimeOfDayField("New time", validators=[InputRequired("Write when it begins.")])
    until = TimeOfDayField("Until")
    reason = why()

    @property
    def wall_at(self) -> datetime:
        return datetime.combine(self.day.data, self.starts.data)

    @property
    def minutes(self) -> int | None:
        """How long it lasts, where an end was written."""
        return span_minutes(self.starts.data, self.until.data) if self.until.data else None

    def validate_until(self, field: Any) -> None:
        if self.starts.data and field.data:
            check_minutes(span_minutes(self.starts.data, field.data))

    def refuse(self, error: ValueError) -> None:
        if isinstance(error, clock.SkippedHour):
            self.starts.errors = [skipped(error)]
        elif str(error) == OVER:
            self.day.errors = [OVER]
        else:
            super().refuse(error)


class SubstituteForm(ActForm):
    leader = SelectField("Who leads it", validate_choice=False, validators=[InputRequired("Choose a therapist.")])
    reason = why()


class PlaceForm(ActForm):
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    reason = why()


class DescribeForm(ActForm):
    title = text("Name", 120, needed="A session has a name.")
    topic = text("Topic", 120)
    bring = text("What to bring", 200)
    note = text("Note for those who come", 300, field=TextAreaField)
