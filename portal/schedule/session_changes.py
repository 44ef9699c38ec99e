"""Changes of sessions: the latest that a leader reads, and who has seen which."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select, true, union
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import add_once, db, reader
from portal.people import OPEN_PARTICIPANT, Person
from portal.people.models import Account
from portal.schedule.meetings import Meeting, MeetingChange, accounts, acts, change_columns, meeting_columns
from portal.schedule.models import ChangeSeen
from portal.schedule.places import places_of, sessions


def see(participant: Person, change_key: str, now: datetime) -> None:
    """Note that `participant` has seen what one act changed; again is once. Raises NotFound for none of theirs."""
    theirs = union(*places_of(lambda who: who == participant.id)).subquery()
    touches = exists().where(acts.c.key == change_key, acts.c.session_id == theirs.c.session_id)
    if not db.session.scalar(select(touches)):
        raise NotFound
    if add_once(ChangeSeen(change_key=change_key, participant_id=participant.id, at=now)):
        audit.record(participant, "change.see", participant, change_key)


_changers = accounts.alias()
_CHANGED = (
    select(*meeting_columns("meeting."), *change_columns(_changers, "change."))
    .select_from(sessions)
    .join(acts, acts.c.session_id == sessions.c.id)
    .join(accounts, accounts.c.id == sessions.c.facilitator_id)
    .join(_changers, _changers.c.id == acts.c.by_id)
    .order_by(acts.c.id)
)


@dataclass(frozen=True, slots=True)
class ChangedMeeting:
    """A meeting as it is now, and one change of it."""

    meeting: Meeting
    change: MeetingChange


_changed = reader(ChangedMeeting, _CHANGED)


def changes_where(*which: Any) -> list[ChangedMeeting]:
    """The changes that fulfil these conditions on sessions and acts, in the order in which they were made."""
    return [_changed(row) for row in db.session.execute(_CHANGED.where(*which))]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A participant has not said that they saw the latest act that changed a session to come."""

    session_id: int
    change_key: str
    participant_id: int
    name: str


def latest_for_leader(
    therapist: Person, start: datetime, end: datetime, now: datetime
) -> tuple[dict[int, MeetingChange], list[ChangedMeeting]]:
    """Of the sessions from `start` to before `end`: by id, the latest move or end of each that `therapist` leads.

    And those still to come that were theirs, and that somebody else leads instead.
    """
    theirs = or_(sessions.c.facilitator_id == therapist.id, and_(acts.c.kind == "led", acts.c.was == therapist.name))
    mine: dict[int, MeetingChange] = {}
    given: dict[int, ChangedMeeting] = {}
    for one in changes_where(sessions.c.starts_at >= start, sessions.c.starts_at < end, theirs):
        if one.meeting.leader_id != therapist.id and one.meeting.time.start > now:
            given[one.meeting.id] = one
        elif one.meeting.leader_id == therapist.id and one.change.kind in ("moved", "cancelled"):
            mine[one.meeting.id] = one.change
    return mine, sorted(given.values(), key=attrgetter("meeting.time.start"))


_ahead = or_(acts.c.old_at > bindparam("now"), acts.c.new_at > bindparam("now"))
_places = union(
    *places_of(
        lambda _: true(),
        sessions.c.id.in_(bindparam("sessions", expanding=True)),
        exists().where(acts.c.session_id == sessions.c.id, _ahead),
    )
).subquery()
_UNSEEN = (
    select(_places.c.session_id, acts.c.key.label("change_key"), Account.id.label("participant_id"), Account.name)
    .select_from(_places)
    .join(acts, acts.c.session_id == _places.c.session_id)
    .join(Account, Account.id == _places.c.participant_id)
    .where(
        _ahead,
        acts.c.id.in_(select(func.max(acts.c.id)).group_by(acts.c.session_id)),
        OPEN_PARTICIPANT,
        ~exists().where(ChangeSeen.change_key == acts.c.key, ChangeSeen.participant_id == Account.id),
    )
    .order_by(Account.name, Account.id, _places.c.session_id)
)
_unseen = reader(Unseen, _UNSEEN)


def unseen(now: datetime, session_ids: Collection[int]) -> list[Unseen]:
    """Everyone who has not seen the latest change of those of these sessions that are still ahead, or were; by name."""
    if not session_ids:
        return []
    return [_unseen(row) for row in db.session.execute(_UNSEEN, {"now": now, "sessions": list(session_ids)})]
