"""The append-only record of who saw and did what: one chain, each row signed over the row before it."""

import hmac
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ScalarSelect, bindparam, column, event, func, insert, or_, select, table, true, update
from sqlalchemy.orm import Session, SessionTransaction, aliased

from portal import clock, seal
from portal.audit.models import AuditEvent, AuditHead
from portal.db import db, last_before_commit

ACCOUNTS = table("accounts", column("id"), column("key"), column("name"))  # people stand above the record


class AuditBroken(RuntimeError):
    """The chain was found broken, and nobody has said yet that writing goes on."""


LOOK = "record.view"
ONE_SITTING = timedelta(minutes=10)
_WAITING = "audit_events_waiting"


@dataclass(frozen=True, slots=True)
class PortalItself:
    """The actor of what a rule or the timer did, and nobody asked for. The ids of accounts begin at 1."""

    id: int = 0


PORTAL = PortalItself()


class HasId(Protocol):
    @property
    def id(self) -> int: ...


class Looked(HasId, Protocol):
    @property
    def looked_at(self) -> datetime | None: ...


def record(
    actor: HasId | None,
    what: str,
    participant: HasId | None = None,
    subject: str | None = None,
    at: datetime | None = None,
) -> None:
    """Add the event to the caller's transaction: it stands or falls with what it tells of.

    The actor is PORTAL for what it does by itself, and None for a command, or for somebody who is not signed in.
    It is appended to the chain last, when the transaction commits, so that the lock on the chain is short. `at` is
    now, but for the demo's past.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()
    row = {
        "at": at or clock.now(),
        "actor_id": actor.id if actor else None,
        "participant_id": participant.id if participant else None,
        "what": what,
        "subject": subject,
    }
    inside = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_WAITING, []).append((inside, row))


def record_look(actor: HasId, participant: Looked) -> None:
    """Note that a member of staff sees a participant's record: one row a sitting, however often they filter it."""
    if participant.looked_at is None:
        record(actor, LOOK, participant)


def last_look(actor_id: Any, participant_id: Any, since: Any, what: str = LOOK) -> ScalarSelect[Any]:
    """The time of an actor's last look at a participant's record, after `since`: a column beside the person.

    `what` is the event that tells of it, where only a part of the record was seen.
    """
    return (
        select(func.max(AuditEvent.at))
        .where(
            AuditEvent.actor_id == actor_id,
            AuditEvent.participant_id == participant_id,
            AuditEvent.what == what,
            AuditEvent.at > since,
        )
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """The writes since a page was opened: the last by another person, and whether all were one's own."""

    by_another: tuple[str, datetime] | None
    by_them_alone: bool


def changes_since(since: datetime, person: HasId, kinds: Collection[str], keys: Collection[str]) -> ChangesSince:
    """The events of these `kinds` since then, beside what `person` did themselves.

    They are about what the `keys` name, a subject or a participant, or done by whoever they name; without keys, all
    events of the kinds count.
    """
    actor, participant = aliased(ACCOUNTS), aliased(ACCOUNTS)
    theirs = AuditEvent.participant_id.in_(select(participant.c.id).where(participant.c.key.in_(keys)))
    found = db.session.execute(
        select(AuditEvent.actor_id, actor.c.name, AuditEvent.at)
        .join(actor, actor.c.id == AuditEvent.actor_id)
        .where(AuditEvent.what.in_(set(kinds) - {LOOK}), AuditEvent.at >= since)
        .where(or_(AuditEvent.subject.in_(keys), theirs, actor.c.key.in_(keys)) if keys else true())
        .order_by(AuditEvent.id.desc())
    ).all()
    others = [(row.name, row.at) for row in found if row.actor_id != person.id]
    return ChangesSince(others[0] if others else None, bool(found) and not others)


def _lies_in(inside: SessionTransaction | None, transaction: SessionTransaction | None) -> bool:
    while inside is not None and inside is not transaction:
        inside = inside.parent
    return inside is not None


_heads: Any = AuditHead.__table__
_TAKE_HEAD = (
    update(_heads)
    .where(_heads.c.id == 1, _heads.c.broken_at.is_(None))
    .values(last_id=_heads.c.last_id + bindparam("count"))
    .returning(_heads.c.last_id, _heads.c.mac)
)
_MOVE_HEAD = update(_heads).values(mac=bindparam("newest"))
_ADD_EVENTS: Any = insert(AuditEvent)


@last_before_commit
def append(session: Session) -> None:
    """Put what waits at the end of the chain; raises AuditBroken when nothing may be written."""
    transaction = session.get_transaction()
    waiting = [row for inside, row in session.info.pop(_WAITING, ()) if _lies_in(inside, transaction)]
    if not waiting:
        return
    session.flush()
    connection = session.connection()  # tables, not mapped classes: every page of staff ends here
    head = connection.execute(_TAKE_HEAD, {"count": len(waiting)}).first()
    if head is None:
        raise AuditBroken("The audit record is broken or missing, and nothing is written.")
    rows = list(chained(head.last_id - len(waiting), head.mac, waiting, seal.inner(seal.AUDIT)))
    connection.execute(_ADD_EVENTS, rows)
    connection.execute(_MOVE_HEAD, {"newest": rows[-1]["mac"]})


@event.listens_for(Session, "after_soft_rollback")
def forget(session: Session, transaction: SessionTransaction) -> None:
    """Nothing of a transaction, or of a savepoint, that was rolled back is told of."""
    waiting = session.info.pop(_WAITING, [])
    session.info[_WAITING] = [(inside, row) for inside, row in waiting if not _lies_in(inside, transaction)]


def chained(last_id: int, mac: str, rows: Iterable[dict[str, Any]], key: bytes) -> Iterator[dict[str, Any]]:
    """`rows` as they follow the row `last_id` whose mac is `mac`: with their ids and macs."""
    for row in rows:
        last_id += 1
        mac = mac_of(row | {"id": last_id}, mac, key)
        yield row | {"id": last_id, "mac": mac}


def mac_of(row: dict[str, Any], before: str, key: bytes) -> str:
    """The HMAC of one row after the mac of the row before it."""
    at = row["at"].astimezone(UTC).isoformat()
    parts = [before, row["id"], at, row["actor_id"], row["participant_id"], row["what"], row["subject"]]
    return hmac.new(key, json.dumps(parts).encode(), "sha256").hexdigest()
