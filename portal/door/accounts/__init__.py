"""The status of one account, for coordinators: joined or invited, on or off; and what they may do about it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, program
from portal.db import Instant, add_once, db, reader, write
from portal.door import factors, grants
from portal.door.joining import invitations, letters
from portal.door.joining.invitations import OneUse
from portal.door.models import Invitation
from portal.fields import Refused
from portal.people import Person, care, contacts, coordinators_only, person_columns
from portal.people.care import on_call
from portal.people.models import Account
from portal.program import ProgramFacts

AUDITED = {"join": "account.invite", "reset": "account.reset", "restore": "account.restore"}


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """One account as a coordinator sees it. Nothing of a record is in it.

    `open_until` is when the newest link or code that waits to be used runs out, and `open_for` its purpose.
    """

    person: Person
    sealed_contact: bytes = field(repr=False)
    mail_ok: bool
    created_at: datetime
    joined_at: datetime | None
    disabled_at: datetime | None
    open_for: str | None
    open_until: datetime | None
    has_second_factor: bool

    @property
    def contact(self) -> str:
        return contacts.contact_of(self.person.key, self.sealed_contact)

    def mails(self, purpose: str) -> bool:
        """Whether a link may go out by mail: an invitation to any address, the rest where only they read it."""
        return contacts.is_address(self.contact) and (purpose == "join" or self.mail_ok)


def invite(
    coordinator: Person | None,
    name: str,
    called: str,
    contact: str,
    role: str,
    therapist: Person | None,
    covering: Person | None,
    now: datetime,
    *,
    printed: bool = False,
) -> tuple[Person, OneUse]:
    """Open an account that nobody has joined yet, with its care team; and the link or code that joins it.

    Raises Refused where somebody signs in with `contact` already. Nobody but whoever holds the link ever knows a
    password.
    """
    zone = program.current().zone
    account = contacts.new_account(contact, role=role, name=name, called=called, zone=zone, created_at=now)
    if not add_once(account):
        raise Refused("email", "Someone already signs in with this.")
    person = Person(account.id, account.key, role, name, called, zone)
    audit.record(coordinator, "account.invite", person.as_participant, person.key)
    for treats, care_role in ((therapist, "primary"), (covering, "covering")):
        if treats:
            care.add(coordinator, person, treats, care_role, now)
    return person, invitations.make(person, "join", coordinator, now, printed=printed)


_WAITING = and_(
    Invitation.account_id == Account.id,
    Invitation.used_at.is_(None),
    Invitation.expires_at > bindparam("now", type_=Instant()),
)
_STATUS = (
    select(
        *person_columns("person."),
        Account.contact.label("sealed_contact"),
        Account.mail_ok,
        Account.created_at,
        Account.joined_at,
        Account.disabled_at,
        Invitation.purpose.label("open_for"),
        Invitation.expires_at.label("open_until"),
        factors.has_any(Account.id).label("has_second_factor"),
    )
    .outerjoin(Invitation, _WAITING)
    .where(Account.key == bindparam("key"))
    .order_by(Invitation.made_at.desc(), Invitation.id.desc())
)
_read_status = reader(AccountStatus, _STATUS)


def status_of(coordinator: Person, key: str, now: datetime) -> AccountStatus:
    """The status of the account called `key`; raises NotFound, also for whoever is no coordinator."""
    coordinators_only(coordinator)
    row = db.session.execute(_STATUS, {"key": key, "now": now}).first()
    if row is None:
        raise NotFound
    return _read_status(row)


def issue(
    coordinator: Person, status: AccountStatus, purpose: str, printed: bool, facts: ProgramFacts, now: datetime
) -> OneUse:
    """Start a new invitation, a reset or a restore: mail its link, or give its code to be printed. Raises Refused.

    The coordinator never learns a password, and cannot use this on their own account.
    """
    if status.person.id == coordinator.id:
        raise Refused("", "This is your own account: another coordinator can do this for you.")
    if status.disabled_at:
        raise Refused("", "This account is switched off. Switch it on first.")
    if (purpose == "join") == bool(status.joined_at):
        raise Refused("", "They have joined by now." if status.joined_at else "They have not joined yet.")
    if not printed and not status.mails(purpose):
        raise Refused("", "We may not email this person. Give them a printed code.")
    one_use = invitations.make(status.person, purpose, coordinator, now, printed=printed)
    if not printed:
        letters.send_link(status.person, status.contact, one_use, facts)
    audit.record(coordinator, AUDITED[purpose], status.person.as_participant, status.person.key)
    return one_use


def disable(
    coordinator: Person,
    status: AccountStatus,
    now: datetime,
    on_call_successor: Person | None = None,
) -> list[str]:
    """Switch the account off: no sign-in of it opens anything from the next request on. What ended. Raises Refused.

    Nothing is deleted. The last therapist who can be reached on call names an `on_call_successor`, where there can be
    one. Their people, if they were not handed over before, wait for a therapist: an open safety flag goes to who covers
    or is on call at once. One coordinator at least stays, also when two switch each other off at the same moment.
    """
    if status.person.id == coordinator.id:
        raise Refused("", "You cannot switch off your own account: another coordinator can.")
    is_therapist = status.person.role == "therapist"
    if is_therapist:
        today = clock.day_of(now, program.current().zone)
        on_call.hand_on_call_over(coordinator, status.person, on_call_successor, today, None, now)
    other = aliased(Account)
    working = other.role == "coordinator", other.disabled_at.is_(None), other.joined_at.is_not(None)
    db.session.execute(select(other.id).where(*working).order_by(other.id).with_for_update())  # one after the other
    stays = exists().where(*working, other.id != status.person.id)
    off = update(Account).where(Account.id == status.person.id, stays).values(disabled_at=now)
    if not write(off, synchronize_session=False):
        raise Refused("", "This is the last coordinator: add another first.")
    ended = grants.end_all(status.person, now)
    audit.record(coordinator, "account.disable", status.person.as_participant, status.person.key)
    if is_therapist:
        on_call.stop_asking_if_nobody_is_on_call(now)
        care.changed(now)
    return ended


def enable(coordinator: Person, status: AccountStatus, now: datetime) -> None:
    """Switch the account on again: they sign in as before, and what waits for a therapist comes back to them."""
    db.session.execute(update(Account).where(Account.id == status.person.id).values(disabled_at=None))
    audit.record(coordinator, "account.enable", status.person.as_participant, status.person.key)
    if status.person.role == "therapist":
        care.changed(now)
