"""Changes of sessions: the latest that a leader reads, and who has seen which."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select, true, union
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal import audit
from portal.db import db, reader
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
_meeting, _change = reader(Meeting, _CHANGED, within="meeting."), reader(MeetingChange, _CHANGED, within="change.")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A participant has not said that they saw the latest act that changed a session to come, made at `at`."""

    session_id: int
    change_key: str
    kind: str
    at: datetime
    participant_id: int
    name: str


def latest_for_leader(
    therapist: Person, start: datetime, end: datetime, now: datetime
) -> tuple[dict[int, MeetingChange], list[tuple[Meeting, MeetingChange]]]:
    """Of the sessions from `start` to before `end`: by id, the latest move or end of each that `therapist` leads.

    And those still to come that were theirs, and that somebody else leads instead.
    """
    theirs = or_(
        sessions.c.facilitator_id == therapist.id,
        and_(acts.c.kind == "led", acts.c.was == therapist.name),
    )
    found = _CHANGED.where(sessions.c.starts_at >= start, sessions.c.starts_at < end, theirs)
    mine: dict[int, MeetingChange] = {}
    given: dict[int, tuple[Meeting, MeetingChange]] = {}
    for row in db.session.execute(found):
        meeting, change = _meeting(row), _change(row)
        if meeting.leader_id != therapist.id and meeting.time.start > now:
            given[meeting.id] = meeting, change
        elif meeting.leader_id == therapist.id and change.kind in ("moved", "cancelled"):
            mine[meeting.id] = change
    return mine, list(given.values())


def _unseen() -> Select:
    """Everyone who has not seen the latest change of one of these `sessions` still to come, or that was to be."""
    among = sessions.c.id.in_(bindparam("sessions", expanding=True))
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


_UNSEEN = _unseen()
_read_unseen = reader(Unseen, _UNSEEN)


def unseen(now: datetime, session_ids: Collection[int]) -> list[Unseen]:
    """Everyone who has not seen the latest change of one of these sessions to come, or that was to be, by name."""
    rows = db.session.execute(_UNSEEN, {"now": now, "sessions": list(session_ids)})
    return [_read_unseen(row) for row in rows]
