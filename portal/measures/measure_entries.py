"""Measure entries: keeping answers with their score, or a total that a therapist enters, and reading them back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import audit, clock, seal
from portal.db import add_once, append_version, db, new_key, reader
from portal.fields import Refused
from portal.flags.raising import raise_flag
from portal.measures import INSTRUMENTS, TOTALS, scoring
from portal.measures.instrument import Instrument, Item
from portal.measures.models import MeasureEntry, MeasureReview
from portal.measures.scoring import Score
from portal.people import Person
from portal.people.models import Account

TOO_OLD_TO_CHANGE = (
    "These answers are for a day that is over, so they can no longer be changed. You can answer again for today."
)
LONGEST_AGO = timedelta(days=366)  # for a total that was asked on paper; an older year is a slip of the hand
OLD_VERSION = "These are answers to an older version of this measure."


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One item with what was answered to it: `state` is "given", "skipped", or "not asked" after an answer of 0."""

    item: Item
    value: int | None
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class MeasureVersion:
    """One version of one set of answers, with the latest review of it: which version was read, by whom and when.

    `answers` holds what was given: an item that is not in it was skipped.
    """

    participant_id: int
    key: str
    version: int
    slug: str
    instrument_version: str
    mode: str
    answers: dict[str, int]
    total: int | None
    prorated: bool
    parts: dict[str, Any]
    band: str | None
    for_day: date
    entered_at: datetime
    zone: str
    sealed_event: bytes | None
    read_version: int | None = None
    read_by_id: int | None = None
    read_by: str | None = None
    read_at: datetime | None = None

    @property
    def event(self) -> str | None:
        """The words by which they named the event that they meant; None without any."""
        if self.sealed_event is None:
            return None
        return seal.open(MeasureEntry.event, self.sealed_event, self.participant_id, self.key, self.version)

    @property
    def instrument(self) -> Instrument | None:
        """The instrument that was answered; None for a total of a measure whose words are not here."""
        return INSTRUMENTS.get(self.slug)

    @property
    def critical(self) -> scoring.Tier:
        """The tier that the answer to the critical item asks for, as Score has it."""
        return scoring.tier(self.instrument, self.answers) if self.instrument else ""

    @property
    def positive(self) -> bool:
        return self.critical in ("same_day", "urgent")

    @property
    def brings_help(self) -> bool:
        """Whether people to reach come before anything else on the page after it."""
        return self.positive

    @property
    def is_seen(self) -> bool:
        """Whether somebody of the care team has marked this version as seen."""
        return self.read_version is not None and self.read_version >= self.version

    @property
    def waits(self) -> bool:
        """The critical question was left out, and nobody has marked this version as read."""
        return self.critical == "not answered" and not self.is_seen

    @property
    def item_answers(self) -> list[ItemAnswer]:
        """The answers to all items, in order; a question that was passed over is not a skipped one."""
        return [self._answer_to(item) for item in self.instrument.items] if self.instrument else []

    def _answer_to(self, item: Item) -> ItemAnswer:
        value = self.answers.get(item.id)
        if value is not None:
            return ItemAnswer(item, value, item.words_of(value), "given")
        state = "not asked" if scoring.is_passed_over(item, self.answers) else "skipped"
        return ItemAnswer(item, None, state.capitalize(), state)

    def score(self) -> Score:
        """The score as it was kept. Why there is none is told from the answers, while the instrument is the same."""
        one = self.instrument
        if one is None:
            return Score(self.total, "", False, 0, 0, (), None, "")
        bands = {band.name: band for band in one.bands}
        kept = Score(self.total, OLD_VERSION, self.prorated, 0, 0, (), bands.get(self.band or ""), self.critical)
        if str(one.version) != self.instrument_version:
            return kept
        told = scoring.score(one, self.answers)
        parts = tuple(replace(part, **_part(part, self.parts.get(part.subscale.id, {}))) for part in told.parts)
        return replace(told, total=self.total, prorated=self.prorated, parts=parts, band=kept.band)


def _part(part: scoring.SubscaleScore, kept: Mapping[str, Any]) -> dict[str, Any]:
    bands = {band.name: band for band in part.subscale.bands}
    return {"total": kept.get("total"), "band": bands.get(kept.get("band") or "")}


