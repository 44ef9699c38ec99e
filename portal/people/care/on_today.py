"""The part of the care relationships that Today shows: that somebody outside the care team opened the record."""

from datetime import datetime

from sqlalchemy import bindparam

from portal.db import Offered, offer
from portal.people.models import BreakGlass

_glasses = BreakGlass.__table__.c
OFFERS = (
    offer("opened", _glasses.key, _glasses.starts_at)
    .where(_glasses.participant_id == bindparam("me"), _glasses.starts_at > bindparam("since"))
    .order_by(_glasses.starts_at.desc())
    .limit(1),
)


def opened_at(offered: Offered) -> datetime | None:
    """The moment at which the record was last opened in an emergency, if that is new."""
    return next((row.at for row in offered.get("opened", ())), None)
