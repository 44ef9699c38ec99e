"""What the report says of a week, against the same rules reckoned the plain way, and at its edges."""

from datetime import date, datetime, timedelta

import pytest
from werkzeug.exceptions import NotFound

from portal import clock, episodes, program
from portal.db import db
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import hours, report, roster
from portal.schedule.seats import absences
from tests.schedule import timetable as tables
from tests.schedule.attendance import crowd
from tests.schedule.timetable import ZONE, session, track

MONDAY = date(2026, 3, 9)


@pytest.fixture
def week_of(app, cast):
    """`week_of(monday)` is Kit's report of that week; needs no app context."""

    def made(monday: date = MONDAY) -> report.WeekReport:
        with app.app_context():
            return report.report_week(cast.kit, monday, program.current(), clock.now())

    return made


def line(made: report.WeekReport, name: str) -> report.ReportLine:
    [found] = [line for line in made.lines if line.name == name]
    return found


def total(made: report.WeekReport, name: str) -> int:
    return sum(getattr(line, name) for line in made.lines)


@pytest.mark.parametrize(
    ("monday", "now"),
    [
        (date(2026, 3, 9), "2026-03-12T12:00"),
        (date(2026, 3, 2), "2026-03-11T12:00"),  # its Sunday has 23 hours
        (date(2026, 10, 26), "2026-10-30T12:00"),  # its Sunday has 25
    ],
    ids=["in the week", "clocks forward", "clocks back"],
)
def test_a_week_of_forty_people_is_what_the_plain_way_makes_it(app, cast, at, monday, now):
    now = at(now)
    with app.app_context():
        people = crowd.week(cast, monday, now, seed=monday.toordinal(), count=40)
        db.session.commit()
        plain = crowd.reckoned(monday, now)
        made = report.report_week(cast.kit, monday, program.current(), now)
        names = {account.name: account.id for account in people}
        lines = {names[each.name]: each for each in made.lines if each.name in names}
        assert {who for who, facts in plain.items() if facts.attended or facts.planned or facts.unmarked} <= set(lines)
        for who, each in lines.items():
            if who not in plain:
                assert (each.attended, each.planned, each.unmarked, sum(each.services)) == (0, 0, 0, 0)
                continue
            truth = plain[who]
            assert (each.attended, each.planned, each.unmarked) == (truth.attended, truth.planned, truth.unmarked)
            assert (each.marks, list(each.services)) == (truth.marks, truth.days)
        assert sum(each.marked for each in made.lines) > 40 and total(made, "planned") + total(made, "unmarked") > 0
        assert made.came == sum(f.marks[s] for f in plain.values() for s in ("present", "late", "left_early"))
        assert total(made, "attended") == sum(facts.attended for facts in plain.values())
        days = [number for facts in plain.values() for number in facts.days]
        assert made.days_of_services == {
            1: days.count(1),
            2: days.count(2),
            3: days.count(3),
            4: sum(number >= 4 for number in days),
        }


def test_staff_and_the_participant_are_told_the_same_hours(app, cast, at):
    now = at("2026-03-12T12:00")
    with app.app_context():
        people = crowd.week(cast, MONDAY, now, seed=7, count=12)
        db.session.commit()
        facts = program.current()
        made = report.report_week(cast.kit, MONDAY, facts, now)
        start, end = clock.start_of(MONDAY, ZONE), clock.start_of(MONDAY + timedelta(days=7), ZONE)
        for account in people:
            stay = episodes.active(account)
            own = hours.hours_of_week(own_meetings.between(account, start, end), MONDAY, stay, facts, now)
            assert (own is None) == (stay is None)
            if own:
                each = line(made, account.name)
                assert (each.attended, each.planned, each.target) == (own.attended, own.planned, own.target)


def test_the_week_of_the_timetable_in_numbers(timetable, week_of):
    made = week_of()
    assert [(each.name, each.attended, each.planned, each.target, each.short_by) for each in made.lines] == [
        ("Ada Moreno", 180, 290, 600, 130),
        ("Ben Whitaker", 0, 230, 540, 310),
        ("Cleo Park", 0, 50, 540, 490),
    ]
    assert [each.name for each in made.short] == ["Cleo Park", "Ben Whitaker", "Ada Moreno"]
    assert (made.percent, made.came, made.marked, total(made, "unmarked")) == (100, 1, 1, 1)
    assert (made.held, made.to_come, made.to_take) == (1, 6, 1)
    assert made.days_of_services == {1: 1, 2: 0, 3: 0, 4: 0}
    assert [(each.meeting.title, each.change.reason, each.change.by) for each in made.cancelled] == [
        ("Skills group", "Dr Cho is away.", "Dr Cho")
    ]
    [moved] = made.moved
    assert (moved.change.old.start, moved.change.new.start) == (
        clock.at_wall(datetime(2026, 3, 10, 17), ZONE),
        clock.at_wall(datetime(2026, 3, 12, 17, 30), ZONE),
    )


