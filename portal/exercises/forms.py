"""The form of a practice, drawn from the exercise's definition."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from wtforms import Field as FormFieldBase
from wtforms import FieldList, FormField, HiddenField, StringField, TextAreaField
from wtforms import Form as AnyForm
from wtforms.validators import ValidationError

from portal.db import KEY_LENGTH, new_key
from portal.exercises.definition import MOST_ROWS, Exercise, Field
from portal.fields import Choice, Choices, Number, plain_text, tidy
from portal.forms import Form

NOTHING: tuple[Any, ...] = (None, "", [], {})


class RowsField(FieldList):
    """Repeating rows. Their errors are said in words, each with the number of its row."""

    errors: list[Any]

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        named = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-", re.ASCII)
        return (int(found[1]) for found in map(named.match, formdata) if found)

    def validate(self, form: AnyForm, extra_validators: Any = ()) -> bool:
        super().validate(form, extra_validators)
        cells = [(n, cell) for n, entry in enumerate(self.entries, 1) for cell in entry.form if cell.errors]
        own = [error for error in self.errors if isinstance(error, str)]
        self.errors = own + [f"row {n}, {cell.label.text}: {cell.errors[0]}" for n, cell in cells]
        return not self.errors


def _own_key(text: str | None) -> str:
    """The key that the form carries; a new one in place of a missing or damaged one."""
    return text if text and re.fullmatch(rf"[A-Za-z0-9_-]{{{KEY_LENGTH}}}", text) else new_key()


class PracticeForm(Form):
    """The form of an exercise; `practice_form` adds what it asks."""

    key = HiddenField(filters=[_own_key])


@cache
def practice_form(exercise: Exercise) -> type[PracticeForm]:
    """The form class of an exercise, made once."""
    parts: dict[str, Any] = {field.name: _form_field(field) for field in exercise.asked}
    return type("ExerciseForm", (PracticeForm,), parts | {"versions": not exercise.living})


def _form_field(field: Field) -> Any:
    if field.kind in ("text", "long_text"):
        kind = StringField if field.kind == "text" else TextAreaField
        return kind(field.label, filters=[tidy], validators=[plain_text])
    if field.kind in ("choice", "timer"):
        return Choice(field.label, choices=field.choices)
    if field.kind == "many":
        return Choices(field.label, choices=field.choices)
    if field.kind == "rating":
        return Choice(field.label, choices={n: str(n) for n in range(11)}, coerce=int)
    if field.kind == "suds":
        return Number(field.label, 0, 100)
    row = type("Row", (AnyForm,), {column.name: _form_field(column) for column in field.fields})
    return RowsField(FormField(row), field.label, min_entries=field.rows, max_entries=MOST_ROWS)


def is_valid(exercise: Exercise, form: PracticeForm, *, whole: bool) -> bool:
    """Whether `form` can be kept; a `whole` one also has what the definition requires, which a draft may lack."""
    needed = {field.name: [_required] for field in exercise.asked if field.required}
    valid = form.validate(needed if whole else None)
    if valid and whole and not given_answers(exercise, form):
        form.form_errors.append("There is nothing here to keep yet. Fill in one thing, or come back another time.")
        return False
    return valid


def _required(form: AnyForm, field: FormFieldBase) -> None:
    if _given(field.data) in NOTHING:
        raise ValidationError("This one is needed to go on.")


def given_answers(exercise: Exercise, form: PracticeForm) -> dict[str, Any]:
    """The answers by field name. A field left out was skipped, an empty row was not used; a 0 is an answer.

    text, long_text, choice, timer: str; many: list of str; rating, suds: int; rows: list of dicts of the same.
    """
    return _given({field.name: form[field.name].data for field in exercise.asked})


def _given(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part for name, held in value.items() if (part := _given(held)) not in NOTHING}
    if isinstance(value, list):
        return [part for held in value if (part := _given(held)) not in NOTHING]
    return value


def add_row(form: PracticeForm, name: str) -> None:
    """One more empty row below those of the field called `name`."""
    rows = next((field for field in form if field.name == name), None)
    if isinstance(rows, RowsField) and len(rows) < MOST_ROWS:
        rows.append_entry()
