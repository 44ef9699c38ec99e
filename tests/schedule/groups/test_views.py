"""Planning group tracks: opened, changed from a day on, ended, and who is in them."""

from datetime import date, datetime

import pytest
from sqlalchemy import func, select, update

from portal.audit.models import AuditEvent
from portal.db import db
from portal.schedule.models import Session, SessionChange, Track, TrackEnrollment
from tests.browser import words
from tests.schedule import plans
from tests.schedule.plans import evening, sessions, topics, tracks
from tests.schedule.timetable import session, track


def key_of(app, number: int = 0) -> str:
    return tracks(app)[number].key


def error(page, field: str) -> str:
    return words(page.one("p", id=f"{field}-error"))


def test_a_track_is_opened_and_its_sessions_are_there(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast))
    (made,) = tracks(app)
    assert kit.location == f"/tracks/{made.key}?saved=opened"
    page = kit.get(kit.location)
    assert "Mondays, Wednesdays and Thursdays, 6:00 to 9:00 pm" in page.text
    assert (made.rule, made.minutes, made.cover_id) == ("FREQ=WEEKLY;BYDAY=MO,WE,TH", 180, cast.oduya.id)
    held = sessions(app, "Evening group")
    assert [each.wall_at for each in held[:3]] == [datetime(2026, 3, day, 18) for day in (16, 18, 19)]
    assert [each.topic for each in held[:3]] == ["Waves", "Small steps", "Waves"]
    assert (held[0].material, held[0].worksheet) == ("waves", "the-wave")
    with app.app_context():
        assert db.session.scalar(select(AuditEvent.actor_id).where(AuditEvent.what == "track.open")) == cast.kit.id


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("title", {"title": ""}, "Write what the group is called."),
        ("leader", {"leader": "nobody"}, "Choose who leads it."),
        ("cover", {"cover": "{dee}"}, "Choose someone other than the leader."),
        ("days", {"days": []}, "Choose at least one day."),
        ("every", {"every": "9"}, "Choose how often."),
        ("ends", {"ends": "17:00"}, "It ends before it begins."),
        ("ends", {"ends": "18:03"}, "A session has from 5 minutes to 12 hours."),
        ("starts", {"starts": "late"}, "Write a time such as 6:00 pm."),
        ("starts_on", {"starts_on": "soon"}, "Write the day as 12/24/2026."),
        ("last_day", {"last_day": "2026-03-01"}, "It is before the first day."),
        ("times", {"times": "3", "last_day": "2026-05-01"}, "Give a last day or a number of sessions, not both."),
        ("zone", {"zone": "America/Gotham"}, "Write a time zone such as America/Chicago."),
        ("skips", {"skips": "12/24/2026\nsoon"}, "Line 2, “soon”: Write the day as 12/24/2026."),
        ("video_url", {"video_url": "http://video.example.org"}, "A link begins with https:// and has no spaces."),
        ("capacity", {"capacity": "0"}, "Write a whole number from 1 to 500."),
        ("topics", topics(("", "waves", "")), "Row 1 has a reading or a worksheet and no topic."),
        ("topics", topics(("Waves", "no-such-text", "")), "Topic 1: choose a reading and a worksheet"),
        ("last_day", {"days": list("0123456"), "last_day": "2036-01-01"}, "This makes more than 2,000 sessions."),
        ("starts_on", {"last_day": "2026-03-17", "days": ["4"]}, "This makes no session."),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_beside_its_field(app, cast, planner, field, wrong, said):
    kit = planner()
    wrong = {name: cast.dee.key if value == "{dee}" else value for name, value in wrong.items()}
    kit.get("/tracks/new")
    page = kit.submit("/tracks/", evening(cast) | wrong, 422)
    assert said in error(page, field)
    assert page.one("input", id="room").get("value") == "Room 12"
    assert tracks(app) == []


