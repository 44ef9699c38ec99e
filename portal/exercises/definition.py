"""An exercise file: its fields in order, checked at start, so that a new exercise needs no Python."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import frontmatter

from portal import content
from portal.drafts.forms import Form

FOLDER = Path(__file__).parent / "definitions"
MATERIALS = Path(__file__).parent.parent / "library" / "materials"

IN_ROWS = ("text", "long_text", "choice", "rating", "suds")
KINDS = (*IN_ROWS, "many", "rows", "timer", "section")
WITH_CHOICES = ("choice", "many", "timer")
SHAPES = ("wave", "breath")
MOST_ROWS = 30
# A field's name is also an attribute of its form and an id of the page, where these mean something else.
HIDDEN = {"key", "action", "csrf_token", "whose", "made", "change"}
RESERVED = {*HIDDEN, "meta", "form_errors", "main", "help", "practice", *dir(Form)}


@dataclass(frozen=True)
class Field:
    """One thing to answer. `choices` maps values to words; `fields` are the columns of repeating rows.

    A rating runs from 0 to 10, a suds from 0 to 100, `low` and `high` say what the ends mean. `role` marks the
    rating "before" and the one "after". `short` is the field's name where there is little room. A timer's
    `shape` is a "wave" (minutes to watch pass) or a "breath" (counts to breathe by).
    """

    kind: str
    label: str
    name: str = ""
    short: str = ""
    hint: str = ""
    low: str = ""
    high: str = ""
    role: str = ""
    shape: str = ""
    rows: int = 2
    required: bool = False
    choices: dict[str, str] | None = None
    fields: tuple["Field", ...] = ()

    def in_words(self, value: Any) -> str:
        """An answer as it is read back; the rows of one follow each other in a line."""
        if self.kind == "rows":
            return "; ".join(" ".join(map(str, row.values())) for row in value)
        chosen = value if self.kind == "many" else [value]
        return ", ".join((self.choices or {}).get(part, str(part)) for part in chosen)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: the front matter of its file, its fields, and `html`, the written steps.

    `related` maps the slugs of materials to their titles. A `living` exercise (the safety plan) is one that a
    participant keeps and changes; each save is a new version of it.
    """

    slug: str
    title: str
    synopsis: str
    minutes: int
    version: int
    icon: str
    evidence: str
    fields: tuple[Field, ...]
    related: dict[str, str]
    html: str
    living: bool = False

    @cached_property
    def asked(self) -> tuple[Field, ...]:
        """The fields that take an answer."""
        return tuple(field for field in self.fields if field.kind != "section")

    def rating(self, role: str) -> Field | None:
        """The field with the role "before" or "after"."""
        return next((field for field in self.asked if field.role == role), None)


def load(folder: Path = FOLDER) -> dict[str, Exercise]:
    """The exercises of `folder` by slug; raises ContentError, naming the file, when one cannot be drawn."""
    return content.load(folder, _exercise)


def _exercise(slug: str, front: dict[str, Any], body: str) -> Exercise:
    related = {name: _title(name) for name in front.pop("related", ())}
    exercise = content.record(Exercise, {**front, "related": related}, slug=slug, html=content.html(body))
    if not exercise.asked:
        raise ValueError("there is nothing to answer: give it fields")
    _check(exercise.fields)
    for role in ("before", "after"):
        if len([field for field in exercise.asked if field.role == role]) > 1:
            raise ValueError(f"two fields have the role {role}")
    return exercise


def _title(material: str) -> str:
    """The title of the material at this address."""
    path = MATERIALS / f"{material}.md"
    if not path.exists():
        raise ValueError(f"no material is called {material!r}")
    return str(frontmatter.load(path)["title"])


RULES: content.Rules = {
    "has the unknown kind {0.kind!r}": lambda one: one.kind in KINDS,
    "should have a name": lambda one: one.kind == "section" or one.name,
    "should not have a name": lambda one: one.kind != "section" or not one.name,
    "should have a name of letters and underscores": lambda one: (
        not one.name or (one.name.isidentifier() and not one.name.startswith("_"))
    ),
    "needs another name: this one is taken": lambda one: one.name not in RESERVED,
    f"should have choices if it is one of {', '.join(WITH_CHOICES)}, and none otherwise": lambda one: (
        (one.kind in WITH_CHOICES) == bool(one.choices)
    ),
    'should have choices like {{"value": "Words"}}, in quotation marks': lambda one: (
        isinstance(one.choices or {}, dict)
        and all(part and isinstance(part, str) for pair in (one.choices or {}).items() for part in pair)
    ),
    "should have fields of its own if its kind is rows, and none otherwise": lambda one: (
        (one.kind == "rows") == bool(one.fields)
    ),
    f"should begin with 1 to {MOST_ROWS} rows": lambda one: 1 <= one.rows <= MOST_ROWS,
    f"should have a shape ({' or '.join(SHAPES)}) if it is a timer, and none otherwise": lambda one: (
        (one.kind == "timer") == (one.shape in SHAPES)
    ),
    "has the unknown role {0.role!r}": lambda one: (
        one.role in (("", "before", "after") if one.kind in ("rating", "suds") else ("",))
    ),
}
IN_ROWS_TOO: content.Rules = {
    "has the unknown kind {0.kind!r}": lambda one: one.kind in IN_ROWS,
    "cannot be required: a row may be left empty": lambda one: not one.required,
    "has the unknown role {0.role!r}": lambda one: not one.role,
}


def _check(fields: tuple[Field, ...], rules: content.Rules = RULES) -> None:
    for field in fields:
        content.check(field, rules, f"field {field.name or field.label!r} ")
        _check(field.fields, {**RULES, **IN_ROWS_TOO})
    content.once("field", [field.name for field in fields if field.name])
