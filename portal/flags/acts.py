"""Acts on flags: what was done about one, and notes on it. They are added, and never changed or deleted."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from werkzeug.exceptions import NotFound

from portal import audit, program, seal
from portal.db import db, new_key, write
from portal.fields import Refused
from portal.flags import handover
from portal.flags.models import CLOSING, Flag, FlagAct, FlagReason
from portal.flags.owners import owners
from portal.people import Person

LATEST = timedelta(hours=72)  # how far ahead another try may lie


class FlagChanged(ValueError):
    """The flag is another than what was read: somebody closed it first, or one more answer should be read before."""


def act(
    therapist: Person,
    participant: Person,
    flag_key: str,
    kind: str,
    note: str | None,
    now: datetime,
    answers_read: int | None = None,
) -> None:
    """Put on record what `therapist` did, one of CLOSING, which closes the flag. A note tells more.

    Raises NotFound for a flag that is not theirs, FlagChanged if it is closed or has other than the
    `answers_read` reasons, and ValueError for an act that does not close one.
    """
    if kind not in CLOSING:
        raise ValueError(f"{kind!r} does not close a flag")
    flag_id = _open(participant, flag_key, answers_read)
    write(update(Flag).where(Flag.id == flag_id).values(closed_at=now), synchronize_session=False)
    _add(flag_id, therapist, kind, note, now)
    handover.end_on_call(participant, now)
    audit.record(therapist, "flag.act", participant, flag_key)


def try_again(
    therapist: Person,
    participant: Person,
    flag_key: str,
    note: str | None,
    now: datetime,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Put on record that they could not be reached, and who of the care team tries again at which instant.

    The flag stays open. Raises NotFound, FlagChanged, and Refused for somebody who does not treat them and for a time
    that is over or too far off.
    """
    if by.id not in {one.id for one in owners([participant.id], program.current(), now)[participant.id].there}:
        raise Refused("again_by", "Choose someone who treats them.")
    if not now < at <= now + LATEST:
        raise Refused("again_at", "Choose a time that is still to come, within three days.")
    flag_id = _open(participant, flag_key, None)
    _add(flag_id, therapist, "tried", note, now, again_by_id=by.id, again_at=at)
    audit.record(therapist, "flag.act", participant, flag_key)
    handover.settle(now, [participant.id])


def add_note(therapist: Person, participant: Person, flag_key: str, note: str, now: datetime) -> None:
    """Add a note to a flag, open or closed; raises NotFound for one that is not theirs."""
    flag_id = db.session.scalar(select(Flag.id).where(Flag.participant_id == participant.id, Flag.key == flag_key))
    if flag_id is None:
        raise NotFound
    _add(flag_id, therapist, "note", note, now)
    audit.record(therapist, "flag.note", participant, flag_key)


def _open(participant: Person, flag_key: str, answers_read: int | None) -> int:
    """The id of the flag, which is open and held until the transaction ends: an answer that is joining comes first."""
    mine = Flag.participant_id == participant.id, Flag.key == flag_key
    held = write(update(Flag).where(*mine).values(tier=Flag.tier), synchronize_session=False)
    reasons = select(func.count()).where(FlagReason.flag_id == Flag.id).scalar_subquery()
    row = db.session.execute(select(Flag.id, Flag.closed_at, reasons.label("reasons")).where(*mine)).first()
    if not held or row is None:
        raise NotFound
    if row.closed_at or (answers_read is not None and row.reasons != answers_read):
        raise FlagChanged
    return int(row.id)


def _add(flag_id: int, therapist: Person, kind: str, note: str | None, now: datetime, **again: object) -> None:
    key = new_key()
    sealed = seal.close(FlagAct.note, note, key) if note else None
    row = {"flag_id": flag_id, "key": key, "kind": kind, "by_id": therapist.id, "at": now, "note": sealed}
    db.session.add(FlagAct(**row, **again))
    db.session.flush()
