"""What goes with a change to somebody's second factors: recovery codes, a line on record, and a notice to them."""

from datetime import datetime

from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import db
from portal.people import Person, factors, notices
from portal.people.factors import authenticator, passkeys, recovery
from portal.people.models import Account
from portal.program import ProgramFacts


class LastFactor(ValueError):
    """The last factor of somebody who must have one stays; the message is one sentence."""


def added(person: Person, now: datetime, key: str | None = None) -> list[str]:
    """Note that `person` has a new factor (`key` names a passkey). Recovery codes, if they have none left to use."""
    audit.record(person, "factor.add", subject=key)
    _tell(person, now)
    return [] if factors.of(person).codes_left else _codes(person)


def end_authenticator(person: Person, program: ProgramFacts, now: datetime) -> None:
    """Take away the app of `person`; raises LastFactor, and NotFound without one."""
    has = _ending(person, program)
    if not authenticator.end(person):
        raise NotFound
    _ended(person, has, now)


def end_passkey(person: Person, program: ProgramFacts, key: str, now: datetime) -> None:
    """Take away a passkey of `person`; raises LastFactor, and NotFound for one that is not theirs."""
    has = _ending(person, program, key)
    passkeys.end(person, key)
    _ended(person, has, now, key)


def renew_codes(person: Person, now: datetime) -> list[str]:
    """Ten new recovery codes in place of the old ones; raises NotFound for someone without a factor to lose."""
    if not factors.has_second_factor(person):
        raise NotFound
    _tell(person, now)
    return _codes(person)


def code_spent(person: Person, now: datetime) -> None:
    """Tell `person` that a recovery code was used: if it was not they, they have to know."""
    _tell(person, now)


def _ending(person: Person, program: ProgramFacts, key: str | None = None) -> factors.Factors:
    factors.hold(person)
    has = factors.of(person)
    if key and key not in {passkey.key for passkey in has.passkeys}:
        raise NotFound
    if has.count == 1 and factors.must_have(person, program):
        raise LastFactor("This is your only one, and your account needs one. Add another first, then remove this one.")
    return has


def _ended(person: Person, had: factors.Factors, now: datetime, key: str | None = None) -> None:
    if had.count == 1:
        recovery.end(person)
    audit.record(person, "factor.remove", subject=key)
    _tell(person, now)


def _codes(person: Person) -> list[str]:
    audit.record(person, "factor.codes")
    return recovery.new_codes(person)


def _tell(person: Person, now: datetime) -> None:
    account = db.session.get_one(Account, person.id)
    notices.of_change(account, now, notices.address_of(account))
