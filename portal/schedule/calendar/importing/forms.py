"""Forms of an import: a calendar file with who leads and how many seats, and then a yes."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import BooleanField, FileField, HiddenField
from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.fields import Number, OneOf, Refused, text
from portal.people import Person
from portal.people.directory import therapists
from portal.preview import Preview, PreviewForm
from portal.program import ProgramFacts
from portal.schedule.calendar.importing import series, steps
from portal.schedule.calendar.importing.components import MOST_BYTES
from portal.schedule.calendar.importing.series import FileContent
from portal.schedule.calendar.importing.steps import ImportOutcome
from portal.schedule.phrases import in_the_way

LIVES = timedelta(hours=1)
MOST_CHARACTERS = 200_000  # of a form that a browser sends back
TOO_OLD = "The preview was more than an hour old, or not yours. Choose the file again."


class FileForm(FlaskForm):
    """A file to import. `content` is what it holds, once the form is valid; it is never kept."""

    file = FileField("Calendar file")
    leader = OneOf("Who leads these groups?", "Choose a therapist.", "Choose one of the therapists shown.", default="")
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
    keeps nothing of it. After an attempt `content` is what the file says, and `outcome` what it comes to.
    """

    file = HiddenField("Calendar file")
    clash_reason = text("Why is it OK to plan this anyway?", 200)
    without = BooleanField("Import the others without them")
    say_why = "Say why, in a few words."
    content: FileContent
    outcome: ImportOutcome
    leader: str
    capacity: int | None

    def carry(self, coordinator: Person, chosen: FileForm, now: datetime) -> None:
        """Let `file` carry what was `chosen`; bytes of any kind, since nobody has read them yet."""
        carried = {"at": now.timestamp(), "file": chosen.content.decode("latin-1")}
        carried |= {"leader": chosen.leader.data, "capacity": chosen.capacity.data}
        self.file.data = str(_signer(coordinator).dumps(carried))

    def attempt(self, coordinator: Person, program: ProgramFacts, now: datetime) -> Preview:
        carried = self._carried(coordinator, now)
        leader = therapists(coordinator).get(carried["leader"])
        if leader is None:
            raise Refused("file", "The therapist you chose can no longer lead groups.")
        self.leader, self.capacity = leader.name, carried["capacity"]
        try:
            self.content = series.read(carried["file"].encode("latin-1"), program.zone, now)
        except series.Unreadable as error:
            raise Refused("file", str(error)) from None
        if len(self.file.data or "") > MOST_CHARACTERS:
            raise Refused("file", "This is too much for one import; export a shorter period.")
        why = self.clash_reason.data or ""
        self.outcome = steps.take_over(coordinator, self.content.series, leader.id, self.capacity, why, program, now)
        if self.confirm.data and self.content.refused and not self.without.data:
            self.without.errors = ["Check this box, or fix the file and choose it again."]
        if self.outcome.what == "same":
            return Preview()
        clashes = in_the_way(self.outcome.clashes, clock.day_of(now, program.zone))
        return Preview(clashes=tuple(clashes), listed=self.outcome.steps)

    def _carried(self, coordinator: Person, now: datetime) -> dict[str, Any]:
        try:
            carried: dict[str, Any] = _signer(coordinator).loads(self.file.data or "")
        except BadData:
            raise Refused("file", TOO_OLD) from None
        if not 0 <= now.timestamp() - carried["at"] <= LIVES.total_seconds():
            raise Refused("file", TOO_OLD)
        return carried


def _signer(coordinator: Person) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"import of a calendar:{coordinator.key}")
