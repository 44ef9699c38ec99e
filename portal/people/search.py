"""The search for participants: by name, by the clinic's own number, or by the last digits of the phone."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeVar

from portal.people.directory import KnownParticipant

LONGEST = 80  # characters of what is searched for; no name is longer
LAST_DIGITS = 4  # of a phone number, by which somebody is told apart
Sought = TypeVar("Sought", bound=KnownParticipant)


def search(people: Iterable[Sought], asked: str) -> list[Sought]:
    """Those of the people to whom every word of `asked` belongs, in their order; all of them for nothing.

    A word is the beginning of a name, a part of the clinic's number, or the last four digits of the phone or more.
    Case, accents and what stands between letters do not matter.
    """
    if len(asked) > LONGEST:
        return []
    parts = list(filter(None, map(_plain, asked.split())))
    phone = _plain(asked) if re.fullmatch(r"[\d ().+-]+", asked.strip()) else ""
    return [one for one in people if all(_fits(one, part) for part in parts) or (phone and _has_phone(one, phone))]


def _fits(one: KnownParticipant, part: str) -> bool:
    if any(name.startswith(part) or (part in name and not part.isascii()) for name in _names_of(one)):
        return True
    return part in _plain(one.contact_details.clinic_number or "") or _has_phone(one, part)


def _has_phone(one: KnownParticipant, digits: str) -> bool:
    enough = len(digits) >= LAST_DIGITS and digits.isdecimal()
    return enough and one.contact_details.phone_digits.endswith(digits)


def _names_of(one: KnownParticipant) -> Iterator[str]:
    """Each word of a name, whole and in its parts: "Anne-Marie" is annemarie, anne and marie."""
    for word in f"{one.name} {one.called}".split():
        yield _plain(word)
        yield from map(_plain, re.split(r"\W", word)[1:])


def _plain(text: str) -> str:
    """The letters and digits of a text alone, without case and accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if each.isalnum())
