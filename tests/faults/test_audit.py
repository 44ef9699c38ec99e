"""Tampering with the audit record, a thousand times: every change, deletion, insertion, reordering and cut shows."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from portal import audit, seal
from portal.audit import verification
from portal.audit.models import FIRST_MAC, AuditEvent
from portal.audit.verification import COLUMNS
from portal.db import db
from tests.audit.test_audit import disarm

ROWS, ANCHORED = 40, (8, 19, 33)  # how many rows there are, and after which of them an anchor was noted
WHATS = ("record.view", "check_in.review", "flag.act", "attendance.take", "glass.break")
NAMES = ", ".join(column.name for column in COLUMNS)


@pytest.fixture
def record(app, cast, at):
    """A record of ROWS rows with the anchors that were noted on the way."""
    rng, anchors = Random("the record"), []
    people = list(vars(cast).values())
    with app.app_context():
        for number in range(1, ROWS + 1):
            at.later(seconds=rng.randint(1, 4000))
            participant = rng.choice([None, cast.ada, cast.ben, cast.cleo])
            subject = rng.choice([None, f"key-{number}"])
            audit.record(rng.choice([None, *people]), rng.choice(WHATS), participant, subject)
            db.session.commit()
            if number in ANCHORED:
                anchors.append(verification.anchor())
        assert verification.breaks(anchors) == []
    return anchors


def sql(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def change(rng: Random, cast: Any) -> int:
    """Another value in any one column of any one row."""
    row, column = rng.randint(1, ROWS), rng.choice([column.name for column in COLUMNS])
    held = db.session.execute(text(f"select {column} from audit_events where id = :row"), {"row": row}).scalar()
    people = [None, *(person.id for person in vars(cast).values())]
    others = {
        "id": [-row, ROWS + row, ROWS * 100],
        "at": ["2026-03-10 00:00:00.000000", "1999-12-31 23:59:59.999999", "2026-03-11 14:52:00.000001"],
        "actor_id": people,
        "participant_id": people,
        "what": [*WHATS, "record.View", "record.view ", ""],
        "subject": [None, "", "key-0", f"key-{row} "],
        "mac": [FIRST_MAC, "", "f" * 64, str(held).upper() if str(held).upper() != held else "0"],
    }[column]
    value = rng.choice([other for other in others if other != held])
    sql(f"update audit_events set {column} = :value where id = :row", value=value, row=row)
    return min(row, value) if column == "id" else row


def delete(rng: Random, _cast: Any) -> int:
    """One row or a few in a run taken out."""
    first = rng.randint(1, ROWS)
    last = min(ROWS, first + rng.choice([0, 0, 1, 5]))
    sql("delete from audit_events where id between :first and :last", first=first, last=last)
    return first


def insert(rng: Random, _cast: Any) -> int:
    """A copy of a row, mac and all, after the last one; or in its own place, with all others moved on by one."""
    source = rng.randint(1, ROWS)
    place = first = ROWS + 1
    if rng.random() < 0.5:
        place = first = rng.randint(1, ROWS)
        sql("update audit_events set id = -id where id >= :place", place=place)
        sql("update audit_events set id = -id + 1 where id < 0")
        first += source == place  # its copy in its own place is what was written there
        source += source >= place
    copied = NAMES.replace("id, ", "", 1)
    sql(
        f"insert into audit_events ({NAMES}) select :place, {copied} from audit_events where id = :source",
        place=place,
        source=source,
    )
    if rng.random() < 0.5:
        sql("update audit_heads set last_id = :last", last=ROWS + 1)
    return first


def reorder(rng: Random, _cast: Any) -> int:
    """Two rows change places: with their macs, or without."""
    one, other = sorted(rng.sample(range(1, ROWS + 1), 2))
    if rng.random() < 0.5:
        sql("update audit_events set id = -1 where id = :one", one=one)
        sql("update audit_events set id = :one where id = :other", one=one, other=other)
        sql("update audit_events set id = :other where id = -1", other=other)
    else:
        for column in ("at", "actor_id", "participant_id", "what", "subject"):
            held = {
                row: db.session.execute(text(f"select {column} from audit_events where id = {row}")).scalar()
                for row in (one, other)
            }
            sql(f"update audit_events set {column} = :value where id = :row", value=held[other], row=one)
            sql(f"update audit_events set {column} = :value where id = :row", value=held[one], row=other)
    return one


def graft(rng: Random, _cast: Any) -> int:
    """A row that the portal itself once wrote at that place, before the database was restored from a backup."""
    row = rng.randint(2, ROWS)
    held = db.session.execute(select(*COLUMNS).where(AuditEvent.id == row)).one()
    other = dict(held._mapping) | {"what": "session.start", "subject": f"key-{rng.random()}"}
    mac = audit.mac_of(other, f"{rng.getrandbits(256):064x}", seal.inner(seal.AUDIT))
    sql(
        "update audit_events set what = :what, subject = :subject, mac = :mac where id = :row",
        what=other["what"],
        subject=other["subject"],
        mac=mac,
        row=row,
    )
    return row


def truncate(rng: Random, _cast: Any) -> int:
    """Everything after some row before the last anchor is gone, and the end of the chain is made to fit."""
    last = rng.randint(0, ANCHORED[-1] - 1)
    mac = db.session.scalar(select(AuditEvent.mac).where(AuditEvent.id == last)) or FIRST_MAC
    sql("delete from audit_events where id > :last", last=last)
    if rng.random() < 0.8:
        sql("update audit_heads set last_id = :last, mac = :mac", last=last, mac=mac)
    return last + 1


def behead(rng: Random, _cast: Any) -> int:
    """The end of the chain is another, or none."""
    change = ["last_id = last_id - 1", "last_id = last_id + 1", "last_id = 0", "mac = ''", f"mac = '{'0' * 64}'"]
    sql(rng.choice(["delete from audit_heads", *(f"update audit_heads set {one}" for one in change)]))
    return ROWS + 1


TAMPERINGS = (change, change, delete, insert, reorder, graft, truncate, behead)


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("times", [64, pytest.param(1000, marks=pytest.mark.full)])
def test_every_tampering_shows_at_the_first_row_it_touched_or_before_the_next_anchor(app, cast, record, times):
    """Each is done by somebody who has dropped the triggers, and is undone again before the next."""
    missed = []
    with app.app_context():
        for number in range(times):
            tampering = TAMPERINGS[number % len(TAMPERINGS)]
            rng = Random(f"{tampering.__name__} {number}")
            disarm()
            first = tampering(rng, cast)
            found = verification.breaks(record)
            db.session.rollback()
            at_most = next((row for row in ANCHORED if row >= first), ROWS + 1)
            if not found or not first <= min(one.row for one in found) <= max(first, at_most):
                missed.append((number, tampering.__name__, first, found[:3]))
        assert verification.breaks(record) == []
    assert missed == []
