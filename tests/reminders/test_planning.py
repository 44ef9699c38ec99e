"""What is planned: who is told of what and when, once; what is not true any more is not sent."""

import threading
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import event, func, select, update

from portal import clock, mail
from portal.db import db
from portal.mail import Mail
from portal.people.models import Account
from portal.reminders import commands, planning
from portal.schedule import session_changes, sessions, staff_meetings
from portal.schedule.models import Seat, TrackEnrollment
from portal.schedule.seats.models import Absence
from tests.schedule.timetable import session

# It is Wednesday, 10:52. Ada and Ben have a group today at 1 pm; hers moved to Thursday, 5:30 pm, this minute.


def change(app, cast, verb, key, *arguments, by="cho"):
    with app.app_context():
        person = getattr(cast, by)
        verb(person, staff_meetings.called(cast.kit, key), *arguments, clock.now())
        db.session.commit()


def moved(app, cast, key, wall_at, **more):
    change(app, cast, sessions.move, key, datetime.fromisoformat(wall_at), "Because.", **more)


def test_nobody_is_written_to_who_has_not_asked(plan, timetable, at):
    at("2026-03-11T12:30")
    assert plan() == (0, 0)


def test_a_reminder_comes_so_many_minutes_before_and_once(chooses, plan, waiting, timetable, at):
    chooses("ada", before=(60,))
    at("2026-03-11T11:59")
    assert plan() == (0, 0)
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    assert plan() == (0, 0)
    at("2026-03-11T12:55")
    assert plan() == (0, 0)
    [(subject, body)] = waiting()
    assert subject == "A reminder for you"
    assert body.startswith(
        "Wednesday, March 11, 1:00 pm\n\nYou asked us to remind you. Sign in to Foothold for details.\n"
        "Can’t make it? Call (212) 555-0142.\n\nTo stop all of these emails at once, open\n"
        "http://localhost:8000/stop/"
    )


def test_a_planner_that_comes_late_reminds_still_but_not_after_the_start(chooses, plan, timetable, at):
    chooses("ada", before=(60,))
    chooses("ben", before=(60,))
    at("2026-03-11T12:59")
    assert plan() == (2, 0)
    chooses("cleo", before=(60,))
    at("2026-03-11T13:00")
    assert plan()[0] == 0


def test_of_several_that_are_due_only_the_last_is_sent(chooses, plan, timetable, at):
    chooses("ada", before=(60, 120, 1440, 2880))
    at("2026-03-11T11:30")
    assert plan()[0] == 4  # one for today's group, and one for each of tomorrow's three
    at("2026-03-11T12:00")
    assert plan()[0] == 1


def test_a_reminder_is_of_no_use_once_it_begins(app, chooses, plan, timetable, at):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    plan()
    with app.app_context():
        assert db.session.scalar(select(Mail.expires_at)) == at("2026-03-11T13:00")


@pytest.mark.parametrize("change", ["cancelled", "absent", "left", "disabled", "others read", "stopped asking"])
def test_what_is_not_true_any_more_is_not_sent_and_not_planned(
    app, cast, chooses, plan, waiting, timetable, at, change
):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    with app.app_context():
        row = staff_meetings.called(cast.cho, timetable.wednesday)
        if change == "cancelled":
            sessions.cancel(cast.cho, row, "Ice.", clock.now())
        elif change == "absent":
            db.session.add(Absence(session_id=row.id, participant_id=cast.ada.id, said_at=clock.now()))
        elif change == "left":
            mine = TrackEnrollment.participant_id == cast.ada.id
            db.session.execute(update(TrackEnrollment).where(mine).values(ends_on=datetime(2026, 3, 10).date()))
        elif change == "disabled":
            db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=clock.now()))
        elif change == "others read":
            db.session.execute(update(Account).where(Account.id == cast.ada.id).values(mail_ok=False))
        db.session.commit()
    if change == "stopped asking":
        chooses("ada")
    assert plan() == (0, 1)
    assert waiting() == []
    with app.app_context():
        assert mail.stuck(clock.now()) == []


