"""Check-ins for the tests of the caseload: written straight into the table, in an app context."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from portal import clock
from portal.checkins import sealed_note
from portal.checkins.check_in_days import CheckInDay, each_day
from portal.checkins.check_in_versions import ITEMS, CheckInVersion
from portal.checkins.models import CheckIn
from portal.db import db
from portal.people import Person

TODAY = date(2026, 3, 11)
ASKED = {"question_set": "daily", "question_set_version": 1}


def entry(day: date = TODAY, hour: float = 9, participant_id: int = 1, **answers: Any) -> CheckInVersion:
    """A check-in of `day`, entered at `hour` on the same day unless `entered_at` says otherwise; mood is 5."""
    wall = datetime.combine(day, time()) + timedelta(hours=hour)
    blank = {("sealed_note" if item == "note" else item): None for item in ITEMS}
    if note := answers.pop("note", None):
        answers["sealed_note"] = note.encode()  # sealed when it is written
    values = {
        "participant_id": participant_id,
        "for_day": day,
        "key": f"{day:%Y%m%d}-{hour:g}-{participant_id}".replace(".", "-"),
        "version": 1,
        "entered_at": clock.at_wall(wall, "America/New_York"),
        "zone": "America/New_York",
    }
    return CheckInVersion(**values | blank | {"mood": 5} | answers)


def write(person: Person, *entries: CheckInVersion) -> None:
    """Keep these check-ins as those of `person`."""
    rows = []
    for one in entries:
        values = {name: getattr(one, name) for name in CheckInVersion.__dataclass_fields__}
        plain = values.pop("sealed_note")
        note = sealed_note(plain.decode() if plain else None, person.id, one.key, one.version)
        del values["first_entered_at"]
        rows.append(values | {"participant_id": person.id, "note": note} | ASKED)
    db.session.execute(insert(CheckIn), rows)


def month(last: date = TODAY, days: int = 28, **answers: Any) -> list[CheckInVersion]:
    """One check-in on each of the `days` that end on `last`, all with the same answers."""
    return [entry(last - timedelta(days=back), **answers) for back in range(days - 1, -1, -1)]


def days(*entries: CheckInVersion, first: date = TODAY - timedelta(days=41), last: date = TODAY) -> list[CheckInDay]:
    return each_day(entries, first, last)
