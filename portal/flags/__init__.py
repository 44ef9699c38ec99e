"""Flags: an answer that needs a person. Raising one, finding the open ones, and ending one with an action."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select, true, update
from werkzeug.exceptions import NotFound

from portal import audit, seal
from portal.db import add_once, db, new_key, read, reader, write
from portal.flags.models import ACTIONS, TIERS, Flag, FlagReason
from portal.people import Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes

# The answers that may raise or join a flag: {code: (tier, words for staff)}. A code without a tier joins an open flag
# and changes nothing about it. The tiers are the program's safety rules.
REASONS: dict[str, tuple[str | None, str]] = {
    "yes_safe": ("same_day", "Said “yes, and I can keep myself safe” to the safety question"),
    "yes_talk": ("urgent", "Said “yes, and I want to talk to someone” to the safety question"),
    "acted_self_harm": ("same_day", "Said “yes” to having hurt themselves on purpose"),
    "safe_now_yes": (None, "Said “yes” to being safe right now"),
    "safe_now_not_sure": ("urgent", "Is not sure about being safe right now"),
    "safe_now_no": ("urgent", "Said “no” to being safe right now"),
    "call_me": ("same_day", "Asked the team to call"),
    "item9_1": ("same_day", "Answered “several days” to question 9 of the PHQ-9, about being better off dead"),
    "item9_2": ("urgent", "Answered “more than half the days” to question 9 of the PHQ-9, about being better off dead"),
    "item9_3": ("urgent", "Answered “nearly every day” to question 9 of the PHQ-9, about being better off dead"),
}


NOT_REACHED = "not_reached"  # the action after which somebody still has to be reached
STILL_TO_REACH = timedelta(days=3)  # how long they stay first on the caseload, unless a later flag says otherwise


class FlagChanged(ValueError):
    """Since it was read somebody else ended the flag, or another answer joined it: it should be read again."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One answer behind a flag. `check_in_key`, or `measure_key`, names what it belongs to."""

    code: str
    at: datetime
    check_in_key: str | None
    measure_key: str | None = None

    @property
    def tier(self) -> str | None:
        return REASONS[self.code][0]

    @property
    def words(self) -> str:
        return REASONS[self.code][1]


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag with its reasons, the oldest first. All that tells of its ending is None while it is open.

    `has_primary` says that somebody is the primary therapist of this person; only where it was asked for.
    """

    participant_id: int
    key: str
    tier: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    action: str | None
    sealed_note: bytes | None
    has_primary: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def urgent(self) -> bool:
        return self.tier == "urgent"

    @property
    def gravest(self) -> Reason:
        """The latest of the reasons that set the tier: what to say when there is room for one."""
        return max(self.reasons, key=lambda reason: (reason.tier == self.tier, reason.at))

    @property
    def note(self) -> str | None:
        """The note of whoever ended it; opened when it is read, since most pages show none."""
        return seal.open(Flag.note, self.sealed_note, self.key) if self.sealed_note else None

    def due_at(self, program: ProgramFacts) -> datetime | None:
        """The instant by which it should be acknowledged; None where the program has no hours in sight."""
        return after_working_minutes(program, self.raised_at, program.flag_minutes)

    def is_late(self, program: ProgramFacts, now: datetime) -> bool:
        """Whether it was not acknowledged in time, and so belongs to the covering therapist too."""
        due = self.due_at(program)
        return due is not None and due <= (self.acknowledged_at or now)

    @property
    def action_words(self) -> str | None:
        return ACTIONS[self.action] if self.action else None


def raise_flag(
    participant: Person, code: str, check_in_key: str | None, now: datetime, *, measure_key: str | None = None
) -> str | None:
    """Join the open flag of `participant`, or open one; returns its key.

    A tier is only ever raised. A code without a tier opens nothing: without an open flag it returns None. The answer
    was part of the check-in, or of the measure, that a key names.
    """
    tier, _ = REASONS[code]
    held = _join(participant, tier)
    while held is None:
        if tier is None:
            return None
        flag = Flag(key=new_key(), participant_id=participant.id, tier=tier, raised_at=now)
        # It is not added when another answer of the same person opened one a moment ago.
        held = (flag.id, flag.key) if add_once(flag) else _join(participant, tier)
    flag_id, flag_key = held
    of_what = {"check_in_key": check_in_key, "measure_key": measure_key}
    db.session.add(FlagReason(flag_id=flag_id, code=code, at=now, **of_what))
    return flag_key


def _join(participant: Person, tier: str | None) -> tuple[int, str] | None:
    """The (id, key) of the open flag, with its tier raised if need be.

    Writing first holds the row until the answer is in, so that nobody can end the flag in between.
    """
    lower = TIERS[: TIERS.index(tier)] if tier else ()
    held = db.session.execute(
        update(Flag)
        .where(Flag.participant_id == participant.id, Flag.acknowledged_at.is_(None))
        .values(tier=case((Flag.tier.in_(lower), tier), else_=Flag.tier))
        .returning(Flag.id, Flag.key),
        execution_options={"synchronize_session": False},
    ).first()
    return (held.id, held.key) if held else None


# Flags with each of their reasons. Statements are made once: putting one together takes longer than the database does.
FLAGS = (
    select(
        Flag.participant_id,
        Flag.key,
        Flag.tier,
        Flag.raised_at,
        Flag.acknowledged_at,
        Account.name.label("acknowledged_by"),
        Flag.action,
        Flag.note.label("sealed_note"),
        FlagReason.code,
        FlagReason.at,
        FlagReason.check_in_key,
        FlagReason.measure_key,
    )
    .join(FlagReason, FlagReason.flag_id == Flag.id)
    .outerjoin(Account, Account.id == Flag.acknowledged_by_id)
    .where(Flag.participant_id.in_(bindparam("people", expanding=True)))
    .order_by(Flag.raised_at, Flag.id, FlagReason.at, FlagReason.id)
)
OF_REASON = ("code", "at", "check_in_key", "measure_key")
_flag = reader(RaisedFlag, FLAGS, beside=OF_REASON)
_reason = reader(Reason, FLAGS, beside=set(FLAGS.selected_columns.keys()) - set(OF_REASON))
_OPEN = FLAGS.where(Flag.acknowledged_at.is_(None))
_ENDED = FLAGS.where(Flag.acknowledged_at >= bindparam("since"))
_CALLED = FLAGS.where(Flag.key == bindparam("called"))


def open_flags(participant_ids: Collection[int]) -> dict[int, RaisedFlag]:
    """The open flag of each of these people who has one."""
    return {flag.participant_id: flag for flag in read_flags(_OPEN, participant_ids)}


def acknowledged_flags(participant_ids: Collection[int], since: datetime) -> list[RaisedFlag]:
    """The flags of these people that were ended since then, the latest first."""
    ended = read_flags(_ENDED, participant_ids, since=since)
    return sorted(ended, key=lambda flag: flag.acknowledged_at or since, reverse=True)


def flags_of(participant: Person) -> list[RaisedFlag]:
    """Every flag of `participant`, open and ended, the latest first."""
    return read_flags(FLAGS, [participant.id])[::-1]


def flag_of(participant: Person, key: str) -> RaisedFlag:
    """The flag of `participant` called `key`, open or ended; raises NotFound."""
    found = read_flags(_CALLED, [participant.id], called=key)
    if not found:
        raise NotFound
    return found[0]


def read_flags(
    statement: Select, participant_ids: Collection[int], flag_in: Callable[[Any], RaisedFlag] = _flag, **values: Any
) -> list[RaisedFlag]:
    """The flags of these people that `statement`, one of FLAGS, picks by these values; the oldest first."""
    rows: dict[str, list[Any]] = {}
    for row in read(statement, people=list(participant_ids), **values):
        rows.setdefault(row.key, []).append(row)
    return [replace(flag_in(held[0]), reasons=tuple(_reason(row) for row in held)) for held in rows.values()]


def sealed_note(note: str | None, flag_key: str) -> bytes | None:
    """The note on what was done, as the row of the flag keeps it."""
    return seal.close(Flag.note, note, flag_key) if note else None


def acknowledge(
    therapist: Person,
    participant: Person,
    flag_key: str,
    action: str,
    note: str | None,
    now: datetime,
    answers_read: int | None = None,
) -> None:
    """End the flag with what was done. Nothing ever takes an acknowledgement back.

    Raises NotFound for a flag that is not theirs, FlagChanged if somebody was faster or the flag has other than the
    `answers_read` reasons, and ValueError for an action that is not one of ACTIONS.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not something that ends a flag")
    mine = Flag.participant_id == participant.id, Flag.key == flag_key
    db.session.execute(select(Flag.id).where(*mine).with_for_update())  # an answer that is joining comes first
    reasons = select(func.count()).where(FlagReason.flag_id == Flag.id).scalar_subquery()
    ended = write(
        update(Flag)
        .where(*mine, Flag.acknowledged_at.is_(None), true() if answers_read is None else reasons == answers_read)
        .values(acknowledged_at=now, acknowledged_by_id=therapist.id, action=action, note=sealed_note(note, flag_key)),
        synchronize_session=False,
    )
    if not ended:
        flag_of(participant, flag_key)  # or else it is not theirs
        raise FlagChanged
    audit.record(therapist, "flag.acknowledge", participant, flag_key)
