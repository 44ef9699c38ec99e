"""The forms of a therapist about measures: how often one is asked, and the total of one that is not here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, ValidationError

from portal.drafts.forms import Form
from portal.fields import Choice, FormKey, Number, number_sent
from portal.measures import TOTALS
from portal.measures.instrument import Instrument
from portal.measures.measure_entries import LONGEST_AGO
from portal.measures.measure_schedules import rhythms
from portal.measures.models import EVERY


class SeenForm(FlaskForm):
    """The button that marks answers as seen: `version` is what the page showed, `back` the page to return to."""

    version = HiddenField(filters=[number_sent])
    back = HiddenField()


class MeasureScheduleForm(Form):
    """One form for each instrument that may be asked; `slug` says which was sent."""

    slug = HiddenField()
    every = Choice("How often", choices=EVERY)

    def __init__(self, may_be_asked: Mapping[str, Instrument], **more: Any) -> None:
        super().__init__(**more)
        self.may_be_asked = may_be_asked
        if asked := may_be_asked.get(self.slug.data or ""):
            self.every.choices = rhythms(asked)
        self.every.id = f"every-{self.slug.data}"  # where the field stands on the page

    @property
    def chosen(self) -> tuple[str, str]:
        """The measure and how often it is asked; for a form that was found good."""
        return str(self.slug.data), str(self.every.data)

    def validate(self, extra_validators: Any = None) -> bool:
        if self.slug.data not in self.may_be_asked:
            self.form_errors.append("Choose a measure that may be asked.")
            return False
        return super().validate(extra_validators)

    def validate_every(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose how often.")


class DayField(DateField):
    """A day, as the browser's calendar sends it or as it is written."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([each.strip() for each in valuelist if each.strip()])
        except ValueError:
            raise ValueError("Write the day like this: 3/11/2026.") from None


class TotalForm(Form):
    """A new total, or with the key of one a change of it. `today` is the participant's day."""

    name = Choice("Measure", choices={slug: each.name for slug, each in TOTALS.items()})
    total = Number("Total", 0, max(each.highest for each in TOTALS.values()))
    day = DayField("Day", format=["%Y-%m-%d", "%m/%d/%Y"], validators=[InputRequired("Choose the day.")])
    key = FormKey()
    versions = True

    def __init__(self, *, today: date, **more: Any) -> None:
        self.today = today
        super().__init__(**{"data": {"day": today}} | more)
        if measure := TOTALS.get(self.name.data or ""):
            self.total.within(measure.lowest, measure.highest)

    @property
    def sent(self) -> tuple[str, int, date]:
        """The measure, its total and the day; for a form that was found good."""
        return str(self.name.data), self.total.data or 0, self.day.data or self.today

    def validate_day(self, field: DayField) -> None:
        if field.data and field.data > self.today:
            raise ValidationError("That day is still to come.")
        if field.data and field.data < self.today - LONGEST_AGO:
            raise ValidationError("That is more than a year ago.")

    def validate_name(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose the measure.")

    def validate_total(self, field: Number) -> None:
        if field.data is None and self.name.data in TOTALS:
            raise ValidationError(field.range_in_words)
