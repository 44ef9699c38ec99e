"""The delivery of mail that is due: each message is claimed, handed over, and what became of it noted."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row

from portal import mail, seal
from portal.seal.keys import SealError

BATCH = 50
# A message is begun in the first minute of its claim of five: the four answers to it may take a minute each.
BEGUN_WITHIN = timedelta(minutes=1)


class Undelivered(Exception):
    """The server did not take a message, or no message at all. `trouble` is a word and a code, without any text of it.

    `for_good` says that it is of no use to try this message again.
    """

    def __init__(self, trouble: str, *, for_good: bool = False) -> None:
        super().__init__(trouble)
        self.trouble, self.for_good = trouble, for_good


@dataclass(frozen=True)
class Letter:
    """A message as it is handed over. What it says and whom it is for stay out of its repr."""

    key: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    stop_url: str | None = field(repr=False, default=None)


class Connection(Protocol):
    """An open connection to a server, `alive` until it breaks. `send` returns when the server has taken the letter."""

    @property
    def alive(self) -> bool: ...

    def send(self, letter: Letter) -> None: ...

    def close(self) -> None: ...


@dataclass
class Counts:
    """The messages of one run, counted by what became of them."""

    sent: int = 0
    again: int = 0
    given_up: int = 0

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.again} to try again, {self.given_up} given up"


def send_due(now: datetime, connect: Callable[[], Connection], limit: int = 500) -> Counts:
    """Send up to `limit` messages that are due; what became of them.

    `connect` opens a line, or raises Undelivered and so ends the run. Nothing of the caller's session is used: each
    step is committed by itself. Several senders work side by side, and what a dead one had claimed is free again
    after five minutes. A message goes out twice, with the same Message-ID, only when the answer to it was lost, or
    when its sender died in the moment between that answer and the note of it.
    """
    run = _Run(now, connect)
    run.counts.given_up = mail.give_up_expired(now)
    try:
        while limit > 0 and (claimed := mail.claim(run.moment(), min(limit, BATCH))):
            limit -= len(claimed)
            if not run.send(claimed):
                break
    finally:
        run.hang_up()
    return run.counts


class _Run:
    """One run of a sender, with the line that it keeps open from message to message."""

    def __init__(self, now: datetime, connect: Callable[[], Connection]) -> None:
        self.now, self.connect, self.began = now, connect, time.monotonic()
        self.counts = Counts()
        self.line: Connection | None = None

    def moment(self) -> datetime:
        """The present instant, for a run that began at `now`."""
        return self.now + timedelta(seconds=time.monotonic() - self.began)

    def send(self, claimed: list[Row[Any]]) -> bool:
        """Send one batch; False when there is no server to send by."""
        for place, row in enumerate(claimed):
            try:
                line = self.open_line()
            except Undelivered as error:
                for left in claimed[place:]:
                    self.failed(left, error)
                return False
            if self.moment() > row.claimed_until - mail.CLAIM + BEGUN_WITHIN:
                mail.release(claimed[place:])
                return True
            if row.stop_url and not mail.is_wanted(row):
                continue
            try:
                line.send(_read_letter(row))
            except Undelivered as error:
                self.failed(row, error)
            else:
                mail.note_sent(row, self.moment())
                self.counts.sent += 1
        return True

    def failed(self, row: Row[Any], error: Undelivered) -> None:
        if mail.note_failure(row, self.moment(), error.trouble, for_good=error.for_good):
            self.counts.again += 1
        else:
            self.counts.given_up += 1

    def open_line(self) -> Connection:
        if self.line is None or not self.line.alive:
            self.hang_up()
            self.line = self.connect()
        return self.line

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _read_letter(row: Row[Any]) -> Letter:
    try:
        to, body = seal.open(mail.Mail.recipient, row.recipient, row.key), seal.open(mail.Mail.body, row.body, row.key)
        stop_url = seal.open(mail.Mail.stop_url, row.stop_url, row.key) if row.stop_url else None
        return Letter(row.key, to, row.subject, body, stop_url)
    except SealError:
        raise Undelivered("unreadable", for_good=True) from None
