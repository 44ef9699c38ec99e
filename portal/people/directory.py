"""The directory for coordinators: who has an account, and by what they are told apart. Nothing of a record is in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Date, Select, bindparam, func, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import clock, program
from portal.db import Instant, db, reader, spelled_out
from portal.people import OPEN_PARTICIPANT, PERSON, Person, contact_details, coordinators_only, holds_on, person_in
from portal.people.contact_details import KeptContactDetails
from portal.people.contacts import contact_of, hash_of
from portal.people.models import Account, CareRelationship, ContactDetails


@dataclass(frozen=True, slots=True)
class KnownParticipant(Person):
    """A participant as staff choose them among others: with the number that tells those of one name apart."""

    contact_details: KeptContactDetails

    @property
    def number(self) -> str:
        """ "LC 1644", else "ends in 7702"; "" where there is neither."""
        return self.contact_details.number

    @property
    def told_apart(self) -> str:
        """The name with the number: "Hanna Quarrie, LC 1644"."""
        return ", ".join(filter(None, [self.name, self.number]))


KNOWN_COLUMNS = (*PERSON, *contact_details.columns("contact_details."))
_KNOWN = (
    select(*KNOWN_COLUMNS)
    .outerjoin(ContactDetails, ContactDetails.participant_id == Account.id)
    .where(OPEN_PARTICIPANT)
    .order_by(Account.name, Account.id)
)
_read_known = reader(KnownParticipant, _KNOWN)


def participants(coordinator: Person) -> dict[str, KnownParticipant]:
    """Every participant whose account is open, by name, each under their key; raises NotFound but for a coordinator."""
    coordinators_only(coordinator)
    return {row.key: _read_known(row) for row in db.session.execute(_KNOWN)}


def participant_called(coordinator: Person, key: str) -> KnownParticipant:
    """The participant called `key`, if their account is open; raises NotFound otherwise."""
    coordinators_only(coordinator)
    row = db.session.execute(_KNOWN.where(Account.key == key)).first()
    if row is None:
        raise NotFound
    return _read_known(row)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One account as a list of accounts shows it. `treats` counts those whose primary therapist this is."""

    key: str
    role: str
    name: str
    sealed_contact: bytes = field(repr=False)
    joined_at: datetime | None
    disabled_at: datetime | None
    treats: int

    @property
    def contact(self) -> str:
        """The address or name that they sign in with once they have joined."""
        return contact_of(self.key, self.sealed_contact)


_participant = aliased(Account)
_TREATS = (
    select(func.count())
    .select_from(CareRelationship)
    .join(_participant, _participant.id == CareRelationship.participant_id)
    .where(
        CareRelationship.therapist_id == Account.id,
        CareRelationship.role == spelled_out("primary"),
        holds_on(bindparam("today", type_=Date()), bindparam("now", type_=Instant())),
        _participant.disabled_at.is_(None),
    )
    .correlate(Account)
    .scalar_subquery()
)
_ENTRIES = select(
    Account.key,
    Account.role,
    Account.name,
    Account.contact.label("sealed_contact"),
    Account.joined_at,
    Account.disabled_at,
    _TREATS.label("treats"),
).order_by(Account.name, Account.id)
_STAFF = _ENTRIES.where(Account.role != "participant", Account.disabled_at.is_(None))
_SWITCHED_OFF = _ENTRIES.where(Account.disabled_at.is_not(None))
_read_entry = reader(DirectoryEntry, _ENTRIES)


def staff(coordinator: Person, now: datetime) -> list[DirectoryEntry]:
    """Everybody of the staff whose account is open, by name, with how many they treat at `now`."""
    return _entries(coordinator, _STAFF, now)


def switched_off(coordinator: Person, now: datetime) -> list[DirectoryEntry]:
    """Every account that is switched off, by name."""
    return _entries(coordinator, _SWITCHED_OFF, now)


def _entries(coordinator: Person, statement: Select, now: datetime) -> list[DirectoryEntry]:
    coordinators_only(coordinator)
    values = {"today": clock.day_of(now, program.current().zone), "now": now}
    return [_read_entry(row) for row in db.session.execute(statement, values)]


def therapists(coordinator: Person) -> dict[str, Person]:
    """Everyone who can treat somebody, by name, each under their key."""
    coordinators_only(coordinator)
    return open_therapists()


def open_therapists() -> dict[str, Person]:
    """Every therapist whose account is open, by name, each under their key."""
    can_treat = select(*PERSON).where(Account.role == "therapist", Account.disabled_at.is_(None))
    rows = db.session.execute(can_treat.order_by(Account.name, Account.id))
    return {row.key: person_in(row) for row in rows}


def leader_by_email(coordinator: Person) -> Callable[[str], int | None]:
    """A function that says which therapist signs in with an email address, if one with an open account does."""
    coordinators_only(coordinator)
    can_lead = select(Account.contact_hash, Account.id).where(
        Account.role == "therapist", Account.disabled_at.is_(None)
    )
    by_hash = {row.contact_hash: row.id for row in db.session.execute(can_lead)}
    return lambda email: by_hash.get(hash_of(email))


def names_of(person: Person, keys: Iterable[str]) -> dict[str, str]:
    """The names of those of `keys` that are accounts `person` may know of: all for a coordinator, else the staff's."""
    if person.role == "participant":
        return {}
    named = select(Account.key, Account.name).where(Account.key.in_(set(keys)))
    if person.role != "coordinator":
        named = named.where(Account.role != "participant")
    return {row.key: row.name for row in db.session.execute(named)}
