"""The page of the private calendar, its address, the feed itself and one appointment: what they show, and to whom."""

import re
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from portal import clock
from portal.db import db
from portal.people.models import Account
from portal.schedule.calendar.models import CalendarFeed
from portal.schedule.models import Session
from tests.on_record import told
from tests.schedule.calendar.test_edits import on_the_page
from tests.schedule.timetable import session

WHO = ["ada", "cho", "kit"]


def address_of(person) -> str:
    """Make a private address by the page, and the path that it is."""
    person.get("/calendar/")
    page = person.submit("/calendar/feed", status=200)
    address = page.one("b", class_="num").text
    assert address.startswith("http://localhost:8000/calendar/")
    return address.removeprefix("http://localhost:8000")


def read(browser, path: str, status: int = 200, **headers) -> str:
    stranger = browser()
    stranger.get(path, status, headers=headers)
    return stranger.answer.text


def events(text: str) -> dict[str, dict]:
    return {str(event["UID"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


@pytest.mark.parametrize("who", WHO)
def test_the_page_says_what_others_could_see_before_anything_is_made(browser, timetable, who):
    person = browser(who)
    page = person.get("/calendar/")
    assert "Appointment" in page.text and "Make a private address" in page.text
    assert "Turn it off" not in page.text


def test_an_address_is_shown_once_and_kept_as_a_hash_alone(app, browser, timetable):
    ada = browser("ada")
    token = address_of(ada).removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) >= 43  # 256 bits
    with app.app_context():
        assert token not in str(db.session.execute(select(CalendarFeed.token_hash)).all())
    page = ada.get("/calendar/")
    assert token not in page.html
    assert "Make a new address" in page.text and "today, 10:52 am" in page.text


def test_the_same_form_sent_twice_makes_one_address(app, browser, timetable):
    ada = browser("ada")
    form = ada.get("/calendar/").one("input", name="new_token").get("value")
    shown = [ada.post("/calendar/feed", {"new_token": form}, status=200).one("b", class_="num").text for _ in range(2)]
    assert shown[0] == shown[1] and len(told(app, "calendar.make")) == 1
    assert "BEGIN:VCALENDAR" in read(browser, shown[0].removeprefix("http://localhost:8000"))


@pytest.mark.parametrize("sent", ["none", "", "x", "a.b.c", "another's", "changed", "old"])
def test_a_token_that_was_not_offered_to_them_lately_is_never_theirs(browser, timetable, at, sent):
    ada = browser("ada")
    offered = browser("ben" if sent == "another's" else "ada").get("/calendar/").one("input", name="new_token")
    form = {"new_token": offered.get("value") if sent in ("another's", "old") else sent}
    if sent == "changed":
        form = {"new_token": "x" + offered.get("value")}
    if sent == "old":
        at.later(minutes=11)
        ada = browser("ada")
    page = ada.post("/calendar/feed", {} if sent == "none" else form, status=200)
    token = page.one("b", class_="num").text.rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43 and not form["new_token"].startswith(token)


def test_the_page_names_what_the_calendar_really_shows(app, browser, timetable):
    with app.app_context():
        db.session.execute(update(Session).where(Session.key == timetable.alone).values(discreet_title="Class"))
        db.session.execute(update(Session).where(Session.key == timetable.cleos).values(discreet_title="Not hers"))
        db.session.commit()
    ada = browser("ada")
    page = ada.get("/calendar/")
    assert "“Appointment” “Class” “Cancelled:” before it" in page.text and "Not hers" not in page.text
    assert "A session that you said you can't make stays in your calendar" in page.text
    assert len(ada.selects) <= 4
    summaries = {str(e["SUMMARY"]).removeprefix("Cancelled: ") for e in events(read(browser, address_of(ada))).values()}
    assert summaries == {"Appointment", "Class"}


@pytest.mark.parametrize("way", ["new", "revoked", "disabled"])
def test_an_address_that_is_no_more_is_404_at_once(app, cast, browser, timetable, way):
    ada = browser("ada")
    path = address_of(ada)
    assert "BEGIN:VCALENDAR" in read(browser, path)
    if way == "new":
        assert address_of(ada) != path
    elif way == "revoked":
        ada.get("/calendar/")
        ada.submit("/calendar/feed/revoke")
        assert "is turned off" in ada.get(ada.location).text
        ada.post("/calendar/feed/revoke")  # a second click
    else:
        with app.app_context():
            db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=clock.now()))
            db.session.commit()
    read(browser, path, 404)
    read(browser, "/calendar/nothing.ics", 404)


