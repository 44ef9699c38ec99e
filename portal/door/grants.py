"""Grants: all that opens something of an account without its owner being asked again, and their end, in words."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from portal import words
from portal.door import known_devices, sign_ins
from portal.people import Person

Ending = TypeVar("Ending", bound=Callable[[Person, datetime], str])
_endings: list[Callable[[Person, datetime], str]] = []


def on_end(act: Ending) -> Ending:
    """Decorates what ends the grants of one kind, from the moment given on, in the same transaction as all others.

    It names those that still opened something; "" where there were none.
    """
    _endings.append(act)
    return act


def end_all(person: Person, now: datetime, but: int | None = None) -> list[str]:
    """End every grant of `person` made before, but for the sign-in with the id `but`: somebody else may hold them.

    Those are all sign-ins, half-done ones too, and what `end_what_a_device_holds` ends. What ended, for `describe_end`.
    """
    ended = sign_ins.end_all(person, now, but)
    return [*ended, *end_what_a_device_holds(person, now)]


def end_what_a_device_holds(person: Person, now: datetime) -> list[str]:
    """End what a device of `person` that was lost may hold: half-done sign-ins, links, codes, a calendar address, the
    cookie by which it is known. The device that asks stays known. What ended, for `describe_end`.
    """
    sign_ins.end_half_done(person, now)
    known_devices.forget(person)
    return [said for act in _endings if (said := act(person, now))]


def describe_end(ended: Sequence[str]) -> str:
    """Say in a sentence, for whoever made a change, which grants ended with it."""
    return f"This ended with it: {words.listed(ended)}." if ended else "Nothing else was open."
