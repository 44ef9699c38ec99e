"""Mail: an outbox in the database; what a message says and whom it goes to are sealed, and it is sent by a command."""

import re
import time
import unicodedata
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Row, String, and_, case, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, seal
from portal.db import Base, Instant, Key, db, new_key, only_rows, write

LONGEST_ADDRESS, LONGEST_SUBJECT, LONGEST_ONCE = 254, 120, 80
PLAIN = r'[^\s\x00-\x1f\x7f-\x9f()<>\[\]:;@\\,"]+'
ADDRESS = re.compile(f"{PLAIN}@{PLAIN}")
BREAKS_A_LINE = ("Cc", "Cs", "Zl", "Zp")  # the Unicode categories that a header must not hold

CLAIM = timedelta(minutes=5)
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360)]
OVERDUE = timedelta(minutes=15)
LISTED = timedelta(days=30)
SENT_KEPT, GIVEN_UP_KEPT = timedelta(days=30), timedelta(days=90)
WITHDRAWN = ("stopped", "changed")  # not wanted any more: no failure
EMPTY: dict[str, Any] = {"body": None, "stop_url": None}


class Mail(Base):
    """One message to one address. `once` names what it tells of, so that the same is never told twice.

    `recipient`, `body` and `stop_url` are sealed; the latter two are dropped when the message has gone or is given up,
    since they may hold a link that opens something. A sender claims a message until `claimed_until`; one that cannot
    be delivered is given up after some hours and stays on the list that staff see.
    """

    __tablename__ = "mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Key]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    once: Mapped[str | None] = mapped_column(String(80), unique=True)
    recipient: Mapped[bytes] = seal.column("key")
    subject: Mapped[str] = mapped_column(String(120))
    body: Mapped[bytes | None] = seal.column("key")
    made_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, doc="not sent before; moved on after each failure")
    expires_at: Mapped[datetime | None] = mapped_column(Instant, doc="useless after, and then given up")
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
    trouble: Mapped[str | None] = mapped_column(String(80), doc="why the last try failed, without names or addresses")
    failed_at: Mapped[datetime | None] = mapped_column(Instant, doc="the moment of the last try that failed")
    stop_url: Mapped[bytes | None] = seal.column("key", doc="where one click ends messages of this kind (RFC 8058)")

    __table_args__ = (
        Index("ix_mails_waiting", "due_at", **only_rows(sent_at.is_(None) & given_up_at.is_(None))),
        Index("ix_mails_given_up", "given_up_at", **only_rows(given_up_at.is_not(None))),
        Index("ix_mails_sent", "sent_at", **only_rows(sent_at.is_not(None))),
        Index("ix_mails_failed", "failed_at", **only_rows(sent_at.is_(None) & failed_at.is_not(None))),
    )


def queue(
    to: str,
    subject: str,
    body: str,
    *,
    account_id: int | None = None,
    once: str | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    stop_url: str | None = None,
) -> bool:
    """Add a message to the caller's transaction; False when what `once` names was queued before.

    `stop_url` is where one click ends messages of this kind; it goes out as a header.
    Raises ValueError, which quotes nothing, for an address or a subject that could say more than it should: the
    address is one, and the subject is one line of at most 120 characters.
    """
    key, now = new_key(), clock.now()
    message = Mail(
        key=key,
        account_id=account_id,
        once=once,
        recipient=seal.close(Mail.recipient, deliverable(to), key),
        subject=one_line(subject, LONGEST_SUBJECT),
        body=seal.close(Mail.body, body, key),
        made_at=now,
        due_at=due_at or now,
        expires_at=expires_at,
        stop_url=seal.close(Mail.stop_url, stop_url, key) if stop_url else None,
    )
    if once is None:
        db.session.add(message)
        return True
    one_line(once, LONGEST_ONCE)
    try:
        with db.session.begin_nested():
            db.session.add(message)
    except IntegrityError:
        if db.session.scalar(select(Mail.id).where(Mail.once == once)) is None:
            raise
        return False
    return True


def deliverable(address: str) -> str:
    """`address` as a server takes it, its domain in ASCII; raises ValueError for what is not one plain address."""
    local, _, domain = address.partition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
        address.encode()
    except UnicodeError:
        address = ""
    if not ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        raise ValueError("This is not an address that email can go to.")
    return address


def one_line(text: str, most: int) -> str:
    """`text` itself; raises ValueError unless it is one line of 1 to `most` characters without space around it."""
    broken = any(unicodedata.category(character) in BREAKS_A_LINE for character in text)
    if broken or not 0 < len(text.strip()) == len(text) <= most:
        raise ValueError(f"This must be one line of at most {most} characters, without space around it.")
    return text


def withdraw(now: datetime, why: str, *which: ColumnElement[bool]) -> int:
    """Give up what waits and is not wanted any more, in the caller's transaction; how many there were.

    A sender that has claimed one of them asks (`is_wanted`) before it sends it. `why` is one of WITHDRAWN. Nobody was
    told what it tells of: it may be queued again when it is true again.
    """
    waiting = Mail.sent_at.is_(None), Mail.given_up_at.is_(None)
    untold = case((Mail.claimed_until.is_not(None), Mail.once))  # one that a sender has may yet go
    values = {"given_up_at": now, "claimed_until": None, "trouble": why, "once": untold, **EMPTY}
    given_up = update(Mail).where(*waiting, *which).values(values)
    return write(given_up, synchronize_session=False)