_OF_REVIEW = ("read_version", "read_by_id", "read_by", "read_at")
_NAMES = {part.name for part in fields(MeasureVersion)} - {"sealed_event", *_OF_REVIEW}
_later = aliased(MeasureReview)
# The latest review of an entry, whatever version it is of.
WITH_REVIEW = and_(
    MeasureReview.participant_id == MeasureEntry.participant_id,
    MeasureReview.measure_key == MeasureEntry.key,
    ~exists().where(
        _later.participant_id == MeasureReview.participant_id,
        _later.measure_key == MeasureReview.measure_key,
        _later.id > MeasureReview.id,
    ),
)
COLUMNS = [
    *(column for column in MeasureEntry.__table__.c if column.name in _NAMES),
    MeasureEntry.event.label("sealed_event"),
    MeasureReview.measure_version.label("read_version"),
    MeasureReview.by_id.label("read_by_id"),
    Account.name.label("read_by"),
    MeasureReview.at.label("read_at"),
]
_newer = aliased(MeasureEntry)
# Whether an entry was not changed afterward.
IS_LATEST = ~exists().where(
    _newer.participant_id == MeasureEntry.participant_id,
    _newer.key == MeasureEntry.key,
    _newer.version == MeasureEntry.version + 1,
)
# All versions of entries, the oldest first.
VERSIONS = (
    select(*COLUMNS)
    .select_from(MeasureEntry)
    .outerjoin(MeasureReview, WITH_REVIEW)
    .outerjoin(Account, Account.id == MeasureReview.by_id)
    .order_by(MeasureEntry.participant_id, MeasureEntry.for_day, MeasureEntry.entered_at, MeasureEntry.key)
)
_version = reader(MeasureVersion, VERSIONS)
_OWN = VERSIONS.where(MeasureEntry.participant_id == bindparam("me"))
_OWN_LATEST = _OWN.where(IS_LATEST)
_OF_SLUG = _OWN_LATEST.where(MeasureEntry.slug == bindparam("slug"))
_CALLED = _OWN_LATEST.where(MeasureEntry.key == bindparam("key"))
_ANSWERED_ON = _OF_SLUG.where(MeasureEntry.mode == "self", MeasureEntry.for_day == bindparam("day"))


def history(participant: Person, slug: str | None = None) -> list[MeasureVersion]:
    """The entries of `participant`, answered or entered for them, of one measure or of all, the oldest first."""
    rows = db.session.execute(_OF_SLUG if slug else _OWN_LATEST, {"me": participant.id, "slug": slug})
    return [_version(row) for row in rows]


def every_version(participant: Person) -> tuple[list[MeasureVersion], dict[str, list[MeasureVersion]]]:
    """The entries as in `history`, with who has read them; and by key the versions before, the oldest first."""
    of_key: dict[str, list[MeasureVersion]] = {}
    for row in db.session.execute(_OWN, {"me": participant.id}):
        of_key.setdefault(row.key, []).append(_version(row))
    for versions in of_key.values():
        versions.sort(key=lambda entry: entry.version)
    latest = sorted((each.pop() for each in of_key.values()), key=lambda one: (one.for_day, one.entered_at, one.key))
    return latest, of_key


def find(participant: Person, key: str) -> MeasureVersion:
    """The entry of `participant` called `key`, in its latest version; raises NotFound."""
    if (found := _latest(participant, key)) is None:
        raise NotFound
    return found


def keep(
    participant: Person,
    instrument: Instrument,
    answers: Mapping[str, int | None],
    key: str,
    now: datetime,
    seconds_taken: int | None = None,
    event: str | None = None,
) -> MeasureVersion:
    """Keep the answers to `instrument` under the form's `key`, with what they come to, and return them.

    An instrument is answered once a day: the same answers again, from whichever form, are a replay, and nothing is
    added. Other answers are the next version, of the same day. An answer to the critical item that asks for it raises a
    flag each time it is kept. Raises ValueError for answers that are none, as scoring.score, NotFound for a key that
    names another measure of theirs, and Refused for a change of answers whose day, and the day after, are over.
    """
    score = scoring.score(instrument, answers)
    given = {item.id: value for item in instrument.items if (value := answers.get(item.id)) is not None}
    parts = {
        part.subscale.id: {"total": part.total, "band": part.band.name if part.band else None} for part in score.parts
    }
    kept = {
        "slug": instrument.slug,
        "mode": "self",
        "entered_by_id": participant.id,
        "instrument_version": str(instrument.version),
        "language": instrument.language,
        "answers": given,
        "total": score.total,
        "prorated": score.prorated,
        "parts": parts,
        "band": score.band.name if score.band else None,
        "seconds_taken": seconds_taken,
    }
    entry, is_new = _add(participant, key, now, kept, event=event)
    if is_new:
        what = "measure.keep" if entry.version == 1 else "measure.change"
        audit.record(participant, what, participant, entry.key)
        if entry.positive and instrument.critical:
            code = f"item9_{given[instrument.critical.item]}"
            raise_flag(participant, code, None, now, measure_key=entry.key)
    return entry


