"""The forms of homework: what a therapist gives, what its participant says of it, and what a session agrees."""

from datetime import date
from typing import Any

from wtforms import BooleanField, TextAreaField

from portal.drafts.forms import Form
from portal.fields import DayField, FormKey, OneButton, OneOf, text
from portal.homework.models import MOST_TIMES
from portal.homework.pieces import pieces_to_give
from portal.program import ProgramFacts

OWN = "own"
LONGEST_OWN, LONGEST_WHY, LONGEST_LINE = 200, 500, 200
WEEKS = 4  # that something repeats
HOW_OFTEN = {1: "Once", 2: "Twice", 3: "3 times", 5: "5 times", MOST_TIMES: "7 times"}


class GiveForm(Form):
    """One thing to give: a piece or an own line, how often, by when, and a word why."""

    key = FormKey()
    piece = OneOf("What?", "Choose what to give.", choices={})
    own = text("In your words", LONGEST_OWN)
    times = OneOf("How often?", "Choose how often.", choices=HOW_OFTEN, coerce=int, default=1)
    due = OneButton("By when?", "Choose by when.", choices={})
    day = DayField("Day")
    why = text("A word why", LONGEST_WHY, field=TextAreaField)
    today: date

    def ask(self, program: ProgramFacts, before_next: str, today: date) -> "GiveForm":
        """Let it ask for what can be given now; `before_next` names the next group, or is "" where none is planned."""
        self.today = today
        self.groups = pieces_to_give(program)
        pieces = {f"{one.kind}:{one.slug}": one.title for group in self.groups.values() for one in group}
        self.piece.choices = {"": "Choose one", **pieces, OWN: "Something else, in my words"}
        next_one = {"next": before_next} if before_next else {}
        self.due.choices = {
            **next_one,
            "week": "In one week",
            "day": "By a day",
            "weekly": f"Every week, for {WEEKS} weeks",
        }
        return self

    def begin_with(self, piece: str | None) -> None:
        """Show this piece as chosen, where nothing else is, and there is one of this name."""
        if not self.piece.data and piece in self.piece.choices:
            self.piece.data = piece

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is whole: an own line has words, and a day that it names is not over."""
        super().validate(extra_validators)
        if self.piece.data == OWN and not self.own.data and not self.own.errors:
            self.own.errors = ["Write what there is to do."]
        if self.due.data == "day" and not self.day.errors:
            if self.day.data is None:
                self.day.errors = ["Write the day."]
            elif self.day.data < self.today:
                self.day.errors = ["This day is over. Choose today or a later day."]
        return not self.errors


class StuckForm(Form):
    """The words on what got in the way, if they want to say it."""

    words = text("What got in the way?", field=TextAreaField)


class AgreementForm(Form):
    """The lines that a session agreed, and whether to give what its topic brings."""

    first = text("First line", LONGEST_LINE)
    second = text("Second line", LONGEST_LINE)
    third = text("Third line", LONGEST_LINE)
    topic = BooleanField(default=True)

    @property
    def lines(self) -> list[str]:
        """The text of each, "" for an empty one."""
        return [line.data or "" for line in (self.first, self.second, self.third)]
