"""What planning a group track accepts: the whole track, who is in it and from when, and its end."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal import clock, words
from portal.fields import Number, plain_text, tidy
from portal.schedule import days
from portal.schedule.fields import DayField, DaysField, LinkField, TimeOfDayField, TopicsField
from portal.schedule.groups import weekly
from portal.schedule.groups.recurrence import LONGEST_YEARS, MOST_INSTANCES
from portal.schedule.groups.tracks import NO_SESSION, SAY_WHY, TrackPlan, plan_of
from portal.schedule.groups.weekly import MOST_WEEKS, Weekly
from portal.schedule.models import Track
from portal.schedule.sessions.looks import PlanForm

SHORTEST, LONGEST = 5, 720  # minutes
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


def text(label: str, most: int, *, needed: str = "", field: Any = StringField) -> Any:
    """A field for a line of at most `most` characters; `needed` says what is missing when it is left blank."""
    first = [InputRequired(needed)] if needed else [Optional()]
    limits = [Length(max=most, message=f"Use {most} characters at most."), plain_text]
    return field(label, filters=[tidy], validators=[*first, *limits])


def span_minutes(start: time, end: time) -> int:
    """How many minutes there are from `start` to `end` of a day, below 0 for an end before it."""
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def check_minutes(minutes: int) -> None:
    """Raise ValidationError for a length that no session has."""
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError(
            "It ends before it begins." if minutes <= 0 else "A session has from 5 minutes to 12 hours."
        )


class TrackForm(PlanForm):
    """The plan of a track. `leaders` are (id, key, name) of who can lead it; `kept_rule` is one that days cannot say.

    `starts_on` is the day from which the plan holds. Of a new track, `past` makes the sessions before today too.
    Fields stand as on the page, and so do their errors.
    """

    past = BooleanField("Make the sessions that lie in the past too")
    title = text("Name of the group", 120, needed="Write what the group is called.")
    discreet_title = text("What calendars and reminders call it", 60, needed="Write a word or two.")
    leader = SelectField("Leader", validate_choice=False)
    cover = SelectField("Who leads when the leader cannot", validate_choice=False)
    reason = text("Why it changes", 300, field=TextAreaField)
    starts_on = DayField("First day", validators=[InputRequired("Choose the first day.")])
    keep_rule = BooleanField("Keep the rule it has")
    days = SelectMultipleField(
        "Days of the week", choices=dict(enumerate(words.WEEKDAYS)), coerce=int, validate_choice=False
    )
    every = SelectField(
        "How often",
        choices={1: "Every week"} | {n: f"Every {n} weeks" for n in range(2, MOST_WEEKS + 1)},
        coerce=int,
        default=1,
        validate_choice=False,
    )
    starts = TimeOfDayField("From", validators=[InputRequired("Write when it begins.")])
    ends = TimeOfDayField("To", validators=[InputRequired("Write when it ends.")])
    last_day = DayField("Last day")
    times = Number("Number of sessions", 1, MOST_INSTANCES)
    skips = DaysField("Other days without a session", filters=[tidy], validators=[Length(max=5000)])
    skips_holidays = BooleanField("No session on days the program is closed", default=True)
    zone = text("Time zone", 64, needed="Write a time zone.")
    room = text("Room", 60)
    video_url = text("Video link", 300, field=LinkField)
    bring = text("What to bring", 200)
    capacity = Number("Seats", 1, 500, default=12)
    takes_make_ups = BooleanField("People from other groups may take a free seat", default=True)
    topics = TopicsField("Topics", default=())
    more = SubmitField("More rows for topics")

    def __init__(self, leaders: list[tuple[int, str, str]], *args: Any, kept_rule: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.behind = 0
        self.leaders, self.kept_rule = {key: id_ for id_, key, _ in leaders}, kept_rule
        names = {key: name for _, key, name in leaders}
        self.leader.choices = {"": "Choose"} | names
        self.cover.choices = {"": "Nobody yet"} | names

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be saved; not where more rows are asked for, in which nothing is wrong yet."""
        if self.more.data:
            self.topics.add_rows()
            return False
        return super().validate(extra_validators)

    def validate_leader(self, field: Any) -> None:
        if field.data not in self.leaders:
            raise ValidationError("Choose who leads it.")

    def validate_cover(self, field: Any) -> None:
        if field.data and field.data not in self.leaders:
            raise ValidationError("Choose one of the therapists shown.")
        if field.data and field.data == self.leader.data:
            raise ValidationError("Choose someone else than the leader.")

    def validate_days(self, field: Any) -> None:
        if not (field.data or self.keeps):
            raise ValidationError("Choose at least one day.")
        if not set(field.data) <= set(range(7)):
            raise ValidationError("Choose from the days shown.")

    def validate_every(self, field: Any) -> None:
        if field.data not in range(1, MOST_WEEKS + 1):
            raise ValidationError("Choose how often.")

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
        if (field.data - self.starts_on.data).days > 365 * LONGEST_YEARS:
            raise ValidationError(f"End it within {LONGEST_YEARS} years.")

    def validate_times(self, field: Any) -> None:
        if field.data and self.last_day.data:
            raise ValidationError("Give a last day or a number of sessions, not both.")

    def validate_capacity(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError("Write how many seats there are.")

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
        """What was said; for a form that was found good."""
        rule = self.kept_rule
        if not self.keeps:
            rule = Weekly(tuple(self.days.data), self.every.data, self.last_day.data, self.times.data).rule
        said: dict[str, Any] = {name: self[name].data or "" for name in SAME}
        return TrackPlan(
            **said,
            facilitator_id=self.leaders[self.leader.data],
            cover_id=self.leaders.get(self.cover.data),
            first_at=datetime.combine(self.starts_on.data, self.starts.data),
            minutes=self.minutes,
            rule=rule,
            takes_make_ups=self.takes_make_ups.data,
            skips_holidays=self.skips_holidays.data,
            skips=self.skips.listed,
            topics=self.topics.data,
        )

    def refuse(self, error: ValueError) -> None:
        said = str(error)
        if isinstance(error, clock.SkippedHour):
            said = f"The clocks jump over this time: {said}. Choose another time, or skip that day."
            self.starts.errors = [said]
        elif said == SAY_WHY:
            self.reason.errors = [said]
        elif said == NO_SESSION:
            self.starts_on.errors = [said]
        elif f"{MOST_INSTANCES:,}" in said:
            self.last_day.errors = [f"This makes more than {MOST_INSTANCES:,} sessions. End it sooner."]
        else:
            self.last_day.errors = [f"This goes on for more than {LONGEST_YEARS} years. End it sooner."]


def said_of(track: Track, leaders: list[tuple[int, str, str]], since: Any, today: Any) -> dict[str, Any]:
    """What is said of `track` now, as the form has it; from `since` on, if that is later than its first day."""
    plan, keys = plan_of(track), {id_: key for id_, key, _ in leaders}
    known = weekly.read(plan.rule, plan.first_at, plan.zone)
    first = max(filter(None, (plan.first_at.date(), since)))
    if known and known.times and since:
        known = replace(known, times=weekly.left(plan.rule, plan.first_at, plan.zone, since, today) or 1)
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
        "skips": days.lines(plan.skips),
    }


