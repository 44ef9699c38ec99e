"""The form of a measure: every question of its file, in order, and each of them may be left out."""

import re
from functools import lru_cache
from typing import Any

from wtforms import Field, HiddenField

from portal.db import new_key
from portal.drafts.forms import Form
from portal.fields import Choice, Number, OpenedAt
from portal.measures.instrument import Instrument, Item

NOTHING = "Nothing is answered yet. Answer what you can, or come back another time."


class MeasureForm(Form):
    """The form of one instrument is made from this by form_of: a field for each of its items, called as the item is."""

    versions = True
    key = HiddenField()
    opened = OpenedAt()
    instrument: Instrument

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.key.data:
            self.key.data = new_key()
        self.opened.stamp(str(self.key.data))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", self.key.data or ""):
            self.form_errors.append("A hidden part of this form was damaged. It is mended: save again.")
            self.key.data = new_key()
            return False
        if valid and all(value is None for value in self.answers.values()):
            self.form_errors.append(NOTHING)
            return False
        return valid

    @property
    def answers(self) -> dict[str, int | None]:
        """The answers by item; one that was left out is None."""
        return {item.id: self[item.id].data for item in self.instrument.items}


@lru_cache(maxsize=64)
def form_of(instrument: Instrument) -> type[MeasureForm]:
    """The form that asks `instrument`."""
    fields = {item.id: _field(item) for item in instrument.items}
    return type("InstrumentForm", (MeasureForm,), {"instrument": instrument, **fields})


def _field(item: Item) -> Field:
    if item.by_number:
        return Number(item.text, min(item.values), max(item.values))
    return Choice(item.text, choices={answer.value: answer.words for answer in item.answers}, coerce=int)