def test_a_session_that_they_cannot_make_is_planned_for_nobody_of_the_staff_either(app, cast, timetable, week_of):
    before = week_of()
    with app.app_context():
        absences.say(cast.ada, own_meetings.called(cast.ada, timetable.wednesday), "", clock.now())
        db.session.commit()
    after = week_of()
    assert line(before, "Ada Moreno").planned - line(after, "Ada Moreno").planned == 180
    assert line(before, "Ben Whitaker") == line(after, "Ben Whitaker")


def test_nothing_counts_before_attendance_is_taken(app, cast, timetable, week_of, at):
    at("2026-03-16T09:00")
    made = week_of()
    assert (line(made, "Ben Whitaker").attended, line(made, "Ben Whitaker").planned) == (0, 0)
    assert line(made, "Ben Whitaker").unmarked == 3
    assert made.percent == 100


@pytest.mark.parametrize(
    ("status", "minutes", "attended", "came", "services"),
    [
        ("present", None, 180, 1, 1),
        ("late", 100, 100, 1, 1),
        ("left_early", 0, 0, 1, 0),
        ("excused", None, 0, 0, 0),
        ("missed", None, 0, 0, 0),
    ],
)
def test_each_attendance_counts_as_it_should(app, cast, timetable, week_of, status, minutes, attended, came, services):
    with app.app_context():
        monday = staff_meetings.called(cast.kit, timetable.monday)
        roster.take_attendance(monday, cast.ben, status, minutes, cast.kit, clock.now())
        db.session.commit()
    bens = line(week_of(), "Ben Whitaker")
    assert (bens.attended, bens.came, bens.marked, bens.services[0]) == (attended, came, 1, services)


def test_only_the_kinds_of_the_setting_count(app, cast, week_of):
    with app.app_context():
        for kind in ("medication", "assessment"):
            check = session(kind, "2026-03-10T09:00", 20, cast.cho, cast.ada)
            row = staff_meetings.called(cast.kit, check.key)
            roster.take_attendance(row, cast.ada, "present", None, cast.cho, clock.now())
        db.session.commit()
    made = week_of()
    assert (line(made, "Ada Moreno").attended, made.marked, made.held) == (0, 0, 2)


def test_a_move_into_another_week_takes_its_hours_there(app, cast, timetable, week_of):
    with app.app_context():
        alone = staff_meetings.called(cast.cho, timetable.alone)
        sessions.move(cast.cho, alone, datetime(2026, 3, 17, 10), "A holiday.", clock.now())
        db.session.commit()
    assert line(week_of(), "Ada Moreno").planned == 240
    assert line(week_of(date(2026, 3, 16)), "Ada Moreno").planned == 3 * 180 + 50
    assert "A holiday." in [each.change.reason for each in week_of().moved]
    assert [each.change.reason for each in week_of(date(2026, 3, 16)).moved] == ["A holiday."]


def test_what_was_cancelled_and_takes_place_after_all_is_not_told_as_cancelled(app, cast, timetable, week_of):
    with app.app_context():
        friday = staff_meetings.called(cast.cho, timetable.friday)
        sessions.restore(cast.cho, friday, "She is back.", clock.now())
        db.session.commit()
    assert week_of().cancelled == ()
    with app.app_context():
        friday = staff_meetings.called(cast.cho, timetable.friday)
        sessions.cancel(cast.cho, friday, "Ill again.", clock.now())
        db.session.commit()
    assert [each.change.reason for each in week_of().cancelled] == ["Ill again."]


def test_a_week_without_sessions_has_a_line_for_everyone_in_the_program(cast, week_of):
    made = week_of(date(2027, 6, 7))
    assert [each.name for each in made.lines] == ["Ada Moreno", "Ben Whitaker", "Cleo Park"]
    assert (made.percent, total(made, "attended"), total(made, "planned"), made.sessions) == (None, 0, 0, ())
    assert len(made.short) == 3


