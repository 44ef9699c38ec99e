"""Agreements: up to three lines on what to do, which the people of a session write together at its end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from sqlalchemy import and_, bindparam, exists, or_, select, union
from werkzeug.exceptions import NotFound

from portal import audit, seal, words
from portal.db import append_version, db, read, reader
from portal.homework.giving import led_session, people_of
from portal.homework.models import MOST_LINES, Agreement
from portal.people import Person
from portal.people.models import Account
from portal.schedule.models import Seat, Session
from portal.schedule.places import places_of, sessions
from portal.schedule.staff_meetings import SESSIONS, StaffMeeting, is_called

KEPT = timedelta(days=90)  # how far back the list of one person goes
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # no session is older
MOST_LISTED = 5


@dataclass(frozen=True)
class SessionAgreement:
    """The lines that one `session` agreed, on its `day`, as they stand; `by` is who wrote them down, `at` when."""

    session_id: int
    version: int
    sealed: bytes = field(repr=False)
    session: str
    day: date
    by: str
    at: datetime

    @cached_property
    def texts(self) -> list[str]:
        """All MOST_LINES of them, "" where nothing stands."""
        texts: list[str] = json.loads(seal.open(Agreement.lines, self.sealed, self.session_id, self.version))
        return texts

    @property
    def lines(self) -> list[str]:
        """Those that stand, in order."""
        return [text for text in self.texts if text]

    @property
    def begins(self) -> str:
        """The first words of the first line."""
        return words.first_words(self.lines[0])

    def heading(self, today: date) -> str:
        """A heading for them: "What we agreed on Monday"."""
        return f"What we agreed {words.on_day(self.day, today)}"


_agreements, _sessions, _writer = (
    Agreement.__table__,
    Session.__table__.alias("agreeing"),
    Account.__table__.alias("writer"),
)
_newer = _agreements.alias("newer")
STANDS = and_(
    _agreements.c.number > 0,
    ~exists().where(_newer.c.session_id == _agreements.c.session_id, _newer.c.version > _agreements.c.version),
)
_ALL = (
    select(
        _agreements.c.session_id,
        _agreements.c.version,
        _agreements.c.lines.label("sealed"),
        _sessions.c.title.label("session"),
        _sessions.c.local_day.label("day"),
        _writer.c.name.label("by"),
        _agreements.c.at,
    )
    .select_from(_agreements)
    .join(_sessions, _sessions.c.id == _agreements.c.session_id)
    .join(_writer, _writer.c.id == _agreements.c.by_id)
)
_newest = _sessions.c.starts_at.desc(), _sessions.c.id.desc()
_agreement = reader(SessionAgreement, _ALL)


def session_to_agree_on(leader: Person, key: str, now: datetime) -> StaffMeeting:
    """The session called `key` while `leader` can write down what its people agree: from its start to its day's end.

    Raises NotFound at any other time, and for anybody else.
    """
    session = led_session(leader, key, now)
    if now < session.time.start:
        raise NotFound
    return session


def _latest(session: StaffMeeting) -> SessionAgreement | None:
    here = _ALL.where(_agreements.c.session_id == session.id).order_by(_agreements.c.version.desc()).limit(1)
    row = db.session.execute(here).first()
    return _agreement(row) if row else None


def texts_of(session: StaffMeeting) -> list[str]:
    """The MOST_LINES texts that stand for a session, "" for each that is empty."""
    latest = _latest(session)
    return latest.texts if latest else [""] * MOST_LINES


def agree(leader: Person, session: StaffMeeting, texts: Sequence[str], now: datetime) -> None:
    """Keep what the people of `session` agreed: MOST_LINES texts, "" for each that is empty. The same twice is once."""

    def next_version(latest: SessionAgreement | None) -> Agreement | None:
        if latest and latest.texts == texts:
            return None
        version = latest.version + 1 if latest else 1
        sealed = seal.close(Agreement.lines, json.dumps(texts), session.id, version)
        number = sum(map(bool, texts))
        return Agreement(session_id=session.id, version=version, lines=sealed, number=number, by_id=leader.id, at=now)

    if not any(texts) and _latest(session) is None:
        return
    if append_version(lambda: _latest(session), next_version)[1]:
        for person in people_of(session):
            audit.record(leader, "homework.agree", person, session.key)


_this, _its_seat, _same_seat = sessions, Seat.__table__.alias(), Seat.__table__.alias()
_with_the_same = exists().where(
    _its_seat.c.session_id == _this.c.id,
    _same_seat.c.session_id == _sessions.c.id,
    _same_seat.c.participant_id == _its_seat.c.participant_id,
)
_of_the_same_two = and_(
    _this.c.track_id.is_(None),
    _sessions.c.kind == _this.c.kind,
    _sessions.c.facilitator_id == _this.c.facilitator_id,
    _with_the_same,
)
_up_to_it = and_(
    STANDS,
    _sessions.c.starts_at <= _this.c.starts_at,
    or_(_sessions.c.track_id == _this.c.track_id, _of_the_same_two),
)
_labels = [f"agreed.{column.name}" for column in _ALL.selected_columns]
_WITH_AGREED = (
    SESSIONS.outerjoin(_sessions.join(_agreements, _agreements.c.session_id == _sessions.c.id), _up_to_it)
    .outerjoin(_writer, _writer.c.id == _agreements.c.by_id)
    .add_columns(*(column.label(label) for column, label in zip(_ALL.selected_columns, _labels, strict=True)))
    .order_by(*_newest)
    .limit(2)
)
_meeting = reader(StaffMeeting, _WITH_AGREED, beside=_labels)
_agreed = reader(SessionAgreement, _WITH_AGREED, within="agreed.")


def session_with_agreed(leader: Person, key: str) -> tuple[StaffMeeting, list[SessionAgreement]]:
    """The session called `key`, with the lines of the last one before it that has any, and after them its own.

    The sessions before it are those of its group, or those of the same two people. Raises NotFound for anybody but
    who leads it. One read.
    """
    rows = db.session.execute(_WITH_AGREED.where(is_called(leader, key))).all()
    if not rows:
        raise NotFound
    session = _meeting(rows[0])
    found = [agreed for row in rows if (agreed := _agreed(row)).version]
    own = [one for one in found if one.session_id == session.id]
    return session, [one for one in found if one not in own][:1] + own


PLACES = union(*places_of(lambda who: who == bindparam("me"), sessions.c.starts_at >= bindparam("since"))).subquery()
_OF_PERSON = _ALL.join(PLACES, PLACES.c.session_id == _agreements.c.session_id).where(STANDS).order_by(*_newest)
_LATELY = _OF_PERSON.limit(MOST_LISTED)


def agreements_of(participant: Person, now: datetime) -> list[SessionAgreement]:
    """The lines of the last MOST_LISTED sessions of `participant` that have any, within 90 days, the newest first."""
    return [_agreement(row) for row in read(_LATELY, me=participant.id, since=now - KEPT)]


def every_agreement(participant: Person) -> list[SessionAgreement]:
    """The lines of every session of `participant` that has any, the newest first."""
    return [_agreement(row) for row in read(_OF_PERSON, me=participant.id, since=EARLIEST)]
