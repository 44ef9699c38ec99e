"""What an import does to the schedule: new groups, changed ones, nothing to do; all of it or none."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal import clock, program
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.calendar.importing import series, steps
from portal.schedule.calendar.importing.group_following import REASON
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportOutcome
from portal.schedule.groups import enrollment, tracks
from portal.schedule.models import Session, SessionChange, Track
from tests.on_record import told
from tests.schedule.calendar.importing.files import event, file, kept
from tests.schedule.timetable import ZONE


@pytest.fixture(autouse=True)
def context(app, cast):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def look(*asked):
    """What an import would come to; nothing of it stays."""
    try:
        return steps.take_over(*asked)
    finally:
        db.session.rollback()


def take(cast, content: bytes, *, run=steps.take_over, by=None, **chosen) -> ImportOutcome:
    found = series.read(content, ZONE, clock.now())
    choices = ImportChoices(**{"leader_id": cast.cho.id} | chosen)
    done = run(by or cast.kit, found, choices, program.current(), clock.now())
    db.session.commit()
    return done


def sessions_of(title: str = "Skills group", status: str = "planned") -> list[datetime]:
    db.session.expire_all()
    rows = select(Session.wall_at).where(Session.title == title, Session.status == status).order_by(Session.wall_at)
    return list(db.session.scalars(rows))


def walls(*days: str) -> list[datetime]:
    return [datetime.fromisoformat(f"2026-{day}") for day in days]


SHORT = {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260325"}
DAYS = walls("03-11T13:00", "03-16T13:00", "03-18T13:00", "03-23T13:00", "03-25T13:00")


def test_a_new_group_is_a_track_and_its_sessions(cast):
    done = take(cast, file(event(**SHORT)), capacity=8)
    [step] = done.steps
    assert (step.what, step.count("added"), done.what, done.clashes) == ("new", 5, "new", ())
    assert sessions_of() == DAYS
    track = db.session.scalars(select(Track)).one()
    assert (track.title, track.discreet_title, track.room) == ("Skills group", "Appointment", "Room 9")
    assert (track.facilitator_id, track.capacity, track.minutes) == (cast.cho.id, 8, 90)
    assert track.imported_as == "weekly@invented.example"


@pytest.mark.parametrize("name", ["google", "outlook", "apple"])
def test_a_file_imported_again_has_nothing_to_do(app, cast, at, name):
    first = take(cast, kept(name))
    count = db.session.scalar(select(func.count()).select_from(Session))
    before = len(told(app, "track.import"))
    for later in ("2026-03-11T10:53", "2026-03-13T09:00"):
        at(later)
        again = take(cast, kept(name))
        assert {step.what for step in again.steps} <= {"same"}, again
    assert first.what == "new" and again.what == "same"
    assert db.session.scalar(select(func.count()).select_from(Session)) == count
    assert len(told(app, "track.import")) == before == 1


def test_google_makes_what_a_person_reads_in_it(cast):
    take(cast, kept("google"))
    group = sessions_of()
    assert group[:4] == walls("03-11T13:00", "03-13T13:00", "03-16T13:00", "03-18T13:00")
    assert datetime(2026, 3, 21, 10) in group and datetime(2026, 3, 20, 13) not in group
    assert not {date(2026, 4, 3), date(2026, 5, 25)} & {wall.date() for wall in group}
    assert group[-1] == datetime(2026, 6, 17, 13)
    assert not db.session.scalar(select(func.count()).select_from(SessionChange))  # nobody was told otherwise before
    assert sessions_of("Family evening") == walls("03-18T18:00")


def test_apple_makes_extra_sessions_and_none_on_a_day_that_is_called_off(cast):
    take(cast, kept("apple"))
    assert sessions_of("Saturday walk") == walls("03-14T09:30", "03-28T09:30", "04-18T09:30")
    assert not set(walls("03-26T17:30")) & set(sessions_of("Evening group"))
    tracks.extend(program.current(), clock.now())
    assert not set(walls("03-26T17:30")) & set(sessions_of("Evening group"))


def test_what_changed_in_the_calendar_changes_the_same_sessions(cast):
    take(cast, file(event(**SHORT)))
    keys = set(db.session.scalars(select(Session.key)))
    later = {"dtstart": "DTSTART:20260302T140000", "dtend": "DTEND:20260302T153000", "location": "LOCATION:Annex"}
    [step] = take(cast, file(event(**SHORT | later))).steps
    assert (step.what, *map(step.count, ("moved", "placed", "added", "cancelled"))) == ("changed", 5, 5, 0, 0)
    assert step.turned == [("room", "Room 9", "Annex")]
    assert sessions_of() == [wall.replace(hour=14) for wall in DAYS]
    assert set(db.session.scalars(select(Session.key))) == keys
    assert set(db.session.scalars(select(SessionChange.reason))) == {REASON}


@pytest.mark.parametrize(
    ("instead", "lines", "added", "cancelled"),
    [
        ({"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260318"}, [], 0, 2),
        ({"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260330"}, [], 1, 0),
        (SHORT, ["EXDATE:20260316T170000Z"], 0, 1),
        (SHORT, ["RDATE:20260320T170000Z"], 1, 0),
        (SHORT | {"dtstart": "DTSTART:20260323T130000", "dtend": "DURATION:PT90M"}, [], 0, 3),
    ],
)
def test_days_that_come_and_go_are_added_and_cancelled(cast, instead, lines, added, cancelled):
    take(cast, file(event(**SHORT)))
    content = file(event(*lines, **instead))
    [step] = take(cast, content).steps
    assert (step.what, step.count("added"), step.count("cancelled")) == ("changed", added, cancelled)
    assert take(cast, content).what == "same"
    assert len(sessions_of()) == 5 + added - cancelled


def test_an_end_beyond_what_there_is_counts_as_a_change(cast):
    take(cast, file(event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE")))
    assert take(cast, file(event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270601"))).what == "changed"
    assert take(cast, file(event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270601"))).what == "same"
    assert "UNTIL=20270601" in db.session.scalars(select(Track.rule)).one()


def test_an_extra_session_stays_when_the_rule_changes_and_goes_when_the_file_has_it_no_more(cast):
    extra = "RDATE:20260320T170000Z"
    take(cast, file(event(extra, **SHORT)))
    later = SHORT | {"dtstart": "DTSTART:20260302T140000", "dtend": "DTEND:20260302T153000"}
    take(cast, file(event(extra, **later)))
    assert datetime(2026, 3, 20, 13) in sessions_of()
    [step] = take(cast, file(event(**later))).steps
    assert (step.what, step.count("cancelled")) == ("changed", 1)
    assert datetime(2026, 3, 20, 13) in sessions_of(status="cancelled")


def test_what_was_moved_by_hand_stays_so(cast):
    take(cast, file(event(**SHORT)))
    key = db.session.scalar(select(Session.key).where(Session.occurrence == DAYS[1]))
    sessions.move(cast.kit, staff_meetings.called(cast.kit, key), datetime(2026, 3, 17, 9), "By hand.", clock.now())
    assert take(cast, file(event(**SHORT))).what == "same"
    assert datetime(2026, 3, 17, 9) in sessions_of()


def test_another_leader_and_other_seats_are_a_change(cast):
    take(cast, file(event(**SHORT)))
    [step] = take(cast, file(event(**SHORT)), leaders={4: cast.dee.id}, capacity=5).steps
    turned = [("facilitator_id", "Dr Cho", "Dr Dee"), ("capacity", "12", "5")]
    assert (step.what, step.turned) == ("changed", turned)
    assert take(cast, file(event(**SHORT))).what == "same"
    assert set(db.session.scalars(select(Session.facilitator_id))) == {cast.dee.id}


def test_people_keep_their_place(cast):
    take(cast, file(event(**SHORT)))
    track = db.session.scalars(select(Track)).one()
    enrollment.enroll(cast.kit, track, cast.ada, date(2026, 3, 11), None, clock.now())
    later = {"dtstart": "DTSTART:20260302T140000", "dtend": "DTEND:20260302T153000"}
    take(cast, file(event(**SHORT | later)))
    meetings = own_meetings.between(cast.ada, clock.now(), datetime(2026, 4, 1, tzinfo=UTC))
    assert [m.time.local_start.replace(tzinfo=None) for m in meetings] == [wall.replace(hour=14) for wall in DAYS]
    assert all(m.changes and m.changes[-1].reason == REASON for m in meetings)


def test_a_holiday_of_the_program_is_no_session(cast):
    facts = replace(program.current(), holidays=frozenset({"2026-03-16"}))
    found = series.read(file(event(**SHORT)), ZONE, clock.now())
    for what in ("new", "same"):
        done = steps.take_over(cast.kit, found, ImportChoices(cast.cho.id), facts, clock.now())
        assert done.what == what
    assert sessions_of() == [DAYS[0], *DAYS[2:]]


def test_what_is_in_the_way_is_shown_and_kept_with_its_reason(cast):
    sessions.plan_session(
        cast.kit,
        sessions.SessionPlan("one_to_one", "One-to-one", cast.cho.id, datetime(2026, 3, 16, 13, 30), ZONE, 50),
        [cast.ada],
        clock.now(),
    )
    done = take(cast, file(event(**SHORT)), clash_reason="A colleague helps.")
    assert [(c.kind, c.meeting.title, c.meeting.time.local_start.replace(tzinfo=None)) for c in done.clashes] == [
        ("facilitator", "Skills group", DAYS[1])
    ]
    reasons = dict(db.session.execute(select(Session.wall_at, Session.clash_reason)).all())
    assert reasons[DAYS[1]] == "A colleague helps." and reasons[DAYS[2]] == ""


def test_a_preview_leaves_nothing(app, cast):
    done = take(cast, kept("google"), run=look)
    assert done.what == "new" and done.steps[0].count("added") == 41
    assert not sessions_of() and not told(app, "track.open", "track.import")
    assert db.session.scalar(select(func.count()).select_from(Track)) == 0


def test_one_that_cannot_be_made_is_refused_with_its_line_and_the_others_are_made(cast):
    found = series.read(kept("google"), ZONE, clock.now())
    second = found.series[1]
    found.series[1] = replace(second, sessions=[replace(second.sessions[0], wall_at=datetime(2027, 3, 14, 2, 30))])
    done = steps.take_over(cast.kit, found, ImportChoices(cast.cho.id), program.current(), clock.now())
    [refused] = done.refused
    assert (refused.line, refused.title) == (second.line, "Family evening") and "has no 02:30" in refused.reason
    assert [step.title for step in done.steps] == ["Skills group"]
    assert db.session.scalar(select(func.count()).select_from(Track)) == 1
    assert not sessions_of("Family evening")


def test_more_than_two_thousand_new_sessions_are_refused(cast):
    events = [event(uid=f"UID:{n}", rrule="RRULE:FREQ=DAILY") for n in range(12)]
    with pytest.raises(ValueError, match="more than 2,000 sessions"):
        take(cast, file(*events), run=look)


def test_only_a_coordinator_imports(cast):
    with pytest.raises(NotFound):
        take(cast, kept("google"), run=look, by=cast.cho)


def test_extending_adds_what_the_imported_rule_has_and_nothing_before(cast, at):
    take(cast, file(event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE")))
    count = len(sessions_of())
    assert tracks.extend(program.current(), clock.now()) == (0, [])
    at("2026-03-25T10:00")
    assert tracks.extend(program.current(), clock.now()) == (4, [])
    assert len(sessions_of()) == count + 4 and min(sessions_of()) == DAYS[0]
