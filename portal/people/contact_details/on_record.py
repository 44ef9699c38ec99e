"""A person's contact details as a table to take away."""

from collections.abc import Iterator

from portal.people import Person
from portal.people.contact_details import details_of
from portal.people.contact_details.phrases import NAMES
from portal.spreadsheet import Cell

HEAD = ("Contact detail", "What we have")
LEFT_OUT = "Left out"
YES_OR_NO = {True: "yes", False: "no"}


def table(participant: Person) -> tuple[tuple[str, ...], Iterator[list[Cell]]]:
    """The names of the columns, and a row for each contact detail of `participant`. One read."""
    details = details_of(participant)
    held = {name: getattr(details, name) for name in NAMES}
    return HEAD, ([NAMES[name], YES_OR_NO.get(kept, kept) or LEFT_OUT] for name, kept in held.items())
