"""The plan of an import on its way from the preview to the confirmation: signed, for one coordinator, for an hour."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal.people import Person
from portal.schedule.calendar.importing.parse import Aside, Found, Override, Series

LIVES = timedelta(hours=1)
MOST_CHARACTERS = 200_000  # of a form that a browser sends back


class TooOld(ValueError):
    """The plan is none that this coordinator was shown within the hour."""

    def __init__(self) -> None:
        super().__init__("The preview was more than an hour old, or not yours. Choose the file again.")


@dataclass(frozen=True, slots=True)
class Carried:
    """What was shown: what is in the file, and what was chosen for all of it."""

    found: Found
    leader: str
    capacity: int | None


def packed(coordinator: Person, carried: Carried, now: datetime) -> str:
    """One line of text that holds it all. Raises ValueError when it is too much for a form."""
    content = {"at": now.timestamp(), **asdict(carried)}
    text = _signer(coordinator).dumps(json.loads(json.dumps(content, default=lambda when: when.isoformat())))
    said = text.decode() if isinstance(text, bytes) else text
    if len(said) > MOST_CHARACTERS:
        raise ValueError("This is too much for one import; export a shorter time.")
    return said


def unpacked(coordinator: Person, text: str, now: datetime) -> Carried:
    """What `packed` made, for the same coordinator, within the hour; raises TooOld for all else."""
    try:
        content = _signer(coordinator).loads(text)
    except BadData:
        raise TooOld from None
    if not 0 <= now.timestamp() - content["at"] <= LIVES.total_seconds():
        raise TooOld
    found = Found(
        [_series(each) for each in content["found"]["series"]],
        [Aside(**each) for each in content["found"]["left_out"]],
        [Aside(**each) for each in content["found"]["refused"]],
    )
    return Carried(found, content["leader"], content["capacity"])


def _signer(coordinator: Person) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"import of a calendar:{coordinator.key}")


def _series(row: dict[str, Any]) -> Series:
    when = datetime.fromisoformat
    overrides = tuple(
        Override(
            when(one["was"]),
            when(one["wall_at"]) if one["wall_at"] else None,
            tuple(one["place"]) if one["place"] else None,
            one["cancelled"],
        )
        for one in row["overrides"]
    )
    read = {
        "first_at": when(row["first_at"]),
        "skips": tuple(date.fromisoformat(day) for day in row["skips"]),
        "extra": tuple(when(wall) for wall in row["extra"]),
        "overrides": overrides,
        "notes": tuple(row["notes"]),
    }
    return Series(**{one.name: row[one.name] for one in fields(Series)} | read)
