"""Check-ins as a therapist reads them: in all their versions, with who read them and what in them is not usual."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, bindparam, select

from portal import words
from portal.checkins import usual_range
from portal.checkins.days import CheckInDay, series_of
from portal.checkins.entry import COLUMNS, WITH_PLAN, AnswerInWords, CheckInReview, CheckInVersion
from portal.checkins.models import CheckIn, CheckInPlan, Review
from portal.checkins.sets import NOT_ASKED
from portal.checkins.usual_range import DAYS, UnusualAnswer
from portal.db import db
from portal.people import Person
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class Written:
    """A check-in in its latest version, the versions before it, who read it, and what in it is not usual."""

    entry: CheckInVersion
    earlier: tuple[CheckInVersion, ...]
    reviews: tuple[CheckInReview, ...]
    changes: tuple[UnusualAnswer, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Whether anyone has read its latest version."""
        return any(review.check_in_version == self.entry.version for review in self.reviews)

    def seen_by(self, person_id: int) -> bool:
        """Whether this person has."""
        return any(r.check_in_version == self.entry.version and r.by_id == person_id for r in self.reviews)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What the latest version changed in the one before: the name of each answer, before, and after."""
        if not self.earlier:
            return []
        old = self.earlier[-1]
        before, after = ({one.name: one.words for one in _all_said(entry)} for entry in (old, self.entry))
        changed = [
            (name, before.get(name, NOT_ASKED), after.get(name, NOT_ASKED))
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
        return changed if old.note == self.entry.note else [*changed, _note(old.note, self.entry.note)]

    @property
    def tags(self) -> list[tuple[str, str]]:
        """What stands out in it, as (words, class)."""
        tags = [("Safety", "safe")] if self.entry.positive else []
        tags += [(change.short, "honey") for change in self.changes]
        tags += [("Return to use", "honey")] if self.entry.substance_use == "yes" else []
        return [*tags, ("Acted on an urge", "honey")] if self.entry.given("acted") == "yes" else tags

    def fits(self, only: str) -> bool:
        """Whether one choice of words.ONLY shows it."""
        return {"flagged": bool(self.tags), "note": self.entry.sealed_note is not None, "unseen": not self.is_seen}.get(
            only, True
        )


def _all_said(entry: CheckInVersion) -> list[AnswerInWords]:
    """All that a version of a check-in says, but for its note."""
    others = [one for one in entry.all_said() if one.state != "not asked"]
    return [AnswerInWords("Day", words.short_day(entry.for_day)), *others]


def _note(before: str | None, after: str | None) -> tuple[str, str, str]:
    """That the note changed; both stand in full elsewhere."""
    return "Note", "none" if before is None else "other words", "none" if after is None else "as it is now"


_WRITTEN = (
    select(*COLUMNS, Review.check_in_version, Review.by_id, Account.name, Review.at, Review.reply, Review.key)
    .select_from(CheckIn)
    .outerjoin(CheckInPlan, WITH_PLAN)
    .outerjoin(Review, and_(Review.participant_id == CheckIn.participant_id, Review.check_in_key == CheckIn.key))
    .outerjoin(Account, Account.id == Review.by_id)
    .where(
        CheckIn.participant_id == bindparam("participant"),
        CheckIn.for_day.between(bindparam("first"), bindparam("last")),
    )
    .order_by(CheckIn.for_day, CheckIn.entered_at, CheckIn.version, Review.at)
)


def check_ins(participant: Person, first: date, last: date) -> list[Written]:
    """The check-ins for these days by day and time of entry, each in all its versions and with who read it."""
    rows = db.session.execute(_WRITTEN, {"participant": participant.id, "first": first, "last": last})
    versions: dict[str, dict[int, CheckInVersion]] = {}
    reviews: dict[str, dict[str, CheckInReview]] = {}
    for row in rows:
        entry = CheckInVersion(*row[: len(COLUMNS)])
        review = row[len(COLUMNS) :]
        versions.setdefault(entry.key, {})[entry.version] = entry
        if (review_key := review[-1]) is not None:
            reviews.setdefault(entry.key, {})[review_key] = CheckInReview(entry.key, *review)
    written = []
    for key, held in versions.items():
        *earlier, entry = (held[version] for version in sorted(held))
        entry = replace(entry, first_entered_at=earlier[0].entered_at if earlier else None)
        written.append(Written(entry, tuple(earlier), tuple(reviews.get(key, {}).values())))
    return sorted(written, key=lambda one: (one.entry.for_day, one.entry.at, one.entry.entered_at))


def compared(written: Iterable[Written], days: list[CheckInDay]) -> Iterator[Written]:
    """Each check-in with what in it was not usual, seen from the 28 days before its own."""
    series = series_of(days)
    for one in written:
        index = (one.entry.for_day - days[0].day).days
        usual = usual_range.before(series, index) if DAYS <= index < len(days) else {}
        yield replace(one, changes=usual_range.unusual(one.entry.given, usual))
