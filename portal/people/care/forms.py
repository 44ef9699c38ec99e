"""The forms of changing a care team, of time away, and of breaking the glass and reviewing it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from portal.drafts.forms import Form
from portal.fields import DayField, OneButton, OneOf, text
from portal.people import Person
from portal.people.care import GIVEN, ROLES
from portal.people.care.reviews import FINDINGS
from portal.preview import Preview, PreviewForm

SHORTEST, LONGEST = 10, 500  # characters of a reason
End = Callable[[Person | None], Iterable[str]]


class MemberForm(Form):
    """`therapists` are those there are to choose from, by key."""

    therapist = OneOf("Therapist", "Choose a therapist.", "Choose one of the therapists shown.", default="")
    role = OneButton("Role", "Choose a role.", choices={role: ROLES[role] for role in GIVEN})

    def __init__(self, therapists: dict[str, Person], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.therapist.choices = {key: person.name for key, person in therapists.items()}


class EndForm(PreviewForm):
    """The successor of whose part in a care team ends; it is needed for the last of somebody in the program."""

    successor = OneOf("Who treats them from now on", wrong="Choose one of the therapists shown.", default="")

    def __init__(self, member: str, role: str, therapists: Mapping[str, Person], end: End) -> None:
        """`member` is the key of whose part ends, `therapists` are those there are, by key, and `end` ends it."""
        super().__init__()
        self.ends, self.end = (member, role), end
        self.successor.id = f"successor-{member}"
        self.successor.choices = [
            ("", "Nobody"),
            *((key, one.name) for key, one in therapists.items() if key != member),
        ]
        self.therapists = therapists

    def attempt(self, *about: Any) -> Preview:
        """End it, and say what that comes to; nothing, where it had ended before."""
        return Preview(tuple(self.end(self.therapists.get(self.successor.data))))


class TimeAwayForm(Form):
    """A therapist's days away. A coordinator says whose; a therapist enters their own."""

    therapist = OneOf("Who is away", "Choose a therapist.", default="")
    first_day = DayField("First day away", validators=[InputRequired("Choose the first day.")])
    last_day = DayField("Last day away", validators=[InputRequired("Choose the last day.")])
    cover = OneOf("Who covers", "Choose who covers.", default="")
    on_call = OneOf("Who is on call instead", wrong="Choose one of the therapists shown.", default="")

    def __init__(self, actor: Person, therapists: Mapping[str, Person]) -> None:
        """`therapists` are those there are, by key; `actor` is one of them, or a coordinator."""
        super().__init__()
        self.actor, self.therapists = actor, therapists
        others = [(key, one.name) for key, one in therapists.items() if one.id != actor.id]
        self.therapist.choices = [("", "Choose"), *others]
        self.cover.choices = [("", "Choose"), *others]
        self.on_call.choices = [("", "Nobody else"), *others]
        if actor.role == "therapist":
            del self.therapist

    @property
    def leaving(self) -> Person:
        """The therapist who is away; of a form that was found good."""
        return self.therapists[self.therapist.data if self.therapist else self.actor.key]

    @property
    def covering(self) -> Person:
        return self.therapists[self.cover.data]

    @property
    def called(self) -> Person | None:
        """The therapist to put on call, if one is named."""
        return self.therapists.get(self.on_call.data)


class GlassForm(Form):
    who = text("Whose record?", 254, needed="Type their full name, email or sign-in name.")
    reason = text(
        "Why can it not wait for their own team?",
        LONGEST,
        needed="Write why. The coordinator reads it.",
        field=TextAreaField,
        validators=[Length(SHORTEST, -1, f"Write a little more: {SHORTEST} characters or more.")],
    )


class FindingForm(Form):
    """`key` names the opening, so that the fields of several on one page are told apart."""

    finding = OneButton("What did you find?", "Choose what you found.", choices=FINDINGS)

    def __init__(self, key: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.finding.id = f"finding-{key}"
