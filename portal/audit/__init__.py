"""The append-only record of who saw and did what: one chain, each row signed over the row before it."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    CheckConstraint,
    Index,
    ScalarSelect,
    String,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, SessionTransaction, aliased, mapped_column

from portal import clock, seal
from portal.db import Base, Instant, db, last_before_commit

FIRST_MAC = "0" * 64
ACCOUNTS = table("accounts", column("id"), column("key"), column("name"))  # people stand above the record


class AuditBroken(RuntimeError):
    """The chain was found broken, and nobody has said yet that writing goes on."""


class AuditEvent(Base):
    """One read or write. Never changed and never deleted: triggers refuse both. Kept for good.

    `what` is a noun and a verb ("check_in.log"); `subject` is the opaque key of the row it is about. No clinical
    content and no names are kept here. `mac` is an HMAC-SHA256 over the row and the `mac` before it, so that a
    row that was changed, taken out or put elsewhere shows. The people are named without foreign keys: with one, the
    end of the chain would wait for whoever changes an account, and they for the chain. Accounts are never deleted.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None]
    participant_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index(None, "participant_id", "at"), Index(None, "actor_id", "at"))


class AuditHead(Base):
    """Where the chain ends. Taking it is the lock under which rows are appended.

    `broken_at` is set by a check that found a break: nothing is written until the operator says that it goes on.
    """

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    last_id: Mapped[int] = mapped_column(default=0)
    mac: Mapped[str] = mapped_column(String(64), default=FIRST_MAC)
    broken_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)


LOOK = "record.view"
GO_ON = "audit.go_on"
ONE_SITTING = timedelta(minutes=10)
_WAITING = "audit_events_waiting"


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