def test_a_date_in_the_hour_that_is_skipped_is_named_beside_the_time(app, cast, planner):
    kit = planner()
    kit.get("/tracks/new")
    night = {"starts": "02:30", "ends": "03:30", "days": ["6"], "starts_on": "2027-01-03", "times": "26"}
    page = kit.submit("/tracks/", evening(cast) | night, 422)
    assert "Sunday, March 14, 2027" in error(page, "starts")
    assert tracks(app) == []


def test_a_time_that_the_clocks_show_twice_is_looked_at_first(app, cast, planner):
    kit = planner()
    kit.get("/tracks/new")
    night = {"starts": "01:30", "ends": "02:30", "days": ["6"], "starts_on": "2026-10-25", "times": "4"}
    page = kit.submit("/tracks/", evening(cast) | night, 200)
    assert "The clocks go back on Sunday, November 1, 2026: the session is at the first 1:30 am." in page.text
    assert tracks(app) == []
    kit.submit("/tracks/", {})
    assert len(sessions(app, "Evening group")) == 4


def test_clashes_are_listed_and_take_a_reason_that_stays_with_the_sessions(app, cast, planner, timetable):
    kit = planner()
    kit.get("/tracks/new")
    noon = {"starts": "13:00", "ends": "14:00", "room": "room 204", "leader": cast.cho.key, "days": ["0"]}
    page = kit.submit("/tracks/", evening(cast) | noon, 422)
    look = [words(line) for line in page.one("div", id="confirm-preview").iter("li")]
    assert "Dr Cho leads Skills group: 26 times, Mondays, March 16, 2026 to September 7, 2026." in look
    assert "room 204 is used by Skills group: 26 times, Mondays, March 16, 2026 to September 7, 2026." in look
    assert len(tracks(app)) == 1
    page = kit.submit("/tracks/", {}, 422)
    assert error(page, "clash_reason") == "Say why it is planned anyway."
    kit.submit("/tracks/", {"clash_reason": "Both are in the big hall."})
    held = sessions(app, "Evening group")
    clashing = [each for each in held if each.clash_reason == "Both are in the big hall."]
    assert clashing
    assert {each.wall_at.date() for each in held} >= {each.wall_at.date() for each in clashing}


def test_what_was_seen_is_what_is_saved_and_anything_else_is_shown_again(app, cast, planner, timetable):
    kit = planner()
    kit.get("/tracks/new")
    noon = {"starts": "13:00", "ends": "14:00", "room": "", "leader": cast.cho.key, "days": ["0"], "times": "2"}
    kit.submit("/tracks/", evening(cast) | noon, 422)
    page = kit.submit("/tracks/", {"clash_reason": "It is fine.", "room": "Room 204"}, 422)
    assert "Room 204 is used by Skills group: 2 times, Mondays, March 16, 2026 to March 23, 2026." in page.text
    assert len(tracks(app)) == 1
    kit.submit("/tracks/", {})
    assert len(tracks(app)) == 2


def test_the_form_shows_the_plan_as_it_is_and_saving_it_changes_nothing(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, skips="12/24/2026\n12/25/2026", every="2", times="20"))
    before = sessions(app, "Evening group")
    key = key_of(app)
    kit.get(f"/tracks/{key}/edit")
    kit.submit(f"/tracks/{key}/edit", {})
    after = sessions(app, "Evening group")
    assert [(s.key, s.starts_at, s.sequence) for s in after] == [(s.key, s.starts_at, s.sequence) for s in before]
    assert plans.changes(app) == 0
    assert tracks(app)[0].skips == ["2026-12-24", "2026-12-25"]


def test_a_change_says_what_moves_before_it_does_and_why_is_needed(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, times="6"))
    key = key_of(app)
    kit.get(f"/tracks/{key}/edit")
    later = {"starts": "18:30", "ends": "21:30", "days": ["0", "2"], "times": "4"}
    page = kit.submit(f"/tracks/{key}/edit", later, 422)
    assert error(page, "reason") == "Say why, so that people can be told."
    page = kit.submit(f"/tracks/{key}/edit", {"reason": "The building opens later."}, 200)
    assert "4 sessions move, 2 sessions are cancelled." in page.text
    assert plans.changes(app) == 0
    kit.submit(f"/tracks/{key}/edit", {})
    held = sessions(app, "Evening group")
    assert [s.status for s in held] == ["planned", "planned", "cancelled"] * 2
    assert held[0].wall_at == datetime(2026, 3, 16, 18, 30)
    with app.app_context():
        assert set(db.session.scalars(select(SessionChange.reason))) == {"The building opens later."}
        assert db.session.scalar(select(func.count(SessionChange.key.distinct()))) == 1