def test_a_moved_session_is_told_anew_and_the_stale_reminder_is_not_sent(
    app, cast, chooses, plan, waiting, timetable, at
):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    moved(app, cast, timetable.wednesday, "2026-03-11T15:00")
    assert plan() == (0, 1)
    at("2026-03-11T14:00")
    assert plan() == (1, 0)
    [(_, body)] = waiting()
    assert body.startswith("Wednesday, March 11, 3:00 pm\n")


def test_a_seat_counts_as_much_as_a_place_in_a_group_and_who_leads_is_reminded_too(
    app, cast, chooses, plan, timetable, at
):
    for who in ("cleo", "cho", "dee"):
        chooses(who, before=(60,))
    at("2026-03-11T12:00")
    assert plan()[0] == 1  # Dr Cho's group
    with app.app_context():
        group = staff_meetings.called(cast.cho, timetable.wednesday)
        db.session.add(Seat(session_id=group.id, participant_id=cast.cleo.id))
        db.session.commit()
    assert plan()[0] == 1


# Quiet hours

NIGHT = {"quiet_from": time(18), "quiet_until": time(5)}  # where Ben lives: 9 pm to 8 am where the program is


def test_what_falls_into_quiet_hours_comes_before_them_and_once(app, cast, chooses, plan, waiting, timetable, at):
    with app.app_context():
        session("one_to_one", "2026-03-12T08:30", 50, cast.cho, cast.ben)
        db.session.commit()
    chooses("ben", before=(60, 120), **NIGHT)
    at("2026-03-11T20:45")
    assert plan() == (0, 0)
    at("2026-03-11T20:50")
    assert plan() == (1, 0)
    assert waiting()[0][1].startswith("Thursday, March 12, 8:30 am\n")
    for moment in ("2026-03-11T20:58", "2026-03-11T23:00", "2026-03-12T07:00", "2026-03-12T08:05"):
        at(moment)
        assert plan()[0] == 0


def test_what_could_not_be_sent_before_quiet_hours_is_told_at_their_end(app, cast, chooses, plan, waiting, at):
    with app.app_context():
        session("one_to_one", "2026-03-12T08:30", 50, cast.cho, cast.ben)
        db.session.commit()
    chooses("ben", before=(60,), **NIGHT)
    at("2026-03-11T20:50")
    assert plan() == (1, 0)
    at("2026-03-11T21:00")
    with app.app_context():
        assert mail.give_up_expired(clock.now()) == 1
    assert plan() == (0, 0)
    at("2026-03-12T08:00")
    assert plan() == (1, 0)
    assert plan() == (0, 0)


def test_a_session_planned_in_quiet_hours_is_told_at_their_end(app, cast, chooses, plan, at):
    chooses("ben", before=(60,), **NIGHT)
    at("2026-03-11T22:00")
    with app.app_context():
        session("one_to_one", "2026-03-12T08:30", 50, cast.cho, cast.ben)
        session("one_to_one", "2026-03-12T07:30", 20, cast.cho, cast.ben)
        db.session.commit()
    assert plan() == (0, 0)
    at("2026-03-12T07:10")
    assert plan() == (0, 0)
    at("2026-03-12T08:00")
    assert plan() == (1, 0)


# Changes


def test_a_change_is_told_at_once_with_old_and_new_time_and_once(app, cast, chooses, plan, waiting, timetable, at):
    chooses("ada", changes=True)
    at("2026-03-11T11:00")
    moved(app, cast, timetable.wednesday, "2026-03-14T09:00")
    plan()  # and what the timetable changed in the minute before
    [body] = [body for _, body in waiting() if "Saturday" in body]
    assert body.startswith(
        "A time on your schedule changed. Sign in to Foothold for details.\n\n"
        "Was: Wednesday, March 11, 1:00 pm\nNow: Saturday, March 14, 9:00 am\n\nQuestions? Call (212) 555-0142.\n"
    )
    assert plan() == (0, 0)


