"""The directory for coordinators: who has an account, and who treats whom. Nothing of a record is in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import program
from portal.db import db, reader
from portal.people import OPEN_PARTICIPANT, PERSON, Person, coordinators_only, find, holds, person_in
from portal.people.contacts import contact_of, hash_of
from portal.people.models import Account, CareRelationship


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One account as the list of people shows it.

    `treated_by` and `covered_by` name the therapists of a participant, and `treats` a therapist's own participants;
    those whom they only cover for are left out.
    """

    key: str
    role: str
    name: str
    called: str
    sealed_contact: bytes = field(repr=False)
    created_at: datetime
    joined_at: datetime | None
    disabled_at: datetime | None
    treated_by: list[str] = field(default_factory=list)
    covered_by: list[str] = field(default_factory=list)
    treats: list[str] = field(default_factory=list)

    @property
    def contact(self) -> str:
        """The address or name that they sign in with once they have joined."""
        return contact_of(self.key, self.sealed_contact)


@dataclass(frozen=True, slots=True)
class Directory:
    """All accounts by name: participants, staff, and those that were switched off."""

    participants: list[DirectoryEntry]
    staff: list[DirectoryEntry]
    switched_off: list[DirectoryEntry]


_ENTRIES = select(
    Account.key,
    Account.role,
    Account.name,
    Account.called,
    Account.contact.label("sealed_contact"),
    Account.created_at,
    Account.joined_at,
    Account.disabled_at,
).order_by(Account.name, Account.id)
_read_entry = reader(DirectoryEntry, _ENTRIES)


def directory(coordinator: Person, now: datetime) -> Directory:
    """All accounts, with who treats whom at `now`, in two reads."""
    coordinators_only(coordinator)
    entries = {row.key: _read_entry(row) for row in db.session.execute(_ENTRIES)}
    participant, therapist = aliased(Account), aliased(Account)
    rows = db.session.execute(
        select(participant.key.label("participant"), therapist.key.label("therapist"), CareRelationship.role)
        .join(participant, participant.id == CareRelationship.participant_id)
        .join(therapist, therapist.id == CareRelationship.therapist_id)
        .where(holds(now, program.current().zone), participant.disabled_at.is_(None), therapist.disabled_at.is_(None))
        .order_by(therapist.name)
    )
    for row in rows:
        treated, treats = entries[row.participant], entries[row.therapist]
        if row.role == "primary":
            treated.treated_by.append(treats.name)
            treats.treats.append(treated.name)
        else:
            treated.covered_by.append(treats.name)
    open_ = [entry for entry in entries.values() if entry.disabled_at is None]
    return Directory(
        [entry for entry in open_ if entry.role == "participant"],
        [entry for entry in open_ if entry.role != "participant"],
        [entry for entry in entries.values() if entry.disabled_at],
    )


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


def participant_called(coordinator: Person, key: str) -> Person:
    """The participant called `key`, if their account is on; raises NotFound otherwise."""
    coordinators_only(coordinator)
    participant = find(OPEN_PARTICIPANT, Account.key == key)
    if participant is None:
        raise NotFound
    return participant
