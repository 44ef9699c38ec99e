"""What someone typed and has not sent: kept for them alone, given back once, dropped when it is sent."""

import hmac
import json
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from portal import clock, seal
from portal.db import Base, Instant, db, write

KEPT_FOR = timedelta(days=7)
LARGEST = 64_000
MOST = 40  # drafts of one person
LONGEST_ADDRESS = 200
SECRETS = ("token", "password", "code", "passkey", "credential", "secret", "whose")


class Account(Protocol):
    """Whoever types: their row's id, and the key that names them."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> str: ...


class Draft(Base):
    """A text that somebody typed and has not sent yet: one per account and form address, never anybody else's.

    `typed` is a sealed list of [field, text] pairs, in the order of the form.
    """

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200), primary_key=True)
    typed: Mapped[bytes] = seal.column("account_id", "address")
    kept_at: Mapped[datetime] = mapped_column(Instant)


def mark(person: Account) -> str:
    """What a form says of the person it was made for, in its field "whose": a keyed hash that nobody else can make."""
    return seal.index(f"form:{person.key}")[:16]


def is_of(person: Account, typed: MultiDict) -> bool:
    """Whether the form that was sent was made for `person`; not, if it does not say so."""
    return hmac.compare_digest(typed.get("whose", "").encode(), mark(person).encode())


def keep(person: Account, address: str, typed: MultiDict, *, asked: bool = False) -> bool:
    """Keep what `person` typed into the form at `address`, in place of an earlier draft of it; whether it was kept.

    Never kept: passwords, codes and tokens, for whom a form was made, what a script adds (its names begin with "_"),
    and anything from a device that others use too, unless a button `asked` for it. Of one person the newest MOST are
    kept, and this one is the newest.
    """
    if getattr(person, "shared", False) and not asked:
        return False
    pairs = [[name, text] for name, text in typed.items(multi=True) if not _is_secret(name)]
    size = sum(len(name) + len(text) for name, text in pairs)
    if not pairs or len(address) > LONGEST_ADDRESS or size > LARGEST:
        return False
    now, sealed = clock.now(), seal.close(Draft.typed, json.dumps(pairs), person.id, address)
    db.session.execute(delete(Draft).where(Draft.kept_at < now - KEPT_FOR))
    if not _replace(person, address, sealed, now):
        try:
            with db.session.begin_nested():
                db.session.add(Draft(account_id=person.id, address=address, typed=sealed, kept_at=now))
        except IntegrityError:  # a second tap was here a moment ago
            _replace(person, address, sealed, now)
    _drop_all_but_newest(person, address)
    return True


def _is_secret(name: str) -> bool:
    return name.startswith("_") or name.lower().endswith(SECRETS)


def _replace(person: Account, address: str, sealed: bytes, now: datetime) -> bool:
    mine = update(Draft).where(Draft.account_id == person.id, Draft.address == address)
    return write(mine.values(typed=sealed, kept_at=now)) == 1


def _drop_all_but_newest(person: Account, address: str) -> None:
    """Forget the oldest drafts of `person`, so that MOST stay with the one at `address`."""
    others = Draft.account_id == person.id, Draft.address != address
    newest = select(Draft.address).where(*others).order_by(Draft.kept_at.desc(), Draft.address)
    too_old = delete(Draft).where(*others, Draft.address.not_in(newest.limit(MOST - 1)))
    db.session.execute(too_old, execution_options={"synchronize_session": False})


def kept(person: Account, address: str) -> tuple[MultiDict | None, datetime | None]:
    """What was typed into the form at `address` and when it was kept; (None, None) without a draft."""
    row = db.session.execute(
        select(Draft.typed, Draft.kept_at).where(
            Draft.account_id == person.id,
            Draft.address == address,
            Draft.kept_at > clock.now() - KEPT_FOR,
        )
    ).first()
    if row is None:
        return None, None
    pairs = json.loads(seal.open(Draft.typed, row.typed, person.id, address))
    return MultiDict((name, text) for name, text in pairs), row.kept_at


def drop(person: Account, address: str) -> None:
    """Forget the draft of the form at `address`: it was sent, or is not wanted."""
    db.session.execute(delete(Draft).where(Draft.account_id == person.id, Draft.address == address))
