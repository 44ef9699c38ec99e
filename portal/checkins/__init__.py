"""Check-ins: logging them, reading them back, and saying that someone has read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, flags, seal
from portal.checkins import words
from portal.checkins.models import CheckIn, Review
from portal.db import db, new_key
from portal.people import Person
from portal.people.models import Account

POSITIVE: tuple[str | None, ...] = ("yes_safe", "yes_talk")
ITEMS = ("mood", "anxiety", "urges", "sleep_hours", "medication", "substance_use", "skills", "note", "safety")


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a check-in, as plain values."""

    participant_id: int
    for_day: date
    key: str
    version: int
    mood: int
    anxiety: int | None
    urges: int | None
    sleep_hours: float | None
    medication: str | None
    substance_use: str | None
    skills: list[str] | None
    sealed_note: bytes | None
    safety: str | None
    entered_at: datetime
    zone: str
    first_entered_at: datetime | None = None

    @property
    def note(self) -> str | None:
        """What they wrote; opened when it is read, since most lists show no note."""
        row = (self.participant_id, self.key, self.version)
        return None if self.sealed_note is None else seal.open(CheckIn.note, self.sealed_note, *row)

    @property
    def entered_on(self) -> date:
        """The participant's day on which it was entered."""
        return clock.day_of(self.entered_at, self.zone)

    @property
    def late(self) -> bool:
        """First entered on a later day than the one it is about; a change the day after is not late."""
        return clock.day_of(self.first_entered_at or self.entered_at, self.zone) > self.for_day

    @property
    def positive(self) -> bool:
        """Whether the safety question was answered with a yes."""
        return self.safety in POSITIVE

    def says(self, item: str) -> str:
        """The answer to `item` in words; "Skipped" for a skip."""
        return words.answer(item, getattr(self, item))


@dataclass(frozen=True, slots=True)
class ReviewOf:
    """Who read which version of a check-in and when, with the reply if there is one."""

    check_in_key: str
    check_in_version: int
    by_id: int
    by: str
    at: datetime
    sealed_reply: bytes | None
    key: str

    @property
    def reply(self) -> str | None:
        """What they answered; None when they only read it."""
        return None if self.sealed_reply is None else seal.open(Review.reply, self.sealed_reply, self.key)


COLUMNS = (
    CheckIn.participant_id,
    CheckIn.for_day,
    CheckIn.key,
    CheckIn.version,
    *(getattr(CheckIn, item) for item in ITEMS),
    CheckIn.entered_at,
    CheckIn.zone,
)


def _current() -> Select:
    """Check-ins in their latest version."""
    newer, first = aliased(CheckIn), aliased(CheckIn)
    first_entered_at = (
        select(first.entered_at)
        .where(
            CheckIn.version > 1,
            first.participant_id == CheckIn.participant_id,
            first.key == CheckIn.key,
            first.version == 1,
        )
        .scalar_subquery()
    )
    return select(*COLUMNS, first_entered_at).where(
        ~exists().where(
            newer.participant_id == CheckIn.participant_id,
            newer.key == CheckIn.key,
            newer.version == CheckIn.version + 1,
        )
    )


def between(participant_ids: Collection[int], first: date, last: date) -> list[Entry]:
    """The check-ins of these people for the days `first` to `last`, by person, day and time of entry."""
    rows = db.session.execute(
        _current()
        .where(CheckIn.participant_id.in_(participant_ids), CheckIn.for_day.between(first, last))
        .order_by(CheckIn.participant_id, CheckIn.for_day, CheckIn.entered_at)
    )
    return [Entry(*row) for row in rows]


def around(participant: Person, key: str, first: date, last: date) -> tuple[Entry, list[Entry]]:
    """The check-in called `key` and all of the days `first` to `last`, in one read; raises NotFound."""
    rows = db.session.execute(
        _current()
        .where(
            CheckIn.participant_id == participant.id,
            or_(CheckIn.key == key, CheckIn.for_day.between(first, last)),
        )
        .order_by(CheckIn.for_day, CheckIn.entered_at)
    )
    entries = [Entry(*row) for row in rows]
    for entry in entries:
        if entry.key == key:
            return entry, [e for e in entries if first <= e.for_day <= last]
    raise NotFound


def of(participant: Person, key: str) -> Entry:
    """The check-in of `participant` called `key`, in its latest version; raises NotFound."""
    row = db.session.execute(_current().where(CheckIn.participant_id == participant.id, CheckIn.key == key)).first()
    if row is None:
        raise NotFound
    return Entry(*row)


def on_day(participant: Person, day: date) -> list[Entry]:
    """The check-ins of `participant` for `day`, the last one last."""
    return between([participant.id], day, day)


