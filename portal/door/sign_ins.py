"""Sign-ins: the rows behind the browsers in which people are signed in, how long they last, and how they end."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import ColumnElement, Row, Update, bindparam, delete, select, true, update
from sqlalchemy.exc import DBAPIError

from portal import audit, clock, program, tokens, words
from portal.db import db, read, reader, write
from portal.door.models import InterruptedForm, SignIn
from portal.people import PERSON, Person, named_readers, person_in
from portal.people.models import Account
from portal.program import ProgramFacts
from portal.program.models import Program

IDLE = {  # a participant's is the program's setting
    "therapist": timedelta(minutes=15),
    "coordinator": timedelta(minutes=10),
}
IDLE_SHARED = timedelta(minutes=5)
ABSOLUTE = {
    "participant": timedelta(hours=12),
    "therapist": timedelta(hours=12),
    "coordinator": timedelta(hours=8),
}
ARRIVAL = timedelta(minutes=10)  # to show the second factor, or to set one up
FORM_WAITS = timedelta(minutes=10)  # how long a form that a new proof interrupted can be carried out
JUST_NOW = timedelta(hours=1)  # how long after the quiet limit what is on the page is still kept for who typed it
FRESH = timedelta(minutes=5)  # how long a proof that it is you counts for what needs one
LAST_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin, Person):
    """The person who is signed in on this request, with what every page needs, from one query.

    `therapist` is the name of their primary therapist, `reader` of who reads what they write today, `token` what their
    cookie holds.
    """

    sign_in_id: int
    last_used_at: datetime
    confirmed_at: datetime
    shared: bool
    started_at: datetime
    therapist: str | None
    reader: str | None
    program: ProgramFacts
    token: str = field(default="", repr=False)

    @property
    def idle(self) -> timedelta:
        """The time that this browser may be quiet before it is signed out."""
        return idle_limit(self.role, self.shared, self.program.idle_minutes)

    def is_fresh(self, now: datetime) -> bool:
        """Whether they proved lately enough that it is they, for what asks for that."""
        return now - self.confirmed_at <= FRESH

    def left(self, now: datetime, counted: bool = False) -> int:
        """Seconds until this browser is signed out if it stays quiet; `counted` when this request was a use."""
        quiet = now - self.last_used_at
        if counted and quiet >= LAST_USE_EVERY:  # it has just been written
            quiet = timedelta()
        return max(0, int(min(self.idle - quiet, ABSOLUTE[self.role] - (now - self.started_at)).total_seconds()))

    def get_id(self) -> str:
        return self.token


@dataclass(frozen=True, slots=True)
class Arriving(Person):
    """Somebody who has shown one thing and is asked for another: `stage` is "second", or "enroll" to set one up."""

    stage: str
    sign_in_id: int
    shared: bool
    started_at: datetime
    program: ProgramFacts


class Stranger(AnonymousUserMixin):
    """Nobody: a request without a living sign-in."""

    id = None
    role = None


def _hash(token: str) -> str:
    return tokens.hash_of("sign-in", token)


def idle_limit(role: str, shared: bool, participant_minutes: int) -> timedelta:
    """The time that a browser may be quiet: by role, and shorter on a device that others use too."""
    limit = IDLE.get(role, timedelta(minutes=participant_minutes))
    return min(limit, IDLE_SHARED) if shared else limit


_therapist, _reader = named_readers()
# Built once: it runs on every request of everyone who is signed in.
_VISITOR = (
    select(
        *PERSON,
        SignIn.id.label("sign_in_id"),
        SignIn.last_used_at,
        SignIn.confirmed_at,
        SignIn.shared,
        SignIn.started_at,
        _therapist.label("therapist"),
        _reader.label("reader"),
        *program.columns("program."),
    )
    .select_from(SignIn)
    .join(Account, Account.id == SignIn.account_id)
    .join(Program, true())
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.stage == "full",
        SignIn.ended_at.is_(None),
        Account.disabled_at.is_(None),
    )
)
_read_visitor = reader(Visitor, _VISITOR)


def visitor(token: str, now: datetime) -> Visitor | None:
    """The person whose living sign-in `token` opens; None for one that is unknown, ended, idle or too old."""
    known = program.remembered()
    today = clock.day_of(now, known.zone) if known else now.date()
    found = _visitor_on(today, token, now)
    if found and clock.day_of(now, found.program.zone) != today:  # the first request, or another zone by now
        found = _visitor_on(clock.day_of(now, found.program.zone), token, now)
    if found is None:
        return None
    if _ran_out(found.role, found, found.program.idle_minutes, now):
        return None
    program.remember(found.program)
    return replace(found, token=token)


def _ran_out(role: str, sign_in: Visitor | Row, participant_minutes: int, now: datetime) -> bool:
    """Whether a sign-in was quiet for too long, or is too old, to open anything."""
    idle = idle_limit(role, sign_in.shared, participant_minutes)
    return now - sign_in.last_used_at > idle or now - sign_in.started_at > ABSOLUTE[role]


def _visitor_on(today: date, token: str, now: datetime) -> Visitor | None:
    row = next(iter(read(_VISITOR, token_hash=_hash(token), today=today, now=now)), None)
    return _read_visitor(row) if row else None


def last_visitor(token: str, now: datetime) -> Person | None:
    """The person whose sign-in `token` was, if it ran out of time by itself, and lately.

    That is within its day, and not more than JUST_NOW after its quiet limit. One ended by sign-out belongs to nobody,
    and an old cookie to nobody either.
    """
    row = db.session.execute(
        select(*PERSON, SignIn.started_at, SignIn.last_used_at, Program.idle_minutes)
        .join(SignIn, SignIn.account_id == Account.id)
        .join(Program, true())
        .where(
            SignIn.token_hash == _hash(token),
            SignIn.stage == "full",
            SignIn.shared.is_(False),  # nothing is kept there
            SignIn.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    lately = idle_limit(row.role, False, row.idle_minutes) + JUST_NOW
    return person_in(row) if row.started_at > now - ABSOLUTE[row.role] and row.last_used_at > now - lately else None


def use(visitor: Visitor, now: datetime) -> bool:
    """Note that the sign-in is in use, at most once a minute. True when there is something to commit."""
    if now - visitor.last_used_at < LAST_USE_EVERY:
        return False
    db.session.execute(update(SignIn).where(SignIn.id == visitor.sign_in_id).values(last_used_at=now))
    return True


def start(
    person: Person, now: datetime, *, stage: str = "full", how: str = "password", shared: bool = False, device: str = ""
) -> str:
    """Open a sign-in for `person` and return its token, which exists nowhere else."""
    token = tokens.make()
    db.session.add(
        SignIn(
            token_hash=_hash(token),
            account_id=person.id,
            stage=stage,
            how=how,
            shared=shared,
            device=device,
            started_at=now,
            last_used_at=now,
            confirmed_at=now,
        )
    )
    db.session.flush()  # `visitor` finds it at once
    return token


_ARRIVING = (
    select(
        *PERSON,
        SignIn.stage,
        SignIn.id.label("sign_in_id"),
        SignIn.shared,
        SignIn.started_at,
        *program.columns("program."),
    )
    .join(SignIn, SignIn.account_id == Account.id)
    .join(Program, true())
    .where(SignIn.stage != "full", SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
)
_read_arriving = reader(Arriving, _ARRIVING)


def arriving(token: str, now: datetime) -> Arriving | None:
    """The person who has shown one factor under `token` and not the other; None for nobody, or after ARRIVAL."""
    row = db.session.execute(
        _ARRIVING.where(SignIn.token_hash == _hash(token), SignIn.started_at > now - ARRIVAL)
    ).first()
    if row is None:
        return None
    found = _read_arriving(row)
    program.remember(found.program)
    return found


def renew(visitor: Visitor, how: str, now: datetime) -> str:
    """Put a new token in the place of the one this sign-in had, and note the proof; the new token."""
    token = tokens.make()
    db.session.execute(
        update(SignIn)
        .where(SignIn.id == visitor.sign_in_id, SignIn.ended_at.is_(None))
        .values(token_hash=_hash(token), confirmed_at=now, last_used_at=now, how=how)
    )
    return token


def _end(now: datetime, *which: ColumnElement[bool]) -> Update:
    return update(SignIn).where(SignIn.ended_at.is_(None), *which).values(ended_at=now)


def _forget_interrupted_forms(now: datetime, *which: ColumnElement[bool]) -> int:
    """Forget the forms that wait in these sign-ins; how many could still be carried out."""
    ended = select(SignIn.id).where(SignIn.ended_at.is_(None), *which)
    forgotten = delete(InterruptedForm).where(InterruptedForm.sign_in_id.in_(ended)).returning(InterruptedForm.kept_at)
    rows = db.session.execute(forgotten, execution_options={"synchronize_session": False}).all()
    return sum(row.kept_at > now - FORM_WAITS for row in rows)


def end_quietly(token: str | None, now: datetime) -> None:
    """End the whole or half-done sign-in of `token`, if there is one, in the caller's transaction."""
    if token:
        end_those(now, SignIn.token_hash == _hash(token))


