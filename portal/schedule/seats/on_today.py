"""The part of the seats that Today shows: those that somebody has instead of another session."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam

from portal.db import Offered, in_one_text, offer
from portal.schedule.places import seats, sessions


@dataclass(frozen=True, slots=True)
class SeatInstead:
    """A make-up seat in the session `key`, and the session that it is instead of: its key, its day and its title."""

    key: str
    missed_key: str
    missed_day: date
    missed_title: str


_missed = sessions.alias()
OFFERS = (
    offer("seat_instead", sessions.c.key, author=in_one_text(_missed.c.key, _missed.c.local_day, _missed.c.title))
    .select_from(seats)
    .join(sessions, sessions.c.id == seats.c.session_id)
    .join(_missed, _missed.c.id == seats.c.instead_of_id)
    .where(
        seats.c.participant_id == bindparam("me"),
        sessions.c.status != "cancelled",
        sessions.c.starts_at > bindparam("since"),
    ),
)


def seats_instead(offered: Offered) -> list[SeatInstead]:
    """The make-up seats in sessions that take place, but for those of long ago."""
    parts = ((row.name, row.author.split("|", 2)) for row in offered.get("seat_instead", ()))
    return [SeatInstead(key, missed, date.fromisoformat(day), title) for key, (missed, day, title) in parts]