def withdraw_stale(now: datetime, begins: str, wanted: Callable[[], Collection[str]]) -> int:
    """Give up what waits, has a `once` that begins so, and is not `wanted` any more, as withdraw does; how many.

    What is wanted is asked only where something waits.
    """
    waits = Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.once.startswith(begins)
    waiting = set(db.session.scalars(select(Mail.once).where(*waits)))
    stale = waiting.difference(wanted()) if waiting else ()
    return withdraw(now, "changed", Mail.once.in_(stale)) if stale else 0


# What follows is for senders. Each step is a short transaction of its own, so that many work side by side.


def claim(now: datetime, most: int) -> list[Row[Any]]:
    """Up to `most` messages that are due, oldest first, as rows that are this sender's for five minutes."""
    due = select(Mail.id).where(_waiting(now), Mail.due_at <= now).order_by(Mail.due_at, Mail.id).limit(most)
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Senders pass each other by; and as a CTE it is run once, however the planner joins.
            due = select(due.with_for_update(skip_locked=True).cte("due").c.id)
        named = (Mail.id, Mail.key, Mail.recipient, Mail.subject, Mail.body, Mail.stop_url, Mail.tries, Mail.due_at)
        claims = update(Mail).where(Mail.id.in_(due)).values(claimed_until=now + CLAIM)
        rows: list[Row[Any]] = list(connection.execute(claims.returning(*named, Mail.claimed_until)))
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def is_wanted(row: Row[Any]) -> bool:
    """Whether a message that was claimed is still this sender's: nobody has withdrawn it since."""
    with db.engine.connect() as connection:
        return bool(connection.scalar(select(exists().where(_claimed_as(row)))))


def release(rows: list[Row[Any]]) -> None:
    """Let anybody claim again what was claimed and not begun."""
    with db.engine.begin() as connection:
        for row in rows:
            connection.execute(update(Mail).where(_claimed_as(row)).values(claimed_until=None))


def note_sent(row: Row[Any], now: datetime) -> None:
    """The message has gone, whoever has claimed it by now."""
    _note(Mail.id == row.id, sent_at=now, given_up_at=None, trouble=None, **EMPTY)


def note_failure(row: Row[Any], now: datetime, trouble: str, *, for_good: bool) -> bool:
    """Whether the message will be tried again. Notes nothing when the claim ran out: another sender has it."""
    again = not for_good and row.tries < len(BACKOFF)
    then = {"due_at": now + BACKOFF[row.tries]} if again else {"given_up_at": now, **EMPTY}
    _note(_claimed_as(row), tries=row.tries + 1, trouble=trouble, failed_at=now, **then)
    return again


def give_up_expired(now: datetime) -> int:
    """Give up the messages that are too late, and count them."""
    late = update(Mail).where(_waiting(now), Mail.expires_at <= now)
    with db.engine.begin() as connection:
        return connection.execute(late.values(given_up_at=now, trouble="expired", **EMPTY)).rowcount


def delete_old(now: datetime, most: int = 500) -> int:
    """Delete up to `most` messages that went 30 days ago, or were given up 90 days ago; how many there were.

    What their `once` named may be queued again from then on: whoever uses it has to know by the calendar alone that
    it is too late.
    """
    old = or_(Mail.sent_at < now - SENT_KEPT, Mail.given_up_at < now - GIVEN_UP_KEPT)
    with db.engine.begin() as connection:
        return connection.execute(delete(Mail).where(Mail.id.in_(select(Mail.id).where(old).limit(most)))).rowcount


def stuck(now: datetime, most: int | None = None) -> list[Row[Any]]:
    """The messages given up in the last 30 days, failed at least once, or due for 15 minutes; oldest first.

    At most `most`, then the newest ones. What was withdrawn is not among them.
    """
    slow = and_(Mail.given_up_at.is_(None), or_(Mail.tries > 0, Mail.due_at <= now - OVERDUE))
    failed = or_(Mail.trouble.is_(None), Mail.trouble.not_in(WITHDRAWN))
    rows: Any = db.session.execute(
        select(Mail.key, Mail.account_id, Mail.made_at, Mail.tries, Mail.trouble, Mail.given_up_at)
        .where(Mail.sent_at.is_(None), failed, or_(Mail.given_up_at > now - LISTED, slow))
        .order_by(Mail.made_at.desc(), Mail.id.desc())
        .limit(most)
    )
    return list(rows)[::-1]


def _waiting(now: datetime) -> ColumnElement[bool]:
    """Neither gone nor given up, and no living sender has it."""
    free = or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now)
    return and_(Mail.sent_at.is_(None), Mail.given_up_at.is_(None), free)


def _claimed_as(row: Row[Any]) -> ColumnElement[bool]:
    return and_(Mail.id == row.id, Mail.claimed_until == row.claimed_until)


def _note(which: ColumnElement[bool], **facts: Any) -> None:
    """Commit what became of a message. A busy or restarted database is asked again: what has gone has gone."""
    statement = update(Mail).where(which).values(claimed_until=None, **facts)
    for chances in reversed(range(6)):
        try:
            with db.engine.begin() as connection:
                connection.execute(statement)
            return
        except OperationalError:
            if not chances:
                raise
            time.sleep(1)