def test_making_and_taking_back_are_on_record(app, cast, browser, timetable):
    ada = browser("ada")
    address_of(ada)
    ada.post("/calendar/feed/revoke")
    ada.post("/calendar/feed/revoke")
    found = told(app, "calendar.make", "calendar.revoke")
    assert [row[:3] for row in found] == [
        (what, cast.ada.id, cast.ada.id) for what in ("calendar.make", "calendar.revoke")
    ]


def test_a_new_address_wants_a_fresh_proof(browser, at, timetable):
    ada = browser("ada")
    ada.get("/calendar/")
    at.later(minutes=6)
    ada.submit("/calendar/feed")
    assert ada.location.startswith("/confirm")


def test_the_feed_of_a_participant_has_their_own_sessions_and_says_nothing_of_what_for(app, cast, browser, timetable):
    """Rule: a feed shows the neutral name, the time, the room and whether; no name, no kind, no link."""
    text = read(browser, address_of(browser("ada")))
    shown = events(text)
    assert {(str(event["STATUS"]), str(event["SUMMARY"])) for event in shown.values()} == {
        ("CONFIRMED", "Appointment"),
        ("CANCELLED", "Cancelled: Appointment"),
    }
    assert {str(event["DESCRIPTION"]) for event in shown.values()} == {"Sign in for details."}
    assert {str(event["CLASS"]) for event in shown.values()} == {"PRIVATE"}
    assert f"{timetable.alone}@localhost" in shown and f"{timetable.cleos}@localhost" not in shown
    said = re.sub("(?m)^UID:.*$", "", text)  # keys are random letters
    for word in ("Skills", "Medicine", "amily", "Ada", "Ben", "Cho", "video", "http", "workbook", "VALARM"):
        assert word not in said, word
    with app.app_context():
        assert set(shown) == set(on_the_page(cast.ada))


def test_one_event_is_what_a_calendar_needs_to_follow_it(app, browser, timetable):
    text = read(browser, address_of(browser("ada")))
    shown = events(text)
    alone, family, friday = (shown[f"{key}@localhost"] for key in (timetable.alone, timetable.family, timetable.friday))
    assert alone["DTSTART"].params["TZID"] == "America/New_York"
    assert alone["DTSTART"].dt.isoformat() == "2026-03-12T10:00:00-04:00"
    assert alone["DTEND"].dt.isoformat() == "2026-03-12T10:50:00-04:00"
    assert (alone["STATUS"], alone["LOCATION"], alone["SEQUENCE"]) == ("CONFIRMED", "Room 110", 0)
    assert (family["STATUS"], family["SEQUENCE"]) == ("CONFIRMED", 1)
    assert family["DTSTART"].dt.isoformat() == "2026-03-12T17:30:00-04:00"
    assert friday["STATUS"] == "CANCELLED"
    with app.app_context():
        changed = db.session.scalar(select(Session.changed_at).where(Session.key == timetable.family))
    assert family["DTSTAMP"].dt == family["LAST-MODIFIED"].dt == changed.replace(microsecond=0)
    calendar = Calendar.from_ical(text)
    assert str(calendar["X-WR-CALNAME"]) == "Foothold"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in text and "X-PUBLISHED-TTL:PT1H" in text
    assert [zone["TZID"] for zone in calendar.timezones] == ["America/New_York"]


def test_who_cannot_come_keeps_the_event(app, cast, browser, timetable):
    from portal.schedule.seats.models import Absence

    path = address_of(browser("ada"))
    before = read(browser, path)
    with app.app_context():
        session = db.session.scalar(select(Session.id).where(Session.key == timetable.alone))
        db.session.add(Absence(session_id=session, participant_id=cast.ada.id, said_at=clock.now()))
        db.session.commit()
    assert read(browser, path) == before


def test_who_leads_gets_what_they_lead(browser, timetable):
    shown = events(read(browser, address_of(browser("cho"))))
    assert {f"{timetable.alone}@localhost", f"{timetable.monday}@localhost"} <= set(shown)
    assert f"{timetable.cleos}@localhost" not in shown


