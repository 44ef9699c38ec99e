"""The first day of the stay that a person of a caseload is in, or is to begin."""

from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, select

from portal.db import spelled_out
from portal.episodes.models import Episode

_episodes = Episode.__table__.c


def first_day_of(participant_id: Any) -> ScalarSelect[date]:
    """The day on which they were enrolled, as a column of a statement about them: of the stay that they are in, else
    of the next one that is planned; NULL for none."""
    own = _episodes.participant_id == participant_id, _episodes.status != spelled_out("finished")
    in_order = _episodes.status, _episodes.starts_on  # "active" comes before "planned"
    return select(_episodes.starts_on).where(*own).order_by(*in_order).limit(1).scalar_subquery()
