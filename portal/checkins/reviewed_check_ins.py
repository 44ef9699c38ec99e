"""Check-ins as a therapist reads them: in all their versions, with who read them and what in them is not usual."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select

from portal import words
from portal.checkins import usual_range
from portal.checkins.check_in_days import CheckInDay, series_of
from portal.checkins.check_in_versions import (
    COLUMNS,
    REVIEW_COLUMNS,
    WITH_PLAN,
    CheckInReview,
    CheckInVersion,
    with_steps,
)
from portal.checkins.models import CheckIn, CheckInPlan, Review
from portal.checkins.sets import NOT_ASKED
from portal.checkins.usual_range import DAYS, UnusualAnswer
from portal.db import read, reader
from portal.people import Person
from portal.people.models import Account


@dataclass(frozen=True, slots=True)
class ReviewedCheckIn:
    """A check-in in its latest version, the versions before it, its reviews, and what in it is not usual."""

    entry: CheckInVersion
    earlier: tuple[CheckInVersion, ...]
    reviews: tuple[CheckInReview, ...]
    unusual: tuple[UnusualAnswer, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Whether anyone has read its latest version."""
        return any(review.check_in_version == self.entry.version for review in self.reviews)

    def seen_by(self, person_id: int) -> bool:
        """Whether this person has read its latest version."""
        return any(r.check_in_version == self.entry.version and r.by_id == person_id for r in self.reviews)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """The changes of the latest version from the one before: the name of each answer, before, and after."""
        if not self.earlier:
            return []
        old = self.earlier[-1]
        before, after = (  # all but the notes
            {"Day": words.short_day(entry.for_day)}
            | {one.name: one.words for one in entry.all_said() if one.state != "not asked"}
            for entry in (old, self.entry)
        )
        changed = [
            (name, before.get(name, NOT_ASKED), after.get(name, NOT_ASKED))
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
        if old.note == self.entry.note:
            return changed
        # Both notes stand in full elsewhere.
        was, became = "other words" if old.note else "none", "as it is now" if self.entry.note else "none"
        return [*changed, ("Note", was, became)]

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The tags of what stands out in it, as (words, class)."""
        tags = [("Safety", "safe")] if self.entry.positive else []
        tags += [(f"{name} {number}", "safe") for name, number in self.entry.urges_to_self_harm]
        tags += [(answer.short, "honey") for answer in self.unusual]
        tags += [("Return to use", "honey")] if self.entry.substance_use == "yes" else []
        return [*tags, ("Acted on an urge", "honey")] if self.entry.given("acted") == "yes" else tags

    def fits(self, only: str) -> bool:
        """Whether one choice of caseload.phrases.ONLY shows it."""
        return {"flagged": bool(self.tags), "note": self.entry.sealed_note is not None, "unseen": not self.is_seen}.get(
            only, True
        )


_READ = (
    with_steps(
        select(*COLUMNS, *REVIEW_COLUMNS)
        .select_from(CheckIn)
        .outerjoin(CheckInPlan, WITH_PLAN)
        .outerjoin(Review, and_(Review.participant_id == CheckIn.participant_id, Review.check_in_key == CheckIn.key))
        .outerjoin(Account, Account.id == Review.by_id)
    )
    .where(
        CheckIn.participant_id == bindparam("participant"),
        CheckIn.for_day.between(bindparam("first"), bindparam("last")),
    )
    .order_by(CheckIn.key, CheckIn.version, Review.at)
)
_check_in = reader(CheckInVersion, _READ, beside=[column.name for column in REVIEW_COLUMNS])
_review = reader(CheckInReview, _READ, beside=[column.name for column in COLUMNS])


def between(participant: Person, first: date, last: date) -> list[ReviewedCheckIn]:
    """The check-ins for these days by day and time of entry, each in all its versions and with its reviews."""
    rows: dict[str, list[Any]] = {}
    for row in read(_READ, participant=participant.id, first=first, last=last):
        rows.setdefault(row.key, []).append(row)
    check_ins = map(_gathered, rows.values())
    return sorted(check_ins, key=lambda one: (one.entry.for_day, one.entry.at, one.entry.entered_at))


def _gathered(rows: Sequence[Any]) -> ReviewedCheckIn:
    """One check-in from its rows, of which there is one for each version and review of it."""
    versions = {row.version: row for row in rows}
    *earlier, entry = map(_check_in, versions.values())
    reviews = {row.review_key: _review(row) for row in rows if row.review_key is not None}
    if earlier:
        entry = replace(entry, first_entered_at=earlier[0].entered_at)
    return ReviewedCheckIn(entry, tuple(earlier), tuple(reviews.values()))


def compare_with_usual(
    check_ins: Iterable[ReviewedCheckIn], days: Sequence[CheckInDay], first: date
) -> list[ReviewedCheckIn]:
    """These check-ins; those from the day `first` on with what is not usual, seen from the 28 days before their own."""
    series = series_of(days)
    usual = {
        day.day: usual_range.before(series, index)
        for index, day in enumerate(days)
        if index >= DAYS and day.day >= first and day.entries
    }
    return [
        replace(one, unusual=usual_range.unusual(one.entry.given, usual[one.entry.for_day]))
        if one.entry.for_day in usual
        else one
        for one in check_ins
    ]
