"""Forms of an import: a calendar file with who leads and how many seats, and then a yes."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import FileField, HiddenField, SelectMultipleField
from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.fields import Number, OneOf, Refused, text
from portal.people import Person
from portal.people.directory import leader_by_email, therapists
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts
from portal.schedule.calendar.importing import phrases, series, steps
from portal.schedule.calendar.importing.components import MOST_BYTES
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportOutcome, ImportStep, MissingGroup
from portal.schedule.phrases import in_the_way

LIVES = timedelta(hours=1)
MOST_CHARACTERS = 200_000  # of a form that a browser sends back
TOO_OLD = "The preview was more than an hour old, or not yours. Choose the file again."


class FileForm(FlaskForm):
    """A file to import. `content` is what it holds, once the form is valid; it is never kept."""

    file = FileField("Calendar file")
    leader = OneOf("Who leads new groups?", "Choose a therapist.", "Choose one of the therapists shown.", default="")
    capacity = Number("Seats in each group", 1, 500, validators=[Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.content = b""
        leaders = therapists(current_user)
        self.leader.choices = {"": "Choose"} | {key: leader.name for key, leader in leaders.items()}

    def validate_file(self, field: Any) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError("Choose a file. Its name ends in .ics.")
        self.content = field.data.stream.read(MOST_BYTES + 1)


class ImportForm(PreviewForm):
    """The yes to what a calendar file would do.

    `file` carries the file with all that was chosen for it, signed, for one coordinator and for an hour: the portal
    keeps nothing of it. Each event can be left (`take`) and has its leader (`leads`); `over` lets what was changed
    here follow the file, and `end` ends what the file has no more. After an attempt `outcome` is what it comes to.
    """

    file = HiddenField("Calendar file")
    clash_reason = text("Why is it OK to plan this anyway?", 200)
    take = SelectMultipleField("Import", validate_choice=False)
    leads = SelectMultipleField("Leader", validate_choice=False)
    over = SelectMultipleField("Follow the file", validate_choice=False)
    end = SelectMultipleField("End", validate_choice=False)
    say_why = "Say why, in a few words."
    outcome: ImportOutcome
    capacity: int | None
    today: date
    leaders: dict[str, Person]

    def carry(self, coordinator: Person, chosen: FileForm, now: datetime) -> None:
        """Let `file` carry what was `chosen`; bytes of any kind, since nobody has read them yet."""
        carried = {"at": now.timestamp(), "file": chosen.content.decode("latin-1")}
        carried |= {"leader": chosen.leader.data, "capacity": chosen.capacity.data}
        self.file.data = str(_signer(coordinator).dumps(carried))

    def attempt(self, coordinator: Person, program: ProgramFacts, now: datetime) -> Preview:
        carried = self._carried(coordinator, now)
        self.leaders, self.today = therapists(coordinator), clock.day_of(now, program.zone)
        if carried["leader"] not in self.leaders:
            raise Refused("file", "The therapist you chose can no longer lead groups.")
        self.capacity = carried["capacity"]
        try:
            content = series.read(carried["file"].encode("latin-1"), program.zone, now, leader_by_email(coordinator))
        except series.Unreadable as error:
            raise Refused("file", str(error)) from None
        if len(self.file.data or "") > MOST_CHARACTERS:
            raise Refused("file", "This is too much for one import; export a shorter period.")
        choices = self._choices(self.leaders[carried["leader"]].id)
        self.outcome = steps.take_over(coordinator, content, choices, program, now)
        if not self.outcome.has_choices:
            return Preview()
        clashes = in_the_way(self.outcome.clashes, self.today)
        return Preview(clashes=tuple(clashes), listed=(*map(_shown, self.outcome.steps), *self.outcome.missing))

    def _choices(self, leader_id: int) -> ImportChoices:
        """All that the form says; before it was sent for the first time, every event is taken."""
        leads = (one.partition(":") for one in self.leads.data or ())
        return ImportChoices(
            leader_id,
            self.capacity,
            "" if self.clash_reason.errors else self.clash_reason.data or "",
            frozenset(int(line) for line in self.take.data or () if line.isdecimal()) if self.confirm.data else None,
            {int(line): self.leaders[key].id for line, _, key in leads if line.isdecimal() and key in self.leaders},
            frozenset(self.over.data or ()),
            frozenset(self.end.data or ()),
        )

    @property
    def saved(self) -> str:
        """The outcome in a word: new, changed, same, or none where everything was left."""
        return "none" if self.outcome.what == "same" and self.outcome.has_choices else self.outcome.what

    def changing(self, step: ImportStep) -> list[str]:
        """The sentences about one event."""
        return phrases.changing(step, self.today)

    def staying(self, step: ImportStep) -> list[tuple[str, str]]:
        """The sentences about what one event leaves, each with the value of its box."""
        return [(f"{step.line}:{why}", said) for why, said in phrases.staying(step, self.today)]

    def ending(self, gone: MissingGroup) -> str:
        """The sentence about a group that the file has no more."""
        return phrases.ending(gone)

    def leader_of(self, step: ImportStep) -> str:
        """The name of who leads a group, as it is chosen by now."""
        found = (leader.name for leader in self.leaders.values() if leader.id == step.leader_id)
        return next(found, "as it is now")

    def _carried(self, coordinator: Person, now: datetime) -> dict[str, Any]:
        try:
            carried: dict[str, Any] = _signer(coordinator).loads(self.file.data or "")
        except BadData:
            raise Refused("file", TOO_OLD) from None
        if not 0 <= now.timestamp() - carried["at"] <= LIVES.total_seconds():
            raise Refused("file", TOO_OLD)
        return carried


def _shown(step: ImportStep) -> tuple[Any, ...]:
    """All that a page shows of one event, whatever is chosen for it."""
    turned = [one for one in step.turned if one[0] != "facilitator_id" and one[0] not in step.by_hand]
    differences = [(one.kind, one.wall_at, one.was, one.becomes, one.why) for one in step.differences]
    said = (step.line, step.title, step.is_new, step.minutes, step.place, step.zone, step.ended, step.notes)
    return (*said, step.by_hand, step.doubled, step.topics, turned, differences)


def _signer(coordinator: Person) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"import of a calendar:{coordinator.key}")
