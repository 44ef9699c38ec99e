"""Whose sessions are whose: reading the schedule for one person, for several, and for staff."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.schedule import on_caseload, own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.models import Seat, Session, TrackEnrollment
from portal.schedule.seats import absences
from tests.schedule import timetable as tables
from tests.schedule.timetable import ZONE, session, track

MONDAY = clock.start_of(date(2026, 3, 9), ZONE)
WEEK = (MONDAY, MONDAY + timedelta(days=7))


@pytest.fixture
def selects(app):
    """The SELECTs so far, inside the app context that this fixture keeps open for tests without a browser."""
    with app.app_context():
        seen = []
        event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))
        yield seen


def test_a_participants_week_holds_their_group_and_their_own_sessions(timetable, cast, selects):
    assert [(m.title, f"{m.time.local_start:%a %H:%M}", m.status) for m in own_meetings.between(cast.ada, *WEEK)] == [
        ("Skills group", "Mon 13:00", "held"),
        ("Skills group", "Wed 13:00", "planned"),
        ("One-to-one", "Thu 10:00", "planned"),
        ("Medicine check", "Thu 11:00", "planned"),
        ("Family session", "Thu 17:30", "planned"),
        ("Skills group", "Fri 13:00", "cancelled"),
    ]


@pytest.mark.asvs("8.2.2")
def test_another_participants_session_never_shows(timetable, cast, selects):
    assert [m.title for m in own_meetings.between(cast.cleo, *WEEK)] == ["Cleo's hour"]
    assert "Ben's hour" in [m.title for m in own_meetings.between(cast.ben, *WEEK)]
    assert "Ben's hour" not in [m.title for m in own_meetings.between(cast.ada, *WEEK)]


@pytest.mark.asvs("8.2.2", "8.2.3")
def test_another_participants_attendance_never_shows(timetable, cast, selects):
    assert own_meetings.between(cast.ada, *WEEK)[0].attendance == "present"
    assert own_meetings.between(cast.ben, *WEEK)[0].attendance is None


def test_the_group_shows_only_while_one_is_enrolled_in_it(timetable, cast, selects):
    db.session.execute(
        update(TrackEnrollment)
        .where(TrackEnrollment.participant_id == cast.ben.id)
        .values(starts_on=date(2026, 3, 11), ends_on=date(2026, 3, 11))
    )
    groups = [m for m in own_meetings.between(cast.ben, *WEEK) if m.kind == "group"]
    assert [f"{m.time.local_start:%a}" for m in groups] == ["Wed"]


def test_enrolled_twice_is_shown_once(timetable, cast, selects):
    db.session.add(TrackEnrollment(track_id=timetable.track_id, participant_id=cast.ada.id, starts_on=date(2026, 3, 1)))
    db.session.flush()
    keys = [m.key for m in own_meetings.between(cast.ada, *WEEK)]
    assert len(keys) == len(set(keys)) == 6


def test_a_moved_session_shows_in_the_week_it_left_too(timetable, cast, selects, at):
    alone = staff_meetings.called(cast.cho, timetable.alone)
    sessions.move(cast.cho, alone, datetime(2026, 3, 19, 10), "A holiday.", clock.now())
    for start in WEEK:
        shown = own_meetings.between(cast.ada, start, start + timedelta(days=7))
        assert timetable.alone in [m.key for m in shown]


def test_all_the_moves_of_a_session_come_in_one_row_in_order(timetable, cast, selects):
    sessions.move(
        cast.cho, staff_meetings.called(cast.cho, timetable.family), datetime(2026, 3, 13, 9), "Again.", clock.now()
    )
    [family] = [m for m in own_meetings.between(cast.ada, *WEEK) if m.key == timetable.family]
    assert [change.reason for change in family.changes] == ["Jo works late on Tuesday.", "Again."]
    assert family.changes[-1].by_program


def test_the_latest_version_of_attendance_counts(timetable, cast, selects):
    monday = staff_meetings.called(cast.cho, timetable.monday)
    roster.take_attendance(monday, cast.ada, "late", 100, cast.cho, clock.now())
    roster.take_attendance(monday, cast.ada, "left_early", 90, cast.cho, clock.now())
    first = own_meetings.between(cast.ada, *WEEK)[0]
    assert (first.attendance, first.attended) == ("left_early", 90)


def test_meetings_are_one_select_whatever_their_number(timetable, cast, selects):
    selects.clear()
    few = len(own_meetings.between(cast.ada, *WEEK))
    assert len(selects) == 1
    many = own_meetings.between(cast.ada, MONDAY - timedelta(weeks=5), MONDAY + timedelta(weeks=20))
    assert len(many) > 10 * few
    assert len(selects) == 2


def test_the_next_meeting_skips_what_is_cancelled_or_over(timetable, cast, selects, at):
    at("2026-03-11T16:30")
    coming = own_meetings.next_by_person([cast.ada.id, cast.ben.id, cast.cleo.id], clock.now())
    assert {k: v.title for k, v in coming.items()} == {cast.ada.id: "One-to-one", cast.ben.id: "Ben's hour"}
    at("2026-03-12T20:00")
    coming = own_meetings.next_by_person([cast.ada.id], clock.now())
    assert f"{coming[cast.ada.id].time.local_start:%a %d}" == "Mon 16"


def test_what_somebody_cannot_come_to_is_not_their_next_session(timetable, cast, selects, at):
    def said():
        meetings = own_meetings.between(cast.ada, clock.now(), MONDAY + timedelta(days=5))
        return [on_caseload.next_fact(some, ZONE, clock.now())[1] for some in (meetings, meetings[:1])]

    meeting = own_meetings.called(cast.ada, timetable.wednesday)
    absences.say(cast.ada, meeting, "", clock.now())
    assert own_meetings.next_by_person([cast.ada.id], clock.now())[cast.ada.id].title == "One-to-one"
    assert said() == ["One-to-one, tomorrow, 10:00 am", "None that they can come to in the next two weeks"]
    absences.withdraw(cast.ada, meeting, clock.now())
    assert own_meetings.next_by_person([cast.ada.id], clock.now())[cast.ada.id].key == timetable.wednesday
    assert said() == ["Skills group, today, 1:00 pm"] * 2


def test_a_session_going_on_is_the_next_one(timetable, cast, selects, at):
    at("2026-03-11T15:59")
    coming = own_meetings.next_by_person([cast.ada.id, cast.cleo.id], clock.now())
    assert coming.keys() == {cast.ada.id}
    assert coming[cast.ada.id].key == timetable.wednesday


def test_the_next_meetings_of_many_are_one_select(timetable, cast, selects):
    selects.clear()
    own_meetings.next_by_person([cast.ada.id, cast.ben.id, cast.cleo.id], clock.now())
    own_meetings.next_by_person([], clock.now())
    assert len(selects) == 2


def test_a_therapist_leads_their_own_sessions_and_sees_who_is_in_them(timetable, cast, selects):
    led = staff_meetings.led_by(cast.cho, *WEEK)
    assert [(s.title, s.expected, s.taken, s.people) for s in led if s.time.day.day == 9] == [
        ("Skills group", 2, 1, [])
    ]
    assert [(s.title, s.expected, s.people) for s in led if s.time.day.day == 12] == [
        ("One-to-one", 1, ["Ada Moreno"]),
        ("Ben's hour", 1, ["Ben Whitaker"]),
        ("Family session", 1, ["Ada Moreno"]),
    ]
    assert [s.title for s in staff_meetings.led_by(cast.dee, *WEEK)] == ["Cleo's hour"]


def test_what_a_therapist_leads_is_one_select_whatever_its_number(timetable, cast, selects):
    selects.clear()
    staff_meetings.led_by(cast.cho, *WEEK)
    staff_meetings.led_by(cast.cho, MONDAY - timedelta(weeks=5), MONDAY + timedelta(weeks=20))
    assert len(selects) == 2


def test_a_make_up_seat_in_a_group_is_expected_once(timetable, cast, selects):
    wednesday = db.session.scalar(select(Session.id).where(Session.key == timetable.wednesday))
    db.session.add_all(Seat(session_id=wednesday, participant_id=p.id) for p in (cast.ada, cast.cleo))
    db.session.flush()
    row = staff_meetings.called(cast.cho, timetable.wednesday)
    assert row.expected == len(roster.read_roster(row)) == 3


def test_the_programs_week_is_a_coordinators(timetable, cast, selects):
    assert len(staff_meetings.of_program(cast.kit, *WEEK)) == 8
    for other in (cast.cho, cast.ada):
        with pytest.raises(NotFound):
            staff_meetings.of_program(other, *WEEK)


@pytest.mark.asvs("8.2.2")
def test_a_session_is_found_by_who_leads_it_and_by_coordinators_only(timetable, cast, selects):
    for found in (cast.cho, cast.kit):
        assert staff_meetings.called(found, timetable.alone).title == "One-to-one"
    for other in (cast.dee, cast.oduya):
        with pytest.raises(NotFound):
            staff_meetings.called(other, timetable.alone)
    with pytest.raises(NotFound):
        staff_meetings.called(cast.kit, "unknown")


def test_the_roster_keeps_those_whose_attendance_was_taken(timetable, cast, selects):
    monday = staff_meetings.called(cast.cho, timetable.monday)
    db.session.execute(
        update(TrackEnrollment).where(TrackEnrollment.participant_id == cast.ada.id).values(starts_on=date(2026, 3, 10))
    )
    assert [(row.name, row.status) for row in roster.read_roster(monday)] == [
        ("Ada Moreno", "present"),
        ("Ben Whitaker", None),
    ]


def test_a_therapist_of_another_group_leads_only_that(timetable, cast, selects):
    evening = track(cast.dee, cast.cleo, title="Evening group", first_at=datetime(2026, 3, 2, 18))
    assert "Evening group" in [s.title for s in staff_meetings.led_by(cast.dee, *WEEK)]
    assert tables.at(evening, "2026-03-09T18:00", cast.dee).expected == 1
    assert [m.title for m in own_meetings.between(cast.cleo, *WEEK)].count("Evening group") == 3


def test_a_meeting_says_where_it_is(timetable, cast, selects):
    session("one_to_one", "2026-03-14T10:00", 50, cast.cho, cast.ada)
    where = {m.title + f"{m.time.local_start:%d}": m.place.words for m in own_meetings.between(cast.ada, *WEEK)}
    assert where["Skills group09"] == "Room 204, or by video"
    assert where["One-to-one12"] == "Room 110"
    assert where["Family session12"] == "by video"
    assert where["One-to-one14"] == ""


def test_the_video_room_is_open_from_ten_minutes_before_to_the_end(timetable, cast, selects, at):
    wednesday = own_meetings.between(cast.ada, *WEEK)[1]
    open_at = {
        moment: wednesday.can_join(at(f"2026-03-11T{moment}")) for moment in ("12:49", "12:50", "15:59", "16:00")
    }
    assert open_at == {"12:49": False, "12:50": True, "15:59": True, "16:00": False}


@pytest.mark.asvs("1.2.2")
def test_a_video_room_that_is_no_web_address_is_never_opened(timetable, cast, selects, at):
    session("one_to_one", "2026-03-11T11:00", 50, cast.cho, cast.ada, video_url="javascript:alert(1)")
    [bad] = [m for m in own_meetings.between(cast.ada, *WEEK) if m.place.video.startswith("java")]
    assert not bad.can_join(at("2026-03-11T11:00"))


@pytest.mark.asvs("8.2.2")
def test_a_session_is_found_by_its_key_only_by_those_who_have_a_place(timetable, cast, selects):
    assert own_meetings.called(cast.ada, timetable.alone).title == "One-to-one"
    assert own_meetings.called(cast.ben, timetable.wednesday).title == "Skills group"
    for person, key in ((cast.ben, timetable.alone), (cast.cleo, timetable.wednesday), (cast.ada, "no-such-key")):
        with pytest.raises(NotFound):
            own_meetings.called(person, key)


def test_a_session_found_by_its_key_has_all_its_changes(timetable, cast, selects):
    selects.clear()
    family = own_meetings.called(cast.ada, timetable.family)
    assert [change.kind for change in family.changes] == ["moved"]
    assert len(selects) == 1
