"""Flags: an answer that needs a person, what was done about it, and how those are read that are open or closed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, LargeBinary, Select, String, bindparam, cast, null, select, union_all
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal import seal
from portal.db import Instant, read, reader
from portal.flags.models import CLOSING, Flag, FlagAct, FlagReason
from portal.people import FLAG_STAYS, Person
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes, working_minutes

# The answers that may raise or join a flag: {code: (tier, words for staff)}. A code without a tier joins an open flag
# and changes nothing about it. The tiers are the program's safety rules.
REASONS: dict[str, tuple[str | None, str]] = {
    "yes_safe": ("same_day", "Said “yes, and I can keep myself safe” to the safety question"),
    "yes_talk": ("urgent", "Said “yes, and I want to talk to someone” to the safety question"),
    "acted_self_harm": ("same_day", "Said “yes” to having hurt themselves on purpose"),
    "safe_now_yes": (None, "Said “yes” to being safe right now"),
    "safe_now_not_sure": ("urgent", "Is not sure about being safe right now"),
    "safe_now_no": ("urgent", "Said “no” to being safe right now"),
    "call_me": ("urgent", "Asked the team to call"),
    "item9_1": ("same_day", "Answered “several days” to question 9 of the PHQ-9, about being better off dead"),
    "item9_2": ("urgent", "Answered “more than half the days” to question 9 of the PHQ-9, about being better off dead"),
    "item9_3": ("urgent", "Answered “nearly every day” to question 9 of the PHQ-9, about being better off dead"),
}
STAYS = FLAG_STAYS  # how long a closed flag is still shown, and how long who was on call keeps the record


@dataclass(frozen=True, slots=True)
class Reason:
    """One answer behind a flag, kept with its `due_at`. `check_in_key`, or `measure_key`, names what it belongs to."""

    code: str
    at: datetime
    check_in_key: str | None
    measure_key: str | None = None
    due_at: datetime | None = None

    @property
    def tier(self) -> str | None:
        return REASONS[self.code][0]

    @property
    def words(self) -> str:
        return REASONS[self.code][1]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done about a flag, or a note on it (KINDS); who tries again, and when, after "tried"."""

    key: str
    kind: str
    at: datetime
    by: str
    by_id: int
    sealed_note: bytes | None
    again_by: str | None
    again_by_id: int | None
    again_at: datetime | None

    @property
    def note(self) -> str | None:
        """The note; opened when it is read, since most pages show none."""
        return seal.open(FlagAct.note, self.sealed_note, self.key) if self.sealed_note else None

    @property
    def closes(self) -> bool:
        return self.kind in CLOSING


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag with its reasons and its acts, the oldest first. `closed_at` is None while it is open.

    `has_primary` says that the primary therapist of this person is there today; only where it was asked for.
    """

    participant_id: int
    key: str
    tier: str
    raised_at: datetime
    closed_at: datetime | None
    has_primary: bool = False
    reasons: tuple[Reason, ...] = ()
    acts: tuple[Act, ...] = ()

    @property
    def urgent(self) -> bool:
        return self.tier == "urgent"

    @property
    def gravest(self) -> Reason:
        """The latest of the reasons that set the tier: what to say when there is room for one."""
        return max(self.reasons, key=lambda reason: (reason.tier == self.tier, reason.at))

    @property
    def done(self) -> list[Act]:
        """The acts without the notes."""
        return [act for act in self.acts if act.kind != "note"]

    @property
    def first_act(self) -> Act | None:
        return next(iter(self.done), None)

    @property
    def closing(self) -> Act | None:
        """The act that closed it."""
        return next((act for act in self.acts if act.closes), None)

    @property
    def tried(self) -> Act | None:
        """The last act, if they were not reached and the flag is open: it says who tries again, and when."""
        return self.done[-1] if self.done and self.closed_at is None else None

    @property
    def stays_until(self) -> datetime | None:
        """The moment until which a closed flag is still shown first."""
        return self.closed_at + STAYS if self.closed_at else None

    def due_at(self, program: ProgramFacts) -> datetime | None:
        """The instant by which something is to be done about the answers since the last act; None for none of them."""
        last = self.done[-1].at if self.done else None
        waiting = [_due(program, one) for one in self.reasons if last is None or one.at > last]
        return min((due for due in waiting if due), default=None)

    def passed_on_at(self, program: ProgramFacts, now: datetime) -> datetime | None:
        """The instant at which it went to somebody else too: nobody had done anything about an answer in time."""
        for reason in self.reasons:
            due = _due(program, reason)
            done_at = next((act.at for act in self.done if act.at >= reason.at), now)
            if due and due <= done_at:
                return due
        return None

    def minutes_to_first_act(self, program: ProgramFacts) -> int | None:
        """The working minutes from the flag to the first act; None before there is one."""
        return working_minutes(program, self.raised_at, self.first_act.at) if self.first_act else None


def due_of(program: ProgramFacts, code: str, given_at: datetime) -> datetime | None:
    """The instant by which something is to be done about an answer, by the settings of `program`; None for no tier."""
    tier, _ = REASONS[code]
    return after_working_minutes(program, given_at, program.minutes_of(tier)) if tier else None


def _due(program: ProgramFacts, reason: Reason) -> datetime | None:
    """The moment that was kept with the answer; where no hours were set then, it is by those of now."""
    return reason.due_at or due_of(program, reason.code, reason.at)


_by, _again = aliased(Account), aliased(Account)
_NOTHING: dict[type, ColumnElement[Any]] = {
    kind: cast(null(), kind()) for kind in (String, Integer, LargeBinary, Instant)
}  # each NULL says its type, for PostgreSQL
_IN_BOTH: list[Any] = [
    Flag.__table__.c[name].label(f"flag.{name}") for name in ("participant_id", "key", "tier", "raised_at", "closed_at")
]
_OF_REASON = {
    "code": FlagReason.code,
    "check_in_key": FlagReason.check_in_key,
    "measure_key": FlagReason.measure_key,
    "due_at": FlagReason.due_at,
}
_OF_ACT = {
    "key": FlagAct.key,
    "kind": FlagAct.kind,
    "by": _by.name,
    "by_id": FlagAct.by_id,
    "sealed_note": FlagAct.note,
    "again_by": _again.name,
    "again_by_id": FlagAct.again_by_id,
    "again_at": FlagAct.again_at,
}


def _columns(of: type[FlagReason] | type[FlagAct], beside: Collection[ColumnElement[Any]]) -> list[Any]:
    """The columns of a row that is a reason or an act: what belongs to the other is NULL."""
    both = [*_IN_BOTH, *beside, Flag.id.label("flag_id"), of.id.label("row_id")]
    for name, columns, theirs in (("reason", _OF_REASON, FlagReason), ("act", _OF_ACT, FlagAct)):
        for label, column in {"at": theirs.at, **columns}.items():
            value = column if of is theirs else _NOTHING[type(column.type)]
            both.append(value.label(f"{name}.{label}"))
    return [*both, of.at.label("row_at")]


OF_THEM = Flag.participant_id.in_(bindparam("people", expanding=True))


def flags_where(
    *which: ColumnElement[bool],
    beside: Collection[ColumnElement[Any]] = (),
    of: ColumnElement[bool] = OF_THEM,
) -> Select:
    """A read of the flags of the bound `people` for which `which` holds: a row for each reason and for each act.

    `beside` are more columns of the flag, and `of` says of whom they are otherwise. Statements are made once: putting
    one together takes longer than the database does.
    """
    theirs = of, *which
    reasons = select(*_columns(FlagReason, beside)).join(FlagReason, FlagReason.flag_id == Flag.id).where(*theirs)
    acts = (
        select(*_columns(FlagAct, beside))
        .join(FlagAct, FlagAct.flag_id == Flag.id)
        .join(_by, _by.id == FlagAct.by_id)
        .outerjoin(_again, _again.id == FlagAct.again_by_id)
        .where(*theirs)
    )
    both = union_all(reasons, acts).subquery()
    return select(both).order_by(both.c["flag.raised_at"], both.c.flag_id, both.c.row_at, both.c.row_id)


FLAGS = flags_where()
_OPEN = flags_where(Flag.closed_at.is_(None))
_CLOSED = flags_where(Flag.closed_at >= bindparam("since", type_=Instant()))
_CALLED = flags_where(Flag.key == bindparam("called"))


def flag_reader(statement: Select) -> Callable[..., list[RaisedFlag]]:
    """A function that reads the flags of these people by `statement`, one of flags_where; the oldest first."""
    flag_in = reader(RaisedFlag, statement, within="flag.")
    reason_in, act_in = reader(Reason, statement, within="reason."), reader(Act, statement, within="act.")

    def read_flags(participant_ids: Collection[int], **values: Any) -> list[RaisedFlag]:
        rows = read(statement, people=list(participant_ids), **values)
        flags = {row.flag_id: flag_in(row) for row in rows}
        reasons: dict[int, list[Reason]] = {each: [] for each in flags}
        acts: dict[int, list[Act]] = {each: [] for each in flags}
        for row in rows:
            if getattr(row, "act.key"):
                acts[row.flag_id].append(act_in(row))
            else:
                reasons[row.flag_id].append(reason_in(row))
        return [replace(one, reasons=tuple(reasons[each]), acts=tuple(acts[each])) for each, one in flags.items()]

    return read_flags


_read_all, _read_open, _read_closed, _read_called = map(flag_reader, (FLAGS, _OPEN, _CLOSED, _CALLED))


def open_flags(participant_ids: Collection[int]) -> dict[int, RaisedFlag]:
    """The open flag of each of these people who has one."""
    return {flag.participant_id: flag for flag in _read_open(participant_ids)}


def closed_flags(participant_ids: Collection[int], since: datetime) -> list[RaisedFlag]:
    """The flags of these people that were closed since then, the latest first."""
    closed = _read_closed(participant_ids, since=since)
    return sorted(closed, key=lambda flag: flag.closed_at or since, reverse=True)


def flags_of(participant: Person) -> list[RaisedFlag]:
    """Every flag of `participant`, open and closed, the latest first."""
    return _read_all([participant.id])[::-1]


def flag_of(participant: Person, key: str) -> RaisedFlag:
    """The flag of `participant` called `key`, open or closed; raises NotFound."""
    found = _read_called([participant.id], called=key)
    if not found:
        raise NotFound
    return found[0]