def test_a_cancelled_one_a_new_room_and_another_leader_are_told_without_saying_which(
    app, cast, chooses, plan, waiting, at
):
    with app.app_context():
        keys = [session("one_to_one", f"2026-03-12T{hour}:00", 50, cast.cho, cast.ben).key for hour in (10, 12, 14)]
        db.session.commit()
    chooses("ben", changes=True)
    at.later(minutes=1)
    change(app, cast, sessions.cancel, keys[0], "Dr Cho is ill.")
    change(app, cast, sessions.place, keys[1], "Room 9", "", "Paint.", by="kit")
    change(app, cast, sessions.substitute, keys[2], cast.dee, "Dr Cho is ill.", by="kit")
    assert plan() == (3, 0)
    assert sorted(body.partition("\n\nQuestions")[0] for _, body in waiting()) == [
        "A time on your schedule changed. Sign in to Foothold for details.\n\n"
        "Was: Thursday, March 12, 10:00 am\nNow: cancelled",
        "Something on your schedule changed. Sign in to Foothold for details.\n\nThursday, March 12, 12:00 pm",
        "Something on your schedule changed. Sign in to Foothold for details.\n\nThursday, March 12, 2:00 pm",
    ]


def test_a_change_in_quiet_hours_waits_for_their_end_or_is_left_out_when_it_is_over(
    app, cast, chooses, plan, waiting, at
):
    with app.app_context():
        early = session("one_to_one", "2026-03-12T07:00", 50, cast.cho, cast.ben).key
        late = session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ben).key
        db.session.commit()
    chooses("ben", changes=True, **NIGHT)
    at("2026-03-11T22:00")
    change(app, cast, sessions.cancel, early, "Ice.")
    change(app, cast, sessions.cancel, late, "Ice.")
    assert plan() == (0, 0)
    at("2026-03-12T07:59")
    assert plan() == (0, 0)
    at("2026-03-12T08:00")
    assert plan() == (1, 0)
    assert "10:00 am" in waiting()[0][1]


def test_what_changed_before_they_asked_or_by_themselves_or_was_seen_is_not_told(
    app, cast, chooses, plan, waiting, timetable, at
):
    at.later(minutes=5)
    for who in ("ada", "cho"):
        chooses(who, changes=True)
    assert plan() == (0, 0)  # the move and the cancellation of the timetable
    at.later(minutes=5)
    moved(app, cast, timetable.alone, "2026-03-12T11:30")
    with app.app_context():
        [one] = session_changes.unseen(clock.now(), [staff_meetings.called(cast.cho, timetable.alone).id])
        session_changes.see(cast.ada, one.change_key, clock.now())
        db.session.commit()
    assert plan() == (0, 0)


def test_a_change_that_is_seen_while_its_notice_waits_is_not_sent(app, cast, chooses, plan, timetable, at):
    chooses("ada", changes=True)
    at.later(minutes=5)
    moved(app, cast, timetable.alone, "2026-03-12T11:30")
    assert plan()[0] >= 1
    with app.app_context():
        for one in session_changes.unseen(clock.now(), [staff_meetings.called(cast.cho, timetable.alone).id]):
            if one.participant_id == cast.ada.id:
                session_changes.see(cast.ada, one.change_key, clock.now())
        db.session.commit()
    assert plan()[1] >= 1


def test_what_was_not_seen_is_told_a_day_later_once_an_act(app, cast, chooses, plan, waiting, at):
    with app.app_context():
        key = session("one_to_one", "2026-03-18T10:00", 50, cast.cho, cast.ben).key
        db.session.commit()
    chooses("ben", unseen=True)
    at.later(minutes=1)
    moved(app, cast, key, "2026-03-19T10:00")
    at("2026-03-12T10:50")
    assert plan() == (0, 0)
    at("2026-03-12T10:53")
    assert plan() == (1, 0)
    at("2026-03-12T22:00")
    assert plan() == (0, 0)
    [(subject, body)] = waiting()
    assert subject == "A change for you"
    assert "You have not marked it as seen yet." in body
    at("2026-03-15T10:00")
    assert plan()[0] == 0


