"""Previews: an act is tried, what it would do is shown, and it is kept only if that is what was shown."""

import hashlib
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField

from portal.db import db
from portal.drafts.forms import Form
from portal.fields import refusals_on, text

SHOWN = 6  # lines of clashes


@dataclass(frozen=True, slots=True)
class Preview:
    """All that an act would do: in sentences, what it clashes with in sentences, and what else the page lists of it."""

    sentences: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()
    listed: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sentences or self.clashes or self.listed)

    @property
    def mark(self) -> str:
        """A short text that says that this, and nothing else, was shown; its form sends it back."""
        shown = [*self.sentences, "", *self.clashes, *map(repr, self.listed)]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]

    @property
    def first(self) -> tuple[str, ...]:
        """The clashes that are named."""
        return self.clashes[:SHOWN]

    @property
    def more(self) -> int:
        """The number of clashes beside the first."""
        return max(0, len(self.clashes) - SHOWN)


class PreviewForm(Form):
    """A form whose act is shown before it is kept, where there is anything to show. Clashes take a reason.

    After a form was not kept, `preview` is what there is to see, if anything.
    """

    clash_reason = text("Reason to plan it anyway", 200)
    confirm = HiddenField("Seen")
    say_why = "Say why it is planned anyway."
    preview: Preview | None = None

    def attempt(self, *about: Any) -> Preview:
        """Do what the form says, and return what that comes to. Raises Refused."""
        raise NotImplementedError

    def keep(self, *about: Any) -> bool:
        """Whether what the form says is done now: it is good, and there is nothing to show or it was shown.

        Otherwise nothing of it is in the database.
        """
        if not self.validate():
            return False
        if self._tried(*about) and self._was_seen():
            return True
        db.session.rollback()
        return False

    def show(self, *about: Any) -> bool:
        """Whether what the form says can be done: `preview` has what it comes to, and the database nothing of it."""
        could = self._tried(*about)
        db.session.rollback()
        return could

    def _tried(self, *about: Any) -> bool:
        with refusals_on(self):
            self.preview = self.attempt(*about)
            return True
        return False

    def _was_seen(self) -> bool:
        if not self.preview:
            return True
        seen = self.confirm.data == self.preview.mark
        if seen and self.preview.clashes and not self.clash_reason.data:
            self.clash_reason.errors = [self.say_why]
        return seen and not self.errors

    @property
    def status(self) -> int:
        """The status of the page that shows the form again: 200 when there is only something to look at."""
        return 422 if self.errors or (self.preview and self.preview.clashes) else 200
