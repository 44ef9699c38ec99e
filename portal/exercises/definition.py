"""What an exercise file says: its fields in order, checked at start, so that a new exercise needs no Python."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import frontmatter
from flask_wtf import FlaskForm

from portal import content

FOLDER = Path(__file__).parent / "definitions"
MATERIALS = Path(__file__).parent.parent / "library" / "materials"

IN_ROWS = ("text", "long_text", "choice", "rating", "suds")
KINDS = (*IN_ROWS, "many", "rows", "timer", "section")
WITH_CHOICES = ("choice", "many", "timer")
SHAPES = ("wave", "breath")
MOST_ROWS = 30
# A field's name is also an attribute of its form and an id of the page, where these mean something else.
TAKEN = {"key", "action", "csrf_token", "whose", "meta", "form_errors", "main", "help", "practice", *dir(FlaskForm)}


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


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: the front matter of its file, its fields, and `html`, the written steps.

    `related` maps the slugs of materials to their titles. A `living` exercise is a plan that a participant keeps
    and changes; each save is a new version of it.
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
    if own := sorted({"slug", "html"} & front.keys()):
        raise ValueError(f"unknown field {', '.join(own)}")
    made = {
        "slug": slug,
        "fields": tuple(_field(values) for values in front.get("fields", ())),
        "related": {name: _title(name) for name in front.get("related", ())},
        "html": content.html(body),
    }
    exercise = content.record(Exercise, front | made)
    if not exercise.asked:
        raise ValueError("there is nothing to answer: give it fields")
    _no_double(exercise.asked)
    for role in ("before", "after"):
        if len([field for field in exercise.asked if field.role == role]) > 1:
            raise ValueError(f"two fields have the role {role}")
    return exercise


def _title(material: str) -> str:
    """What the material at this address is called."""
    path = MATERIALS / f"{material}.md"
    if not path.exists():
        raise ValueError(f"no material is called {material!r}")
    return str(frontmatter.load(path)["title"])


def _no_double(fields: tuple[Field, ...]) -> None:
    names = [field.name for field in fields]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two fields are called {', '.join(sorted(doubled))}")


def _field(values: dict[str, Any], within_rows: bool = False) -> Field:
    columns = tuple(_field(column, within_rows=True) for column in values.get("fields", ()))
    field = content.record(Field, {**values, "fields": columns})
    where = f"field {field.name or field.label!r}"
    if field.kind not in (IN_ROWS if within_rows else KINDS):
        raise ValueError(f"{where} has the unknown kind {field.kind!r}")
    if (field.kind == "section") == bool(field.name):
        raise ValueError(f"{where} should {'not ' if field.name else ''}have a name")
    if field.name and (not field.name.isidentifier() or field.name.startswith("_")):
        raise ValueError(f"{where} should have a name of letters and underscores")
    if field.name in TAKEN:
        raise ValueError(f"{where} needs another name: this one is taken")
    if (field.kind in WITH_CHOICES) != bool(field.choices):
        raise ValueError(f"{where} should have choices if it is one of {', '.join(WITH_CHOICES)}, and none otherwise")
    if field.choices and not _words_for_words(field.choices):
        raise ValueError(f'{where} should have choices like {{"value": "Words"}}, in quotation marks')
    if (field.kind == "rows") != bool(field.fields):
        raise ValueError(f"{where} should have fields of its own if its kind is rows, and none otherwise")
    if not 1 <= field.rows <= MOST_ROWS:
        raise ValueError(f"{where} should begin with 1 to {MOST_ROWS} rows")
    if within_rows and field.required:
        raise ValueError(f"{where} cannot be required: a row may be left empty")
    if (field.kind == "timer") != (field.shape in SHAPES):
        raise ValueError(f"{where} should have a shape ({' or '.join(SHAPES)}) if it is a timer, and none otherwise")
    if field.role not in ("", "before", "after") or (
        field.role and (within_rows or field.kind not in ("rating", "suds"))
    ):
        raise ValueError(f"{where} has the unknown role {field.role!r}")
    _no_double(field.fields)
    return field


def _words_for_words(choices: Any) -> bool:
    return isinstance(choices, dict) and all(
        part and isinstance(part, str) for pair in choices.items() for part in pair
    )
