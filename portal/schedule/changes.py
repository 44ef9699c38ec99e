"""What changes a session for those who come: moved, cancelled, led by another, elsewhere. Each is kept, and seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, insert, or_, select, true, union, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit, clock
from portal.db import db, new_key, reader, write
from portal.people import OPEN_PARTICIPANT, Person
from portal.people.models import Account
from portal.schedule.meetings import Change, Meeting, Place, accounts, acts, change_columns, meeting_columns
from portal.schedule.models import ChangeSeen, Session, SessionChange
from portal.schedule.places import places_of, sessions
from portal.schedule.staff_meetings import StaffMeeting


def move(
    session: StaffMeeting, new_wall_at: datetime, reason: str, by: Person, now: datetime, minutes: int | None = None
) -> None:
    """Move a planned session to another wall time of its zone, and let it last so many `minutes` if they are given.

    It stays the same session, and can be held. Raises clock.SkippedHour for a time that does not exist, and
    ValueError for a session that is not planned any more, for the time it already has, and for a move without a
    reason.
    """
    new_at, lasts = clock.at_wall(new_wall_at, session.time.zone), minutes or session.time.minutes
    if (new_at, lasts) == (session.time.start, session.time.minutes):
        raise ValueError("This is the time the session already has.")
    becomes = {"wall_at": new_wall_at, "starts_at": new_at, "local_day": new_wall_at.date(), "minutes": lasts}
    told: list[dict[str, Any]] = [{"kind": "moved", "new_at": new_at}] if new_at != session.time.start else []
    if lasts != session.time.minutes:
        told.append({"kind": "lasts", "was": f"{session.time.minutes} minutes", "becomes": f"{lasts} minutes"})
    _keep_change(session, told, becomes, reason, by, now)
    audit.record(by, "session.move", subject=session.key)


def cancel(session: StaffMeeting, reason: str, by: Person, now: datetime) -> None:
    """Cancel a planned session. Raises ValueError for one no longer planned, and without a reason."""
    _keep_change(session, [{"kind": "cancelled"}], {"status": "cancelled"}, reason, by, now)
    audit.record(by, "session.cancel", subject=session.key)


def restore(session: StaffMeeting, reason: str, by: Person, now: datetime) -> None:
    """Let a cancelled session that has not begun take place after all, at the time it had."""
    if session.time.start <= now:
        raise ValueError("It would have begun already. Plan a new session.")
    _keep_change(session, [{"kind": "restored"}], {"status": "planned"}, reason, by, now, status="cancelled")
    audit.record(by, "session.restore", subject=session.key)


def substitute(session: StaffMeeting, leader: Person, reason: str, by: Person, now: datetime) -> None:
    """Let another therapist lead a planned session: its attendance is theirs to take from then on."""
    if leader.role != "therapist":
        raise NotFound
    if leader.id == session.leader_id:
        raise ValueError(f"{leader.name} leads it already.")
    told = {"kind": "led", "was": session.leader, "becomes": leader.name}
    _keep_change(session, [told], {"facilitator_id": leader.id}, reason, by, now)
    audit.record(by, "session.substitute", subject=session.key)


def place(session: StaffMeeting, room: str, video_url: str, reason: str, by: Person, now: datetime) -> None:
    """Put a planned session into another room, or behind another video link."""
    new = Place(room.strip(), video_url.strip())
    if new == session.place:
        raise ValueError("This is where it already is.")
    told = {"kind": "placed", "was": session.place.words or "no place", "becomes": new.words or "no place yet"}
    _keep_change(session, [told], {"room": new.room, "video_url": new.video}, reason, by, now)
    audit.record(by, "session.place", subject=session.key)


def describe(session: StaffMeeting, title: str, topic: str, bring: str, note: str, by: Person, now: datetime) -> None:
    """Say what a session is about and what to bring; nobody has to have seen that."""
    words = {"title": title.strip(), "topic": topic.strip(), "bring": bring.strip(), "note": note.strip()}
    if not words["title"]:
        raise ValueError("A session has a name.")
    db.session.execute(
        update(Session).where(Session.id == session.id).values(**words, sequence=Session.sequence + 1, changed_at=now)
    )
    audit.record(by, "session.describe", subject=session.key)


def _keep_change(
    session: StaffMeeting,
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
        .where(Session.id == session.id, Session.status == status, Session.starts_at == session.time.start)
        .values(**becomes_row, sequence=Session.sequence + 1, changed_at=now)
    )
    if not changed:
        raise ValueError("This session was moved, cancelled or held in the meantime.")
    keep([{"session_id": session.id, "old_at": session.time.start, **row} for row in told], reason, by, now)


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


_changers = accounts.alias()
_CHANGED = (
    select(*meeting_columns("meeting."), *change_columns(_changers, "change."))
    .select_from(sessions)
    .join(acts, acts.c.session_id == sessions.c.id)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .join(_changers, _changers.c.id == acts.c.by_id)
    .order_by(sessions.c.starts_at, acts.c.id)
)
_meeting, _change = reader(Meeting, _CHANGED, within="meeting."), reader(Change, _CHANGED, within="change.")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A participant has not said that they saw the latest act that changed a session to come, made at `at`."""

    session_id: int
    change_key: str
    kind: str
    at: datetime
    participant_id: int
    name: str


def told(
    therapist: Person, start: datetime, end: datetime, now: datetime
) -> tuple[dict[int, Change], list[tuple[Meeting, Change]]]:
    """Of the sessions from `start` to before `end`: by id, the latest move or end of each that `therapist` leads.

    And those still to come that were theirs, and that somebody else leads instead.
    """
    theirs = or_(
        sessions.c.facilitator_id == therapist.id,
        and_(acts.c.kind == "led", acts.c.was == therapist.name),
    )
    found = _CHANGED.where(sessions.c.starts_at >= start, sessions.c.starts_at < end, theirs)
    mine: dict[int, Change] = {}
    given: dict[int, tuple[Meeting, Change]] = {}
    for row in db.session.execute(found):
        meeting, change = _meeting(row), _change(row)
        if meeting.leader_id != therapist.id and meeting.time.start > now:
            given[meeting.id] = meeting, change
        elif meeting.leader_id == therapist.id and change.kind in ("moved", "cancelled"):
            mine[meeting.id] = change
    return mine, list(given.values())


def _unseen(among: Any) -> Select:
    """Everyone who has not seen the latest change of a session still to come, or that was to be, `among` these."""
    latest = select(func.max(acts.c.id)).group_by(acts.c.session_id)
    ahead = or_(acts.c.old_at > bindparam("now"), acts.c.new_at > bindparam("now"))
    mine = and_(among, exists().where(acts.c.session_id == sessions.c.id, ahead))
    places = union(*places_of(lambda _: true(), mine)).subquery()
    return (
        select(
            places.c.session_id,
            acts.c.key.label("change_key"),
            acts.c.kind,
            acts.c.at,
            Account.id.label("participant_id"),
            Account.name,
        )
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


_UNSEEN, _UNSEEN_OF = _unseen(true()), _unseen(sessions.c.id.in_(bindparam("sessions", expanding=True)))
_read_unseen = reader(Unseen, _UNSEEN)


def unseen(now: datetime, session_ids: Collection[int] | None = None) -> list[Unseen]:
    """Everyone who has not seen the latest change of what is still to come, or was to be; of these sessions, or of all.

    By name.
    """
    asked = {"now": now} if session_ids is None else {"now": now, "sessions": list(session_ids)}
    rows = db.session.execute(_UNSEEN if session_ids is None else _UNSEEN_OF, asked)
    return [_read_unseen(row) for row in rows]
