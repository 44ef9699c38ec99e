"""Mail that does not arrive, for coordinators: when, to whose account, why, and what to do. Not what it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal import mail
from portal.db import db
from portal.people import Person, coordinators_only
from portal.people.models import Account

SHOWN = 100
ADDRESS = "Ask them to check their address: they can change it under Account."
SERVER = "If it happens again, tell whoever runs this site."
TROUBLES = {  # how the trouble of a message begins: why in plain words, and what to do
    "recipient 5": ("Their email server says that it does not take email for this address.", ADDRESS),
    "recipient": ("Their email server did not take it for now.", SERVER),
    "smtputf8": ("The address has letters that our email server cannot send to.", ADDRESS),
    "content": ("The email server refused the message.", SERVER),
    "expired": ("It was not sent in time, and would be of no use now.", "Call them if they need to know."),
    "unreadable": ("It was damaged in the database.", SERVER),
    "unsendable": ("It could not be written in a form that email takes.", SERVER),
    "sender": ("The email server does not take email from us.", SERVER),
    "sign-in": ("The email server does not let us in.", SERVER),
}
NO_SERVER = ("The email server did not answer.", SERVER)
NOT_TRIED = ("Nobody has tried to send it yet.", SERVER)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that does not go: to the account `account_key` of `name`, or to none. `given_up` or tried again."""

    key: str
    account_key: str | None
    name: str
    made_at: datetime
    tries: int
    given_up: bool
    why: str
    to_do: str


def undelivered(coordinator: Person, now: datetime) -> list[Undelivered]:
    """The messages given up in the last 30 days, or waiting too long, the newest first: at most SHOWN, and one more."""
    coordinators_only(coordinator)
    stuck = mail.stuck(now, SHOWN + 1)[::-1]
    whose = select(Account.id, Account.key, Account.name).where(Account.id.in_({row.account_id for row in stuck}))
    people = {row.id: row for row in db.session.execute(whose)}
    return [_undelivered(row, people.get(row.account_id)) for row in stuck]


def _undelivered(row: Any, account: Any) -> Undelivered:
    why, to_do = in_words(row.trouble)
    return Undelivered(
        key=row.key,
        account_key=account and account.key,
        name=account.name if account else "Nobody's account",
        made_at=row.made_at,
        tries=row.tries,
        given_up=row.given_up_at is not None,
        why=why,
        to_do=to_do,
    )


def in_words(trouble: str | None) -> tuple[str, str]:
    """The reason why a message did not go, and what to do; a mail server's code is left out."""
    if trouble is None:
        return NOT_TRIED
    return next((words for begins, words in TROUBLES.items() if trouble.startswith(begins)), NO_SERVER)