def test_this_and_following_begin_at_the_day_of_the_session(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, times="6"))
    key = key_of(app)
    page = kit.get(f"/tracks/{key}/edit?from=2026-03-23")
    assert page.one("input", id="starts_on").get("value") == "2026-03-23"
    assert page.one("input", id="times").get("value") == "3"
    kit.submit(f"/tracks/{key}/edit", {"room": "Room 7", "reason": "Room 12 is painted."})
    assert [s.room for s in sessions(app, "Evening group")] == ["Room 12"] * 3 + ["Room 7"] * 3
    assert kit.get(f"/tracks/{key}/edit?from=soon").one("input", id="starts_on").get("value") == "2026-03-23"


def test_a_session_with_a_seat_stays_and_is_named(app, cast, planner):
    from portal.schedule.models import Seat

    kit = planner()
    plans.open_track(kit, evening(cast, times="3"))
    key = key_of(app)
    with app.app_context():
        first = db.session.scalars(select(Session).order_by(Session.starts_at)).first()
        db.session.add(Seat(session_id=first.id, participant_id=cast.ben.id))
        db.session.commit()
    kit.get(f"/tracks/{key}/edit")
    page = kit.submit(f"/tracks/{key}/edit", {"starts": "17:00", "ends": "20:00", "reason": "Earlier."}, 200)
    assert "2 sessions move." in page.text
    assert "1 session stays as it is because" in page.text
    assert "Mon, Mar 16, 6:00 pm" in page.text


def test_a_rule_that_days_cannot_say_is_shown_and_kept(app, cast, planner):
    with app.app_context():
        track(cast.dee, title="First Mondays", rule="FREQ=MONTHLY;BYDAY=1MO", first_at=datetime(2026, 4, 6, 18))
        db.session.commit()
    kit, key = planner(), key_of(app)
    assert "By a rule of its own (FREQ=MONTHLY;BYDAY=1MO), 6:00 to 9:00 pm" in kit.get(f"/tracks/{key}").text
    page = kit.get(f"/tracks/{key}/edit")
    assert page.one("input", id="keep_rule").get("checked") is not None
    kit.submit(f"/tracks/{key}/edit", {"bring": "A pen"})
    assert tracks(app)[0].rule == "FREQ=MONTHLY;BYDAY=1MO"
    kit.get(f"/tracks/{key}/edit")
    change = {"keep_rule": [], "days": ["0"], "times": "3", "reason": "Weekly from now on."}
    kit.submit(f"/tracks/{key}/edit", change, 200)
    kit.submit(f"/tracks/{key}/edit", {})
    assert tracks(app)[0].rule == "FREQ=WEEKLY;BYDAY=MO;COUNT=3"


def test_a_track_ends_after_a_question(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, times="6"))
    end = f"/tracks/{key_of(app)}/end"
    kit.get(end)
    page = kit.submit(end, {"last_day": "2026-03-19"}, 422)
    assert error(page, "reason") == "Say why, so that people can be told."
    page = kit.submit(end, {"reason": "Everyone has finished."}, 200)
    assert "Thursday, March 19, 2026, is the last day." in page.text
    assert "3 sessions after it are cancelled." in page.text
    assert [s.status for s in sessions(app, "Evening group")] == ["planned"] * 6
    kit.submit(end, {})
    assert [s.status for s in sessions(app, "Evening group")] == ["planned"] * 3 + ["cancelled"] * 3


