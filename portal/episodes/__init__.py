"""Episodes: a participant's time in the program, its level of care and its hours a week."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from portal import clock
from portal.db import db, reader, spelled_out
from portal.episodes.models import Episode
from portal.people import Person


@dataclass(frozen=True, slots=True)
class ActiveEpisode:
    """The stay a participant is in: `care` is its level in words, `weekly_hours` the target of a week."""

    key: str
    care: str
    weekly_hours: int
    starts_on: date
    planned_end: date | None

    def week_number(self, day: date) -> int | None:
        """The week of the stay that `day` falls in, from 1; None before the stay and after its planned end."""
        monday = clock.monday_of(day)
        if monday < clock.monday_of(self.starts_on) or (self.planned_end and monday > self.planned_end):
            return None
        return (monday - clock.monday_of(self.starts_on)).days // 7 + 1

    @property
    def weeks(self) -> int | None:
        """The number of weeks planned in all; None while no end is."""
        return self.week_number(self.planned_end) if self.planned_end else None


_episodes = Episode.__table__.c
_ACTIVE = select(
    _episodes.key,
    _episodes.care_display.label("care"),
    _episodes.weekly_hours,
    _episodes.starts_on,
    _episodes.planned_end,
).where(_episodes.participant_id == bindparam("me"), _episodes.status == spelled_out("active"))

_episode = reader(ActiveEpisode, _ACTIVE)


def active(participant: Person) -> ActiveEpisode | None:
    """The stay that `participant` is in now; None for someone who has not started or has finished."""
    row = db.session.execute(_ACTIVE, {"me": participant.id}).first()
    return _episode(row) if row else None
