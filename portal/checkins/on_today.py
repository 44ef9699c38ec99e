"""The part of the check-ins that Today shows: the latest one, and what the care team answered lately."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func

from portal import seal, words
from portal.checkins.models import CheckIn, Review
from portal.db import Offered, in_one_text, offer
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class NewReply:
    """The latest answer of the care team to a check-in: by whom, how it begins, and how many `more` are new."""

    by: str
    check_in_key: str
    begins: str
    more: int


_check_ins, _reviews, _accounts = CheckIn.__table__.c, Review.__table__.c, Account.__table__
OFFERS = (
    offer("check_in", _check_ins.key, _check_ins.entered_at)
    .where(_check_ins.participant_id == bindparam("me"))
    .order_by(_check_ins.for_day.desc(), _check_ins.entered_at.desc())
    .limit(1),
    offer(
        "reply",
        _reviews.key,
        number=func.count().over(),
        author=in_one_text(_reviews.check_in_key, _accounts.c.name),
        body=_reviews.reply,
    )
    .join(_accounts, _accounts.c.id == _reviews.by_id)
    .where(_reviews.participant_id == bindparam("me"), _reviews.reply.is_not(None), _reviews.at > bindparam("since"))
    .order_by(_reviews.at.desc())
    .limit(1),
)


def checked_in_at(offered: Offered) -> datetime | None:
    """The moment at which the latest check-in was entered; None before the first."""
    return next((row.at for row in offered.get("check_in", ())), None)


def latest_reply(offered: Offered) -> NewReply | None:
    """The latest answer of the care team, if that is new."""
    for row in offered.get("reply", ()):
        check_in_key, by = row.author.split("|", 1)
        text = seal.open(Review.reply, row.body, row.name)
        return NewReply(by, check_in_key, words.first_words(text), row.number - 1)
    return None