def test_twelve_people_join_at_once_from_one_day_to_another(app, cast, planner, at):
    kit = planner()
    people = plans.newcomers(app, at, 12)
    plans.open_track(kit, evening(cast))
    join = f"/tracks/{key_of(app)}/people"
    kit.get(kit.location)
    kit.submit(join, {"people": people, "starts_on": "2026-03-16", "ends_on": "2026-05-08"})
    page = kit.get(kit.location)
    assert "They have a place now." in page.text
    with app.app_context():
        rows = db.session.execute(select(TrackEnrollment.starts_on, TrackEnrollment.ends_on)).all()
    assert [tuple(row) for row in rows] == [(date(2026, 3, 16), date(2026, 5, 8))] * 12
    page = kit.submit(join, {"people": people[:1]}, 422)
    assert "has a place in Evening group" in error(page, "people")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("people", {"people": []}),
        ("people", {"people": ["no-such-key"]}),
        ("starts_on", {"starts_on": ""}),
        ("ends_on", {"ends_on": "2026-03-01"}),
    ],
)
def test_a_place_takes_somebody_and_days_in_order(app, cast, planner, field, wrong):
    kit = planner()
    plans.open_track(kit, evening(cast))
    kit.get(kit.location)
    join = f"/tracks/{key_of(app)}/people"
    page = kit.submit(join, {"people": [cast.ada.key], "starts_on": "2026-03-16"} | wrong, 422)
    assert error(page, field)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TrackEnrollment)) == 0


def test_somebody_who_is_taken_then_is_named_and_takes_a_reason(app, cast, planner, timetable):
    with app.app_context():
        other = track(
            cast.dee, title="Other group", room="Room 1", first_at=datetime(2026, 3, 16, 15), rule="FREQ=WEEKLY"
        )
        key = other.key
        db.session.commit()
    kit = planner()
    kit.get(f"/tracks/{key}")
    page = kit.submit(f"/tracks/{key}/people", {"people": [cast.ada.key], "starts_on": "2026-03-16"}, 422)
    assert "Ada Moreno comes to Skills group: 26 times, Mondays, March 16, 2026 to September 7, 2026." in page.text
    assert "Ben" not in words(page.one("div", id="confirm-preview"))
    kit.submit(f"/tracks/{key}/people", {"clash_reason": "She leaves the first one early."})
    assert {s.clash_reason for s in sessions(app, "Other group")} == {"She leaves the first one early."}


def test_more_people_than_seats_is_said_first(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, capacity="1", times="3"))
    kit.get(kit.location)
    join = f"/tracks/{key_of(app)}/people"
    two = {"people": [cast.ada.key, cast.ben.key], "starts_on": "2026-03-16"}
    page = kit.submit(join, two, 200)
    assert "3 sessions to come have more people than seats (1)." in page.text
    kit.submit(join, {})
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TrackEnrollment)) == 2


def test_somebody_leaves_with_a_last_day(app, cast, planner, timetable):
    kit, key = planner(), key_of(app)
    kit.get(f"/tracks/{key}")
    leave = f"/tracks/{key}/people/{cast.ada.key}/leave"
    page = kit.submit(leave, {"last_day": ""}, 422)
    assert error(page, "last_day") == "Choose the last day."
    kit.submit(leave, {"last_day": "2026-03-13"})
    assert "The last day is saved." in kit.get(kit.location).text
    with app.app_context():
        last = select(TrackEnrollment.ends_on).where(TrackEnrollment.participant_id == cast.ada.id)
        assert db.session.scalar(last) == date(2026, 3, 13)


def test_the_list_says_when_each_meets_and_who_is_in_it(app, cast, browser, timetable):
    page = browser("kit").get("/tracks/")
    line = "Mondays, Wednesdays and Fridays, 1:00 to 4:00 pm. Dr Cho, Room 204. 2 of 12 seats."
    assert line in page.text
    with app.app_context():
        db.session.execute(update(Session).values(status="cancelled"))
        db.session.commit()
    assert "No session to come" in browser("kit").get("/tracks/").text


def test_without_a_track_the_list_says_what_one_is(cast, browser):
    assert "No track yet" in browser("kit").get("/tracks/").text


