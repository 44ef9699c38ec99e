"""Looking before saving: a plan is made, and taken back unless whoever plans has seen what it comes to."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from portal.db import db
from portal.fields import plain_text, tidy
from portal.schedule import clashes
from portal.schedule.clashes import Clash
from portal.schedule.sessions import phrases

SHOWN = 6  # lines of clashes
SAY_WHY = "Say why it is planned anyway."


@dataclass(frozen=True, slots=True)
class Made:
    """What a verb made: the `thing`, the sessions it is about, what it comes to in words, and what is in its way.

    `listed` is more of what it comes to, for the page to list as it does. Days of the year of `today` go without it.
    """

    thing: Any
    ids: Collection[int] = ()
    said: Sequence[str] = ()
    in_the_way: Sequence[Clash] = ()
    listed: Sequence[Any] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown before anything is saved: sentences, the clashes in words, and what else the page lists."""

    said: tuple[str, ...]
    clashes: tuple[str, ...]
    listed: tuple[Any, ...] = ()

    @property
    def mark(self) -> str:
        """What a form sends back to say that this, and nothing else, was seen."""
        return hashlib.sha256("\n".join([*self.said, "", *self.clashes, *map(repr, self.listed)]).encode()).hexdigest()[
            :16
        ]

    @property
    def first(self) -> tuple[str, ...]:
        return self.clashes[:SHOWN]

    @property
    def more(self) -> int:
        """How many clashes there are beside the first."""
        return max(0, len(self.clashes) - SHOWN)


class PlanForm(FlaskForm):
    """A form that is looked at before it is saved. After a refusal `look` is what there is to see, if anything."""

    clash_reason = StringField(
        "Reason to plan it anyway",
        filters=[tidy],
        validators=[Length(max=200, message="Use 200 characters at most."), plain_text],
    )
    confirm = HiddenField("Seen")
    look: Look | None = None

    @property
    def status(self) -> int:
        """Of the page that shows the form again: 200 when there is only something to look at."""
        return 422 if self.errors or (self.look and self.look.clashes) else 200

    def refuse(self, error: ValueError) -> None:
        """Put what a verb refuses beside the field it is about."""
        self.form_errors.append(str(error))

    def names(self, found: Sequence[Clash], today: date) -> list[str]:
        """Clashes in the words that whoever plans may read."""
        return phrases.folded(found, today)


def settled(form: PlanForm, make: Callable[[], Made]) -> Any:
    """What `make` made, if there is nothing to look at or it was seen; else None, and nothing of it is kept.

    Clashes take a reason, which stays with the sessions.
    """
    try:
        made = make()
    except ValueError as error:
        db.session.rollback()
        form.refuse(error)
        return None
    names = form.names(made.in_the_way, made.today or date.min)
    look = Look(tuple(made.said), tuple(dict.fromkeys(names)), tuple(made.listed))
    why = form.clash_reason.data or ""
    if look.said or look.clashes:
        seen = form.confirm.data == look.mark
        if seen and look.clashes and not why:
            form.clash_reason.errors = [SAY_WHY]
        if not seen or form.errors:
            db.session.rollback()
            form.look = look
            return None
    clashes.explain(made.ids, made.in_the_way, why)
    return made.thing
