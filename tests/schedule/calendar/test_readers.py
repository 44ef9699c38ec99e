"""The feed is read by three programs that did not write it, each by the file's own clock changes: all mean the same."""

import json
import re
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.tz import tzical
from icalendar import Calendar

from portal.schedule.calendar import ics
from portal.schedule.calendar.appointments import Appointment
from portal.schedule.meetings import Time

TOOLS = Path(__file__).parent.parent.parent.parent / ".venv" / "node_tools"
ZONES = [
    "America/New_York",
    "Europe/London",
    "Europe/Dublin",
    "Australia/Lord_Howe",  # half an hour, and the southern summer
    "Africa/Casablanca",  # changes by the moon: dates and no rule
    "America/Phoenix",  # never changes
    "America/Asuncion",  # stopped changing
    "UTC",
]
HOURS = [time(0, 30), time(1, 30), time(3, 30), time(9), time(23, 15)]
FIRST, DAYS = date(2024, 6, 1), 730
READ = """
import { readFileSync } from "fs"; import ICAL from "ical.js";
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
const seconds = (time) => time.convertToZone(ICAL.Timezone.utcTimezone).toUnixTime();
console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((one) => {
  const event = new ICAL.Event(one); return [event.uid, seconds(event.startDate), seconds(event.endDate)];
})));
"""


def appointments(zone: str) -> list[Appointment]:
    """One at each of HOURS every four weeks, and on the days about every change of the clocks, for two years."""
    days = {FIRST + timedelta(days=number) for number in range(0, DAYS, 28)}
    noons = [datetime.combine(FIRST + timedelta(days=number), time(12), ZoneInfo(zone)) for number in range(DAYS)]
    for one, other in pairwise(noons):
        if one.utcoffset() != other.utcoffset():
            days |= {one.date(), other.date(), other.date() + timedelta(days=1)}
    starts = {datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC) for day in days for hour in HOURS}
    return [
        Appointment(f"a{number}", "Appointment", Time.at(start, zone, 90), "", "planned", 0, start)
        for number, start in enumerate(sorted(starts))
    ]


def meant(shown: list[Appointment]) -> dict[str, tuple[datetime, datetime]]:
    return {f"{one.key}@localhost": (one.time.start, one.time.end) for one in shown}


def by_own_rules(text: str) -> str:
    """The file with zones that no reader knows by name, so that each must use what the file says of them."""
    return re.sub(r"TZID([:=])([A-Za-z_/]+)", lambda found: f"TZID{found[1]}Clinic {found[2].replace('/', ' ')}", text)


def read_by_recurring_ical_events(text: str, zone: str) -> dict[str, tuple[datetime, datetime]]:
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(FIRST, FIRST + timedelta(days=DAYS + 2))
    return {str(e["UID"]): (e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in found}


def read_by_dateutil(text: str, zone: str) -> dict[str, tuple[datetime, datetime]]:
    zones = tzical(StringIO(text)) if "BEGIN:VTIMEZONE" in text else None
    plain = re.sub(r"\r?\n ", "", text)

    def instant(event: str, name: str) -> datetime:
        tzid, wall, z = re.search(rf"{name}(?:;TZID=\"?([^:\"]+)\"?)?:(\d+T\d+)(Z?)", event).groups()
        read = datetime.strptime(wall, "%Y%m%dT%H%M%S")
        return read.replace(tzinfo=UTC if z else zones.get(tzid)).astimezone(UTC)

    events = re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", plain, re.DOTALL)
    return {re.search(r"UID:(\S+)", event)[1]: (instant(event, "DTSTART"), instant(event, "DTEND")) for event in events}


def read_by_ical_js(text: str, zone: str) -> dict[str, tuple[datetime, datetime]]:
    if not (TOOLS / "node_modules" / "ical.js").exists():
        pytest.skip("ical.js is not installed: run make test with node and npm present")
    node = ["node", "--input-type=module", "-e", READ]
    done = subprocess.run(node, input=text, cwd=TOOLS, capture_output=True, text=True, check=True)
    return {uid: tuple(datetime.fromtimestamp(at, UTC) for at in times) for uid, *times in json.loads(done.stdout)}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("read", [read_by_recurring_ical_events, read_by_dateutil, read_by_ical_js])
def test_every_reader_means_what_the_portal_means(read, zone):
    shown = appointments(zone)
    text = by_own_rules(ics.write(shown, "Foothold", "localhost").decode())
    assert read(text, zone) == meant(shown)


def test_a_zone_that_changes_alike_every_year_is_two_rules_that_begin_by_the_old_clock():
    """Outlook reads the start, the rule and the offsets of a zone, and no list of dates."""
    text = ics.write(appointments("America/New_York"), "Foothold", "localhost").decode()
    [zone] = Calendar.from_ical(text).walk("VTIMEZONE")
    summer, winter = zone.subcomponents
    assert (summer.name, winter.name) == ("DAYLIGHT", "STANDARD")
    assert summer["DTSTART"].to_ical() == b"20230312T020000" and winter["DTSTART"].to_ical() == b"20231105T020000"
    assert dict(summer["RRULE"]) == {"FREQ": ["YEARLY"], "BYMONTH": [3], "BYDAY": ["2SU"]}
    assert "RDATE" not in text


def test_the_zones_of_a_file_stay_the_same_all_year():
    shown = appointments("America/New_York")
    spring = [one for one in shown if one.time.start.year == 2025]
    texts = [ics.write(part, "Foothold", "localhost").decode() for part in (spring[:1] + spring[-1:], spring[5:60])]
    assert len({text[: text.index("BEGIN:VEVENT")] for text in texts}) == 1
