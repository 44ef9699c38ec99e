"""The part of the check-ins that Today shows: the latest one, and what the care team answered lately."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, bindparam, exists, func, or_

from portal import seal, words
from portal.checkins.models import CheckIn, ReplyStep, Review
from portal.db import Offered, in_one_text, offer
from portal.people import Person
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class NewReply:
    """The latest answer of the care team to a check-in that is not seen yet: by whom, and how it begins as it is now.

    `more` are new beside it. The check-in is named by its day and the first words that were written in it, "" for none.
    """

    by: str
    check_in_key: str
    for_day: date
    about: str
    begins: str
    more: int


_check_ins, _reviews, _accounts = CheckIn.__table__.c, Review.__table__.c, Account.__table__
_change, _later = ReplyStep.__table__.alias(), ReplyStep.__table__.alias()
# Replies that were neither seen nor taken back: the latest step of each is a change, or there is none.
_NEW = (
    _reviews.participant_id == bindparam("me"),
    _reviews.reply.is_not(None),
    _reviews.at > bindparam("since"),
    or_(_change.c.kind.is_(None), _change.c.kind == "changed"),
)
_LATEST_STEP = and_(
    _change.c.review_key == _reviews.key,
    ~exists().where(_later.c.review_key == _change.c.review_key, _later.c.number > _change.c.number),
)
_ANSWERED = and_(
    _check_ins.participant_id == _reviews.participant_id,
    _check_ins.key == _reviews.check_in_key,
    _check_ins.version == _reviews.check_in_version,
)
OFFERS = (
    offer("check_in", _check_ins.key, _check_ins.entered_at)
    .where(_check_ins.participant_id == bindparam("me"))
    .order_by(_check_ins.for_day.desc(), _check_ins.entered_at.desc())
    .limit(1),
    offer(
        "reply",
        _reviews.key,
        number=func.count().over(),
        author=in_one_text(_change.c.number, _accounts.c.name),
        body=func.coalesce(_change.c.reply, _reviews.reply),
    )
    .join(_accounts, _accounts.c.id == _reviews.by_id)
    .outerjoin(_change, _LATEST_STEP)
    .where(*_NEW)
    .order_by(_reviews.at.desc(), _reviews.id.desc())
    .limit(1),
    offer(
        "replied",
        _check_ins.key,
        number=_check_ins.version,
        author=in_one_text(_check_ins.for_day),
        body=_check_ins.note,
    )
    .join(Review.__table__, _ANSWERED)
    .outerjoin(_change, _LATEST_STEP)
    .where(*_NEW)
    .order_by(_reviews.at.desc(), _reviews.id.desc())
    .limit(1),
)


def checked_in_at(offered: Offered) -> datetime | None:
    """The moment at which the latest check-in was entered; None before the first."""
    return next((row.at for row in offered.get("check_in", ())), None)


def latest_reply(offered: Offered, participant: Person) -> NewReply | None:
    """The latest answer of the care team to `participant`, if that is new, with what it answers."""
    for row, entry in zip(offered.get("reply", ()), offered.get("replied", ()), strict=False):
        changes, _, by = row.author.partition("|")
        change = (ReplyStep.reply, row.body, row.name, int(changes or 0))
        text = seal.open(*change) if changes else seal.open(Review.reply, row.body, row.name)
        note = seal.open(CheckIn.note, entry.body, participant.id, entry.name, entry.number) if entry.body else ""
        day, about = date.fromisoformat(entry.author), words.first_words(note, 24)
        return NewReply(by, entry.name, day, about, words.first_words(text), row.number - 1)
    return None
