"""Second factors, which a person shows beside a password: who must, what they have, and taking all of it away."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flask import current_app
from sqlalchemy import ColumnElement, delete, exists, func, not_, or_, select, update

from portal import people
from portal.db import db, reader, write
from portal.door.models import Authenticator, Passkey, RecoveryCode, SignIn
from portal.door.sign_ins import Arriving
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts

STAFF = ("therapist", "coordinator")


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """One passkey as its owner knows it."""

    key: str
    name: str
    made_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors that one person has set up. `authenticator` is since when they have an app, if they do."""

    authenticator: datetime | None = None
    passkeys: tuple[OwnPasskey, ...] = ()
    codes_left: int = 0
    sealed_secret: bytes | None = field(default=None, repr=False)

    @property
    def count(self) -> int:
        """The number of factors; recovery codes stand in for one and are none."""
        return len(self.passkeys) + (self.authenticator is not None)


_CODES = select(func.count()).where(RecoveryCode.account_id == Account.id, RecoveryCode.used_at.is_(None))
_FACTORS = (
    select(
        Passkey.key,
        Passkey.name,
        Passkey.made_at,
        Passkey.last_used_at,
        Authenticator.confirmed_at,
        Authenticator.secret,
        _CODES.scalar_subquery().label("codes_left"),
    )
    .select_from(Account)
    .outerjoin(Authenticator, (Authenticator.account_id == Account.id) & Authenticator.confirmed_at.is_not(None))
    .outerjoin(Passkey, Passkey.account_id == Account.id)
    .order_by(Passkey.made_at, Passkey.id)
)
_read_passkey = reader(OwnPasskey, _FACTORS, beside=["confirmed_at", "secret", "codes_left"])


def factors_of(person: Person) -> Factors:
    """All that `person` has set up, in one SELECT; passkeys in the order they were made."""
    rows = db.session.execute(_FACTORS.where(Account.id == person.id)).all()
    if not rows:
        return Factors()
    held = tuple(_read_passkey(row) for row in rows if row.key)
    return Factors(rows[0].confirmed_at, held, rows[0].codes_left, rows[0].secret)


def has_second_factor(person: Person) -> bool:
    """Whether `person` has a passkey, or an authenticator app that was set up to the end."""
    return bool(db.session.scalar(select(has_any(person.id))))


def has_app(account_id: Any) -> ColumnElement[bool]:
    """The condition that an account has an authenticator app that was set up to the end."""
    return exists().where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None))


def has_passkey(account_id: Any) -> ColumnElement[bool]:
    """The condition that an account has a passkey."""
    return exists().where(Passkey.account_id == account_id)


def has_any(account_id: Any) -> ColumnElement[bool]:
    """The condition that an account has a second factor."""
    return or_(has_app(account_id), has_passkey(account_id))


def must_have(person: Person, program: ProgramFacts) -> bool:
    """Whether a second factor is asked of `person`: of staff always, of participants where the program says so.

    The demo asks it of nobody.
    """
    return not current_app.config["DEMO"] and (person.role in STAFF or program.needs_second_factor)


def stage_after(person: Person, program: ProgramFacts) -> Literal["full", "second", "enroll"]:
    """The stage after a right password or one-use link: the "second" factor; to "enroll" one; or nothing, "full"."""
    if has_second_factor(person):
        return "second"
    return "enroll" if must_have(person, program) else "full"


def hold_arriving(arriving: Arriving, now: datetime) -> bool:
    """Whether a half-done sign-in may go on, until the transaction ends.

    It was not ended since it was looked up, and for one that sets up a first factor there is none yet. The account is
    held, as by people.hold.
    """
    people.hold(arriving)
    # Asked in a statement of its own: what others committed while this one waited is seen only by the next.
    lives = [SignIn.id == arriving.sign_in_id, SignIn.ended_at.is_(None)]
    if arriving.stage == "enroll":
        lives.append(not_(has_any(arriving.id)))
    note = update(SignIn).where(*lives).values(last_used_at=now)
    return write(note) == 1


def forget_all(person: Person) -> None:
    """Take away every factor and recovery code of `person`: for someone who has lost them."""
    for table in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.account_id == person.id))
