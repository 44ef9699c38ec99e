"""The rules of question sets: kinds, ranges that hold their words, ids, and what the columns can take."""

import re
from collections.abc import Sequence
from typing import Any

from portal import content
from portal.checkins.models import MEDICATION, SAFETY, SUBSTANCE_USE

KINDS = ("scale", "number", "hours", "choice", "choices", "text", "safety", "target")
WITH_CHOICES = ("choice", "choices", "safety")
WITH_NUMBERS = ("scale", "number", "hours", "target")
WITH_ENDS = ("scale", "target")  # whose lowest and highest number have words
# Beside the questions a form has these fields; ids of the page and attributes of a form mean something else, too.
TAKEN = {
    *("for_day", "key", "opened", "asked", "plan", "written_at", "item_seconds", "csrf_token", "whose", "set"),
    *("data", "errors", "form_errors", "meta", "validate", "process", "answers", "questions", "main", "idle", "codes"),
    *("populate_obj", "hidden_tag", "is_submitted", "validate_on_submit", "offered", "written"),
    *("folded", "more", "first", "rest", "is_open", "left_out", "not_given", "asked_set", "check_in", "says_unsafe"),
}
URGES = ("use", "ritual", "own")  # the kinds that a set may say it asks about
TAP = "-tap"  # the end of a name: the usual numbers, to be tapped at once
COLUMNS: dict[str, dict[str, Any]] = {  # the named items: what their columns take
    "mood": {"kind": "scale", "low": 0, "high": 10},
    "anxiety": {"kind": "scale", "low": 0, "high": 10},
    "urges": {"kind": "scale", "low": 0, "high": 10},
    "sleep_hours": {"kind": "hours", "low": 0, "high": 14},
    "medication": {"kind": "choice", "codes": MEDICATION},
    "substance_use": {"kind": "choice", "codes": SUBSTANCE_USE},
    "skills": {"kind": "choices"},
    "note": {"kind": "text"},
    "safety": {"kind": "safety", "codes": SAFETY},
}
SELF_HARM: dict[str, dict[str, Any]] = {  # the same in every set that has them: an answer to them brings help
    "self_harm": {"kind": "scale", "low": 0, "high": 10},
    "acted_self_harm": {"kind": "choice", "codes": ("no", "yes", "not_say"), "opens": ("yes",)},
}


RULES: content.Rules = {
    f"{{0.kind!r}} is no kind: {', '.join(KINDS)}": lambda one: one.kind in KINDS,
    "it has no words": lambda one: one.text and one.short,
    "the care team sees every answer": lambda one: one.sees == "team",
    "{0.low} to {0.high} is no range for it": lambda one: (
        one.kind not in WITH_NUMBERS or 0 <= one.low < one.high <= (10 if one.kind in WITH_ENDS else 99)
    ),
    "it does not say what its ends mean": lambda one: one.kind not in WITH_ENDS or (one.low_words and one.high_words),
    "choices belong to a choice, and it has at least two": lambda one: (
        len(one.choices or ()) >= 2 if one.kind in WITH_CHOICES else not one.choices
    ),
    "codes and words are texts: put yes and no into quotes": lambda one: all(
        isinstance(part, str) for pair in (one.choices or {}).items() for part in pair
    ),
    "a code is of a-z and _": lambda one: all(re.fullmatch(r"[a-z_]{1,40}", code) for code in one.choices or ()),
    "its anchors do not name each number from {0.low} to {0.high}": lambda one: (
        not one.anchors or (one.kind == "scale" and set(one.anchors) == set(range(one.low, one.high + 1)))
    ),
    "what it opens belongs to its choices and has words": lambda one: (
        set(one.opens) <= set(one.choices or ()) and bool(one.opens) == bool(one.opens_words)
    ),
    "an id is of a-z, 0-9, _ and -": lambda one: re.fullmatch(r"[a-z0-9_-]{1,40}", one.id),
    "this id means something else on the form": lambda one: (
        not (one.id in TAKEN or one.id.startswith("target-") or one.id.endswith(TAP))
    ),
    "hurting oneself is asked about by self_harm and acted_self_harm, which say self_harm: true": lambda one: (
        one.self_harm == (one.id in SELF_HARM)
    ),
    "urges are to use, a ritual or one's own": lambda one: one.urge in ("", *(URGES if one.id == "urges" else ())),
    "the one item of kind target is called target": lambda one: (one.id == "target") == (one.kind == "target"),
    "the one item of kind safety is called safety": lambda one: (one.id == "safety") == (one.kind == "safety"),
    "the note is the only text: nothing else is sealed": lambda one: one.kind != "text" or one.id == "note",
    "it is needed: say optional: false": lambda one: one.id != "mood" or not one.optional,
    "everything but mood can be skipped": lambda one: one.id == "mood" or one.optional,
    f"it has the answers {', '.join(SAFETY)}, in this order": lambda one: (
        one.kind != "safety" or tuple(one.choices) == SAFETY
    ),
}


def check(items: Sequence[Any]) -> None:
    """Raise ValueError, in a sentence, for the first thing that is wrong with the questions of a set."""
    ids = [item.id for item in items]
    content.once("item", ids)
    for item in items:
        content.check(item, RULES, f"{item.id}: ")
        for name, taken in (COLUMNS | SELF_HARM).get(item.id, {}).items():
            given = tuple(item.choices or ()) if name == "codes" else getattr(item, name)
            if given != taken and not (name == "codes" and item.id in COLUMNS and set(given) <= set(taken)):
                raise ValueError(f"{item.id}: its column takes the {name} {taken}, not {given}")
    if missing := [name for name in ("mood", "safety") if name not in ids]:
        raise ValueError(f"{' and '.join(missing)} must be asked")
