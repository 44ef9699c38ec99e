"""Forms of one session, each with the verb that it does: a new one, and every change of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal import clock
from portal.fields import Choices, DayField, LinkField, Number, OneOf, Refused, TimeOfDayField, text
from portal.people import Person
from portal.people.directory import therapists
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts
from portal.schedule import clashes, sessions
from portal.schedule.clashes import Clash
from portal.schedule.models import KINDS, Session
from portal.schedule.phrases import doubled, in_the_way
from portal.schedule.sessions import SessionPlan, phrases
from portal.schedule.staff_meetings import StaffMeeting

SHORTEST, LONGEST = 5, 720  # minutes
ALONE = {kind: name for kind, name in KINDS.items() if kind != "group"}
STALE = "This session changed while the page was open. You see above how it is now. Look again before you save."


class NewSessionForm(PreviewForm):
    """A session of one of `leaders` for some of `people`, by key. Once it was kept `session` is it, or the first."""

    kind = OneOf("Kind", "Choose a kind.", choices=ALONE)
    title = text("Name", 120)
    leader = OneOf("Therapist", "Choose a therapist.")
    people = Choices("Who comes", missing="Choose who comes.", wrong="Choose from the people shown.")
    day = DayField("Day", validators=[InputRequired("Choose a day.")])
    starts = TimeOfDayField("Time", validators=[InputRequired("Write when it begins.")])
    minutes = Number("Minutes", SHORTEST, LONGEST, default=50, validators=[InputRequired("Write how long it lasts.")])
    weeks = Number("How many times, once a week", 1, sessions.MOST_REPEATS, default=1)
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    bring = text("What to bring", 200)
    note = text("Note for who comes", 300, field=TextAreaField)
    session: Session

    def __init__(self, leaders: Mapping[str, Person], people: Mapping[str, Person]) -> None:
        super().__init__()
        self.leaders, self.there = leaders, people
        self.leader.choices = {"": "Choose"} | {key: person.name for key, person in leaders.items()}
        self.people.choices = {key: person.name for key, person in people.items()}

    def attempt(self, coordinator: Person, program: ProgramFacts, now: datetime) -> Preview:
        chosen = [person for key, person in self.there.items() if key in self.people.data]
        said: dict[str, Any] = {name: self[name].data or "" for name in ("room", "video_url", "bring", "note")}
        plan = SessionPlan(
            kind=self.kind.data,
            title=self.title.data or ALONE[self.kind.data],
            facilitator_id=self.leaders[self.leader.data].id,
            wall_at=datetime.combine(self.day.data, self.starts.data),
            zone=program.zone,
            minutes=self.minutes.data or 0,
            weeks=self.weeks.data or 1,
            **said,
        )
        planned = sessions.plan_session(coordinator, plan, chosen, now)
        self.session, ids = planned[0], [session.id for session in planned]
        found = clashes.clashes_of(ids, now, program.holidays)
        clashes.explain(ids, found, self.clash_reason.data or "")
        twice = [session.wall_at for session in planned if clock.is_doubled(session.wall_at, program.zone)]
        return Preview(tuple(doubled(twice)), tuple(in_the_way(found, clock.day_of(now, program.zone))))


class ChangeForm(PreviewForm):
    """One change of one session, by `staff`.

    `shown` says when the page had it, so that nobody moves or cancels what was moved meanwhile; what has nothing to do
    with the time (`timeless`) goes by the marks of its fields alone.
    `name` is the last part of its address, and of what its fields are called the first; `heading` and `button` are how
    the page offers it. It is for a session of the status `of_status`.
    """

    name: str
    heading: str
    button: str
    of_status = "planned"
    for_coordinators = False
    timeless = False
    shown = HiddenField("What was shown")

    def __init__(self, staff: Person, session: StaffMeeting) -> None:
        said = {name: getattr(session, name) for name in ("title", "topic", "bring", "note")}
        said |= {"room": session.place.room, "video_url": session.place.video}
        start = session.time.local_start
        said |= {"day": start.date(), "starts": start.time()}
        super().__init__(prefix=self.name, data=said)
        self.session, self.staff = session, staff
        self.now_shown = f"{session.time.start.isoformat()} {session.status}"

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.timeless and self.shown.data and self.shown.data != self.now_shown:
            self.form_errors.append(STALE)
            return False
        return good

    def preview_with(self, found: Sequence[Clash], sentences: Sequence[str], now: datetime) -> Preview:
        """The preview of a change that is made, with what is now in its way."""
        clashes.explain([self.session.id], found, self.clash_reason.data or "")
        said = self._in_the_way(found, clock.day_of(now, self.session.time.zone)) if found else []
        return Preview(tuple(sentences), tuple(dict.fromkeys(said)))

    def _in_the_way(self, found: Sequence[Clash], today: date) -> list[str]:
        """Clashes in words. Who leads a session need not know who else is somewhere else, and where."""
        if self.staff.role == "coordinator":
            return in_the_way(found, today)
        said = {
            "facilitator": "You lead another session at that time.",
            "room": "{} is used at that time.",
            "person": "Someone who comes to this has another session at that time.",
        }
        return [said[clash.kind].format(clash.who) if clash.other else in_the_way([clash], today)[0] for clash in found]


def span_minutes(start: time, end: time) -> int:
    """The minutes from `start` to `end` of a day, below 0 for an end before it."""
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def check_minutes(minutes: int) -> None:
    """Raise ValidationError for a length that no session has."""
    if minutes <= 0:
        raise ValidationError("It ends before it begins.")
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError("A session has from 5 minutes to 12 hours.")


def why() -> Any:
    """The field for the reason; each form has its own after its other fields, so that errors stand as the page does."""
    return text("Why? The people who come read this", 300, needed=sessions.SAY_WHY, field=TextAreaField)


class MoveForm(ChangeForm):
    """A session at another time, which may last longer or shorter."""

    name, heading, button = "move", "Move it", "Move it"
    day = DayField("New day", validators=[InputRequired("Choose a day.")])
    starts = TimeOfDayField("New time", validators=[InputRequired("Write when it begins.")])
    until = TimeOfDayField("Until")
    reason = why()

    def validate_until(self, field: Any) -> None:
        if self.starts.data and field.data:
            check_minutes(span_minutes(self.starts.data, field.data))

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        was, wall = self.session.time, datetime.combine(self.day.data, self.starts.data)
        minutes = span_minutes(self.starts.data, self.until.data) if self.until.data else None
        sessions.move(self.staff, self.session, wall, self.reason.data, now, minutes)
        found = clashes.clashes_of([self.session.id], now, program.holidays)
        sentences = doubled([wall]) if clock.is_doubled(wall, was.zone) else []
        if abs(wall.date() - was.day) > phrases.FAR or wall.year != was.day.year:
            sentences.insert(0, phrases.far(was.day, wall.date(), clock.day_of(now, was.zone)))
        return self.preview_with(found, sentences, now)


class SubstituteForm(ChangeForm):
    """A session that another therapist leads."""

    name, heading, button = "substitute", "Let someone else lead it", "Let them lead it"
    for_coordinators = True
    leader = SelectField("Who leads it", validate_choice=False, validators=[InputRequired("Choose a therapist.")])
    reason = why()

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        leader = therapists(self.staff).get(self.leader.data)
        if leader is None:
            raise Refused("leader", "Choose one of the therapists shown.")
        sessions.substitute(self.staff, self.session, leader, self.reason.data, now)
        return self.preview_with(clashes.clashes_of([self.session.id], now), [], now)


class PlaceForm(ChangeForm):
    """A session in another room, or behind another link."""

    name, heading, button = "place", "Change the room or link", "Save the place"
    timeless = True
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    reason = why()

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        room, video_url = self.room.data or "", self.video_url.data or ""
        sessions.place(self.staff, self.session, room, video_url, self.reason.data, now)
        return self.preview_with(clashes.clashes_of([self.session.id], now), [], now)


class DescribeForm(ChangeForm):
    """The words about a session."""

    name, heading, button = "describe", "Say what it is about", "Save"
    timeless = True
    title = text("Name", 120, needed="Give the session a name.")
    topic = text("Topic", 120)
    bring = text("What to bring", 200)
    note = text("Note for those who come", 300, field=TextAreaField)

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        title, topic, bring, note = (field.data or "" for field in (self.title, self.topic, self.bring, self.note))
        sessions.describe(self.staff, self.session, title, topic, bring, note, now)
        return Preview()


class CancelForm(ChangeForm):
    """A session that does not take place."""

    name, heading, button = "cancel", "Cancel it", "Cancel it"
    reason = why()

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        sessions.cancel(self.staff, self.session, self.reason.data, now)
        return Preview()


class RestoreForm(ChangeForm):
    """A cancelled session that takes place after all."""

    name, heading, button = "restore", "Restore this session", "Restore it"
    of_status = "cancelled"
    for_coordinators = True
    reason = why()

    def attempt(self, program: ProgramFacts, now: datetime) -> Preview:
        sessions.restore(self.staff, self.session, self.reason.data, now)
        found = clashes.clashes_of([self.session.id], now, program.holidays)
        return self.preview_with(found, [], now)


CHANGES: Collection[type[ChangeForm]] = (MoveForm, SubstituteForm, PlaceForm, DescribeForm, CancelForm, RestoreForm)


def change_forms(staff: Person, session: StaffMeeting) -> list[ChangeForm]:
    """The forms of the changes that `staff` may make in `session` as it is now."""
    return [
        form(staff, session)
        for form in CHANGES
        if form.of_status == session.status and (staff.role == "coordinator" or not form.for_coordinators)
    ]