def last_look(actor: HasId, participant_id: Any, now: datetime) -> ScalarSelect[Any]:
    """When `actor` opened this participant's record in the present sitting, as a column to read beside the person."""
    return (
        select(func.max(AuditEvent.at))
        .where(
            AuditEvent.actor_id == actor.id,
            AuditEvent.participant_id == participant_id,
            AuditEvent.what == LOOK,
            AuditEvent.at > now - ONE_SITTING,
        )
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """The writes since a page was opened: the last by another person, and whether all were one's own."""

    by_another: tuple[str, datetime] | None
    by_them_alone: bool


def changes_since(since: datetime, person: HasId, kinds: Collection[str], keys: Collection[str]) -> Changes:
    """The events of these `kinds` since then, beside what `person` did themselves.

    They are about what the `keys` name, a subject or a participant; without keys, all events of the kinds count.
    """
    actor, participant = aliased(ACCOUNTS), aliased(ACCOUNTS)
    theirs = AuditEvent.participant_id.in_(select(participant.c.id).where(participant.c.key.in_(keys)))
    found = db.session.execute(
        select(AuditEvent.actor_id, actor.c.name, AuditEvent.at)
        .join(actor, actor.c.id == AuditEvent.actor_id)
        .where(AuditEvent.what.in_(set(kinds) - {LOOK}), AuditEvent.at >= since)
        .where(or_(AuditEvent.subject.in_(keys), theirs) if keys else true())
        .order_by(AuditEvent.id.desc())
    ).all()
    others = [(row.name, row.at) for row in found if row.actor_id != person.id]
    return Changes(others[0] if others else None, bool(found) and not others)


def _waiting(session: Session, transaction: SessionTransaction | None) -> list[dict[str, Any]]:
    """What waits inside `transaction` and the savepoints in it."""
    return [row for inside, row in session.info.get(_WAITING, ()) if _lies_in(inside, transaction)]


def _lies_in(inside: SessionTransaction | None, transaction: SessionTransaction | None) -> bool:
    while inside is not None and inside is not transaction:
        inside = inside.parent
    return inside is not None


@last_before_commit
def append(session: Session) -> None:
    """Put what waits at the end of the chain; raises AuditBroken when nothing may be written."""
    waiting = _waiting(session, session.get_transaction())
    session.info.pop(_WAITING, None)
    if not waiting:
        return
    session.flush()
    head = session.execute(
        update(AuditHead)
        .where(AuditHead.id == 1, AuditHead.broken_at.is_(None))
        .values(last_id=AuditHead.last_id + len(waiting))
        .returning(AuditHead.last_id, AuditHead.mac)
        .execution_options(synchronize_session=False)
    ).first()
    if head is None:
        raise AuditBroken("The audit record is broken or missing, and nothing is written.")
    rows = list(chained(head.last_id - len(waiting), head.mac, waiting, seal.inner(seal.AUDIT)))
    session.execute(insert(AuditEvent), rows)
    session.execute(update(AuditHead).values(mac=rows[-1]["mac"]).execution_options(synchronize_session=False))


@last_before_commit.undone
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


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which the chain does not hold: the row it shows at, and what is wrong in one sentence.

    `stands` tells what was found there apart from anything else that could be: whoever goes on from this break has
    not gone on from the next one at the same row.
    """

    row: int
    says: str
    stands: str

    @property
    def name(self) -> str:
        return f"{self.row}:{self.stands}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain stood at one time, noted outside the database."""

    at: str
    last_id: int
    mac: str

    def __str__(self) -> str:
        return f"{self.at} {self.last_id} {self.mac}"


COLUMNS = list(AuditEvent.__table__.c)
# An instant is read as a text: one that was damaged is a break, and stops no check.
_STORED = [cast(column, String).label("at") if column.name == "at" else column for column in COLUMNS]


def breaks(anchors: Iterable[Anchor] = ()) -> list[Break]:
    """Every place at which the chain does not hold, in order; each row is held against the one stored before it.

    Each anchor must be on the chain: that shows a chain which was cut off, or written anew, after it. Rows may be
    appended meanwhile: the end is read after the rows, and rows that came in between are read before it is believed.
    """
    key, last_id, mac = seal.inner(seal.AUDIT), 0, FIRST_MAC
    noted: dict[int, list[Anchor]] = {}
    for each in anchors:
        noted.setdefault(each.last_id, []).append(each)
    found = _unlike(noted.pop(0, []), mac)
    first, was_ahead = None, False
    while True:
        more = False
        for row in _stored(first):
            found += _break_at(row, last_id, mac, key)
            last_id, mac, more = row["id"], row["mac"], True
            found += _unlike(noted.pop(last_id, []), mac)
        head = db.session.execute(select(AuditHead.last_id, AuditHead.mac)).first()
        if head and tuple(head) == (last_id, mac):
            break
        ahead = head is not None and isinstance(head.last_id, int) and head.last_id > last_id
        if not ahead or (was_ahead and not more):  # rows that this end speaks of are there to be read after it
            says = f"The record ends at row {last_id}, and that is not where it ended before."
            found.append(Break(last_id + 1, says, _stands("end", last_id, mac, *(head or ()))))
            break
        first, was_ahead = last_id + 1, True
    for last_id in sorted(noted):
        for each in noted[last_id]:
            says = f"Row {last_id}, which the anchor of {each.at} names, is missing: the record was cut off."
            found.append(Break(last_id, says, _stands("anchor", str(each))))
    return found


def _stored(first: int | None) -> Iterator[dict[str, Any]]:
    """The rows as they are stored, from the row `first` on."""
    asked = select(*_STORED).order_by(AuditEvent.id).execution_options(yield_per=5000)
    for row in db.session.execute(asked if first is None else asked.where(AuditEvent.id >= first)):
        yield dict(row._mapping) | {"at": _instant(row.at)}


def _instant(stored: Any) -> Any:
    """The instant that a column holds; what is none stays what it is."""
    try:
        at = datetime.fromisoformat(stored)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return stored


def _break_at(row: dict[str, Any], last_id: int, mac: str, key: bytes) -> list[Break]:
    """What is wrong with `row` after the row `last_id` whose mac is `mac`."""
    if row["id"] == last_id + 1:
        try:
            if hmac.compare_digest(mac_of(row, mac, key).encode(), row["mac"].encode("utf-8", "replace")):
                return []
        except (TypeError, ValueError, AttributeError):
            pass  # no value of this kind was ever written
        at = clock.stamp(row["at"]) if isinstance(row["at"], datetime) else row["at"]
        says = f"Row {row['id']} ({at}) is not what was written there."
    elif row["id"] <= last_id:
        says = f"Row {row['id']} does not belong there."
    else:
        says = f"Row {last_id + 1} is missing: row {row['id']} follows row {last_id}."
    return [Break(min(row["id"], last_id + 1), says, _stands("row", last_id, mac, *row.values()))]


def _unlike(anchors: Iterable[Anchor], mac: str) -> list[Break]:
    """The anchors of one row that name another mac than its own."""
    return [
        Break(
            each.last_id,
            f"Row {each.last_id} is not the one that the anchor of {each.at} names.",
            _stands("anchor", str(each)),
        )
        for each in anchors
        if each.mac != mac
    ]


def _stands(*found: Any) -> str:
    return hashlib.sha256(repr(found).encode("utf-8", "replace")).hexdigest()[:40]


def unknown(found: Iterable[Break]) -> list[Break]:
    """The breaks that no operator has gone on from; a row that says so counts only where it is whole itself."""
    found = list(found)
    broken = {one.row for one in found}
    known = db.session.execute(select(AuditEvent.id, AuditEvent.subject).where(AuditEvent.what == GO_ON))
    gone_on = {subject for row, subject in known if row not in broken}
    return [one for one in found if one.name not in gone_on]


def anchor() -> Anchor:
    """Where the chain stands now; raises AuditBroken where the end of the chain is gone."""
    head = db.session.execute(select(AuditHead.last_id, AuditHead.mac)).first()
    if head is None:
        raise AuditBroken("The audit record has lost its end: run flask --app wsgi audit verify")
    return Anchor(clock.stamp(clock.now()), head.last_id, head.mac)


def read_anchors(lines: Iterable[str]) -> list[Anchor]:
    """The anchors in the lines of a file; raises ValueError for a line that is none."""
    parts = [line.split() for line in lines if line.strip()]
    if any(len(part) != 3 or not part[1].isdecimal() for part in parts):
        raise ValueError("A line of the anchors' file is not one: time, row and mac belong on each.")
    return [Anchor(at, int(last_id), mac) for at, last_id, mac in parts]


def mark_broken(now: datetime) -> None:
    """Refuse every further write until the operator says that writing goes on."""
    db.session.execute(update(AuditHead).where(AuditHead.broken_at.is_(None)).values(broken_at=now))


def go_on(found: Iterable[Break]) -> None:
    """The operator knows of these breaks, and writing goes on after the present end; each is on record once.

    Nothing may be appended meanwhile: the caller has marked the chain as broken, and committed that, before it
    looked for the breaks.
    """
    new = unknown(found)
    end = db.session.execute(select(AuditEvent.id, AuditEvent.mac).order_by(AuditEvent.id.desc()).limit(1)).first()
    last_id, mac = tuple(end) if end else (0, FIRST_MAC)
    db.session.execute(delete(AuditHead))
    db.session.execute(insert(AuditHead).values(id=1, last_id=last_id, mac=mac))
    for one in new:
        record(None, GO_ON, subject=one.name)
    if not new:  # they were mended, and only the mark is taken away
        record(None, GO_ON)