def test_the_feed_of_somebody_without_sessions_is_an_empty_calendar(browser):
    text = read(browser, address_of(browser("kit")))
    assert text.startswith("BEGIN:VCALENDAR") and "VEVENT" not in text and "VTIMEZONE" not in text


def test_an_unchanged_feed_is_sent_once(browser, timetable):
    path = address_of(browser("ada"))
    stranger = browser()
    stranger.get(path)
    first = stranger.answer
    assert first.mimetype == "text/calendar" and "charset=utf-8" in first.headers["Content-Type"]
    assert first.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in first.headers
    stranger.get(path, 304, headers={"If-None-Match": first.headers["ETag"]})
    assert stranger.answer.data == b""
    stranger.get(path, 200, headers={"If-None-Match": '"another"'})


def test_reading_the_feed_writes_nothing(app, browser, timetable):
    from tests.test_access import _rows

    path = address_of(browser("ada"))
    before = _rows(app)
    read(browser, path)
    assert _rows(app) == before


def test_an_address_that_asks_too_often_waits(browser, timetable):
    path = address_of(browser("ada"))
    stranger = browser(address="10.1.2.3")
    for _ in range(60):
        stranger.client.get(path, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    stranger.get(path, 429)


def test_no_token_is_in_a_log(browser, timetable, caplog):
    caplog.set_level("DEBUG")
    path = address_of(browser("ada"))
    read(browser, path)
    read(browser, path.replace(".ics", "x.ics"), 404)
    assert path.split("/")[-1].removesuffix(".ics") not in caplog.text


@pytest.mark.parametrize(("who", "status"), [("ada", 200), ("cho", 200), ("kit", 200), ("ben", 404), ("dee", 404)])
def test_one_appointment_is_for_those_whose_it_is(browser, timetable, who, status):
    person = browser(who)
    person.get(f"/sessions/{timetable.alone}/calendar.ics", status)
    if status == 200:
        assert person.answer.headers["Content-Disposition"] == "attachment; filename=appointment.ics"
        [(uid, event)] = events(person.answer.text).items()
        assert uid == f"{timetable.alone}@localhost" and str(event["SUMMARY"]) == "Appointment"
        assert not re.search("One-to-one|Cho|Ada", person.answer.text.replace(timetable.alone, ""))


def test_an_appointment_that_is_none_is_404(browser):
    browser("ada").get("/sessions/no-such-key/calendar.ics", 404)


@pytest.mark.parametrize(("who", "most"), [("ada", 4), ("cho", 8)])
def test_a_feed_asks_the_database_as_often_however_long_it_is(app, browser, timetable, who, most):
    path = address_of(browser(who))
    stranger = browser()
    stranger.get(path)
    assert len(stranger.selects) <= 4
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Session)) > 60


def test_an_end_in_the_second_pass_of_a_doubled_hour_is_written_in_utc(app, cast, browser, at, timetable):
    at("2026-10-30T10:00")
    with app.app_context():
        key = session("one_to_one", "2026-11-01T00:45", 90, cast.cho, cast.ada).key
        db.session.commit()
    event = events(read(browser, address_of(browser("ada"))))[f"{key}@localhost"]
    assert event["DTSTART"].dt == datetime(2026, 11, 1, 4, 45, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2026, 11, 1, 6, 15, tzinfo=UTC)


def test_a_calendar_service_may_read_an_address_and_no_robot_anything_else(browser, timetable):
    """Rule of RFC 9309, 2.2: the longest pattern that fits an address decides; `*` is anything, `$` the end."""
    stranger = browser()
    stranger.get("/robots.txt")
    lines = [line.split(": ") for line in stranger.answer.text.splitlines() if not line.startswith("User-agent")]

    def is_allowed(path: str) -> bool:
        patterns = [(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$"), kind) for kind, rule in lines]
        return max((len(rule), kind) for rule, kind in patterns if re.match(rule, path))[1] == "Allow"

    assert is_allowed(address_of(browser("ada")))
    for path in ("/", "/calendar/", "/help-now", "/sessions/x/calendar.ics", "/calendar/x.ics?y", "/people/"):
        assert not is_allowed(path), path