def test_a_track_shows_its_people_and_its_next_sessions_and_that_is_on_record(app, cast, browser, timetable):
    kit, key = browser("kit"), key_of(app)
    page = kit.get(f"/tracks/{key}")
    assert "Ada Moreno from Mon, Feb 2" in page.text
    assert page.all("a", href=f"/sessions/{timetable.wednesday}/plan")
    off = [words(s) for s in page.all("s")]
    assert off == ["Fri, Mar 13, 1:00 pm"]
    with app.app_context():
        assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.what == "roster.view")) == key


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_tracks_are_for_coordinators(app, cast, browser, timetable, who):
    person, key = browser(who), key_of(app)
    for path in ("/tracks/", "/tracks/new", f"/tracks/{key}", f"/tracks/{key}/edit", f"/tracks/{key}/end"):
        person.get(path, 404)
    for path in ("/tracks/", f"/tracks/{key}/edit", f"/tracks/{key}/end", f"/tracks/{key}/people"):
        person.post(path, evening(cast), 404)
    person.post(f"/tracks/{key}/people/{cast.ada.key}/leave", {"last_day": "2026-03-13"}, 404)


def test_an_unknown_track_or_person_is_not_there(app, cast, planner, timetable):
    kit = planner()
    kit.get("/tracks/unknown", 404)
    kit.post("/tracks/unknown/edit", {}, 404)
    kit.post(f"/tracks/{key_of(app)}/people/{cast.cho.key}/leave", {"last_day": "2026-03-13"}, 404)


def test_what_was_typed_comes_back_after_the_session_ran_out(cast, planner, at):
    kit = planner()
    kit.get("/tracks/new")
    at.later(minutes=11)
    kit.submit("/tracks/", evening(cast))
    assert kit.location.startswith("/sign-in")
    page = planner().get("/tracks/new")
    assert "We kept what you typed" in page.text
    assert page.one("input", id="title").get("value") == "Evening group"
    sent = page.fields("/tracks/")
    assert {name: sent[name] for name in evening(cast) if name.startswith("topics")} == {
        name: [value] for name, value in evening(cast).items() if name.startswith("topics")
    }


def test_looking_takes_the_same_selects_for_six_sessions_and_for_seventy(app, cast, planner):
    kit, counts = planner(), []
    for times, name in (("6", "Few"), ("78", "Many")):
        leader = cast.dee.key if name == "Few" else cast.cho.key
        plans.open_track(kit, evening(cast, times=times, title=name, room=name, leader=leader))
        key = key_of(app, len(counts))
        kit.get(f"/tracks/{key}/edit")
        kit.submit(f"/tracks/{key}/edit", {"starts": "18:30", "reason": "Later."}, 200)
        counts.append(len(kit.selects))
    assert counts[0] == counts[1]


def test_times_may_be_typed_as_people_say_them(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, starts="6 pm", ends="9:00 p.m.", starts_on="3/16/2026", times="1"))
    assert sessions(app, "Evening group")[0].wall_at == datetime(2026, 3, 16, 18)


def test_a_session_of_one_of_its_people_is_no_clash_of_a_group_they_are_not_in(app, cast, planner):
    with app.app_context():
        session("one_to_one", "2026-03-16T19:00", 50, cast.cho, cast.ada)
        db.session.commit()
    kit = planner()
    plans.open_track(kit, evening(cast, times="3"))
    assert len(sessions(app, "Evening group")) == 3


def test_the_track_that_is_open_is_the_one_that_is_changed(app, cast, planner, timetable):
    kit, key = planner(), key_of(app)
    kit.get(f"/tracks/{key}/edit")
    kit.submit(f"/tracks/{key}/edit", {"bring": "Only water"})
    with app.app_context():
        assert db.session.scalars(select(Track.bring)).all() == ["Only water"]


def look(page) -> list[str]:
    """What there is to look at, line by line."""
    return [words(line) for line in page.one("div", id="confirm-preview").iter("li")]


