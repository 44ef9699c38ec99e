"""Changes to somebody's second factors, and what goes with each: recovery codes, a line on record, a notice to them."""

from datetime import datetime

from flask import current_app
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal import audit, people
from portal.db import db
from portal.door import change_notices, factors, grants, sign_ins
from portal.door.factors import authenticator, passkeys, recovery
from portal.door.models import SignIn
from portal.door.sign_ins import Visitor
from portal.fields import Refused
from portal.people import OPEN_PARTICIPANT, Person, contacts, coordinators_only, find
from portal.people.models import Account
from portal.program import ProgramFacts


def note_added(person: Person, now: datetime, key: str | None = None) -> list[str]:
    """Note that `person` has a new factor (`key` names a passkey). Recovery codes, if they have none left to use.

    Sign-ins of theirs that are half done end: whoever holds one begins again, and is asked for this factor.
    """
    sign_ins.end_half_done(person, now)
    audit.record(person, "factor.add", subject=key)
    change_notices.send(person, now)
    return [] if factors.factors_of(person).codes_left else _codes(person)


def end_authenticator(person: Visitor, program: ProgramFacts, now: datetime) -> list[str]:
    """Take away the app of `person`, and end all grants but this sign-in; what ended (grants.end_all).

    Raises Refused for the last factor that they must have, and NotFound without an app.
    """
    has = _check_ending(person, program)
    if not authenticator.end(person):
        raise NotFound
    return _note_ended(person, has, now)


def end_passkey(person: Visitor, program: ProgramFacts, key: str, now: datetime) -> list[str]:
    """Take away a passkey of `person`, and end all grants but this sign-in: it may be of the phone that was lost.

    What ended, as of grants.end_all.
    Raises Refused for the last one that they must have, or their only way in; NotFound for one that is not theirs.
    """
    has = _check_ending(person, program, key)
    passkeys.end(person, key)
    return _note_ended(person, has, now, key)


def renew_codes(person: Person, now: datetime) -> list[str]:
    """Ten new recovery codes in place of the old ones; raises NotFound for someone without a factor to lose."""
    if not factors.has_second_factor(person):
        raise NotFound
    change_notices.send(person, now)
    return _codes(person)


def ask_of_participants(now: datetime) -> None:
    """Sign out the participants who came in by a password or link alone and have no factor.

    The program asks for one now, and they set it up as they sign in again. The demo asks it of nobody.
    """
    if current_app.config["DEMO"]:
        return
    without = select(Account.id).where(Account.role == "participant", ~factors.has_any(Account.id))
    alone = SignIn.stage == "full", SignIn.how.in_(("password", "link"))
    sign_ins.end_those(now, *alone, SignIn.account_id.in_(without))


def count_of_participants(coordinator: Person) -> tuple[int, int]:
    """Count the participants with an open account: all, and those who have a second factor."""
    coordinators_only(coordinator)
    counts = select(func.count(), func.count().filter(factors.has_any(Account.id))).where(OPEN_PARTICIPANT)
    row = db.session.execute(counts).one()
    return row[0], row[1]


def find_owner(name: str, typed: str, program: ProgramFacts, now: datetime) -> Person | None:
    """The person who has no password, signs in as `name`, and typed a recovery code of theirs where a password goes.

    A passkey is both factors in one, so a code stands in for both; not for those who must have two. A code is used up
    by asking, and its owner is told. The caller has counted the try.
    """
    if not recovery.looks_like_one(typed):
        return None
    without = Account.contact_hash == contacts.hash_of(name), Account.password_hash.is_(None)
    person = find(*without, Account.disabled_at.is_(None))
    if person is None or factors.must_have(person, program) or not recovery.spend(person, typed, now):
        return None
    change_notices.send(person, now)
    return person


def take_code(person: Person, code: str, now: datetime, has: factors.Factors | None = None) -> str | None:
    """The kind of code that `code` is: "totp", which the app of `person` shows now, or an unused "recovery" code.

    It is used up by asking; None for a code that is neither. Of a recovery code `person` is told: if it was not they
    who used it, they must know. The caller has counted the try, and gives what `person` `has` where that was read.
    """
    has, typed = has or factors.factors_of(person), recovery.tidy(code)
    if has.sealed_secret and authenticator.spend(person, has.sealed_secret, typed, now):
        return "totp"
    if not has.count or not recovery.spend(person, typed, now):
        return None
    change_notices.send(person, now)
    return "recovery"


def _check_ending(person: Visitor, program: ProgramFacts, key: str | None = None) -> factors.Factors:
    people.hold(person)
    has = factors.factors_of(person)
    if key and key not in {passkey.key for passkey in has.passkeys}:
        raise NotFound
    if has.count == 1 and factors.must_have(person, program):
        raise Refused("", "This is your only one, and your account needs one. Add another first, then remove this one.")
    if key and len(has.passkeys) == 1 and db.session.get_one(Account, person.id).password_hash is None:
        raise Refused("", "This passkey is your only way in. Set a password first, then remove it.")
    return has


def _note_ended(person: Visitor, had: factors.Factors, now: datetime, key: str | None = None) -> list[str]:
    ended = grants.end_all(person, now, but=person.sign_in_id)
    if had.count == 1:
        recovery.end(person)
        ended += ["the recovery codes"] if had.codes_left else []
    audit.record(person, "factor.remove", subject=key)
    change_notices.send(person, now)
    return ended


def _codes(person: Person) -> list[str]:
    audit.record(person, "factor.codes")
    return recovery.new_codes(person)
