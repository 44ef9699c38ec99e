"""The form of a therapist who leaves: to whom each of their people goes, and whether the account is switched off."""

from collections.abc import Sequence
from datetime import datetime

from portal.fields import OneButton, OneOf
from portal.office.people import leaving
from portal.office.people.leaving import Leaver
from portal.people import Person
from portal.preview import Preview, PreviewForm

WRONG = "Choose one of the therapists shown."
THEN = {"on": "It stays on", "off": "Switch it off"}


class LeavingForm(PreviewForm):
    """One successor for all, and a field for each participant who goes to somebody else, named after their key."""

    leaver: Leaver
    ended: Sequence[str] = ()  # the grants of an account that was switched off
    successor = OneOf("Who treats them from now on", wrong=WRONG, default="")
    on_call = OneOf("Who is on call instead", wrong=WRONG, default="")
    then = OneButton("Their account", "Choose what happens to the account.", choices=THEN)

    @property
    def each(self) -> list[tuple[Person, OneOf]]:
        """The participants, each with the field that says to whom they go."""
        return [(one, self[f"to-{one.key}"]) for one in self.leaver.participants]

    @property
    def to(self) -> dict[int, Person]:
        """The successors that were chosen, by the id of the participant."""
        chosen = {one.id: field.data or self.successor.data for one, field in self.each}
        return {who: self.leaver.others[key] for who, key in chosen.items() if key}

    def attempt(self, coordinator: Person, now: datetime) -> Preview:
        off, called = self.then.data == "off", self.leaver.others.get(self.on_call.data)
        said, self.ended = leaving.leave(coordinator, self.leaver, self.to, called, now, switch_off=off)
        return Preview(tuple(said))


def leaving_form(leaver: Leaver) -> LeavingForm:
    """The form for this therapist and the participants they have now."""
    names = [(key, one.name) for key, one in leaver.others.items()]
    fields = {f"to-{one.key}": OneOf(one.name, wrong=WRONG, default="") for one in leaver.participants}
    form: LeavingForm = type("LeavingForm", (LeavingForm,), {"leaver": leaver, **fields})()
    form.successor.choices = [("", "Nobody yet"), *names]
    form.on_call.choices = [("", "Nobody else"), *names]
    for _, field in form.each:
        field.choices = [("", "As above"), *names]
    return form
