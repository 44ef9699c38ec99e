"""The form of a practice, drawn from the exercise's definition."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Field as FormFieldBase
from wtforms import FieldList, FormField, HiddenField, TextAreaField
from wtforms import Form as AnyForm
from wtforms.validators import ValidationError

from portal.db import KEY_LENGTH, new_key
from portal.drafts.forms import Form
from portal.exercises.computed import computed_line
from portal.exercises.definition import DAYS, MOST_ROWS, Exercise, Field
from portal.exercises.steps import ExerciseStep
from portal.fields import LONGEST_VALUE, Choice, Choices, DayField, Number, text

NOTHING: tuple[Any, ...] = (None, "", [], {})


def _rows_in(name: str, sent: Mapping[str, Any]) -> Iterator[int]:
    """The numbers of the rows of the field called `name` in what was sent; each as often as it has columns."""
    named = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-", re.ASCII)
    return (int(found[1]) for found in map(named.match, sent) if found)


class RowsField(FieldList):
    """Repeating rows. Their errors are said in words, each with the number of its row."""

    errors: list[Any]

    def _extract_indices(self, prefix: str, formdata: Mapping[str, Any]) -> Iterator[int]:
        return _rows_in(prefix, formdata)

    def validate(self, form: AnyForm, extra_validators: Any = ()) -> bool:
        super().validate(form, extra_validators)
        cells = [(n, cell) for n, entry in enumerate(self.entries, 1) for cell in entry.form if cell.errors]
        own = [error for error in self.errors if isinstance(error, str)]
        self.errors = own + [f"row {n}, {cell.label.text}: {cell.errors[0]}" for n, cell in cells]
        return not self.errors


class WeekField(FormField):
    """The same columns for each day of a week, by the day's name. Their errors are said in words, each with its day."""

    errors: Any = ()

    def validate(self, form: AnyForm, extra_validators: Any = ()) -> bool:
        days = list(self.form)
        self.form.validate()
        self.errors = [
            f"{day.label.text}, {cell.label.text}: {cell.errors[0]}" for day in days for cell in day.form if cell.errors
        ]
        for check in extra_validators:
            try:
                check(form, self)
            except ValidationError as error:
                self.errors.append(str(error))
        return not self.errors


def _own_key(text: str | None) -> str:
    """The key that the form carries; a new one in place of a missing or damaged one."""
    return text if text and re.fullmatch(rf"[A-Za-z0-9_-]{{{KEY_LENGTH}}}", text) else new_key()


class PracticeForm(Form):
    """The form of an exercise; `practice_form` adds what it asks."""

    exercise: Exercise
    step: ExerciseStep | None = None
    key = HiddenField(filters=[_own_key])

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields of the exercise, or of the one step, that this form asks."""
        return self.step.asked if self.step else self.exercise.asked

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by field name. A field left out was skipped, an empty row was not used; a 0 is an answer.

        text, long_text, phone, choice, timer: str; date: ISO text; many: list of str; rating, suds: int; rows: list of
        dicts of the same; week: dict of such dicts by the day's name.
        """
        return _given({field.name: self[field.name].data for field in self.asked})

    def branches(self, fields: Sequence[Field]) -> list[tuple[Field, list[Field]]]:
        """Each of these `fields` with those that depend on its answer, which stand below it and not again."""
        named = {field.name for field in fields}
        below = [field for field in fields if field.when and field.when.answer in named]
        return [
            (field, [one for one in below if one.when and one.when.answer == field.name])
            for field in fields
            if field not in below
        ]

    def has_errors(self, fields: Iterable[Field]) -> bool:
        """Whether something is wrong with one of these fields."""
        return any(self[field.name].errors for field in fields if field.name in self)

    def computed(self, line: Field) -> str | None:
        """The words of a computed line of what is filled in."""
        return computed_line(self.exercise, line, self.answers)

    def is_whole(self, empty_is_fine: bool = False) -> bool:
        """Whether a practice can be finished with it: it has what the definition requires, which a draft may lack."""
        if not self.validate({field.name: [_required] for field in self.asked if field.required}):
            return False
        if not self.answers and not empty_is_fine:
            self.form_errors.append("There is nothing to save yet. Fill in one thing, or come back another time.")
        return not self.form_errors

    @staticmethod
    def changes_rows(action: str) -> bool:
        """Whether a button of a row was pressed: to add, remove or move one."""
        return action.startswith(("add-", "remove-", "up-"))

    def _typed(self) -> MultiDict | None:
        """The text that was sent, without the row that was removed, or with two of them in each other's place."""
        typed = super()._typed()
        verb, name, number = _row_named(request.form.get("action", ""))
        if not (typed and self.is_sent and verb):
            return typed
        order = sorted({*_rows_in(name, typed)})
        if number not in order:
            return typed
        at = order.index(number)
        order.pop(at)
        if verb == "up":
            order.insert(max(at - 1, 0), number)
        places = {f"{name}-{old}-": f"{name}-{new}-" for new, old in enumerate(order)}
        return MultiDict(_in_places(name, places, typed))

    def add_row(self, action: str) -> str | None:
        """One more empty row, if that is the action; the name of its field."""
        name = action.removeprefix("add-") if action.startswith("add-") else ""
        rows = self._fields.get(name)
        if not isinstance(rows, RowsField) or len(rows) >= MOST_ROWS:
            return None
        rows.append_entry()
        return name


