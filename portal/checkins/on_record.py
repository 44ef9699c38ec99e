"""A person's check-ins as a table to take away: every version of each, and the days without one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from sqlalchemy import bindparam, select

from portal import checkins, flags
from portal.checkins import replies
from portal.checkins.check_in_versions import COLUMNS, WITH_PLAN, CheckInReview, CheckInVersion
from portal.checkins.models import CheckIn, CheckInPlan
from portal.checkins.table import Column, columns_of
from portal.db import db, reader
from portal.people import Person
from portal.spreadsheet import Cell, moment

NO_CHECK_IN = "No check-in"
ABOUT = (
    *("Day it is about", "Written at", "Time zone", "Saved at", "Written on a later day"),
    *("Version (1 is the first)", "Latest version", "Set of questions", "Seconds taken"),
)
READ = ("Said after the safety question", "Read by", "Read at", "Reply")
SAID_AFTER = {  # by code of flags.REASONS: an answer on the page after the safety question
    "safe_now_yes": "Safe right now: yes",
    "safe_now_not_sure": "Safe right now: not sure",
    "safe_now_no": "Safe right now: no",
    "call_me": "Asked to be called",
}

Cells = list[Cell]
AnswersAfter = dict[str, list[tuple[str, datetime]]]  # codes of SAID_AFTER, and when, by the key of the check-in
EarlierWords = list[tuple[str, datetime]]  # what a reply said, and until when, the last first
Reviews = dict[tuple[str, int], list[tuple[CheckInReview, EarlierWords]]]  # of each version of each check-in

_VERSIONS = (
    select(*COLUMNS, CheckIn.seconds_taken)
    .select_from(CheckIn)
    .outerjoin(CheckInPlan, WITH_PLAN)
    .where(CheckIn.participant_id == bindparam("me"))
    .order_by(CheckIn.key, CheckIn.version)
)
_version = reader(CheckInVersion, _VERSIONS, beside={"seconds_taken"})


@dataclass(frozen=True, slots=True)
class ExportedVersion:
    """One version of a check-in, and how long its form took in seconds, if that is known."""

    entry: CheckInVersion
    seconds_taken: int | None
    is_latest: bool


def table(participant: Person, today: date) -> tuple[list[str], Iterator[Cells]]:
    """The names of the columns, and a row for each version of each check-in, from the first day to `today`.

    A cell tells an answer from "Skipped", "Rather not say" and "Not asked"; a day that was missed is a row of
    "No check-in". Numbers are numbers, so that a zero is a zero. Three reads, and one more where a reply was changed.
    """
    versions = _versions(participant)
    columns = columns_of((one.entry for one in versions), asks_safety=True, but=())
    reviews = _reviews(participant, [one.entry.key for one in versions if one.is_latest])
    said: AnswersAfter = {}
    for flag in flags.flags_of(participant):
        for reason in flag.reasons:
            if reason.check_in_key and reason.code in SAID_AFTER:
                said.setdefault(reason.check_in_key, []).append((reason.code, reason.at))
    heads = [*ABOUT, *(_heading(column) for column in columns), *READ]
    return heads, _rows(versions, columns, reviews, said, participant.zone, today)


def _versions(participant: Person) -> list[ExportedVersion]:
    """All that was ever entered, by day and moment, the versions of each in their order."""
    versions: list[ExportedVersion] = []
    rows = db.session.execute(_VERSIONS, {"me": participant.id})
    for _, those in groupby(rows, key=lambda row: row.key):
        held = list(those)
        for row in held:
            entry = replace(_version(row), first_entered_at=held[0].entered_at)
            versions.append(ExportedVersion(entry, row.seconds_taken, row is held[-1]))
    return sorted(versions, key=lambda one: (one.entry.for_day, one.entry.at, one.entry.entered_at, one.entry.version))


def _reviews(participant: Person, keys: list[str]) -> Reviews:
    """The reviews of these check-ins, each with the earlier words of its reply."""
    found = checkins.reviews_of(participant, keys)
    changes = replies.changes_of(participant) if any(one.changed_at for one in found) else {}
    reviews: Reviews = {}
    for one in found:
        said = [
            (one.first_reply or "", one.at),
            *((step.words or "", step.at) for step in changes.get(one.review_key, ())),
        ]
        earlier = [(words, until) for (words, _), (_, until) in pairwise(said)]
        reviews.setdefault((one.check_in_key, one.check_in_version), []).append((one, earlier[::-1]))
    return reviews


def _heading(column: Column) -> str:
    """The question, and the meaning of its numbers: "Mood (0 very low, 10 very good)"."""
    one = column.question
    if one.kind == "hours":
        return f"{column.name} (hours)"
    if not (one.low_words and one.high_words):
        return column.name
    return f"{column.name} ({one.low} {one.low_words}, {one.high} {one.high_words})"


def _rows(
    versions: list[ExportedVersion], columns: list[Column], reviews: Reviews, said: AnswersAfter, zone: str, today: date
) -> Iterator[Cells]:
    on_day = {day: list(those) for day, those in groupby(versions, key=lambda one: one.entry.for_day)}
    first = min(on_day, default=today)
    for day in (first + timedelta(days=n) for n in range((today - first).days + 1)):
        for one in on_day.get(day, ()):
            answers = [_cell(column, one.entry) for column in columns]
            told = said.get(one.entry.key, []) if one.is_latest else []
            yield [*_about(one), *answers, *_read(told, reviews.get((one.entry.key, one.entry.version), []), zone)]
        if not any(one.is_latest for one in on_day.get(day, ())):
            yield [str(day), *[""] * (len(ABOUT) - 1), *[NO_CHECK_IN] * len(columns), *[""] * len(READ)]


def _about(one: ExportedVersion) -> Cells:
    entry, latest = one.entry, "yes" if one.is_latest else "no"
    times = moment(entry.at, entry.zone), entry.zone, moment(entry.entered_at, entry.zone)
    late = "yes" if entry.late else "no"
    return [str(entry.for_day), *times, late, entry.version, latest, entry.asked_by.title, one.seconds_taken]


def _cell(column: Column, entry: CheckInVersion) -> Cell:
    """The answer: a number as a number, everything else in the words it was asked in."""
    said = column.answer_in(entry)
    if said.state != "given":
        return said.words
    value = column.value_in(entry)
    return value if isinstance(value, int | float) else said.words


def _read(said: list[tuple[str, datetime]], reviews: list[tuple[CheckInReview, EarlierWords]], zone: str) -> Cells:
    """The cells under READ, with what was said after, and the readers of this version, one below the other."""
    after = "\n".join(f"{SAID_AFTER[code]}, {moment(at, zone)}" for code, at in said)
    by = "\n".join(review.by for review, _ in reviews)
    answers = "\n\n".join(_reply(review, earlier, zone) for review, earlier in reviews if review.is_answered)
    return [after, by, "\n".join(moment(review.at, zone) for review, _ in reviews), answers]


def _reply(review: CheckInReview, earlier: EarlierWords, zone: str) -> str:
    """A reply as it stands, below it what it said before and until when; of one that was taken back only that."""
    if review.reply is None:
        return f"(A reply was taken back, {moment(review.ended_at, zone)})" if review.ended_at else ""
    changes = (f"(Changed, {moment(until, zone)}. Before that: {words})" for words, until in earlier)
    return "\n".join([review.reply, *changes])