class EndForm(PlanForm):
    last_day = DayField("Last day of the group", validators=[InputRequired("Choose the last day.")])
    reason = text("Why it ends", 300, field=TextAreaField)

    def refuse(self, error: ValueError) -> None:
        self.reason.errors = [str(error)]


class PeopleForm(PlanForm):
    """Who gets a place; `there` are the names, by key, of those there are, and `shown` of those to choose from."""

    people = SelectMultipleField("Who joins", validate_choice=False)
    starts_on = DayField("From", validators=[InputRequired("Choose the first day.")])
    ends_on = DayField("To")

    def __init__(self, there: dict[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.there, self.people.choices = there, there

    def begin(self, day: date) -> None:
        """Suggest `day` as the first, where nothing was typed."""
        if not self.starts_on.raw_data:
            self.starts_on.data = day

    def offer(self, inside: Collection[str], busy: Mapping[str, str]) -> None:
        """Show no one who is `inside` already, and with the others what they have at that time."""
        names = {key: f"{name} (busy then: {busy[key]})" if key in busy else name for key, name in self.there.items()}
        self.people.choices = {key: name for key, name in names.items() if key not in inside}

    def validate_people(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose who joins.")
        if not set(field.data) <= set(self.there):
            raise ValidationError("Choose from the people shown.")

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError("It is before the first day.")

    def refuse(self, error: ValueError) -> None:
        self.people.errors = [str(error)]


class LeaveForm(FlaskForm):
    last_day = DayField("Last day in the group", validators=[InputRequired("Choose the last day.")])