def _in_places(name: str, places: Mapping[str, str], typed: MultiDict) -> Iterator[tuple[str, str]]:
    """All that was typed, with each row of the field called `name` in its new place; one without a place is gone."""
    row = re.compile(rf"{re.escape(name)}-\d{{1,4}}-", re.ASCII)
    for key, value in typed.items(multi=True):
        if not (found := row.match(key)):
            yield key, value
        elif found[0] in places:
            yield places[found[0]] + key[found.end() :], value


def _row_named(action: str) -> tuple[str, str, int]:
    """(verb, field, row) of a button that removes a row, or moves it up; ("", "", 0) for any other."""
    found = re.fullmatch(r"(remove|up)-(\w+)-(\d{1,4})", action, re.ASCII)
    return (found[1], found[2], int(found[3])) if found else ("", "", 0)


def _required(form: AnyForm, field: FormFieldBase) -> None:
    if _given(field.data) in NOTHING:
        raise ValidationError("Please answer this one to continue.")


def _given(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part for name, held in value.items() if (part := _given(held)) not in NOTHING}
    if isinstance(value, list):
        return [part for held in value if (part := _given(held)) not in NOTHING]
    return value.isoformat() if isinstance(value, date) else value


@cache
def practice_form(exercise: Exercise, step: ExerciseStep | None = None) -> type[PracticeForm]:
    """The form class of an exercise, or of one of its steps, made once."""
    asked = step.asked if step else exercise.asked
    parts: dict[str, Any] = {field.name: _form_field(field) for field in asked}
    return type("ExerciseForm", (PracticeForm,), parts | {"exercise": exercise, "step": step})


def _form_field(field: Field) -> Any:
    return FORM_FIELDS[field.kind](field)


def _column_fields(field: Field) -> type[AnyForm]:
    return type("Row", (AnyForm,), {column.name: _form_field(column) for column in field.fields})


FORM_FIELDS: dict[str, Callable[[Field], Any]] = {
    "text": lambda field: text(field.label),
    "phone": lambda field: text(field.label, LONGEST_VALUE),
    "long_text": lambda field: text(field.label, field=TextAreaField),
    "date": lambda field: DayField(field.label),
    "choice": lambda field: Choice(field.label, choices=field.choices or {}),
    "timer": lambda field: Choice(field.label, choices=field.choices, default=field.setting),
    "many": lambda field: Choices(field.label, choices=field.choices),
    "rating": lambda field: Choice(field.label, choices={n: str(n) for n in range(11)}, coerce=int),
    "suds": lambda field: Number(field.label, 0, 100),
    "rows": lambda field: RowsField(
        FormField(_column_fields(field)), field.label, min_entries=field.rows, max_entries=MOST_ROWS
    ),
    "week": lambda field: WeekField(
        type("Week", (AnyForm,), {day.lower(): FormField(_column_fields(field), day) for day in DAYS}), field.label
    ),
}