def end_those(now: datetime, *which: ColumnElement[bool]) -> int:
    """End these sign-ins, and forget the forms that waited in them; how many there were."""
    _forget_interrupted_forms(now, *which)
    return write(_end(now, *which), synchronize_session=False)


def end_all(person: Person, now: datetime, but: int | None = None) -> list[str]:
    """End every sign-in of `person`, but for the one with the id `but`: nothing they opened opens any more.

    What ended in words, of what still opened something: one that ran out of time by itself is not named.
    """
    theirs = SignIn.account_id == person.id, SignIn.id.is_distinct_from(but)
    forms = _forget_interrupted_forms(now, *theirs)
    idle = select(Program.idle_minutes).scalar_subquery().label("idle_minutes")
    told = SignIn.stage, SignIn.shared, SignIn.started_at, SignIn.last_used_at, idle
    rows = db.session.execute(_end(now, *theirs).returning(*told)).all()
    count = sum(row.stage == "full" and not _ran_out(person.role, row, row.idle_minutes, now) for row in rows)
    other = "other sign-in" if but else "sign-in"
    ended = [words.counted(count, other)] if count else []
    return [*ended, "what you had not finished sending there"] if forms else ended


def end_half_done(person: Person, now: datetime) -> None:
    """End every sign-in of `person` that has shown one thing and not the other: what it would ask for has changed."""
    end_those(now, SignIn.account_id == person.id, SignIn.stage != "full")


def end(token: str, now: datetime) -> bool:
    """End the sign-in that `token` opens: it opens nothing from now on. True when there is something to commit.

    A half-done sign-in ends too, and off the record, as it began. A database that does not answer keeps nobody from
    leaving: that is False, too.
    """
    mine = SignIn.token_hash == _hash(token)
    try:
        _forget_interrupted_forms(now, mine)
        account = db.session.execute(_end(now, mine).returning(SignIn.account_id.label("id"), SignIn.stage)).first()
    except DBAPIError:
        db.session.rollback()
        return False
    if account and account.stage == "full":
        audit.record(account, "session.end")
    return account is not None


def end_off_the_record(token: str, now: datetime) -> None:
    """End the sign-in of `token` where the audit record takes nothing: that keeps nobody from leaving."""
    db.session.rollback()
    end_quietly(token, now)