def enter_total(
    therapist: Person, participant: Person, name: str, total: int, day: date, now: datetime, key: str | None = None
) -> MeasureVersion:
    """Keep the total of a measure of TOTALS that `participant` was asked on `day`; the same form again is once.

    The same form with another total or day is the next version of it; with another measure it is one of its own.
    Raises ValueError for a measure that is not one of them, a total outside its range, and a day that is still to come
    or more than a year ago.
    """
    measure, today = TOTALS.get(name), clock.day_of(now, participant.zone)
    if measure is None or not measure.lowest <= total <= measure.highest or not today - LONGEST_AGO <= day <= today:
        raise ValueError(f"{total} on {day} is no total of {name!r}")
    kept = {
        "slug": name,
        "mode": "clinician",
        "entered_by_id": therapist.id,
        "instrument_version": "",
        "language": "en",
    }
    key = f"{(key or new_key()).removesuffix(f'-{name}')}-{name}"
    entry, is_new = _add(participant, key, now, kept | {"answers": {}, "total": total}, day)
    if is_new:
        audit.record(therapist, "measure.enter", participant, entry.key)
    return entry


def _add(
    participant: Person,
    key: str,
    now: datetime,
    kept: dict[str, Any],
    day: date | None = None,
    event: str | None = None,
) -> tuple[MeasureVersion, bool]:
    """The entry, and whether it was added: what is there already with the same answers is not added again.

    Without a `day` it is what they answered themselves, and for the one on which it was first kept.
    """
    today = clock.day_of(now, participant.zone)

    def read_latest() -> MeasureVersion | None:
        called = _latest(participant, key)
        return called if called or day else answered_on(participant, kept["slug"], today)

    def next_version(latest: MeasureVersion | None) -> MeasureEntry | None:
        if latest and (latest.slug, latest.mode) != (kept["slug"], kept["mode"]):
            raise NotFound
        for_day = day or (latest.for_day if latest else today)
        sent = (kept["answers"], kept["total"], for_day, event)
        if latest and (latest.answers, latest.total, latest.for_day, latest.event) == sent:
            return None
        if latest and day is None and latest.for_day < clock.day_of(now, latest.zone) - timedelta(days=1):
            raise Refused("", TOO_OLD_TO_CHANGE)
        called, version = (latest.key, latest.version + 1) if latest else (key, 1)
        return MeasureEntry(
            participant_id=participant.id,
            key=called,
            version=version,
            event=None if event is None else seal.close(MeasureEntry.event, event, participant.id, called, version),
            for_day=for_day,
            entered_at=now,
            zone=participant.zone,
            **kept,
        )

    return append_version(read_latest, next_version)


def answered_on(participant: Person, slug: str, day: date) -> MeasureVersion | None:
    """The answers of `participant` to this measure on `day`, in their latest version; None without any."""
    row = db.session.execute(_ANSWERED_ON, {"me": participant.id, "slug": slug, "day": day}).first()
    return _version(row) if row else None


def _latest(participant: Person, key: str) -> MeasureVersion | None:
    row = db.session.execute(_CALLED, {"me": participant.id, "key": key}).first()
    return _version(row) if row else None


def mark_seen(
    therapist: Person, participant: Person, entry: MeasureVersion, now: datetime, version: int | None = None
) -> None:
    """`therapist` has read this `version` of `entry`, the latest unless it says another; the same again adds nothing.

    What was left out in it is named no longer, and a high total of it no longer ranks anybody.
    """
    read_version = max(1, min(version or entry.version, entry.version))
    if entry.read_version is not None and entry.read_version >= read_version:
        return
    row = MeasureReview(participant_id=participant.id, measure_key=entry.key, measure_version=read_version)
    row.by_id, row.at = therapist.id, now
    if add_once(row):
        audit.record(therapist, "measure.review", participant, entry.key)
