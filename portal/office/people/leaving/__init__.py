"""A therapist who leaves: their people are handed over, and their account is switched off or stays on."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal import clock, flags, people, program, words
from portal.db import db
from portal.door import accounts
from portal.door.accounts import AccountStatus
from portal.flags.handover import with_whom
from portal.flags.owners import owners
from portal.people import Person, care
from portal.people.care import on_call
from portal.schedule import staff_meetings

NAMED = 6  # people who are named in a sentence


@dataclass(frozen=True, slots=True)
class Leaver:
    """A therapist with an open account, their participants by name, and all therapists there are, by key."""

    account: AccountStatus
    participants: list[Person]
    therapists: Mapping[str, Person]

    @property
    def person(self) -> Person:
        return self.account.person

    @property
    def others(self) -> dict[str, Person]:
        """The therapists who can take over."""
        return {key: one for key, one in self.therapists.items() if one.id != self.person.id}


def leave(
    coordinator: Person,
    leaver: Leaver,
    to: Mapping[int, Person],
    called: Person | None,
    now: datetime,
    *,
    switch_off: bool,
) -> tuple[list[str], list[str]]:
    """Hand over those named in `to`, by id, and `switch_off` the account or leave it on.

    Returns what that comes to, in sentences, and which grants ended with the account (grants.end_all). `called` is on
    call instead. Raises Refused, as accounts.disable does.
    """
    led = staff_meetings.count_to_come(coordinator, now, leaver.person)
    covered = [one for one, role in people.participants_of(leaver.person, now) if role == "covering"]
    was_called = leaver.person.id in {one.therapist.id for one in on_call.on_call(_today(now))}
    handed = care.hand_over(coordinator, leaver.person, to, now)
    ended = accounts.disable(coordinator, leaver.account, now, called) if switch_off else []
    db.session.flush()
    said = [*_describe_handed(handed, to), *_describe_left(leaver, handed, switch_off=switch_off)]
    said += _describe_flags(leaver.participants, now)
    if led:
        leads = f"{leaver.person.name} leads {words.counted(led, 'session')} to come, and nothing here changes that."
        said.append(f"{leads} Under Schedule you give groups and sessions another leader.")
    if switch_off:
        said += _describe_off(leaver, covered, now, was_called=was_called)
    return said, ended


def _describe_handed(handed: Collection[Person], to: Mapping[int, Person]) -> Iterator[str]:
    for successor in dict.fromkeys(to[one.id] for one in handed):
        theirs = [one for one in handed if to[one.id] == successor]
        yield f"{successor.name} becomes the primary therapist of {_named(theirs)}."


def _describe_left(leaver: Leaver, handed: Collection[Person], *, switch_off: bool) -> Iterator[str]:
    left = [one for one in leaver.participants if one.id not in {each.id for each in handed}]
    if left and switch_off:
        yield f"Nobody is the primary therapist of {_named(left)} then. Under People, Somebody waits, you choose one."
    elif left:
        yield f"{leaver.person.name} stays the primary therapist of {_named(left)}."


def _describe_flags(participants: Collection[Person], now: datetime) -> Iterator[str]:
    facts, opened = program.current(), flags.open_flags([one.id for one in participants])
    owned = owners(opened, facts, now) if opened else {}
    therapists = {one.name for who, flag in opened.items() for one in with_whom(flag, owned[who], facts, now)}
    if opened:
        names = words.listed(sorted(therapists)) or "nobody: no other therapist's account is open"
        yield f"Open safety flags of these people: {len(opened)}. From then on with {names}."


def _describe_off(leaver: Leaver, covered: Collection[Person], now: datetime, *, was_called: bool) -> Iterator[str]:
    name = leaver.person.name
    yield f"{name} is signed out everywhere at once and cannot sign in. Nothing they wrote is deleted."
    if covered:
        yield f"{name} no longer covers for {_named(covered)}."
    if was_called:
        present = [one.therapist.name for one in on_call.on_call(_today(now)) if not one.is_away]
        yield f"On call from then on: {words.listed(present) or 'nobody'}."
    if not program.current().asks_safety and not leaver.others:
        yield "No other therapist's account is open, so the safety questions are off."


def _named(participants: Collection[Person]) -> str:
    if len(participants) > NAMED:
        return words.counted(len(participants), "participant")
    return words.listed([one.name for one in participants])


def _today(now: datetime) -> date:
    return clock.day_of(now, program.current().zone)
