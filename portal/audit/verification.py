"""The verification of the chain: where it does not hold, and how writing goes on after a break."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, cast, delete, insert, select, update

from portal import audit, clock, seal
from portal.audit.models import FIRST_MAC, AuditEvent, AuditHead
from portal.db import db

GO_ON = "audit.go_on"


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
    """The end of the chain at one time, noted outside the database."""

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
    """The breaks at `row` after the row `last_id` whose mac is `mac`."""
    if row["id"] == last_id + 1:
        try:
            if hmac.compare_digest(audit.mac_of(row, mac, key).encode(), row["mac"].encode("utf-8", "replace")):
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
    """The end of the chain now; raises AuditBroken where the end of the chain is gone."""
    head = db.session.execute(select(AuditHead.last_id, AuditHead.mac)).first()
    if head is None:
        raise audit.AuditBroken("The audit record has lost its end: run flask --app wsgi audit verify")
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
        audit.record(None, GO_ON, subject=one.name)
    if not new:  # they were mended, and only the mark is taken away
        audit.record(None, GO_ON)
