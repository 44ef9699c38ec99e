"""The part of the episodes that Today shows: the stay that a participant is in."""

from datetime import date

from sqlalchemy import bindparam

from portal import clock
from portal.db import Offered, in_one_text, offer, spelled_out
from portal.episodes import ActiveEpisode
from portal.episodes.models import Episode

_episodes = Episode.__table__.c
OFFERS = (
    offer(
        "episode",
        _episodes.key,
        number=_episodes.weekly_hours,
        author=in_one_text(_episodes.starts_on, _episodes.planned_end, _episodes.care_display),
    ).where(_episodes.participant_id == bindparam("me"), _episodes.status == spelled_out("active")),
)


def active_episode(offered: Offered) -> ActiveEpisode | None:
    """The stay that the participant is in now; None for someone who has not started or has finished."""
    for row in offered.get("episode", ()):
        starts_on, planned_end, care = row.author.split("|", 2)
        return ActiveEpisode(row.name, care, row.number, date.fromisoformat(starts_on), clock.parse_day(planned_end))
    return None