def test_a_new_track_is_looked_at_first_with_its_ends_and_how_many(app, cast, planner):
    kit = planner()
    kit.get("/tracks/new")
    page = kit.submit("/tracks/", evening(cast, last_day="2027-01-28"), 200)
    said = look(page)
    assert said[0].endswith("sessions.")
    assert said[1:] == [
        "The first: Monday, March 16, 2026, 6:00 pm.",
        "The last: Thursday, January 28, 2027, 6:00 pm.",
    ]
    assert tracks(app) == []
    kit.submit("/tracks/", {})
    assert len(sessions(app, "Evening group")) == int(said[0].split()[0])


def test_sessions_of_the_past_are_said_and_made_only_when_that_is_ticked(app, cast, planner):
    kit = planner()
    kit.get("/tracks/new")
    past = evening(cast, starts_on="2026-02-02", days=["0"], every="2", times="6")
    page = kit.submit("/tracks/", past, 200)
    assert "3 sessions are in the past; is the first day right? They are not made." in look(page)
    assert "The first: Monday, March 16, 2026, 6:00 pm." in look(page)
    page = kit.submit("/tracks/", {"past": "y"}, 200)
    assert "3 sessions are in the past; is the first day right? They are made too." in look(page)
    assert page.one("input", id="past").get("checked") is not None
    kit.submit("/tracks/", {})
    assert [s.wall_at.date() for s in sessions(app, "Evening group")][:2] == [date(2026, 2, 2), date(2026, 2, 16)]


def test_a_first_day_in_the_past_keeps_its_weeks_and_its_number(app, cast, planner):
    plans.open_track(planner(), evening(cast, starts_on="2026-02-02", days=["0"], every="2", times="6"))
    days = [date(2026, 3, 16), date(2026, 3, 30), date(2026, 4, 13)]
    assert [s.wall_at.date() for s in sessions(app, "Evening group")] == days
    (made,) = tracks(app)
    assert (made.first_at, made.rule) == (datetime(2026, 3, 16, 18), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=3")


def test_a_track_that_nobody_was_in_is_removed_whole_after_a_question(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, times="3"))
    key = key_of(app)
    remove = f"/tracks/{key}/remove"
    assert kit.get(f"/tracks/{key}").all("a", href=remove)
    assert "Nobody was ever in Evening group." in kit.get(remove).text
    kit.submit(remove, {})
    assert "The track is removed." in kit.get(kit.location).text
    assert tracks(app) == sessions(app, "Evening group") == []
    with app.app_context():
        assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.what == "track.remove")) == key


def test_a_track_that_somebody_was_in_is_not_removed_even_after_their_place_was_taken_back(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, times="3"))
    key = key_of(app)
    kit.get(f"/tracks/{key}")
    kit.submit(f"/tracks/{key}/people", {"people": [cast.ada.key], "starts_on": "2026-03-16"})
    kit.get(kit.location)
    kit.submit(f"/tracks/{key}/people/{cast.ada.key}/leave", {"last_day": "2026-03-11"})
    assert "People have been in this track" in kit.get(f"/tracks/{key}/remove").text
    page = kit.post(f"/tracks/{key}/remove", {}, 422)
    assert "End it instead." in page.text
    assert len(sessions(app, "Evening group")) == 3


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_removing_is_for_coordinators(app, cast, planner, who):
    plans.open_track(planner(), evening(cast, times="3"))
    person, path = planner(who), f"/tracks/{key_of(app)}/remove"
    person.get(path, 404)
    person.post(path, {}, 404)
    assert len(tracks(app)) == 1


