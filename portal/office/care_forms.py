"""The forms of the settings about care: safety, who is on call, what is asked and what counts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from wtforms.validators import InputRequired, ValidationError

from portal import words
from portal.checkins import sets
from portal.fields import Choices, Number, OneButton
from portal.office import effects
from portal.office.phrases import KINDS
from portal.office.setting_forms import SettingForm, Standing
from portal.people import Person
from portal.people.care import on_call
from portal.preview import Preview
from portal.program import ProgramFacts

A_DAY = 1440  # minutes
NO_NUMBER = "Write a number of minutes."


class AskingSafetyForm(SettingForm):
    name, heading = "safety", "Safety questions"
    asks_safety = OneButton("Ask about safety?", "Choose one.", choices={"yes": "On", "no": "Off"})

    def offer(self, standing: Standing) -> None:
        self.called = standing.called

    def stands(self, standing: Standing) -> dict[str, Any]:
        return {"asks_safety": "yes" if standing.facts.asks_safety else "no"}

    @property
    def values(self) -> dict[str, Any]:
        return {"asks_safety": self.asks_safety.data == "yes"}

    def said(self, standing: Standing) -> str:
        return "On" if standing.facts.asks_safety else "Off"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_safety(coordinator, new, self.called, now)

    def change(self, coordinator: Person, standing: Standing) -> None:
        on_call.ask_about_safety(coordinator, self.values["asks_safety"], standing.now)


class FlagMinutesForm(SettingForm):
    of_flags = True
    name, heading = "flag-minutes", "Working minutes until someone else gets it"
    urgent_minutes = Number("Urgent", 1, A_DAY, validators=[InputRequired(NO_NUMBER)])
    same_day_minutes = Number("Same day", 1, A_DAY, validators=[InputRequired(NO_NUMBER)])

    def said(self, standing: Standing) -> str:
        return f"Urgent {standing.facts.urgent_minutes}, same day {standing.facts.same_day_minutes}"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_minutes(coordinator, old, new, now)

    def validate_same_day_minutes(self, field: Number) -> None:
        if field.data and self.urgent_minutes.data and field.data < self.urgent_minutes.data:
            raise ValidationError("Same day cannot be sooner than urgent.")


class OnCallForm(SettingForm):
    name, heading = "on-call", "On call"
    events = ("on_call.begin", "on_call.end")
    of_flags = True
    on_call = Choices("Who is on call", wrong="Choose from the therapists shown.")

    def offer(self, standing: Standing) -> None:
        away = {True: " (away today)", False: ""}
        self.on_call.choices = {
            one.therapist.key: f"{one.therapist.name}{away[one.is_away]}" for one in standing.therapists
        }

    def stands(self, standing: Standing) -> dict[str, Any]:
        return {"on_call": [one.therapist.key for one in standing.therapists if one.since]}

    @property
    def values(self) -> dict[str, Any]:
        return {"on_call": sorted(self.on_call.data or ())}

    def said(self, standing: Standing) -> str:
        return words.listed(standing.called) or "Nobody"

    def attempt(self, coordinator: Person, standing: Standing) -> Preview:
        wanted = self.values["on_call"]
        joining = [one.therapist for one in standing.therapists if one.therapist.key in wanted and not one.since]
        leaving = [one.therapist for one in standing.therapists if one.since and one.therapist.key not in wanted]
        if not joining and not leaving:
            return Preview()
        on_call.change_list(coordinator, joining, leaving, standing.now)
        then = [
            replace(one, since=standing.now if one.therapist.key in wanted else None) for one in standing.therapists
        ]
        new = replace(standing, therapists=then)
        return self.preview_of(
            standing, new, effects.of_on_call(coordinator, new.facts, new.called, (joining, leaving), new.now)
        )


class QuestionSetForm(SettingForm):
    is_guarded = False
    name, heading = "question-set", "What everyone is asked"
    question_set = OneButton("The questions of a check-in", "Choose one.")

    def offer(self, standing: Standing) -> None:
        self.question_set.choices = {one.name: one.title for one in sets.to_choose()}

    def said(self, standing: Standing) -> str:
        asked = sets.latest(standing.facts.question_set)
        return f"{asked.title}, version {asked.version}"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_question_set(coordinator, old, new)


class CountedKindsForm(SettingForm):
    is_guarded = False
    name, heading = "counted-hours", "What counts as hours"
    counted_kinds = Choices("These count toward the weekly hours", choices=KINDS, missing="Choose at least one kind.")

    @property
    def values(self) -> dict[str, Any]:
        return {"counted_kinds": [kind for kind in KINDS if kind in self.counted_kinds.data]}

    def said(self, standing: Standing) -> str:
        counted = [name for kind, name in KINDS.items() if kind in standing.facts.counted_kinds]
        return ", ".join([*counted[:1], *(name.lower() for name in counted[1:])]) or "Nothing"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_counted_kinds(coordinator, old, new, now)
