"""Forms of group tracks, each with the verb that it does: the whole track, who is in it and from when, and its end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from portal import clock, words
from portal.fields import Choices, DayField, LinkField, Number, OneOf, TimeOfDayField, text
from portal.people import Person
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts
from portal.schedule import clashes
from portal.schedule.groups import enrollment, overview, phrases, recurrence, tracks, weekly
from portal.schedule.groups.fields import DaysField, TopicsField, days_as_text
from portal.schedule.groups.tracks import TrackPlan, plan_of
from portal.schedule.groups.weekly import MOST_WEEKS, Weekly
from portal.schedule.models import Track
from portal.schedule.phrases import in_the_way
from portal.schedule.sessions.forms import check_minutes, span_minutes

SAME = ("title", "discreet_title", "zone", "room", "video_url", "bring", "capacity")
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)


class TrackForm(PreviewForm):
    """All that is said of a track. `leaders` are by key; `kept_rule` is one that days of the week cannot say.

    `starts_on` is the day from which it holds. Of a new track, `past` makes the sessions before today too.
    Fields stand as on the page, and so do their errors.
    """

    past = BooleanField("Also make the sessions that are in the past")
    title = text("Name of the group", 120, needed="Write what the group is called.")
    discreet_title = text("What calendars and reminders call it", 60, needed="Write a word or two.")
    leader = OneOf("Leader", "Choose who leads it.")
    cover = OneOf("Who leads when the leader cannot", wrong="Choose one of the therapists shown.")
    reason = text("Why it changes", 300, field=TextAreaField)
    starts_on = DayField("First day", validators=[InputRequired("Choose the first day.")])
    keep_rule = BooleanField("Keep the rule it has")
    days = Choices(
        "Days of the week", wrong="Choose from the days shown.", choices=dict(enumerate(words.WEEKDAYS)), coerce=int
    )
    every = OneOf(
        "How often",
        "Choose how often.",
        choices={1: "Every week"} | {n: f"Every {n} weeks" for n in range(2, MOST_WEEKS + 1)},
        coerce=int,
        default=1,
    )
    starts = TimeOfDayField("From", validators=[InputRequired("Write when it begins.")])
    ends = TimeOfDayField("To", validators=[InputRequired("Write when it ends.")])
    last_day = DayField("Last day")
    times = Number("Number of sessions", 1, recurrence.MOST_INSTANCES)
    skips = text("Other days without a session", 5000, field=DaysField)
    skips_holidays = BooleanField("No session on days the program is closed", default=True)
    zone = text("Time zone", 64, needed="Write a time zone.")
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    bring = text("What to bring", 200)
    capacity = Number("Seats", 1, 500, default=12, validators=[InputRequired("Write how many seats there are.")])
    takes_make_ups = BooleanField("People from other groups may take a free seat", default=True)
    topics = TopicsField("Topics", default=())
    more = SubmitField("More rows for topics")

    def __init__(self, leaders: Mapping[str, Person], *, kept_rule: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.leaders, self.kept_rule = leaders, kept_rule
        names = {key: leader.name for key, leader in leaders.items()}
        self.leader.choices = {"": "Choose"} | names
        self.cover.choices = {"": "Nobody yet"} | names

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be saved; not where more rows are asked for, in which nothing is wrong yet."""
        if self.more.data:
            self.topics.add_rows()
            return False
        return super().validate(extra_validators)

    def validate_cover(self, field: Any) -> None:
        if field.data and field.data == self.leader.data:
            raise ValidationError("Choose someone other than the leader.")

    def validate_days(self, field: Any) -> None:
        if not (field.data or self.keeps):
            raise ValidationError("Choose at least one day.")

    def validate_ends(self, field: Any) -> None:
        if self.starts.data and field.data:
            check_minutes(self.minutes)

    def validate_zone(self, field: Any) -> None:
        try:
            clock.zone(field.data or "")
        except ValueError:
            raise ValidationError("Write a time zone such as America/Chicago.") from None

    def validate_last_day(self, field: Any) -> None:
        if not field.data or not self.starts_on.data or self.keeps:
            return
        if field.data < self.starts_on.data:
            raise ValidationError("It is before the first day.")
        if (field.data - self.starts_on.data).days > 365 * recurrence.LONGEST_YEARS:
            raise ValidationError(f"End it within {recurrence.LONGEST_YEARS} years.")

    def validate_times(self, field: Any) -> None:
        if field.data and self.last_day.data:
            raise ValidationError("Give a last day or a number of sessions, not both.")

    @property
    def keeps(self) -> bool:
        """Whether the rule stays as it is."""
        return bool(self.kept_rule and self.keep_rule.data)

    @property
    def minutes(self) -> int:
        start, end = self.starts.data, self.ends.data
        return span_minutes(start, end) if start and end else 0

    @property
    def plan(self) -> TrackPlan:
        """All that was said; for a form that was found good."""
        rule = self.kept_rule
        if not self.keeps:
            rule = Weekly(tuple(self.days.data), self.every.data, self.last_day.data, self.times.data).rule
        said: dict[str, Any] = {name: self[name].data or "" for name in SAME}
        return TrackPlan(
            **said,
            facilitator_id=self.leaders[self.leader.data].id,
            cover_id=self.leaders[self.cover.data].id if self.cover.data else None,
            first_at=datetime.combine(self.starts_on.data, self.starts.data),
            minutes=self.minutes,
            rule=rule,
            takes_make_ups=self.takes_make_ups.data,
            skips_holidays=self.skips_holidays.data,
            skips=self.skips.listed,
            topics=self.topics.data,
        )

    def preview_of(self, track: Track, sentences: Sequence[str], now: datetime) -> Preview:
        """The preview of a track that was opened or changed, with what is now in its way."""
        ids = overview.planned_ids(track, now)
        found = clashes.clashes_of(ids, now)
        clashes.explain(ids, found, self.clash_reason.data or "")
        return Preview(tuple(sentences), tuple(in_the_way(found, clock.day_of(now, track.zone))))