def test_one_act_that_changes_many_sessions_is_one_mail(app, cast, chooses, plan, waiting, at):

    with app.app_context():
        rows = [session("one_to_one", f"2026-03-1{day}T10:00", 50, cast.cho, cast.ben) for day in (2, 3, 4)]
        db.session.commit()
        ids = [(row.id, row.starts_at) for row in rows]
    chooses("ben", changes=True)
    at.later(minutes=1)
    with app.app_context():
        told = [{"session_id": id_, "kind": "cancelled", "old_at": at_} for id_, at_ in ids]
        sessions.note_changes(cast.kit, told, "Closed.", clock.now())
        db.session.commit()
    assert plan() == (1, 0)
    assert "Was: Thursday, March 12, 10:00 am\nNow: cancelled\n\nMore than this changed." in waiting()[0][1]


# Cost, and several at once


def test_planning_reads_as_often_for_many_people_as_for_one(app, cast, chooses, timetable, at):
    chooses("ada", before=(60,), changes=True, unseen=True)
    at("2026-03-11T12:00")
    alone = selects_of_a_plan(app)
    for who in ("ben", "cleo", "cho", "dee", "oduya"):
        chooses(who, before=(60, 120, 1440), changes=True, unseen=True)
    at.later(minutes=1)
    assert selects_of_a_plan(app) == alone <= 6


def selects_of_a_plan(app):
    asked = []
    with app.app_context():
        engine = db.engine

        @event.listens_for(engine, "before_cursor_execute")
        def count(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        try:
            assert planning.due(clock.now())
        finally:
            event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def test_two_planners_at_once_queue_each_reminder_once(app, cast, chooses, at):
    with app.app_context():
        for hour in range(24):
            for minute in (5, 25, 45):
                session("one_to_one", f"2026-03-12T{hour:02}:{minute:02}", 20, cast.cho, cast.ben)
        db.session.commit()
    chooses("ben", before=(2880,))
    at.later(minutes=30)
    barrier, queued = threading.Barrier(3), []

    def work():
        with app.app_context():
            barrier.wait()
            queued.append(commands.plan_due(at.now)[0])

    planners = [threading.Thread(target=work) for _ in range(3)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()
    assert len(queued) == 3
    assert sum(queued) == 72
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Mail)) == 72


def test_the_command_says_what_it_did_and_what_is_missing(app, cast, make_app, server, chooses, timetable, at):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    done = app.test_cli_runner().invoke(args=["reminders", "plan"])
    assert (done.exit_code, done.output) == (0, "1 queued, 0 withdrawn\n")
    refused = make_app(DATABASE_URL=server.empty()).test_cli_runner().invoke(args=["reminders", "plan"])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")


def test_what_was_told_is_known_longer_than_it_can_be_due(app, chooses, plan, timetable, at):
    """Rule: a reminder that was sent and deleted since is not told again: the clock alone forbids it."""
    chooses("ada", before=(60, 2880), changes=True, unseen=True)
    assert planning.TOLD_WITHIN < mail.SENT_KEPT
    longest = timedelta(minutes=2880) + timedelta(days=1)
    assert longest < planning.AHEAD < planning.TOLD_WITHIN
    assert planning.CHANGE_WITHIN + planning.UNSEEN_AFTER < planning.TOLD_WITHIN


def test_a_time_of_another_clock_than_the_programs_says_whose_it_is(app, cast, chooses, plan, waiting, at):
    with app.app_context():
        wall = datetime(2026, 3, 11, 10)
        far = {"zone": "America/Los_Angeles", "starts_at": clock.at_wall(wall, "America/Los_Angeles")}
        session("one_to_one", "2026-03-11T10:00", 50, cast.cho, cast.ben, **far)
        db.session.commit()
    chooses("ben", before=(120,))
    at("2026-03-11T11:00")
    assert plan() == (1, 0)
    assert waiting()[0][1].startswith("Wednesday, March 11, 10:00 am (Los Angeles time)\n")