def log(
    participant: Person, answers: dict[str, Any], key: str, now: datetime, seconds_taken: int | None = None
) -> Entry:
    """Keep a check-in under the form's `key` and return it.

    The same key with the same answers is a replay: nothing is added. With other answers it is the next version.
    A yes to the safety question raises a flag each time it is kept. `answers` holds ITEMS and `for_day`.
    """
    while True:
        latest = _latest(participant, key)
        if latest is not None and all(getattr(latest, item) == answers.get(item) for item in (*ITEMS, "for_day")):
            return latest
        version = latest.version + 1 if latest else 1
        check_in = CheckIn(
            participant_id=participant.id,
            key=key,
            version=version,
            question_set=words.QUESTION_SET[0],
            question_set_version=words.QUESTION_SET[1],
            entered_at=now,
            zone=participant.zone,
            seconds_taken=seconds_taken,
            **answers | {"note": sealed_note(answers.get("note"), participant.id, key, version)},
        )
        try:
            with db.session.begin_nested():
                db.session.add(check_in)
        except IntegrityError:
            # The same form arrived twice at once: whoever came second finds the first one's row and looks again.
            if _latest(participant, key) == latest:
                raise
            continue
        audit.record(participant, "check_in.log" if check_in.version == 1 else "check_in.change", participant, key)
        entry = Entry(*(getattr(check_in, column.key) for column in COLUMNS))
        if entry.safety and entry.positive:
            flags.raise_flag(participant, entry.safety, key, now)
        return entry


def sealed_note(note: str | None, participant_id: int, key: str, version: int) -> bytes | None:
    """A note as the row of this version keeps it."""
    return None if note is None else seal.close(CheckIn.note, note, participant_id, key, version)


def _latest(participant: Person, key: str) -> Entry | None:
    try:
        return of(participant, key)
    except NotFound:
        return None


def answer_safe_now(participant: Person, entry: Entry, answer: str, now: datetime) -> None:
    """The second question, "Are you safe right now?", with "yes", "not_sure" or "no"."""
    code = f"safe_now_{answer}"
    if flags.told_in(participant, entry.key).codes(entry.entered_at)[-1:] == [code]:
        return
    flags.raise_flag(participant, code, entry.key, now)
    audit.record(participant, "safety.answer", participant, entry.key)


def ask_for_call(participant: Person, entry: Entry, now: datetime) -> None:
    """The participant asks the team to call."""
    if "call_me" in flags.told_in(participant, entry.key).codes(entry.entered_at):
        return
    flags.raise_flag(participant, "call_me", entry.key, now)
    audit.record(participant, "safety.call_me", participant, entry.key)


def review(therapist: Person, participant: Person, entry: Entry, reply: str | None, now: datetime) -> None:
    """`therapist` has read `entry`, and may answer. The same again (a second tap) adds nothing."""
    reply = reply or None
    before = reviews_of(participant, [entry.key])
    if any(
        r.by_id == therapist.id and r.check_in_version == entry.version and reply in (None, r.reply) for r in before
    ):
        return
    review_key = new_key()
    db.session.add(
        Review(
            key=review_key,
            participant_id=participant.id,
            check_in_key=entry.key,
            check_in_version=entry.version,
            by_id=therapist.id,
            at=now,
            reply=sealed_reply(reply, review_key),
        )
    )
    audit.record(therapist, "check_in.reply" if reply else "check_in.review", participant, entry.key)


def sealed_reply(reply: str | None, review_key: str) -> bytes | None:
    """A reply as the row of its review keeps it."""
    return None if reply is None else seal.close(Review.reply, reply, review_key)


def reviews_of(participant: Person, keys: Sequence[str]) -> list[ReviewOf]:
    """Who read these check-ins, oldest first."""
    rows = db.session.execute(
        select(
            Review.check_in_key,
            Review.check_in_version,
            Account.id,
            Account.name,
            Review.at,
            Review.reply,
            Review.key,
        )
        .join(Account, Account.id == Review.by_id)
        .where(Review.participant_id == participant.id, Review.check_in_key.in_(keys))
        .order_by(Review.at)
    )
    return [ReviewOf(*row) for row in rows]


def reviewed_versions(participant_ids: Collection[int], since: datetime) -> dict[tuple[int, str], int]:
    """The latest version that anyone has read since then, of each check-in of these people."""
    rows = db.session.execute(
        select(Review.participant_id, Review.check_in_key, func.max(Review.check_in_version))
        .where(Review.participant_id.in_(participant_ids), Review.at >= since)
        .group_by(Review.participant_id, Review.check_in_key)
    )
    return {(participant_id, key): version for participant_id, key, version in rows}
