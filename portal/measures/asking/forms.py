"""The form of a coordinator about measures: how often each is asked of everyone, and the terms that are accepted."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form as AnyForm
from wtforms.validators import ValidationError

from portal.drafts.forms import Form
from portal.fields import Choice, Choices
from portal.measures.asking import InstrumentOffer
from portal.measures.measure_schedules import rhythms

NOT_ACCEPTED = "Accept its terms first: without them it may not be asked."


class AskingForm(Form):
    """The form is made by asking_form: every_ and a slug for each offer, beside the accepted terms."""

    accepted = Choices("Terms")
    offers: Sequence[InstrumentOffer] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accepted.choices = {one.asked.slug: one.asked.short_title for one in self.offers if not one.asked.free}

    @property
    def turned_on(self) -> list[str]:
        """The instruments whose terms are accepted."""
        return sorted(set(self.accepted.data or ()))

    @property
    def every(self) -> dict[str, str]:
        """The measures asked of everyone, each with how often."""
        chosen = {one.asked.slug: self[f"every_{one.asked.slug}"].data for one in self.offers}
        return {slug: every for slug, every in chosen.items() if every != "never"}


def asking_form(offers: Sequence[InstrumentOffer]) -> AskingForm:
    """The form for these offers."""
    fields = {f"every_{one.asked.slug}": _field(one) for one in offers}
    stands: dict[str, Any] = {f"every_{one.asked.slug}": one.every for one in offers}
    stands["accepted"] = [one.asked.slug for one in offers if one.accepted and not one.asked.free]
    return type("OffersForm", (AskingForm,), {"offers": offers, **fields})(data=stands)


def _field(offer: InstrumentOffer) -> Any:
    def chosen(form: AnyForm, field: Choice) -> None:
        if field.data is None:
            raise ValidationError("Choose how often, or “Not asked”.")
        if field.data != "never" and not offer.asked.free and offer.asked.slug not in (form.accepted.data or ()):
            raise ValidationError(NOT_ACCEPTED)

    label = f"How often {offer.asked.short_title} is asked of everyone"
    return Choice(label, choices=rhythms(offer.asked), validators=[chosen])
