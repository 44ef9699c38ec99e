"""What changes a session for those who come: moved, cancelled, led by another, elsewhere. Each is kept, and seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, true, union, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit, clock
from portal.db import db, new_key, write
from portal.people import OPEN_PARTICIPANT, Person
from portal.people.models import Account
from portal.schedule.models import ChangeSeen, Session, SessionChange
from portal.schedule.places import places_of, sessions
from portal.schedule.staff import SessionRow, where_in_words

acts = SessionChange.__table__


def move(
    session: SessionRow, new_wall_at: datetime, reason: str, by: Person, now: datetime, minutes: int | None = None
) -> None:
    """Move a planned session to another wall time of its zone, and let it last so many `minutes` if they are given.

    It stays the same session, and can be held. Raises clock.SkippedHour for a time that does not exist, and
    ValueError for a session that is not planned any more, for the time it already has, and for a move without a
    reason.
    """
    new_at, lasts = clock.at_wall(new_wall_at, session.zone), minutes or session.minutes
    if (new_at, lasts) == (session.starts_at, session.minutes):
        raise ValueError("This is the time the session already has.")
    becomes = {"wall_at": new_wall_at, "starts_at": new_at, "local_day": new_wall_at.date(), "minutes": lasts}
    told: list[dict[str, Any]] = [{"kind": "moved", "new_at": new_at}] if new_at != session.starts_at else []
    if lasts != session.minutes:
        told.append({"kind": "lasts", "was": f"{session.minutes} minutes", "becomes": f"{lasts} minutes"})
    _change(session, told, becomes, reason, by, now)
    audit.record(by, "session.move", subject=session.key)


def cancel(session: SessionRow, reason: str, by: Person, now: datetime) -> None:
    """Cancel a planned session. Raises ValueError for one no longer planned, and without a reason."""
    _change(session, [{"kind": "cancelled"}], {"status": "cancelled"}, reason, by, now)
    audit.record(by, "session.cancel", subject=session.key)


def restore(session: SessionRow, reason: str, by: Person, now: datetime) -> None:
    """Let a cancelled session that has not begun take place after all, at the time it had."""
    if session.starts_at <= now:
        raise ValueError("It would have begun already. Plan a new session.")
    _change(session, [{"kind": "restored"}], {"status": "planned"}, reason, by, now, status="cancelled")
    audit.record(by, "session.restore", subject=session.key)


def substitute(session: SessionRow, leader: Person, reason: str, by: Person, now: datetime) -> None:
    """Let another therapist lead a planned session: its attendance is theirs to take from then on."""
    if leader.role != "therapist":
        raise NotFound
    if leader.key == session.facilitator_key:
        raise ValueError(f"{leader.name} leads it already.")
    told = {"kind": "led", "was": session.facilitator, "becomes": leader.name}
    _change(session, [told], {"facilitator_id": leader.id}, reason, by, now)
    audit.record(by, "session.substitute", subject=session.key)


def place(session: SessionRow, room: str, video_url: str, reason: str, by: Person, now: datetime) -> None:
    """Put a planned session into another room, or behind another video link."""
    room, video_url = room.strip(), video_url.strip()
    if (room, video_url) == (session.room, session.video_url):
        raise ValueError("This is where it already is.")
    was, becomes = where_in_words(session.room, session.video_url), where_in_words(room, video_url)
    told = {"kind": "placed", "was": was or "no place", "becomes": becomes or "no place yet"}
    _change(session, [told], {"room": room, "video_url": video_url}, reason, by, now)
    audit.record(by, "session.place", subject=session.key)


def describe(session: SessionRow, title: str, topic: str, bring: str, note: str, by: Person, now: datetime) -> None:
    """Say what a session is about and what to bring; nobody has to have seen that."""
    words = {"title": title.strip(), "topic": topic.strip(), "bring": bring.strip(), "note": note.strip()}
    if not words["title"]:
        raise ValueError("A session has a name.")
    db.session.execute(
        update(Session).where(Session.id == session.id).values(**words, sequence=Session.sequence + 1, changed_at=now)
    )
    audit.record(by, "session.describe", subject=session.key)


def _change(
    session: SessionRow,
    told: Sequence[dict[str, Any]],
    becomes_row: dict[str, Any],
    reason: str,
    by: Person,
    now: datetime,
    *,
    status: str = "planned",
) -> None:
    """Change the row, if it still is what the page showed, and keep what was as one act."""
    if not reason.strip():
        raise ValueError("Say why, so that people can be told.")
    changed = write(
        update(Session)
        .where(Session.id == session.id, Session.status == status, Session.starts_at == session.starts_at)
        .values(**becomes_row, sequence=Session.sequence + 1, changed_at=now)
    )
    if not changed:
        raise ValueError("This session was moved, cancelled or held in the meantime.")
    keep([{"session_id": session.id, "old_at": session.starts_at, **row} for row in told], reason, by, now)


def keep(changed: Sequence[dict[str, Any]], reason: str, by: Person, now: datetime) -> str:
    """Keep what one act of `by` changed; the key that the act has."""
    key, shared = new_key(), {"new_at": None, "was": None, "becomes": None}
    rows = [{**shared, **row, "key": key, "reason": reason.strip(), "by_id": by.id, "at": now} for row in changed]
    if rows:
        db.session.execute(insert(SessionChange), rows)
    return key


def see(participant: Person, change_key: str, now: datetime) -> None:
    """Note that `participant` has seen what one act changed; again is once. Raises NotFound for none of theirs."""
    theirs = union(*places_of(lambda who: who == participant.id)).subquery()
    touches = exists().where(acts.c.key == change_key, acts.c.session_id == theirs.c.session_id)
    if not db.session.scalar(select(touches)):
        raise NotFound
    try:
        with db.session.begin_nested():
            db.session.add(ChangeSeen(change_key=change_key, participant_id=participant.id, at=now))
    except IntegrityError:
        return  # a second tap
    audit.record(participant, "change.see", participant, change_key)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A participant has not said that they saw the latest act that changed a session to come, made at `at`."""

    session_id: int
    change_key: str
    kind: str
    at: datetime
    participant_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """The latest change of a session as the therapist who leads it, or did, reads it.

    `leader` leads it now, and `minutes` and `starts_at` are what it has now.
    """

    session_id: int
    title: str
    starts_at: datetime
    zone: str
    minutes: int
    leader: str
    leader_id: int
    kind: str
    old_at: datetime
    was: str | None
    reason: str

    @property
    def wall_start(self) -> datetime:
        return clock.local(self.starts_at, self.zone)

    @property
    def wall_end(self) -> datetime:
        return clock.local(self.starts_at + timedelta(minutes=self.minutes), self.zone)

    @property
    def old_wall(self) -> datetime:
        """When it was to begin before the change."""
        return clock.local(self.old_at, self.zone)


