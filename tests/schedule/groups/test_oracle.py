"""Rules against another implementation: thousands of random tracks, and not one instant differs."""

import random
import re
import warnings
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest
import recurring_ical_events
from icalendar import Calendar

from portal import clock
from portal.schedule.groups import recurrence

ZONES = [  # every zone of the United States with clocks of its own, and those that are odd elsewhere
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Detroit", "America/Boise"),
    *("America/Indiana/Indianapolis", "America/Indiana/Knox", "America/Indiana/Marengo", "America/Indiana/Petersburg"),
    *("America/Indiana/Tell_City", "America/Indiana/Vevay", "America/Indiana/Vincennes", "America/Indiana/Winamac"),
    *("America/Kentucky/Louisville", "America/Kentucky/Monticello", "America/Menominee", "America/North_Dakota/Center"),
    *("America/North_Dakota/New_Salem", "America/North_Dakota/Beulah", "America/Juneau", "America/Sitka"),
    *("America/Metlakatla", "America/Yakutat", "America/Nome", "America/Puerto_Rico", "Pacific/Guam"),
    *("Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca", "Europe/Dublin"),
]
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HOURS = [1, 2, 2, 2, 3, 0, 23, 8, 9, 13, 17]  # those that the clocks jump over or show twice come often
MINUTES = [0, 0, 15, 30, 30, 45, 59]
FIRST, LAST = datetime(2020, 1, 1), datetime(2036, 1, 1)


@dataclass
class Made:
    """A random track: its first wall time, and the rule with the days that are skipped and the sessions moved."""

    first: datetime
    rule: str
    zone: str
    skips: list[datetime] = field(default_factory=list)
    moves: dict[datetime, datetime] = field(default_factory=dict)

    def file(self, also_skipped: list[datetime]) -> Calendar:
        """The track as a calendar file, without `also_skipped`."""
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Tests//EN",
            "BEGIN:VEVENT",
            "UID:one",
            "DTSTAMP:20200101T000000Z",
        ]
        lines += [self._at("DTSTART", self.first), "DURATION:PT1H", f"RRULE:{self._rule()}"]
        lines += [self._at("EXDATE", wall) for wall in [*self.skips, *also_skipped]]
        lines.append("END:VEVENT")
        for was, wall in self.moves.items():
            lines += ["BEGIN:VEVENT", "UID:one", "DTSTAMP:20200101T000000Z", self._at("RECURRENCE-ID", was)]
            lines += [self._at("DTSTART", wall), "DURATION:PT1H", "END:VEVENT"]
        return Calendar.from_ical("\r\n".join([*lines, "END:VCALENDAR", ""]))

    def _rule(self) -> str:
        """The rule; an UNTIL that is a day, which the standard has for all-day events alone, is that whole day."""
        rule, _, until = self.rule.partition("UNTIL=")
        if len(until) != 8:
            return self.rule
        end = clock.at_wall(datetime.strptime(until, "%Y%m%d").replace(hour=23, minute=59, second=59), self.zone)
        return f"{rule}UNTIL={end:%Y%m%dT%H%M%SZ}"

    def _at(self, name: str, wall: datetime) -> str:
        return f"{name};TZID={self.zone}:{wall:%Y%m%dT%H%M%S}"


