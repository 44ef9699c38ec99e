"""The base of the forms of the program's settings: each shows what a new value changes before it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wtforms import SubmitField

from portal import program, words
from portal.measures import asked_as, served
from portal.people import Person, care
from portal.people.care.on_call import OnCallTherapist
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the settings are now, and the `therapists` whose account is open, on call or not, at `now`."""

    facts: ProgramFacts
    therapists: list[OnCallTherapist]
    now: datetime

    @property
    def called(self) -> list[str]:
        """The names of those on call."""
        return [one.therapist.name for one in self.therapists if one.since]

    @property
    def measures(self) -> str:
        """The names of the measures that everyone is asked."""
        chosen, may_be_asked = self.facts.measures, served(self.facts)
        asked = [
            one for slug, one in may_be_asked.items() if any(name in chosen for name in asked_as(slug, self.facts))
        ]
        return words.listed([one.short_title for one in asked]) or "None"


class SettingForm(PreviewForm):
    """One setting, or a few that belong together; its fields are columns of the program.

    `name` is the last part of its address, and `heading` how the page names it. One that `is_guarded` takes a fresh
    proof of who is asking. `events` are what it may put on record. A setting `of_flags` decides to whom a flag goes.
    """

    name: str
    heading: str
    is_guarded = True
    of_flags = False
    events: tuple[str, ...] = ("program.change",)
    leave = SubmitField("Leave it as it is")

    def __init__(self, standing: Standing) -> None:
        super().__init__(data=self.stands(standing))
        self.offer(standing)

    @property
    def columns(self) -> list[str]:
        return [name for name in self._fields if name in ProgramFacts.__slots__]

    def stands(self, standing: Standing) -> dict[str, Any]:
        """The values of its fields now."""
        return {name: getattr(standing.facts, name) for name in ProgramFacts.__slots__}

    def offer(self, standing: Standing) -> None:
        """Give a field the answers there are to choose from, where they depend on what stands."""

    @property
    def values(self) -> dict[str, Any]:
        """The columns by name; for a form that was found good."""
        return {name: self[name].data for name in self.columns}

    def said(self, standing: Standing) -> str:
        """The setting as it stands, in few words."""
        raise NotImplementedError

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        """The sentences that say what the new value changes."""
        raise NotImplementedError

    def attempt(self, coordinator: Person, standing: Standing) -> Preview:
        new = replace(standing.facts, **self.values)
        if new == standing.facts:
            return Preview()
        sentences = list(self.effects(coordinator, standing.facts, new, standing.now))
        self.change(coordinator, standing)
        return self.preview_of(standing, replace(standing, facts=new), sentences)

    def preview_of(self, old: Standing, new: Standing, sentences: Iterable[str]) -> Preview:
        """The preview of a change, which begins with the old value and the new one."""
        heading = f"“{self.said(old)}” becomes “{self.said(new)}”."
        return Preview((heading, *sentences), listed=tuple(self.values.items()))

    def change(self, coordinator: Person, standing: Standing) -> None:
        """Give the program the new values."""
        program.change_settings(coordinator, **self.values)

    def hand_over(self, now: datetime) -> None:
        """Let those in, and tell them, to whom open flags go by what was kept."""
        if self.of_flags:
            care.changed(now)
