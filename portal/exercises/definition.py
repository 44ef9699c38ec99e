"""What an exercise file says: its fields in order, checked at start, so that a new exercise needs no Python."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from portal import content

FOLDER = Path(__file__).parent / "definitions"
MATERIALS = Path(__file__).parent.parent / "library" / "materials"

KINDS = ("section", "text", "long_text", "choice", "many", "rating", "suds", "rows", "timer")
WITH_CHOICES = ("choice", "many", "timer")
SHAPES = ("wave", "breath")


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

    A `living` one is a plan that a participant keeps and changes; each save is a new version of it.
    """

    slug: str
    title: str
    synopsis: str
    minutes: int
    version: int
    icon: str
    evidence: str
    related: tuple[str, ...]
    fields: tuple[Field, ...]
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
    fields = tuple(_field(values) for values in front.pop("fields", ()))
    exercise = content.record(Exercise, {**front, "slug": slug, "fields": fields, "html": content.html(body)})
    names = [field.name for field in exercise.asked]
    if not names:
        raise ValueError("there is nothing to answer: give it fields")
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two fields are called {', '.join(sorted(doubled))}")
    for role in ("before", "after"):
        if len([field for field in exercise.asked if field.role == role]) > 1:
            raise ValueError(f"two fields have the role {role}")
    for name in exercise.related:
        if not (MATERIALS / f"{name}.md").exists():
            raise ValueError(f"no material is called {name!r}")
    return exercise


def _field(values: dict[str, Any], within_rows: bool = False) -> Field:
    values = dict(values)
    columns = tuple(_field(column, within_rows=True) for column in values.pop("fields", ()))
    field = content.record(Field, {**values, "fields": columns})
    where = f"field {field.name or field.label!r}"
    if field.kind not in KINDS or (within_rows and field.kind in ("section", "rows", "timer", "many")):
        raise ValueError(f"{where} has the unknown kind {field.kind!r}")
    if (field.kind == "section") == bool(field.name):
        raise ValueError(f"{where} should {'not ' if field.name else ''}have a name")
    if field.name and not field.name.isidentifier():
        raise ValueError(f"{where} should have a name of letters and underscores")
    if (field.kind in WITH_CHOICES) != bool(field.choices):
        raise ValueError(f"{where} should have choices if it is one of {', '.join(WITH_CHOICES)}, and none otherwise")
    if field.choices and not all(isinstance(part, str) for pair in field.choices.items() for part in pair):
        raise ValueError(f"{where} should have its choices in quotation marks")
    if (field.kind == "rows") != bool(field.fields):
        raise ValueError(f"{where} should have fields of its own if its kind is rows, and none otherwise")
    if (field.kind == "timer") != (field.shape in SHAPES):
        raise ValueError(f"{where} should have a shape ({' or '.join(SHAPES)}) if it is a timer, and none otherwise")
    if field.role not in ("", "before", "after") or (field.role and field.kind not in ("rating", "suds")):
        raise ValueError(f"{where} has the unknown role {field.role!r}")
    return field