def test_a_week_before_the_program_is_empty(cast, week_of):
    made = week_of(date(2025, 6, 2))
    assert (made.lines, made.sessions, made.percent, made.short) == ((), (), None, [])


def test_a_stay_counts_from_the_week_in_which_it_begins_until_it_is_over(app, cast, week_of):
    with app.app_context():
        soon, gone, went, off, booked = crowd.people(5)
        crowd.stay(soon, starts_on=date(2026, 3, 15))
        crowd.stay(gone, status="finished")
        crowd.stay(went, hours=12, status="finished")
        crowd.stay(off)
        crowd.stay(booked, status="planned", starts_on=date(2026, 3, 2))
        off.disabled_at = clock.now()
        session("one_to_one", "2026-03-03T10:00", 50, cast.cho, went)
        names = {"soon": soon.name, "went": went.name}
        db.session.commit()
    cast_names = {"Ada Moreno", "Ben Whitaker", "Cleo Park"}
    assert {each.name for each in week_of().lines} - cast_names == {names["soon"]}
    before = week_of(date(2026, 3, 2))
    assert {each.name for each in before.lines} - cast_names == {names["went"]}
    assert line(before, names["went"]).target == 720


def test_the_hours_go_by_the_stay_they_are_in_now(app, cast, week_of):
    with app.app_context():
        [back] = crowd.people(1)
        crowd.stay(back, hours=12, status="finished", starts_on=date(2025, 9, 1))
        crowd.stay(back, hours=6)
        db.session.commit()
    assert line(week_of(), "Person 000").target == 360
    assert [each.name for each in week_of().lines].count("Person 000") == 1


def test_someone_without_a_stay_has_hours_and_no_target(app, cast, week_of):
    with app.app_context():
        [guest] = crowd.people(1)
        session("one_to_one", "2026-03-12T10:00", 50, cast.cho, guest)
        db.session.commit()
    guests = line(week_of(), "Person 000")
    assert (guests.planned, guests.target, guests.care, guests.short_by) == (50, None, None, 0)


def test_a_day_of_four_services_and_of_five_are_one_kind(app, cast, at, week_of):
    at("2026-03-11T21:00")
    with app.app_context():
        for hour in range(8, 13):
            _came(cast, session("one_to_one", f"2026-03-10T{hour:02}:00", 50, cast.cho, cast.ada), cast.ada)
        for hour in range(8, 12):
            _came(cast, session("one_to_one", f"2026-03-10T{hour:02}:00", 50, cast.dee, cast.ben), cast.ben)
        db.session.commit()
    made = week_of()
    assert (line(made, "Ada Moreno").services[1], line(made, "Ben Whitaker").services[1]) == (5, 4)
    assert made.days_of_services[4] == 2


def _came(cast, one, person):
    row = staff_meetings.called(cast.kit, one.key)
    roster.take_attendance(row, person, "present", None, cast.kit, clock.now())


@pytest.mark.parametrize("who", ["ada", "cho"])
def test_only_a_coordinator_gets_a_report(app, cast, who):
    with app.app_context(), pytest.raises(NotFound):
        report.report_week(getattr(cast, who), MONDAY, program.current(), clock.now())


def test_meetings_of_many_are_those_of_each(app, cast, timetable):
    with app.app_context():
        start, end = clock.start_of(MONDAY, ZONE), clock.start_of(MONDAY + timedelta(days=7), ZONE)
        people = [cast.ada, cast.ben, cast.cleo, cast.kit]
        many = own_meetings.between_by_person([person.id for person in people], start, end)
        assert many == {person.id: own_meetings.between(person, start, end) for person in people}
        assert many[cast.kit.id] == [] and len(many[cast.ada.id]) == 6
        assert own_meetings.between_by_person([], start, end) == {}


def test_a_track_in_another_zone_counts_on_the_programs_day(app, cast, at, week_of):
    at("2026-03-16T21:00")
    with app.app_context():
        made = track(cast.cho, cast.ben, zone="Asia/Tokyo", first_at=datetime(2026, 3, 16, 9), rule="FREQ=WEEKLY")
        _came(cast, tables.at(made, "2026-03-16T09:00", cast.kit), cast.ben)
        db.session.commit()
    assert line(week_of(), "Ben Whitaker").services == (0, 0, 0, 0, 0, 0, 1)
