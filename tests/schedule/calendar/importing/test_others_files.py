"""Real files, and files of all kinds, read as an independent reader reads them, or refused in words with the line.

The files are those that ship inside the tests of icalendar and recurring-ical-events; the second is also the reader.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from portal import clock
from portal.schedule.calendar.importing import series
from portal.schedule.calendar.importing.components import Unreadable
from portal.schedule.calendar.importing.content import FileContent, GroupSeries
from tests.schedule.calendar.importing.kinds import KINDS, NOW

ZONE = "America/New_York"
AHEAD = timedelta(weeks=26)
STARTS = re.compile(rb"DTSTART[^\r\n]*:(\d{8})T\d{6}")
SHIPPED = {
    f"{package.__name__}/{path.relative_to(Path(package.__file__).parent)}": path
    for package in (icalendar, recurring_ical_events)
    for path in sorted(Path(package.__file__).parent.rglob("*.ics"))
}
# A series that is written in UTC keeps its hour here when the clocks change, which the preview says. And a change of
# one session that cannot be taken is refused by its line: the session stays as its series has it.
OTHERWISE = {"issue_75_range_parameter.ics"}


def whole(content: bytes) -> bytes:
    """A file; one that is an event alone, in a calendar."""
    if content.lstrip().startswith(b"BEGIN:VEVENT"):
        return b"BEGIN:VCALENDAR\r\n" + content.rstrip() + b"\r\nEND:VCALENDAR\r\n"
    return content


def day_before(content: bytes) -> datetime:
    """The day before the first event begins, so that all of the file is still to come."""
    days = sorted(day for day in STARTS.findall(content.replace(b"\r\n ", b"")) if b"1970" < day[:4] < b"2100")
    first = datetime.strptime(days[0].decode(), "%Y%m%d").replace(tzinfo=UTC) if days else NOW
    return first - timedelta(days=1)


def ours(one: GroupSeries, now: datetime) -> set[tuple[datetime, int]]:
    """The sessions of a series that begin within 26 weeks: (when, minutes)."""
    instants = ((clock.at_wall(held.wall_at, held.zone), held.minutes) for held in one.ahead(now))
    return {(instant, minutes) for instant, minutes in instants if now < instant < now + AHEAD}


def theirs(content: bytes, uid: str, now: datetime) -> set[tuple[datetime, int]]:
    """The same as the independent reader has it, of the events of one UID."""
    alone = icalendar.Calendar()
    for calendar in icalendar.Calendar.from_ical(content, multiple=True):
        if "X-WR-TIMEZONE" in calendar:
            alone["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
        for part in calendar.subcomponents:
            if part.name != "VEVENT" or str(part.get("UID", "")).strip() == uid:
                alone.add_component(part)
    found = set()
    for event in recurring_ical_events.of(alone, components=["VEVENT"]).between(now, now + AHEAD):
        start = event.start
        if isinstance(start, datetime) and event.get("STATUS") != "CANCELLED":
            start = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(ZONE))
            found.add((start.astimezone(UTC).replace(second=0), int(event.duration.total_seconds() // 60)))
    return {one for one in found if one[0] > now}


def compare(name: str, content: bytes, now: datetime, found: FileContent) -> int:
    """Compare each series that was taken, but for the sessions that are refused; how many were compared."""
    refused = {one.uid for one in found.refused}
    taken = [one for one in found.series if not (one.uid in refused or Path(name).name in OTHERWISE)]
    for one in taken:
        assert ours(one, now) == theirs(content, one.uid, now), (name, one.line, one.rule)
    return len(taken)


def test_the_files_are_there():
    assert sum(name.startswith("icalendar/") for name in SHIPPED) == 163
    assert len(SHIPPED) > 250


@pytest.mark.filterwarnings("ignore:Timezone .* is a globally unique TZID")
@pytest.mark.parametrize("part", range(8))
def test_a_file_of_others_is_read_as_an_independent_reader_reads_it_or_refused_with_its_line(part):
    compared = 0
    for name in list(SHIPPED)[part::8]:
        content = whole(SHIPPED[name].read_bytes())
        now = day_before(content)
        try:
            found = series.read(content, ZONE, now)
        except Unreadable as refused:
            assert refused.line or refused.reason.startswith(("There are no events", "The file breaks off")), name
            continue
        assert all(one.line and one.reason for one in (*found.refused, *found.left_out)), name
        try:
            icalendar.Calendar.from_ical(content, multiple=True)
        except ValueError:
            continue  # the other reader cannot read it
        compared += compare(name, content, now, found)
    assert compared > 5


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_each_kind_is_read_as_it_is_meant(name):
    """What is meant is written beside each; where the independent reader knows the kind, it says the same."""
    kind = KINDS[name]
    found = series.read(kind.content, ZONE, NOW)
    if kind.refused:
        assert [f"{one.line}: {one.reason}" for one in found.refused] == [kind.refused]
        return
    assert not found.refused
    [one] = found.series
    first = [(held.wall_at.isoformat(" ", "minutes")[5:], held.zone) for held in one.ahead(NOW)]
    assert first[: len(kind.first)] == [(wall, kind.zone) for wall in kind.first]
    assert (one.room, one.video_url) == (kind.room, kind.video)
    assert kind.note in " ".join(one.notes) and bool(kind.note) == bool(one.notes)
    if kind.known:
        assert ours(one, NOW) == theirs(kind.content, one.uid, NOW)
