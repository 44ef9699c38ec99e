"""Urges of every kind: which questions ask about one, and what a person's own targets are called."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal import words
from portal.checkins.sets import SETS, Target
from portal.checkins.usual_range import ComparedItem

TOP = 10  # of most scales
SELF_HARM, TARGET = "self_harm", "target"


@dataclass(frozen=True, slots=True)
class Urge:
    """A question about an urge: its `id`, the rule of floors.RULES for it, its name and the top of its scale.

    A person's own target keeps its id when its place among their targets changes.
    """

    id: str
    rule: str
    name: str
    top: int = TOP

    @property
    def unit(self) -> str:
        """ " of 5"; "" where it goes to TOP."""
        return "" if self.top == TOP else f" of {self.top}"

    @property
    def compared(self) -> ComparedItem:
        """The item of which the answers are compared with what is usual."""
        return ComparedItem(self.rule, self.name, self.top, 1, low_counts=False, unit=self.unit)


URGES = {
    item.id: Urge(item.id, SELF_HARM if item.self_harm else "urges", item.short, item.high)
    for one in SETS.values()
    for item in one.items
    if item.kind == "scale" and (item.id.startswith("urge") or item.self_harm)
}
OWN_TARGET = Urge(TARGET, TARGET, "Own target")  # where its words are not known


def urge_of(item: str, targets: Sequence[Target] = ()) -> Urge | None:
    """The urge that `item` asks about under these targets; None for a question about anything else.

    A target about hurting oneself is such an urge, and its words stay sealed.
    """
    named, _, number = item.partition("-")
    if named != TARGET:
        return URGES.get(item)
    if not number.isdecimal() or not 0 < int(number) <= len(targets):
        return OWN_TARGET
    own = targets[int(number) - 1]
    rule, name = (SELF_HARM, URGES[SELF_HARM].name) if own.self_harm else (TARGET, words.isolated(own.words))
    return Urge(f"{TARGET} {own.words}", rule, name)


def urges_in(more: str | None, targets: Sequence[Target] = ()) -> Iterator[tuple[Urge, int]]:
    """The urges among the answers beyond the named items, which are JSON as the table keeps them."""
    if not more or more == "{}":
        return
    for item, given in json.loads(more).items():
        if type(given) is int and (urge := urge_of(item, targets)):
            yield urge, given
