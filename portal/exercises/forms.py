"""What a practice accepts: a real form, drawn from the exercise's definition."""

from functools import cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field as FormFieldBase
from wtforms import FieldList, Form, FormField, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.exercises.definition import Exercise, Field
from portal.fields import Choice, Choices, Number, plain_text, tidy

MOST_ROWS = 30


@cache
def form_of(exercise: Exercise) -> type[FlaskForm]:
    """The form class of an exercise, made once."""
    parts: dict[str, Any] = {field.name: _form_field(field) for field in exercise.asked}
    return type("PracticeForm", (FlaskForm,), parts | {"key": HiddenField()})


def _form_field(field: Field) -> Any:
    validators = [_required] if field.required else []
    if field.kind in ("text", "long_text"):
        kind = StringField if field.kind == "text" else TextAreaField
        return kind(field.label, filters=[tidy], validators=[plain_text, *validators])
    if field.kind in ("choice", "timer"):
        return Choice(field.label, choices=field.choices, validators=validators)
    if field.kind == "many":
        return Choices(field.label, choices=field.choices, validators=validators)
    if field.kind == "rating":
        return Choice(field.label, choices={n: str(n) for n in range(11)}, coerce=int, validators=validators)
    if field.kind == "suds":
        return Number(field.label, 0, 100, validators=validators)
    row = type("Row", (Form,), {column.name: _form_field(column) for column in field.fields})
    return FieldList(FormField(row), field.label, min_entries=field.rows, max_entries=MOST_ROWS)


def _required(form: Form, field: FormFieldBase) -> None:
    if field.data in (None, "", []):
        raise ValidationError("This one is needed to go on.")


def given(exercise: Exercise, form: FlaskForm) -> dict[str, Any]:
    """What was answered, by field name. A field left out was skipped; a 0 is an answer."""
    return _given(exercise.asked, form)


def _given(fields: tuple[Field, ...], form: Form) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for field in fields:
        value: Any = form[field.name].data
        if field.kind == "rows":
            value = [row for entry in form[field.name].entries if (row := _given(field.fields, entry.form))]
        if value not in (None, "", []):
            answers[field.name] = value
    return answers
