"""A file that is imported again: the sessions to come are those of the file, but for what was changed here."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select, update

from portal import clock, program
from portal.db import db
from portal.schedule import sessions, staff_meetings
from portal.schedule.calendar.importing import phrases, series, steps
from portal.schedule.calendar.importing.group_following import REASON
from portal.schedule.calendar.importing.outcome import ImportChoices, ImportOutcome
from portal.schedule.groups import enrollment, tracks
from portal.schedule.models import Session, SessionChange, Track
from tests.schedule.calendar.importing.files import event, file
from tests.schedule.timetable import ZONE

RULE = "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260401"
WEEKLY = {"rrule": RULE}
LATER = {"dtstart": "DTSTART:20260302T140000", "dtend": "DTEND:20260302T153000"}
NEW_YORK = ";TZID=America/New_York:2026"


@pytest.fixture(autouse=True)
def context(app, cast):
    """These tests use no browser, so the app context may stay open."""
    with app.app_context():
        yield


def one(day: str, *lines: str, **instead: str | None) -> list[str]:
    """A change of the session that the rule has on `day` ("0316"), as calendars write it."""
    start = {"dtstart": f"DTSTART{NEW_YORK}{day}T130000", "dtend": "DURATION:PT90M"}
    named = f"RECURRENCE-ID{NEW_YORK}{day}T130000"
    return event(*lines, **{"rrule": None, "recurrence_id": named} | start | instead)


def moved(day: str, to: str, **instead: str) -> list[str]:
    return one(day, dtstart=f"DTSTART{NEW_YORK}{to}", **instead)


def cancelled(day: str) -> list[str]:
    return one(day, status="STATUS:CANCELLED")


def take(cast, content: bytes, **chosen) -> ImportOutcome:
    found = series.read(content, ZONE, clock.now())
    choices = ImportChoices(**{"leader_id": cast.cho.id} | chosen)
    done = steps.take_over(cast.kit, found, choices, program.current(), clock.now())
    db.session.commit()
    db.session.expire_all()
    return done


def here() -> list[tuple]:
    """The sessions to come."""
    rows = select(Session).where(Session.status == "planned", Session.starts_at > clock.now())
    return sorted(
        (one.title, one.wall_at, one.zone, one.minutes, one.room, one.video_url) for one in db.session.scalars(rows)
    )


def there(content: bytes) -> list[tuple]:
    """The sessions to come in a file."""
    found = series.read(content, ZONE, clock.now())
    return sorted(
        (one.title, one.wall_at, one.zone, one.minutes, one.room, one.video_url)
        for each in found.series
        for one in each.ahead(clock.now())
    )


PLAIN = [event(**WEEKLY)]
FILES = {
    "plain": PLAIN,
    "another time": [event(**WEEKLY | LATER)],
    "other days": [event(**WEEKLY | {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260401"})],
    "another day of the start": [
        event(
            **{"rrule": "RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20260401"}
            | {"dtstart": f"DTSTART{NEW_YORK}0303T130000", "dtend": "DURATION:PT2H"}
        )
    ],
    "longer": [event(**WEEKLY | {"rrule": RULE.replace("0401", "0422")})],
    "ended": [event(**WEEKLY | {"rrule": RULE.replace("0401", "0318")})],
    "over": [event(**WEEKLY | {"rrule": RULE.replace("0401", "0309")})],
    "endless": [event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE")],
    "counted": [event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=8")],
    "a day without": [event("EXDATE;TZID=America/New_York:20260316T130000", **WEEKLY)],
    "an extra day": [event("RDATE;TZID=America/New_York:20260320T100000", **WEEKLY)],
    "cancelled in the calendar": [event(**WEEKLY | {"status": "STATUS:CANCELLED"})],
    "out of the horizon": [
        event(dtstart="DTSTART:20270104T130000", dtend="DURATION:PT1H", rrule="RRULE:FREQ=WEEKLY;BYDAY=MO")
    ],
    "one moved": [event(**WEEKLY), moved("0316", "0317T090000")],
    "the same moved elsewhere": [event(**WEEKLY), moved("0316", "0318T090000", location="LOCATION:Annex")],
    "one called off": [event(**WEEKLY), cancelled("0316")],
    "one longer": [event(**WEEKLY), one("0318", dtend="DURATION:PT3H")],
    "one with another name": [event(**WEEKLY), one("0318", summary="SUMMARY:Long group")],
    "one from the past put off": [event(**WEEKLY), moved("0309", "0314T100000")],
    "this and following": [
        event(**WEEKLY),
        one(
            "0318",
            **{
                "recurrence_id": f"RECURRENCE-ID;RANGE=THISANDFUTURE{NEW_YORK}0318T130000",
                "dtstart": f"DTSTART{NEW_YORK}0318T150000",
            },
        ),
    ],
    "split": [
        event(**WEEKLY | {"rrule": RULE.replace("0401", "0317")}),
        event(
            uid="UID:weekly_R20260318T170000@invented.example",
            dtstart=f"DTSTART{NEW_YORK}0318T160000",
            dtend="DURATION:PT1H",
            rrule=RULE,
        ),
    ],
    "in another room": [event(**WEEKLY | {"location": "LOCATION:Annex"})],
    "by video": [event(**WEEKLY | {"location": "LOCATION:https://video.invented.example/1"})],
    "with another name": [event(**WEEKLY | {"summary": "SUMMARY:Process group"})],
    "in another zone": [
        event(**WEEKLY | {"dtstart": "DTSTART;TZID=America/Chicago:20260302T130000", "dtend": "DURATION:PT90M"})
    ],
}


@pytest.mark.parametrize("after", FILES)
@pytest.mark.parametrize("before", ["plain", "one moved", "one called off", "endless", "this and following"])
def test_a_second_import_leaves_exactly_the_sessions_of_the_file_and_a_third_has_nothing_to_do(cast, before, after):
    """And so does the way back to the first file."""
    first, second = file(*FILES[before]), file(*FILES[after])
    for content in (first, second, first):
        done = take(cast, content)
        assert not done.refused
        if done.missing:  # the second half of one that was split
            take(cast, content, ended=frozenset(gone.key for gone in done.missing))
        assert here() == there(content)
        assert take(cast, content).what == "same"
        assert here() == there(content)


def test_the_preview_names_every_difference_in_words(cast):
    today = clock.day_of(clock.now(), ZONE)
    take(cast, file(*FILES["plain"]))

    def said(name: str) -> list[str]:
        [step] = take(cast, file(*FILES[name])).steps[:1]
        return phrases.changing(step, today)

    assert said("one moved") == ["Mon, Mar 16, 1:00 pm becomes Tue, Mar 17, 9:00 am."]
    assert said("plain") == ["Tue, Mar 17, 9:00 am becomes Mon, Mar 16, 1:00 pm."]
    assert said("one called off") == ["Cancelled: Mon, Mar 16."]
    assert said("plain") == ["On again: Mon, Mar 16."]
    assert said("another time") == ["From Wed, Mar 11: 1:00 pm becomes 2:00 pm (7 sessions)."]
    assert said("one longer")[1:] == ["Wed, Mar 18: 90 minutes becomes 180 minutes."]
    assert said("one with another name")[1:] == ["Wed, Mar 18: Skills group becomes Long group."]
    assert "From Wed, Mar 11: Room 9 becomes Annex (7 sessions)." in said("in another room")
    assert said("cancelled in the calendar")[0] == "It is cancelled in the calendar."
    take(cast, file(*FILES["plain"]))
    assert said("out of the horizon")[0].startswith("It begins more than 26 weeks from now")


def test_an_end_in_the_calendar_is_told_to_those_who_come(cast):
    take(cast, file(*FILES["plain"]))
    track = db.session.scalars(select(Track)).one()
    enrollment.enroll(cast.kit, track, cast.ada, clock.day_of(clock.now(), ZONE), None, clock.now())
    take(cast, file(*FILES["over"]))
    told = db.session.execute(select(SessionChange.kind, SessionChange.reason).distinct()).all()
    assert told == [("cancelled", REASON)]
    assert tracks.extend(program.current(), clock.now()) == (0, [])
    assert not here()


def test_a_group_that_begins_later_than_the_nights_reach_comes_when_they_do(cast, at):
    take(cast, file(*FILES["plain"]))
    take(cast, file(*FILES["out of the horizon"]))
    at("2026-07-20T10:00")
    assert tracks.extend(program.current(), clock.now())[0] == 3
    assert here()[0][1] == datetime(2027, 1, 4, 13)


def test_an_event_that_is_not_taken_is_left_as_it_is_and_keeps_its_link(cast):
    take(cast, file(*FILES["plain"]))
    before = here()
    done = take(cast, file(*FILES["another time"]), taken=frozenset())
    assert (done.what, [step.is_taken for step in done.steps]) == ("same", [False])
    assert here() == before and not db.session.scalars(select(SessionChange)).all()
    assert db.session.scalars(select(Track.imported_as)).one() == "weekly@invented.example"
    take(cast, file(*FILES["another time"]))
    assert here() == there(file(*FILES["another time"]))


def test_a_new_event_that_is_not_taken_makes_nothing(cast):
    content = file(event(**WEEKLY), event(uid="UID:other", **WEEKLY))
    done = take(cast, content, taken=frozenset({4}))
    assert [(step.what, step.is_taken) for step in done.steps] == [("new", True), ("new", False)]
    assert db.session.scalars(select(Track.imported_as)).all() == ["weekly@invented.example"]


@pytest.mark.parametrize("bad", [{"dtend": None}, {"dtstart": "DTSTART;VALUE=DATE:20260316", "dtend": None}])
def test_an_event_that_cannot_be_taken_any_more_stays_as_it_was_imported_and_that_is_said(cast, bad):
    take(cast, file(*FILES["plain"]))
    before = here()
    done = take(cast, file(event(**WEEKLY | bad)))
    [aside] = (*done.refused, *done.left_out)
    assert aside.line == 4 and aside.reason.endswith("What was imported before stays as it is.")
    assert here() == before and not done.missing


def test_what_is_missing_from_the_file_is_offered_and_never_cancelled_unasked(cast):
    other = event(uid="UID:other", summary="SUMMARY:Other group", **WEEKLY)
    take(cast, file(event(**WEEKLY), other))
    before = here()
    done = take(cast, file(event(**WEEKLY)))
    [missing] = done.missing
    assert (missing.title, missing.ahead, done.what) == ("Other group", 7, "same") and here() == before
    done = take(cast, file(event(**WEEKLY)), ended=frozenset({missing.key}))
    assert done.what == "changed" and here() == there(file(event(**WEEKLY)))
    assert not take(cast, file(event(**WEEKLY))).missing
    assert tracks.extend(program.current(), clock.now()) == (0, [])
    take(cast, file(event(**WEEKLY), other))  # it is there again
    assert here() == before


def test_the_end_of_what_is_missing_names_what_was_given_to_its_sessions_here(cast):
    other = event(uid="UID:other", summary="SUMMARY:Other group", **WEEKLY)
    take(cast, file(other))
    for what in ("seat", "note"):
        by_hand(cast, what)
    take(cast, file(event(**WEEKLY), other))
    [missing] = take(cast, file(event(**WEEKLY))).missing
    assert phrases.ending(missing) == (
        "End Other group and cancel 7 sessions (1 with a note and 1 with a make-up seat)."
    )


def test_the_end_of_what_is_missing_takes_a_session_too_that_was_put_off_to_a_day_to_come(cast, at):
    other = [event(uid="UID:other", **WEEKLY), moved("0311", "0320T090000", uid="UID:other")]
    take(cast, file(event(**WEEKLY), *other))
    at("2026-03-17T10:00")
    [missing] = take(cast, file(event(**WEEKLY))).missing
    take(cast, file(event(**WEEKLY)), ended=frozenset({missing.key}))
    assert here() == there(file(event(**WEEKLY)))


def test_only_files_that_share_an_event_are_compared(cast):
    take(cast, file(event(**WEEKLY)))
    another = file(event(uid="UID:elsewhere", summary="SUMMARY:Elsewhere", **WEEKLY | LATER))
    assert not take(cast, another).missing
    assert not take(cast, file(event(**WEEKLY))).missing
    assert not take(cast, another).missing


@pytest.mark.parametrize("method", ["CANCEL", "REQUEST"])
def test_a_message_about_some_events_misses_no_other(cast, method):
    take(cast, file(event(**WEEKLY), event(uid="UID:other", **WEEKLY)))
    assert not take(cast, file(event(**WEEKLY), also=[f"METHOD:{method}"])).missing


def test_a_message_calls_off_a_series_or_one_session_of_it(cast):
    take(cast, file(*FILES["plain"]))
    alone = file(one("0316", summary=None), also=["METHOD:CANCEL"])
    [step] = take(cast, alone).steps
    assert (step.count("cancelled"), step.what) == (1, "changed")
    assert here() == there(file(*FILES["one called off"]))
    assert take(cast, alone).what == "same"
    take(cast, file(moved("0318", "0319T130000"), also=["METHOD:REQUEST"]))
    assert datetime(2026, 3, 19, 13) in [one[1] for one in here()]
    take(cast, file(event(**WEEKLY), also=["METHOD:CANCEL"]))
    assert not here()


def test_a_change_of_a_session_of_no_group_here_is_left_out_with_its_line(cast):
    done = take(cast, file(cancelled("0316")))
    assert [(one.line, one.reason) for one in done.left_out] == [
        (4, "it changes one session of a series that is not here.")
    ]


def called(kit, day: str):
    key = db.session.scalar(
        select(Session.key).where(Session.occurrence == datetime.fromisoformat(f"2026-{day}T13:00"))
    )
    return staff_meetings.called(kit, key)


@pytest.fixture
def imported(cast):
    """The plain file, imported."""
    take(cast, file(*FILES["plain"]))


def by_hand(cast, what: str) -> None:
    """Change the session of March 16 here."""
    session, now = called(cast.kit, "03-16"), clock.now()
    if what == "room":
        sessions.place(cast.kit, session, "Room 1", "", "By hand.", now)
    elif what == "time":
        sessions.move(cast.kit, session, datetime(2026, 3, 17, 9), "By hand.", now)
    elif what == "cancelled":
        sessions.cancel(cast.kit, session, "By hand.", now)
    elif what == "seat":
        sessions.give_seat(cast.kit, db.session.get(Session, session.id), cast.cleo, now)
    else:
        said = {"topic": ("Triggers", ""), "note": ("", "Bring a pen.")}[what]
        sessions.describe(cast.kit, session, session.title, said[0], "", said[1], now)
    db.session.commit()


REASONS = {"room": "hand", "time": "hand", "cancelled": "hand", "seat": "seat", "topic": "topic", "note": "note"}
IN_THE_WAY = {"room": "in another room", "time": "another time", "cancelled": "another time"}


@pytest.mark.parametrize("what", REASONS)
@pytest.mark.usefixtures("imported")
def test_what_was_changed_here_stays_unless_the_preview_names_it_and_it_is_checked(cast, what):
    by_hand(cast, what)
    before = here()
    assert take(cast, file(*FILES["plain"])).what == "same" and here() == before
    content = file(*FILES[IN_THE_WAY.get(what, "one called off")])
    [step] = take(cast, content).steps
    assert list(step.held) == [REASONS[what]]
    assert phrases.staying(step, clock.day_of(clock.now(), ZONE))[0][1].startswith(
        "Let this follow the file too, though"
    )
    assert here() != there(content) and {one for one in before if one[1].day in (16, 17)} <= set(here())
    again = take(cast, content)
    assert again.what == "same" and again.has_choices  # it is offered again
    take(cast, content, over=frozenset({f"4:{REASONS[what]}"}))
    assert here() == there(content)
    assert not take(cast, content).has_choices


@pytest.mark.usefixtures("imported")
def test_a_topic_written_by_hand_stays_though_the_group_has_one_of_that_name(cast):
    with_topics("Triggers", "Sleep")
    by_hand(cast, "topic")
    before = here()
    [step] = take(cast, file(*FILES["one called off"])).steps
    assert list(step.held) == ["topic"] and here() == before


@pytest.mark.usefixtures("imported")
def test_the_preview_says_which_topics_shift(cast):
    with_topics("Sleep", "Triggers", "Sleep again")
    [step] = take(cast, file(*FILES["one called off"])).steps
    said = phrases.changing(step, clock.day_of(clock.now(), ZONE))
    assert said[0] == "Cancelled: Mon, Mar 16."
    assert said[1].startswith("Topics shift: Wed, Mar 18 Sleep again becomes Triggers; Mon, Mar 23 Sleep becomes")


def with_topics(*titles: str) -> None:
    """Give the group topics, and its sessions these in turn."""
    track = db.session.scalars(select(Track)).one()
    track.topics = [{"title": title, "material": "", "worksheet": ""} for title in titles]
    tracks.give_topics(track, clock.now())
    db.session.commit()


@pytest.mark.usefixtures("imported")
def test_a_topic_of_the_group_itself_holds_nothing(cast):
    with_topics("Sleep")
    take(cast, file(*FILES["one called off"]))
    assert here() == there(file(*FILES["one called off"]))


@pytest.mark.usefixtures("imported")
def test_a_group_that_was_changed_here_follows_only_where_that_is_checked(cast):
    track = db.session.scalars(select(Track)).one()
    plan = replace(tracks.plan_of(track), room="Room 1", rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260401")
    tracks.change_track(cast.kit, track, plan, "By hand.", program.current(), clock.now())
    db.session.commit()
    before = here()
    assert take(cast, file(*FILES["plain"])).what == "same" and here() == before
    content = file(event(**WEEKLY | LATER | {"location": "LOCATION:Annex"}))
    [step] = take(cast, content).steps
    assert step.by_hand == ["room", "days"]
    assert here() == before
    take(cast, content, over=frozenset({"4:group"}))
    assert here() == there(content)


@pytest.mark.usefixtures("imported")
def test_one_thing_that_was_changed_here_does_not_hold_the_others(cast):
    by_hand(cast, "room")
    take(cast, file(event(**WEEKLY | LATER | {"location": "LOCATION:Annex"})))
    at_two = [one for one in here() if one[1] == datetime(2026, 3, 16, 14)]
    assert [one[4] for one in at_two] == ["Room 1"] and {one[4] for one in here()} == {"Room 1", "Annex"}


@pytest.mark.usefixtures("imported")
def test_a_session_that_was_held_is_never_changed(cast, at):
    at("2026-03-17T10:00")
    db.session.execute(update(Session).where(Session.local_day == datetime(2026, 3, 16).date()).values(status="held"))
    db.session.commit()
    take(cast, file(event(**WEEKLY), moved("0316", "0320T090000")))
    assert [one.status for one in db.session.scalars(select(Session)) if one.local_day.day == 16] == ["held"]


def test_who_organizes_leads_if_they_are_a_therapist_here_and_anybody_else_can_be_chosen(cast):
    from portal.people.directory import leader_by_email

    def read(*lines: str) -> series.FileContent:
        return series.read(file(event(*lines, **WEEKLY)), ZONE, clock.now(), leader_by_email(cast.kit))

    def lead(content: series.FileContent, **chosen) -> str:
        choices = ImportChoices(cast.cho.id, **chosen)
        [step] = steps.take_over(cast.kit, content, choices, program.current(), clock.now()).steps
        assert set(db.session.scalars(select(Session.facilitator_id))) == {step.leader_id}
        return {cast.cho.id: "cho", cast.dee.id: "dee"}[step.leader_id]

    dee, desk = "ORGANIZER;CN=Dee:mailto:DEE@example.org", "ORGANIZER:mailto:desk@invented.example"
    assert lead(read(desk)) == "cho"
    assert lead(read(dee)) == "dee"
    assert lead(read(dee)) == "dee"
    assert lead(read(desk), leaders={4: cast.cho.id}) == "cho"
    db.session.rollback()
    assert read(desk, "ATTENDEE:mailto:dee@example.org").series[0].leader_id == cast.dee.id
    assert read("ATTENDEE;PARTSTAT=DECLINED:mailto:dee@example.org").series[0].leader_id is None
    assert read("ATTENDEE:mailto:dee@example.org", "ATTENDEE:mailto:cho@example.org").series[0].leader_id is None
    assert read("ATTENDEE:mailto:ada@example.org").series[0].leader_id is None
    assert "example.org" not in repr(read(dee))
