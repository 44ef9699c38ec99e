"""The form of a measure: every question of its file, in order, and each of them may be left out."""

from functools import lru_cache
from typing import Any

from wtforms import Field

from portal.drafts.forms import Form
from portal.fields import DAMAGED, Choice, FormKey, Number, OpenedAt, text
from portal.measures.instrument import Instrument, Item

LONGEST_EVENT = 200  # characters: a few words, not the story
NOTHING = "Nothing is answered yet. Answer what you can, or come back another time."


class MeasureForm(Form):
    """The form of one instrument is made from this by form_of: a field for each of its items, called as the item is."""

    versions = True
    key = FormKey()
    opened = OpenedAt()
    instrument: Instrument

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.key.is_damaged:
            self.form_errors.append(DAMAGED)
            return False
        if valid and all(value is None for value in self.answers.values()):
            self.form_errors.append(NOTHING)
            return False
        return valid

    @property
    def says_unsafe(self) -> bool:
        """Whether an answer in it brings help first, once it is sent."""
        critical = self.instrument.critical
        return critical is not None and self[critical.item].data in critical.same_day + critical.urgent

    @property
    def event_named(self) -> str | None:
        """The words in the line about the event; None where it has no such line, or nothing was written."""
        return self.event.data if self.instrument.event else None

    @property
    def answers(self) -> dict[str, int | None]:
        """The answers by item; one that was left out is None, and so is one that its page does not ask any more."""
        given = {item.id: self[item.id].data for item in self.instrument.items}
        return {
            item.id: None if item.after and given[item.after] == 0 else given[item.id] for item in self.instrument.items
        }


@lru_cache(maxsize=64)
def form_of(instrument: Instrument) -> type[MeasureForm]:
    """The form that asks `instrument`."""
    fields = {item.id: _field(item) for item in instrument.items}
    if instrument.event:
        fields["event"] = text(instrument.event, LONGEST_EVENT)
    return type("InstrumentForm", (MeasureForm,), {"instrument": instrument, **fields})


def _field(item: Item) -> Field:
    if item.by_number:
        return Number(item.text, min(item.values), max(item.values))
    return Choice(item.text, choices={answer.value: answer.words for answer in item.answers}, coerce=int)
