"""Places in sessions, as parts of queries: through a track while enrolled in it, or by a seat.

Somebody whose account is switched off has none from then on, and somebody who was discharged none after their last day.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select

from portal.episodes.models import Episode
from portal.people.models import Account
from portal.schedule.models import Attendance, Seat, Session, TrackEnrollment
from portal.schedule.seats.models import Absence

# Tables, not mapped classes: the hot pages read plain columns, and so skip what the mapper would do with them.
sessions, enrollments = Session.__table__, TrackEnrollment.__table__
seats, attendances, absences = Seat.__table__, Attendance.__table__, Absence.__table__


def enrolled() -> ColumnElement[bool]:
    """A session and an enrollment in its track belong together: its day is one of the enrollment's."""
    return and_(
        enrollments.c.track_id == sessions.c.track_id,
        enrollments.c.starts_on <= sessions.c.local_day,
        or_(enrollments.c.ends_on.is_(None), enrollments.c.ends_on >= sessions.c.local_day),
    )


def has_left(who: Any, begins: Any = sessions.c.starts_at, day: Any = sessions.c.local_day) -> ColumnElement[bool]:
    """Whether a person is no more in the program when a session begins on a day: switched off by then, or discharged.

    A later stay brings them back from its first day on, and one that is only planned at once.
    """
    account, gone, stay = Account.__table__.alias(), Episode.__table__.alias(), Episode.__table__.alias()
    off = exists().where(account.c.id == who, account.c.disabled_at <= begins)
    discharged = exists().where(gone.c.participant_id == who, gone.c.status == "finished", _last_day(gone) < day)
    stays = exists().where(
        stay.c.participant_id == who,
        or_(stay.c.starts_on <= day, stay.c.status == "planned"),
        or_(stay.c.status != "finished", _last_day(stay) >= day),
    )
    return or_(off.correlate_except(account), and_(discharged.correlate_except(gone), ~stays.correlate_except(stay)))


def _last_day(stay: Any) -> ColumnElement[Any]:
    return func.coalesce(stay.c.ended_on, stay.c.planned_end)


def places_of(who: Callable[[Any], ColumnElement[bool]], *when: ColumnElement[bool]) -> list[Select]:
    """Two selects for a union, of (participant_id, session_id): the places of those whom `who` picks."""
    return [
        select(enrollments.c.participant_id, sessions.c.id.label("session_id"))
        .join(sessions, enrolled())
        .where(who(enrollments.c.participant_id), ~has_left(enrollments.c.participant_id), *when),
        select(seats.c.participant_id, seats.c.session_id)
        .join(sessions, sessions.c.id == seats.c.session_id)
        .where(who(seats.c.participant_id), ~has_left(seats.c.participant_id), *when),
    ]


def latest_attendance(places: Any) -> ColumnElement[bool]:
    """A place and its attendance belong together, in the version that no correction has replaced."""
    newer = attendances.alias()
    return and_(
        attendances.c.session_id == places.c.session_id,
        attendances.c.participant_id == places.c.participant_id,
        ~exists().where(
            newer.c.session_id == attendances.c.session_id,
            newer.c.participant_id == attendances.c.participant_id,
            newer.c.version == attendances.c.version + 1,
        ),
    )


def absences_of(places: Any) -> ColumnElement[bool]:
    """A place and the word of its participant that they cannot come to it, while it stands."""
    return and_(
        absences.c.session_id == places.c.session_id,
        absences.c.participant_id == places.c.participant_id,
        absences.c.withdrawn_at.is_(None),
    )


def number_per_session(count: Select) -> ScalarSelect[int]:
    """A count as a column of sessions: of what belongs to each."""
    return count.correlate(sessions).scalar_subquery()


def number_expected(*comes: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[int]:
    """The number of people who belong to a session, each once, of those whom all of `comes` pick."""
    in_track = select(func.count(enrollments.c.participant_id.distinct())).where(
        enrolled(),
        ~has_left(enrollments.c.participant_id),
        *(pick(enrollments.c.participant_id) for pick in comes),
    )
    in_track_too = exists().where(enrollments.c.participant_id == seats.c.participant_id, enrolled())
    seated = select(func.count(seats.c.participant_id)).where(
        seats.c.session_id == sessions.c.id,
        ~in_track_too.correlate_except(enrollments),
        ~has_left(seats.c.participant_id),
        *(pick(seats.c.participant_id) for pick in comes),
    )
    return number_per_session(in_track) + number_per_session(seated)
