"""Grants: all that opens something of an account without its owner being asked again, and their end."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from portal.door import known_devices, sign_ins
from portal.people import Person

Ending = TypeVar("Ending", bound=Callable[[Person, datetime], object])
_endings: list[Callable[[Person, datetime], object]] = []


def on_end(act: Ending) -> Ending:
    """Decorates what ends the grants of one kind, from the moment given on, in the same transaction as all others."""
    _endings.append(act)
    return act


def end_all(person: Person, now: datetime, but: int | None = None) -> None:
    """End every grant of `person` made before, but for the sign-in with the id `but`: somebody else may hold them.

    Those are all sign-ins, half-done ones too, and what `end_what_a_device_holds` ends.
    """
    sign_ins.end_all(person, now, but)
    end_what_a_device_holds(person, now)


def end_what_a_device_holds(person: Person, now: datetime) -> None:
    """End what a device of `person` that was lost may hold: links, codes, a calendar address, the cookie by which it
    is known. The device that asks stays known.
    """
    known_devices.forget(person)
    for act in _endings:
        act(person, now)