class NewTrackForm(TrackForm):
    """A new track. Once it was tried `track` is it, and `behind` of its sessions lie before today."""

    behind = 0
    track: Track

    def attempt(self, coordinator: Person, program: ProgramFacts, now: datetime) -> Preview:
        past = bool(self.past.data)
        self.track, outcome = tracks.open_track(coordinator, self.plan, program, now, past=past)
        self.behind = outcome.behind
        return self.preview_of(self.track, phrases.opening(outcome, past), now)


class TrackChangeForm(TrackForm):
    """A change of `track` from a day on."""

    def __init__(self, track: Track, leaders: Mapping[str, Person], said: dict[str, Any]) -> None:
        scope = {name: said.pop(name) for name in ("starts_on", "times")}  # from when on is no part of the track
        super().__init__(leaders, data=said, kept_rule="" if weekly_of(track) else track.rule)
        self.track = track
        for name, value in scope.items():
            if self[name].raw_data is None:
                self[name].data = value

    def attempt(self, coordinator: Person, program: ProgramFacts, now: datetime) -> Preview:
        self.clash_reason.data = self.clash_reason.data or overview.why_anyway(self.track)
        outcome = tracks.change_track(coordinator, self.track, self.plan, self.reason.data or "", program, now)
        return self.preview_of(self.track, phrases.changing(outcome, clock.day_of(now, self.track.zone)), now)


def weekly_of(track: Track) -> Weekly | None:
    """The rule of `track` as days of the week; None for one that they cannot say."""
    return weekly.read(track.rule, track.first_at, track.zone)


def said_of(track: Track, leaders: Mapping[str, Person], since: Any, today: Any) -> dict[str, Any]:
    """All that is said of `track` now, as the form has it; from `since` on, if that is later than its first day."""
    plan, keys = plan_of(track), {leader.id: key for key, leader in leaders.items()}
    known = weekly_of(track)
    first = max(filter(None, (plan.first_at.date(), since)))
    if known and known.times and since:
        every = recurrence.expand(plan.first_at, plan.rule, plan.zone, today)
        known = replace(known, times=sum(wall.date() >= since for wall, _ in every) or 1)
    row = {name: getattr(plan, name) for name in TrackPlan.__slots__ if name not in ("skips", "rule", "first_at")}
    return row | {
        "leader": keys.get(plan.facilitator_id, ""),
        "cover": keys.get(plan.cover_id or 0, ""),
        "days": list(known.days) if known else [],
        "every": known.every if known else 1,
        "keep_rule": known is None,
        "starts": plan.first_at.time(),
        "ends": (plan.first_at + timedelta(minutes=plan.minutes)).time(),
        "starts_on": first,
        "last_day": known.last_day if known else None,
        "times": known.times if known else None,
        "skips": days_as_text(plan.skips),
    }


class TrackEndForm(PreviewForm):
    """The last day of a track."""

    last_day = DayField("Last day of the group", validators=[InputRequired("Choose the last day.")])
    reason = text("Why it ends", 300, field=TextAreaField)

    def attempt(self, coordinator: Person, track: Track, now: datetime) -> Preview:
        late = tracks.end_track(coordinator, track, self.last_day.data, self.reason.data or "", now)
        return Preview(tuple(phrases.ending(self.last_day.data, late)))


class TrackPeopleForm(PreviewForm):
    """A place in a track for some of `people`."""

    people = Choices("Who joins", missing="Choose who joins.", wrong="Choose from the people shown.")
    starts_on = DayField("From", validators=[InputRequired("Choose the first day.")])
    ends_on = DayField("To")

    def __init__(self, people: Mapping[str, Person]) -> None:
        super().__init__()
        self.there = people
        self.people.choices = {key: person.name for key, person in people.items()}

    def offer(self, inside: Collection[str], busy: Mapping[str, str], first_day: date) -> None:
        """Show no one who is `inside` already, with the others what they have at that time, and suggest a first day."""
        if not self.starts_on.raw_data:
            self.starts_on.data = first_day
        self.people.choices = {
            key: f"{person.name} (busy then: {busy[key]})" if key in busy else person.name
            for key, person in self.there.items()
            if key not in inside
        }

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("It is before the first day.")

    def attempt(self, coordinator: Person, track: Track, now: datetime) -> Preview:
        chosen = {person.name: person for key, person in self.there.items() if key in self.people.data}
        for person in chosen.values():
            enrollment.enroll(coordinator, track, person, self.starts_on.data, self.ends_on.data, now)
        found = clashes.clashes_of(overview.planned_ids(track, now), now)
        theirs = [clash for clash in found if clash.kind == "person" and clash.who in chosen]
        crowded = phrases.crowded(enrollment.full_days(track, now), track.capacity)
        clashes.explain({clash.meeting.id for clash in theirs}, theirs, self.clash_reason.data or "")
        return Preview(tuple(crowded), tuple(in_the_way(theirs, clock.day_of(now, track.zone))))


class LeaveForm(FlaskForm):
    """The last day of somebody's place in a track."""

    last_day = DayField("Last day in the group", validators=[InputRequired("Choose the last day.")])