def test_a_change_lists_alike_ones_in_one_line_and_days_that_go_and_come(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, days=["0", "2"], times="16"))
    key, held = key_of(app), sessions(app, "Evening group")
    kit.get(f"/sessions/{held[2].key}/plan")
    kit.submit(f"/sessions/{held[2].key}/place", {"place-room": "Room 301", "place-reason": "More people."})
    kit.get(f"/tracks/{key}/edit")
    typed = {"starts": "17:30", "ends": "20:30", "room": "Room 7", "days": ["0", "4"], "reason": "Earlier."}
    said = look(kit.submit(f"/tracks/{key}/edit", typed, 200))
    assert said == [
        "8 sessions move, 8 sessions are cancelled, 8 sessions are new.",
        "From Mon, Mar 16: 6:00 to 9:00 pm becomes 5:30 to 8:30 pm (8 sessions).",
        "From Mon, Mar 16: Room 12 becomes Room 7 (7 sessions).",
        "Cancelled: Wed, Mar 18; Wed, Mar 25; Wed, Apr 1; Wed, Apr 8; Wed, Apr 15; Wed, Apr 22; and 2 more.",
        "New: Fri, Mar 20; Fri, Mar 27; Fri, Apr 3; Fri, Apr 10; Fri, Apr 17; Fri, Apr 24; and 2 more.",
        "Mon, Mar 23 keeps Room 301.",
    ]


def test_the_heading_says_what_an_earlier_rule_still_holds(app, cast, planner):
    kit = planner()
    plans.open_track(kit, evening(cast, days=["0", "2"]))
    key = key_of(app)
    kit.get(f"/tracks/{key}/edit")
    typed = {"starts_on": "2026-03-30", "days": ["1"], "starts": "17:00", "ends": "19:00", "reason": "So."}
    kit.submit(f"/tracks/{key}/edit", typed, 200)
    kit.submit(f"/tracks/{key}/edit", {})
    text = kit.get(f"/tracks/{key}").text
    until = "Until Sun, Mar 29: Mondays and Wednesdays, 6:00 to 9:00 pm."
    assert f"{until} From Mon, Mar 30: Tuesdays, 5:00 to 7:00 pm" in text


def test_who_joins_leaves_out_who_is_in_and_says_who_is_busy(app, cast, planner, timetable):
    kit = planner()
    plans.open_track(kit, evening(cast, days=["0"], starts="15:00", ends="17:00", leader=cast.dee.key))
    key = key_of(app, 1)
    page = kit.get(f"/tracks/{key}")
    assert [words(label) for label in page.one("fieldset", id="people").iter("label")] == [
        "Ada Moreno (busy then: Skills group)",
        "Ben Whitaker (busy then: Skills group)",
        "Cleo Park",
    ]
    assert page.one("input", id="starts_on").get("value") == "2026-03-16"
    assert "People 0 of 12" in page.text
    kit.submit(f"/tracks/{key}/people", {"people": [cast.cleo.key]})
    page = kit.get(kit.location)
    assert "People 1 of 12" in page.text
    assert page.all("a", href=f"/people/{cast.cleo.key}")
    assert "Cleo Park" not in words(page.one("fieldset", id="people"))


def test_more_rows_for_topics_save_nothing_and_keep_what_was_typed(app, cast, planner):
    kit = planner()
    page = kit.get("/tracks/new")
    assert [words(legend) for legend in page.all("legend") if "Topic" in words(legend)] == ["Topic 1"]
    page = kit.submit("/tracks/", evening(cast, title="", more="y"), 200)
    assert [words(legend) for legend in page.all("legend") if "Topic" in words(legend)][-1] == "Topic 6"
    assert page.one("input", name="topics-1-title").get("value") == "Small steps"
    page = kit.submit("/tracks/", {"more": "y"}, 200)
    assert [words(legend) for legend in page.all("legend") if "Topic" in words(legend)][-1] == "Topic 9"
    assert tracks(app) == []


def test_errors_stand_in_the_order_of_the_page(app, cast, planner):
    kit = planner()
    kit.get("/tracks/new")
    wrong = {"title": "", "capacity": "0", "starts_on": "", "days": [], "zone": "x", "starts": "", "skips": "a\nb"}
    page = kit.submit("/tracks/", evening(cast) | wrong, 422)
    named = [a.get("href") for a in page.one("div", id="errors").iter("a")]
    assert named == ["#title", "#starts_on", "#days", "#starts", "#skips", "#zone", "#capacity"]
    assert "Line 1, “a”" in error(page, "skips")
    assert "Line 2, “b”" in error(page, "skips")
