"""The rules of question sets: kinds, ranges that hold their words, ids, and what the columns can take."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from portal.checkins.models import MEDICATION, SAFETY, SUBSTANCE_USE
from portal.fields import TAP

KINDS = ("scale", "number", "hours", "choice", "choices", "text", "safety", "target")
WITH_CHOICES = ("choice", "choices", "safety")
WITH_NUMBERS = ("scale", "number", "hours", "target")
ID = re.compile(r"[a-z0-9_-]{1,40}")
# Beside the questions a form has these fields; ids of the page and attributes of a form mean something else, too.
TAKEN = {
    *("for_day", "key", "opened", "asked", "plan", "written_at", "item_seconds", "csrf_token", "whose", "set"),
    *("data", "errors", "form_errors", "meta", "validate", "process", "answers", "questions", "main", "idle", "codes"),
    *("populate_obj", "hidden_tag", "is_submitted", "validate_on_submit", "offered", "written"),
}
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


def check(items: Sequence[Any]) -> None:
    """Raise ValueError, in a sentence, for the first thing that is wrong with the questions of a set."""
    for fault in _faults(items):
        raise ValueError(fault)


def _faults(items: Sequence[Any]) -> Iterator[str]:
    ids = [item.id for item in items]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        yield f"{', '.join(twice)} stands here twice"
    for one in items:
        for fault in (*_of_its_kind(one), *_of_its_name(one), *_of_its_column(one)):
            yield f"{one.id}: {fault}"
    if missing := [name for name in ("mood", "safety") if name not in ids]:
        yield f"{' and '.join(missing)} must be asked"
    if required := [item.id for item in items if not item.optional and item.id != "mood"]:
        yield f"{', '.join(required)}: everything but mood can be skipped"


def _of_its_name(item: Any) -> Iterator[str]:
    if not ID.fullmatch(item.id):
        yield "an id is of a-z, 0-9, _ and -"
    if item.id in TAKEN or item.id.startswith("target-") or item.id.endswith(TAP):
        yield "this id means something else on the form"
    if (item.id == "target") != (item.kind == "target"):
        yield "the one item of kind target is called target"
    if (item.id == "safety") != (item.kind == "safety"):
        yield "the one item of kind safety is called safety"
    if item.kind == "text" and item.id != "note":
        yield "the note is the only text: nothing else is sealed"
    if item.id == "mood" and item.optional:
        yield "it is needed: say optional: false"


def _of_its_column(item: Any) -> Iterator[str]:
    column = COLUMNS.get(item.id, {})
    for name in ("kind", "low", "high"):
        if name in column and getattr(item, name) != column[name]:
            yield f"its column takes the {name} {column[name]}, not {getattr(item, name)}"
    if not set(item.choices or ()) <= set(column.get("codes", item.choices or ())):
        yield f"its column takes {', '.join(column['codes'])}"
    if item.kind == "safety" and tuple(item.choices or ()) != SAFETY:
        yield f"it has the answers {', '.join(SAFETY)}, in this order"


def _of_its_kind(item: Any) -> Iterator[str]:
    if item.kind not in KINDS:
        yield f"{item.kind!r} is no kind: {', '.join(KINDS)}"
    if not (item.text and item.short):
        yield "it has no words"
    if item.sees != "team":
        yield "the care team sees every answer"
    if item.kind in WITH_NUMBERS and not 0 <= item.low < item.high <= (10 if item.kind in ("scale", "target") else 99):
        yield f"{item.low} to {item.high} is no range for it"
    if item.kind in ("scale", "target") and not (item.low_words and item.high_words):
        yield "it does not say what its ends mean"
    yield from _of_its_words(item)


def _of_its_words(item: Any) -> Iterator[str]:
    choices, anchors = item.choices or {}, item.anchors or {}
    if (item.kind in WITH_CHOICES) != bool(choices) or (choices and len(choices) < 2):
        yield "choices belong to a choice, and it has at least two"
    if not all(isinstance(part, str) for pair in choices.items() for part in pair):
        yield "codes and words are texts: put yes and no into quotes"
    elif not all(re.fullmatch(r"[a-z_]{1,40}", code) for code in choices):
        yield "a code is of a-z and _"
    if anchors and (item.kind != "scale" or set(anchors) != set(range(item.low, item.high + 1))):
        yield f"its anchors do not name each number from {item.low} to {item.high}"
    if not set(item.opens) <= set(choices) or bool(item.opens) != bool(item.opens_words):
        yield "what it opens belongs to its choices and has words"