def some_rule(pick: random.Random) -> str:
    """A rule without an end, of every kind that a calendar makes."""
    frequency = pick.choice(["DAILY", "WEEKLY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if pick.random() < 0.5:
        parts.append(f"INTERVAL={pick.choice([1, 2, 2, 3, 4, 5, 12])}")
    days = pick.sample(DAYS, pick.randint(1, 4))
    months = ",".join(map(str, sorted(pick.sample(range(1, 13), pick.randint(1, 6)))))
    dates = ",".join(map(str, pick.sample([*range(1, 32), -1, -2, -3, -31], pick.randint(1, 3))))
    nth = ",".join(f"{pick.choice([1, 2, 3, 4, 5, -1, -2])}{day}" for day in days[:2])
    by = {
        "DAILY": [[], [], [f"BYDAY={','.join(days)}"], [f"BYMONTH={months}"], [f"BYMONTHDAY={dates}"]],
        "WEEKLY": [[], [f"BYDAY={','.join(days)}"], [f"BYDAY={','.join(days)}", f"BYMONTH={months}"]],
        "MONTHLY": [
            *([], [f"BYDAY={nth}"], [f"BYMONTHDAY={dates}"], [f"BYDAY={','.join(days)}", f"BYMONTHDAY={dates}"]),
            *([f"BYDAY={','.join(days)}"], [f"BYMONTH={months}", f"BYDAY={nth}"]),
        ],
        "YEARLY": [
            *([], [f"BYMONTH={months}", f"BYMONTHDAY={dates}"], [f"BYMONTH={months}", f"BYDAY={nth}"]),
            *(
                [f"BYDAY={pick.choice([1, 10, 20, -1, -10])}{days[0]}"],
                ["BYMONTH=2", "BYMONTHDAY=29"],
                [f"BYMONTH={months}"],
            ),
        ],
    }[frequency]
    chosen = pick.choice(by)
    parts += chosen
    if any(part.startswith(("BYDAY", "BYMONTHDAY")) for part in chosen) and pick.random() < 0.25:
        parts.append(f"BYSETPOS={','.join(map(str, pick.sample([1, 2, 3, -1, -2], pick.randint(1, 2))))}")
    if pick.random() < 0.3:
        parts.append(f"WKST={pick.choice(DAYS)}")
    return ";".join(parts)


def made(pick: random.Random) -> Made:
    """A random track whose first day is one that its rule names."""
    while True:
        zone, rule = pick.choice(ZONES), some_rule(pick)
        start = FIRST + timedelta(days=pick.randrange(15 * 365))
        if pick.random() < 0.3:  # near a change of the clocks, a year's end or a leap day
            year = pick.randrange(2020, 2035)
            start = datetime(
                year, *pick.choice([(3, 1), (3, 8), (10, 25), (11, 1), (12, 29), (2, 24), (4, 1), (9, 24)])
            )
        start = start.replace(hour=pick.choice(HOURS), minute=pick.choice(MINUTES))
        walls = first_of(rule, start)
        if len(walls) < 2 or first_of(rule, walls[0])[:1] != walls[:1]:
            continue
        sessions = pick.randint(1, len(walls))
        track = Made(walls[0], f"{rule};{_end(pick, walls[sessions - 1], sessions, zone)}", zone)
        track.skips = pick.sample(walls, pick.randint(0, min(5, len(walls) - 1)))
        for was in pick.sample(walls[: sessions - 1], pick.randint(0, min(4, sessions - 1))):
            wall = was + timedelta(days=pick.randint(-3, 3), minutes=pick.choice([-60, 0, 30, 60, 120]))
            if was not in track.skips and not in_a_gap(wall, zone) and wall != was:
                track.moves[was] = wall
        return track


def first_of(rule: str, start: datetime) -> list[datetime]:
    """Up to 120 wall times of a rule."""
    return recurrence._walls(dict(part.split("=") for part in rule.split(";")), start, LAST, 120)


def _end(pick: random.Random, last: datetime, count: int, zone: str) -> str:
    """An end at `last`, which is the session number `count`, or just beside it."""
    kind = pick.random()
    if kind < 0.4:
        return f"COUNT={count}"
    if kind < 0.6:
        return f"UNTIL={last:%Y%m%d}"
    until = clock.at_wall(last, zone, strict=False) + timedelta(minutes=pick.choice([0, 0, 0, -1, 1, 30, 60, 90]))
    return f"UNTIL={until:%Y%m%dT%H%M%SZ}"


def in_a_gap(wall: datetime, zone: str) -> bool:
    try:
        clock.at_wall(wall, zone)
    except clock.SkippedHour:
        return True
    return False


def ours(track: Made, counts: dict[str, int]) -> tuple[set[datetime], list[datetime]]:
    """The instants that the portal gives `track`, and the wall times that it refuses, each named in its turn."""
    off, refused = {wall.date() for wall in track.skips}, []
    while True:
        try:
            occurrences = recurrence.expand(track.first, track.rule, track.zone, date(2035, 12, 31), off)
            break
        except clock.SkippedHour as skipped:
            told = re.search(r"(\w+ \d+, \d{4}) has no", str(skipped))[1]
            wall = datetime.combine(datetime.strptime(told, "%B %d, %Y").date(), track.first.time())
            assert in_a_gap(wall, track.zone)
            refused.append(wall)
            off.add(wall.date())
            counts["gap"] += 1
    assert refused == sorted(refused), "the first of them is named first"
    counts["fold"] += len(recurrence.doubled(occurrences, track.zone))
    instants = set()
    for wall, instant in occurrences:
        assert not in_a_gap(wall, track.zone)
        instants.add(clock.at_wall(track.moves[wall], track.zone) if wall in track.moves else instant)
    return instants, refused


def theirs(track: Made, refused: list[datetime]) -> set[datetime]:
    """The instants that the other implementation gives it, without those that we refuse."""
    calendar = track.file(refused)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        events = recurring_ical_events.of(calendar).between(datetime(2019, 12, 1), datetime(2036, 6, 1))
    return {event["DTSTART"].dt.astimezone(UTC) for event in events}


@pytest.mark.parametrize(("tracks", "seed"), [(300, 1), pytest.param(10_000, 2, marks=pytest.mark.full)])
def test_no_session_of_any_rule_is_at_another_time_than_a_calendar_has_it(tracks, seed):
    """Every instant of every random track, with days skipped and sessions moved, is what a calendar would show."""
    pick, counts, differ = random.Random(seed), {"gap": 0, "fold": 0, "sessions": 0, "moved": 0}, []
    for number in range(tracks):
        track = made(pick)
        mine, refused = ours(track, counts)
        track.moves = {was: wall for was, wall in track.moves.items() if was not in refused}
        other = theirs(track, refused)
        counts["sessions"] += len(mine)
        counts["moved"] += len(track.moves)
        if mine != other:
            differ.append((number, track, sorted(mine - other), sorted(other - mine)))
    assert not differ, f"{len(differ)} tracks differ, the first: {differ[:3]}"
    assert counts["gap"] and counts["fold"] and counts["moved"] and counts["sessions"] > 20 * tracks, counts


@pytest.mark.parametrize(("time", "sessions"), [((1, 5), 2), ((1, 45), 2), ((2, 30), 1)])
def test_an_end_in_the_hour_that_comes_twice_counts_as_the_instant_that_it_is(time, sessions):
    """A rule that ends at 1:10 in the second pass has what is at 1:45 in the first, and not what is at 2:30."""
    track = Made(datetime(2026, 10, 31, *time), "FREQ=DAILY;UNTIL=20261101T061000Z", "America/New_York")
    mine, _ = ours(track, {"gap": 0, "fold": 0})
    assert mine == theirs(track, []) and len(mine) == sessions


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;INTERVAL=7",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU;UNTIL=20400101",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5",
        "FREQ=YEARLY;BYMONTH=2;BYYEARDAY=100",
    ],
)
def test_a_rule_that_names_no_day_comes_to_nothing_at_once(rule):
    """dateutil alone would seek until the year 9999, for many seconds."""
    began = process_time()
    assert recurrence.expand(datetime(2026, 3, 2, 9), rule, "America/New_York", date(2026, 3, 11)) == []
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("first", "rule"),
    [
        ("2026-03-02T09:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        ("2026-03-02T09:00", "FREQ=YEARLY;BYMONTH=4,6,9;BYMONTHDAY=31,-31"),
        ("2026-03-02T09:00", "FREQ=MONTHLY;BYMONTHDAY=32"),
        ("2026-03-02T09:00", "FREQ=MONTHLY;BYDAY=99MO"),
        ("2026-03-02T09:00", "FREQ=WEEKLY;BYDAY=2MO"),
        ("2026-03-02T09:00", "FREQ=YEARLY;BYEASTER=1"),
        ("2026-03-02T09:00", "FREQ=DAILY;UNTIL=00010101T000000Z"),
        ("9999-12-30T09:00", "FREQ=DAILY;COUNT=3"),
    ],
)
def test_a_rule_beyond_what_a_calendar_has_is_refused_in_one_sentence(first, rule):
    with pytest.raises(ValueError, match=r"^'FREQ=.*\.$"):
        recurrence.expand(datetime.fromisoformat(first), rule, "America/New_York", date(2026, 3, 11))
