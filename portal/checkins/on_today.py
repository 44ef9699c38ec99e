"""The part of the check-ins that Today shows: the latest one, and what the care team answered lately."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam

from portal.checkins.models import CheckIn, Review
from portal.db import Offered, offer
from portal.people.models import Account

MOST_REPLIES = 3


@dataclass(frozen=True, slots=True)
class NewReply:
    """An answer of the care team to a check-in: by whom, and when."""

    by: str
    at: datetime
    check_in_key: str


_check_ins, _reviews, _accounts = CheckIn.__table__.c, Review.__table__.c, Account.__table__
OFFERS = (
    offer("check_in", _check_ins.key, _check_ins.entered_at)
    .where(_check_ins.participant_id == bindparam("me"))
    .order_by(_check_ins.for_day.desc(), _check_ins.entered_at.desc())
    .limit(1),
    offer("reply", _reviews.check_in_key, _reviews.at, author=_accounts.c.name)
    .join(_accounts, _accounts.c.id == _reviews.by_id)
    .where(_reviews.participant_id == bindparam("me"), _reviews.reply.is_not(None), _reviews.at > bindparam("since"))
    .order_by(_reviews.at.desc())
    .limit(MOST_REPLIES),
)


def checked_in_at(offered: Offered) -> datetime | None:
    """The moment at which the latest check-in was entered; None before the first."""
    return next((row.at for row in offered.get("check_in", ())), None)


def replies(offered: Offered) -> list[NewReply]:
    """The answers of the care team that are new, the latest first."""
    return [NewReply(row.author, row.at, row.name) for row in offered.get("reply", ())]
