"""What a therapist decides about measures: how often one is asked, and the total of one that is not here."""

import re
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portal.db import new_key
from portal.fields import Choice, Number
from portal.measures import TOTALS
from portal.measures.instrument import Instrument
from portal.measures.models import EVERY
from portal.measures.plans import rhythms


class PlanForm(FlaskForm):
    """One form for each instrument that may be asked; `slug` says which was sent."""

    slug = HiddenField()
    every = Choice("How often", choices=EVERY)

    def __init__(self, *args: Any, may_be_asked: Mapping[str, Instrument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_be_asked = may_be_asked
        if asked := may_be_asked.get(self.slug.data or ""):
            self.every.choices = rhythms(asked)
        self.every.id = f"every-{self.slug.data}"  # where the field stands on the page

    @property
    def plan(self) -> tuple[str, str]:
        """What was chosen: the measure and how often; for a form that was found good."""
        return str(self.slug.data), str(self.every.data)

    def validate(self, extra_validators: Any = None) -> bool:
        if self.slug.data not in self.may_be_asked:
            self.form_errors.append("Choose a measure that may be asked.")
            return False
        return super().validate(extra_validators)

    def validate_every(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose how often.")


class TotalForm(FlaskForm):
    name = Choice("Measure", choices={slug: each.name for slug, each in TOTALS.items()})
    total = Number("Total", 0, max(each.highest for each in TOTALS.values()))
    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", self.key.data or ""):
            self.key.data = new_key()
        if measure := TOTALS.get(self.name.data or ""):
            self.total.within(measure.lowest, measure.highest)

    @property
    def sent(self) -> tuple[str, int]:
        """The measure and its total; for a form that was found good."""
        return str(self.name.data), self.total.data or 0

    def validate_name(self, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose the measure.")

    def validate_total(self, field: Number) -> None:
        if field.data is None and self.name.data in TOTALS:
            raise ValidationError(field.range_in_words)
