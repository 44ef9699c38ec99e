"""Acts on flags: what was done about one, and notes on it. They are added, and never changed or deleted."""

from datetime import datetime, timedelta

from sqlalchemy import update
from werkzeug.exceptions import NotFound

from portal import audit, flags, program, seal
from portal.db import db, new_key, write
from portal.fields import Refused
from portal.flags import RaisedFlag, handover
from portal.flags.models import CLOSING, Flag, FlagAct
from portal.flags.owners import owners
from portal.people import Person

LATEST = timedelta(hours=72)  # how far ahead another try may lie
SAME_PRESS = timedelta(minutes=10)  # so long the last act of a flag, done again by the same person, is the same one


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
    flag_id, flag = _hold(participant, flag_key)
    if _is_again(flag, therapist, now, kind, note):
        return
    _refuse_changed(flag, answers_read)
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
    flag_id, flag = _hold(participant, flag_key)
    if _is_again(flag, therapist, now, "tried", note, by.id, at):
        return
    _refuse_changed(flag, None)
    _add(flag_id, therapist, "tried", note, now, again_by_id=by.id, again_at=at)
    audit.record(therapist, "flag.act", participant, flag_key)
    handover.settle(now, [participant.id])


def add_note(therapist: Person, participant: Person, flag_key: str, note: str, now: datetime) -> None:
    """Add a note to a flag, open or closed; raises NotFound for one that is not theirs."""
    flag_id, flag = _hold(participant, flag_key)
    if _is_again(flag, therapist, now, "note", note):
        return
    _add(flag_id, therapist, "note", note, now)
    audit.record(therapist, "flag.note", participant, flag_key)


def _hold(participant: Person, flag_key: str) -> tuple[int, RaisedFlag]:
    """The id of a flag, and the flag, which is held until the transaction ends; raises NotFound for one not theirs.

    An answer that is joining, and the same press a moment ago, come first.
    """
    mine = update(Flag).where(Flag.participant_id == participant.id, Flag.key == flag_key)
    plain = {"synchronize_session": False}
    held = db.session.execute(mine.values(tier=Flag.tier).returning(Flag.id), execution_options=plain).scalar()
    if held is None:
        raise NotFound
    return held, flags.flag_of(participant, flag_key)


def _is_again(flag: RaisedFlag, therapist: Person, now: datetime, kind: str, note: str | None, *again: object) -> bool:
    """Whether this is the last act of the flag once more: a second press of the same person."""
    by_id, at = again or (None, None)
    return any(
        now - last.at < SAME_PRESS
        and (last.by_id, last.kind, last.note) == (therapist.id, kind, note or None)
        and (last.again_by_id, last.again_at) == (by_id, at)
        for last in flag.acts[-1:]
    )


def _refuse_changed(flag: RaisedFlag, answers_read: int | None) -> None:
    if flag.closed_at or (answers_read is not None and len(flag.reasons) != answers_read):
        raise FlagChanged


def _add(flag_id: int, therapist: Person, kind: str, note: str | None, now: datetime, **again: object) -> None:
    key = new_key()
    sealed = seal.close(FlagAct.note, note, key) if note else None
    row = {"flag_id": flag_id, "key": key, "kind": kind, "by_id": therapist.id, "at": now, "note": sealed}
    db.session.add(FlagAct(**row, **again))
    db.session.flush()
