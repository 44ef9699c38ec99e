"""One session: planned, moved, cancelled, restored, described; who leads it and where it is.

What changes it for those who come is kept as an act, with its reason, which they say that they have seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, update
from werkzeug.exceptions import NotFound

from portal import audit, clock, words
from portal.db import db, new_key, write
from portal.fields import Refused, tidy
from portal.people import Person, coordinators_only
from portal.schedule.groups import recurrence
from portal.schedule.meetings import Meeting, Place
from portal.schedule.models import KINDS, Seat, Session, SessionChange

MOST_REPEATS = 26
SAY_WHY = "Say why, so that people can be told."
OVER = "This time is over. Choose one that is still to come."


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """All that a coordinator says of a session that belongs to no track; `wall_at` is naive in `zone`.

    With `weeks` above 1 it takes place every week at that time, so many times.
    """

    kind: str
    title: str
    facilitator_id: int
    wall_at: datetime
    zone: str
    minutes: int
    weeks: int = 1
    discreet_title: str = "Appointment"
    room: str = ""
    video_url: str = ""
    bring: str = ""
    note: str = ""


def plan_session(coordinator: Person, plan: SessionPlan, people: Sequence[Person], now: datetime) -> list[Session]:
    """Plan a session for `people`, or one every week; the sessions, flushed.

    Raises Refused for a kind that has a track, for nobody, and for a time that is over or that the clocks jump over.
    """
    coordinators_only(coordinator)
    if plan.kind not in KINDS or plan.kind == "group":
        raise Refused("kind", "Groups are planned as tracks. Open or change the track instead.")
    if not people:
        raise Refused("people", "Choose who comes.")
    if not 1 <= plan.weeks <= MOST_REPEATS:
        raise Refused("weeks", f"It can be planned from 1 to {MOST_REPEATS} times.")
    rule = f"FREQ=WEEKLY;COUNT={plan.weeks}"
    try:
        times = recurrence.expand(plan.wall_at, rule, plan.zone, clock.day_of(now, plan.zone))
    except clock.SkippedHour as jumped:
        raise _skipped(jumped) from None
    if times[0][1] <= now:
        raise Refused("day", OVER)
    columns = {name: getattr(plan, name) for name in plan.__slots__ if name not in ("wall_at", "weeks")}
    planned = [
        Session(key=new_key(), wall_at=wall, starts_at=instant, local_day=wall.date(), **columns)
        for wall, instant in times
    ]
    db.session.add_all(planned)
    db.session.flush()
    for session in planned:
        for person in people:
            give_seat(coordinator, session, person, now)
    audit.record(coordinator, "session.plan", subject=planned[0].key)
    return planned


def give_seat(coordinator: Person, session: Session, participant: Person, now: datetime) -> None:
    """Let `participant` belong to one session beside those of their tracks."""
    coordinators_only(coordinator)
    db.session.execute(insert(Seat).values(session_id=session.id, participant_id=participant.id, made_at=now))
    audit.record(coordinator, "seat.give", participant, session.key)


def move(
    by: Person, session: Meeting, wall_at: datetime, reason: str, now: datetime, minutes: int | None = None
) -> None:
    """Move a planned session to another wall time of its zone, and let it last so many `minutes` if they are given.

    It stays the same session, and can be held. Raises Refused for a time that does not exist, is over or is its own,
    for a session that is not planned any more, and for a move without a reason.
    """
    was, lasts = session.time, minutes or session.time.minutes
    try:
        start = clock.at_wall(wall_at, was.zone)
    except clock.SkippedHour as jumped:
        raise _skipped(jumped) from None
    if start <= now:
        raise Refused("day", OVER)
    if (start, lasts) == (was.start, was.minutes):
        raise Refused("", "The session is already at this time.")
    changes: list[dict[str, Any]] = [{"kind": "moved", "new_at": start}] if start != was.start else []
    if lasts != was.minutes:
        said, becomes = words.counted(was.minutes, "minute"), words.counted(lasts, "minute")
        changes.append({"kind": "lasts", "was": said, "becomes": becomes})
    columns = {"wall_at": wall_at, "starts_at": start, "local_day": wall_at.date(), "minutes": lasts}
    _change_session("move", by, session, changes, columns, reason, now)


def cancel(by: Person, session: Meeting, reason: str, now: datetime) -> None:
    """Cancel a planned session. Raises Refused for one no longer planned, and without a reason."""
    _change_session("cancel", by, session, [{"kind": "cancelled"}], {"status": "cancelled"}, reason, now)


def restore(by: Person, session: Meeting, reason: str, now: datetime) -> None:
    """Let a cancelled session that has not begun take place after all, at the time it had."""
    if session.time.start <= now:
        raise Refused("", "That time is over. Plan a new session.")
    _change_session("restore", by, session, [{"kind": "restored"}], {"status": "planned"}, reason, now)


def substitute(by: Person, session: Meeting, leader: Person, reason: str, now: datetime) -> None:
    """Let another therapist lead a planned session: its attendance is theirs to take from then on."""
    if leader.role != "therapist":
        raise NotFound
    if leader.id == session.leader_id:
        raise Refused("leader", f"{leader.name} already leads it.")
    change = {"kind": "led", "was": session.leader, "becomes": leader.name}
    _change_session("substitute", by, session, [change], {"facilitator_id": leader.id}, reason, now)


def place(by: Person, session: Meeting, room: str, video_url: str, reason: str, now: datetime) -> None:
    """Put a planned session into another room, or behind another video link."""
    new = Place(tidy(room), tidy(video_url))
    if new == session.place:
        raise Refused("", "The session is already there.")
    change = placed(session.place, new)
    _change_session("place", by, session, [change], {"room": new.room, "video_url": new.video}, reason, now)


def describe(by: Person, session: Meeting, title: str, topic: str, bring: str, note: str, now: datetime) -> None:
    """Say what a session is about and what to bring; nobody has to have seen that. No rule changes a topic said so."""
    columns = {"title": tidy(title), "topic": tidy(topic), "bring": tidy(bring), "note": tidy(note)}
    if not columns["title"]:
        raise Refused("title", "Give the session a name.")
    by_hand = or_(Session.own_topic, Session.topic != columns["topic"])
    row = {**columns, "own_topic": by_hand, "sequence": Session.sequence + 1, "changed_at": now}
    db.session.execute(update(Session).where(Session.id == session.id).values(row))
    audit.record(by, "session.describe", subject=session.key)


def placed(was: Place, becomes: Place) -> dict[str, str]:
    """The change from one place to another, in words."""
    return {"kind": "placed", "was": was.words or "no place", "becomes": becomes.words or "no place yet"}


def note_changes(by: Person, changes: Sequence[dict[str, Any]], reason: str, now: datetime) -> None:
    """Keep what one act of `by` changed in one session or several; those who come are told of it."""
    shared = {"key": new_key(), "reason": tidy(reason), "by_id": by.id, "at": now}
    rows = [{"new_at": None, "was": None, "becomes": None} | change | shared for change in changes]
    if rows:
        db.session.execute(insert(SessionChange), rows)


def _change_session(
    act: str,
    by: Person,
    session: Meeting,
    changes: Sequence[dict[str, Any]],
    columns: dict[str, Any],
    reason: str,
    now: datetime,
) -> None:
    """Change the row, if it still is what the page showed, and keep what was as one act, which is put on record."""
    if not tidy(reason):
        raise Refused("reason", SAY_WHY)
    start, status = session.time.start, "cancelled" if act == "restore" else "planned"
    changed = write(
        update(Session)
        .where(Session.id == session.id, Session.status == status, Session.starts_at == start)
        .values(**columns, sequence=Session.sequence + 1, changed_at=now)
    )
    if not changed:
        raise Refused("", "This session was moved, cancelled or held in the meantime.")
    note_changes(by, [{"session_id": session.id, "old_at": start} | change for change in changes], reason, now)
    audit.record(by, f"session.{act}", subject=session.key)


def _skipped(jumped: clock.SkippedHour) -> Refused:
    return Refused("starts", f"The clocks jump over this time: {jumped}. Choose another time.")
