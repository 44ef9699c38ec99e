"""The forms of the settings about signing in and being reached, and the list of all settings."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Regexp, ValidationError

from portal import words
from portal.door.factors import factor_changes
from portal.fields import Choices, Number, OneButton, OneOf, PhoneField, TimeOfDayField, text
from portal.office import effects
from portal.office.care_forms import AskingSafetyForm, CountedKindsForm, FlagMinutesForm, OnCallForm, QuestionSetForm
from portal.office.phrases import ZONES
from portal.office.setting_forms import SettingForm, Standing
from portal.people import Person
from portal.program import ProgramFacts

SHORTEST, LONGEST = 5, 30  # minutes
DAYS = dict(enumerate(words.WEEKDAYS))
# It stands in titles, in mail and on the home screen of a phone, where others read it.
TELLING = re.compile(
    r"addict|alcohol|anxi|bipolar|behavio|clinic|counsel|crisis|depress|detox|disorder|drug|health|hospital|iop\b"
    r"|medic|mental|mood|outpatient|patient|psych|recover|rehab|sober|substance|suicid|therap|trauma|treatment|wellness",
    re.IGNORECASE,
)


class ShownAsForm(SettingForm):
    name, heading = "shown-as", "Name on phones and in email"
    shown_as = text(
        "Name",
        30,
        needed="Write a name.",
        validators=[Regexp(r"[^\W_][\w '&.-]*\Z", message="Use letters, digits and spaces.")],
    )

    def said(self, standing: Standing) -> str:
        return standing.facts.shown_as

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        yield "It is in the title of every page, the sender of every email, and the app’s name on a phone."
        yield "An icon already on a home screen may keep its old name."

    def validate_shown_as(self, field: StringField) -> None:
        if TELLING.search(field.data or ""):
            raise ValidationError("Choose a name that says nothing about health: others see it on a phone.")


class SecondFactorForm(SettingForm):
    name, heading = "second-factor", "Second step for participants"
    needs_second_factor = OneButton(
        "Must participants have a second step at sign-in?",
        "Choose one.",
        choices={"no": "No, they may", "yes": "Yes, all of them"},
    )

    def stands(self, standing: Standing) -> dict[str, Any]:
        return {"needs_second_factor": "yes" if standing.facts.needs_second_factor else "no"}

    @property
    def values(self) -> dict[str, Any]:
        return {"needs_second_factor": self.needs_second_factor.data == "yes"}

    def said(self, standing: Standing) -> str:
        return "Asked of everyone" if standing.facts.needs_second_factor else "Their choice"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_second_factor(coordinator, new)

    def change(self, coordinator: Person, standing: Standing) -> None:
        super().change(coordinator, standing)
        if self.values["needs_second_factor"]:
            factor_changes.ask_of_participants(standing.now)


class IdleMinutesForm(SettingForm):
    name, heading = "idle-minutes", "Signed out after minutes without use"
    idle_minutes = Number(
        "Sign participants out after this many minutes without use",
        SHORTEST,
        LONGEST,
        validators=[InputRequired(f"Write a number from {SHORTEST} to {LONGEST}.")],
    )

    def said(self, standing: Standing) -> str:
        return f"{standing.facts.idle_minutes}, on a shared device 5"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        yield f"Participants are signed out after {new.idle_minutes} minutes without use, not {old.idle_minutes}."
        yield "On a shared device it stays 5 minutes."


class PhoneForm(SettingForm):
    name, heading = "phone", "Phone"
    phone = PhoneField("Phone number that people can call", validators=[InputRequired("Write a phone number.")])

    def said(self, standing: Standing) -> str:
        return standing.facts.phone

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        yield "Every page of a participant shows and dials the new number, below 988."
        yield "Emails and papers already sent keep the old one."
        yield "Please call the new number once before you save it."


class AddressForm(SettingForm):
    is_guarded = False
    name, heading = "address", "Address"
    address = text("Street address", 200)

    def said(self, standing: Standing) -> str:
        return standing.facts.address or "None yet"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        if new.address:
            yield "Participants see it beside every session that has a room."
        else:
            yield "Participants see no address beside their sessions."


class WorkingHoursForm(SettingForm):
    of_flags = True
    name, heading = "hours", "Hours"
    open_days = Choices(
        "Open on", choices=dict(enumerate(words.WEEKDAYS)), coerce=int, missing="Choose at least one day."
    )
    opens = TimeOfDayField("From", validators=[InputRequired("Write when you open.")])
    closes = TimeOfDayField("To", validators=[InputRequired("Write when you close.")])

    def said(self, standing: Standing) -> str:
        return f"{standing.facts.hours_in_words[0].upper()}{standing.facts.hours_in_words[1:]}"

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"open_days": sorted(self.open_days.data)}

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_hours(coordinator, old, new, now)

    def validate_closes(self, field: TimeOfDayField) -> None:
        if field.data and self.opens.data and field.data <= self.opens.data:
            raise ValidationError("You close before you open. Write a later time.")


class ZoneForm(SettingForm):
    of_flags = True
    name, heading = "zone", "Time zone"
    zone = OneOf("The clock of", "Choose a time zone.")

    def offer(self, standing: Standing) -> None:
        self.zone.choices = ZONES | {standing.facts.zone: self.said(standing)}

    def said(self, standing: Standing) -> str:
        return ZONES.get(standing.facts.zone, standing.facts.zone.replace("_", " "))

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        return effects.of_zone(coordinator, old, new, now)


class DirectionsForm(SettingForm):
    is_guarded = False
    name, heading = "directions", "Directions"
    directions = text("How to find the door", 500, field=TextAreaField)

    def said(self, standing: Standing) -> str:
        return words.first_words(standing.facts.directions) or "None yet"

    def effects(self, coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterable[str]:
        if new.directions:
            yield "Participants read it on Today, behind “Directions”, where their next session has a room."
        else:
            yield "Participants see no directions."


SETTINGS: tuple[type[SettingForm], ...] = (
    AskingSafetyForm,
    FlagMinutesForm,
    OnCallForm,
    QuestionSetForm,
    CountedKindsForm,
    ShownAsForm,
    SecondFactorForm,
    IdleMinutesForm,
    PhoneForm,
    AddressForm,
    WorkingHoursForm,
    ZoneForm,
    DirectionsForm,
)
