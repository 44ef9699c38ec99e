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
from portal.drafts.forms import Form
from portal.exercises.definition import MOST_ROWS, Exercise, Field
from portal.fields import Choice, Choices, Number, text

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

    exercise: Exercise
    key = HiddenField(filters=[_own_key])

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by field name. A field left out was skipped, an empty row was not used; a 0 is an answer.

        text, long_text, choice, timer: str; many: list of str; rating, suds: int; rows: list of dicts of the same.
        """
        return _given({field.name: self[field.name].data for field in self.exercise.asked})

    def is_whole(self) -> bool:
        """Whether a practice can be finished with it: it has what the definition requires, which a draft may lack."""
        if not self.validate({field.name: [_required] for field in self.exercise.asked if field.required}):
            return False
        if not self.answers:
            self.form_errors.append("There is nothing to save yet. Fill in one thing, or come back another time.")
        return not self.form_errors

    def add_row(self, name: str) -> None:
        """One more empty row below those of the field called `name`."""
        rows = self._fields.get(name)
        if isinstance(rows, RowsField) and len(rows) < MOST_ROWS:
            rows.append_entry()


def _required(form: AnyForm, field: FormFieldBase) -> None:
    if _given(field.data) in NOTHING:
        raise ValidationError("Please answer this one to continue.")


def _given(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part for name, held in value.items() if (part := _given(held)) not in NOTHING}
    if isinstance(value, list):
        return [part for held in value if (part := _given(held)) not in NOTHING]
    return value


@cache
def practice_form(exercise: Exercise) -> type[PracticeForm]:
    """The form class of an exercise, made once."""
    parts: dict[str, Any] = {field.name: _form_field(field) for field in exercise.asked}
    return type("ExerciseForm", (PracticeForm,), parts | {"exercise": exercise})


def _form_field(field: Field) -> Any:
    if field.kind in ("text", "long_text"):
        return text(field.label, field=StringField if field.kind == "text" else TextAreaField)
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
