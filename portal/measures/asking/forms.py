"""The form of a coordinator about measures: how often each is asked of everyone, and the terms that are accepted."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form as AnyForm
from wtforms.validators import ValidationError

from portal.drafts.forms import Form
from portal.fields import Choice, Choices
from portal.measures import INSTRUMENTS
from portal.measures.instrument import Instrument
from portal.measures.measure_schedules import rhythms
from portal.program import ProgramFacts

NOT_ACCEPTED = "Accept its terms first. Until then it cannot be asked."


class AskingForm(Form):
    """The form is made by asking_form: every_ and a slug for each of those `offered`, beside the accepted terms."""

    accepted = Choices("Terms")
    offered: Sequence[Instrument] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accepted.choices = {one.slug: one.short_title for one in self.offered if not one.free}

    @property
    def turned_on(self) -> list[str]:
        """The instruments whose terms are accepted."""
        return sorted(set(self.accepted.data or ()))

    @property
    def titles(self) -> dict[str, str]:
        """The short title of each one offered, by its slug."""
        return {one.slug: one.short_title for one in self.offered}

    @property
    def every(self) -> dict[str, str]:
        """The measures asked of everyone, each with how often."""
        chosen = {one.slug: self[f"every_{one.slug}"].data for one in self.offered}
        return {slug: every for slug, every in chosen.items() if every != "never"}


def asking_form(program: ProgramFacts) -> AskingForm:
    """The form for every instrument whose wording is verified, the free ones first."""
    offered = sorted((one for one in INSTRUMENTS.values() if one.verified), key=lambda one: not one.free)
    fields = {f"every_{one.slug}": _field(one) for one in offered}
    stands: dict[str, Any] = {f"every_{one.slug}": program.measures.get(one.slug, "never") for one in offered}
    stands["accepted"] = [one.slug for one in offered if one.slug in program.turned_on and not one.free]
    return type("OfferedForm", (AskingForm,), {"offered": offered, **fields})(data=stands)


def _field(asked: Instrument) -> Any:
    def chosen(form: AnyForm, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose how often, or “Not asked”.")
        if field.data != "never" and not asked.free and asked.slug not in (form.accepted.data or ()):
            raise ValidationError(NOT_ACCEPTED)

    label = f"How often {asked.short_title} is asked of everyone"
    return Choice(label, choices=rhythms(asked), validators=[chosen])