def told(therapist: Person, start: datetime, end: datetime, now: datetime) -> tuple[dict[int, Told], list[Told]]:
    """Of the sessions from `start` to before `end`: by id, the latest move or end of each that `therapist` leads.

    And those still to come that were theirs, and that somebody else leads instead.
    """
    theirs = or_(sessions.c.facilitator_id == therapist.id, and_(acts.c.kind == "led", acts.c.was == therapist.name))
    columns = ("id", "title", "starts_at", "zone", "minutes")
    rows = db.session.execute(
        select(
            *(sessions.c[name] for name in columns),
            Account.name,
            Account.id,
            *(acts.c[name] for name in ("kind", "old_at", "was", "reason")),
        )
        .select_from(sessions)
        .join(acts, acts.c.session_id == sessions.c.id)
        .join(Account, Account.id == sessions.c.facilitator_id)
        .where(sessions.c.starts_at >= start, sessions.c.starts_at < end, theirs)
        .order_by(sessions.c.starts_at, acts.c.id)
    )
    mine: dict[int, Told] = {}
    given: dict[int, Told] = {}
    for one in (Told(*row) for row in rows):
        if one.leader_id != therapist.id and one.starts_at > now:
            given[one.session_id] = one
        elif one.leader_id == therapist.id and one.kind in ("moved", "cancelled"):
            mine[one.session_id] = one
    return mine, list(given.values())


def unseen(now: datetime, session_ids: Collection[int] | None = None) -> list[Unseen]:
    """Who has not seen the latest change of what is still to come, or was to be; of these sessions, or of all."""
    latest = select(func.max(acts.c.id)).group_by(acts.c.session_id)
    ahead = or_(acts.c.old_at > now, acts.c.new_at > now)
    among = true() if session_ids is None else sessions.c.id.in_(session_ids)
    mine = and_(among, exists().where(acts.c.session_id == sessions.c.id, ahead))
    places = union(*places_of(lambda _: true(), mine)).subquery()
    rows = db.session.execute(
        select(places.c.session_id, acts.c.key, acts.c.kind, acts.c.at, Account.id, Account.name)
        .select_from(places)
        .join(acts, acts.c.session_id == places.c.session_id)
        .join(Account, Account.id == places.c.participant_id)
        .where(
            ahead,
            acts.c.id.in_(latest),
            OPEN_PARTICIPANT,
            ~exists().where(ChangeSeen.change_key == acts.c.key, ChangeSeen.participant_id == Account.id),
        )
        .order_by(Account.name, Account.id, places.c.session_id)
    )
    return [Unseen(*row) for row in rows]
