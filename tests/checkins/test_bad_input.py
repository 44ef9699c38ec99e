"""What cannot be right is refused beside its field with everything kept; and what was written offline, and when."""

from datetime import UTC, date, timedelta

import pytest

from portal.checkins.models import CheckIn
from portal.db import db
from tests.browser import words

TYPED = {"mood": "5", "anxiety": "0", "note": "It rained"}


def send(who, status=303, **sent):
    who.get("/check-ins/new")
    return who.submit("/check-ins/", TYPED | sent, status)


def kept(app):
    with app.app_context():
        return list(db.session.scalars(db.select(CheckIn).order_by(CheckIn.entered_at)))


def instant(moment):
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("note", ["x" * 1_000_000, "🌊" * 250_000, "مرحبا،" * 200_000], ids=["x", "emoji", "arabic"])
def test_a_note_of_a_million_letters_is_refused_beside_it_and_kept(app, browser, note):
    page = send(browser("ada"), 422, note=note)
    assert "characters too long. 2000 fit." in page.one("p", id="note-error").text
    fields = page.fields("/check-ins/")
    assert (fields["note"], fields["mood"], fields["anxiety"]) == ([note], ["5"], ["0"])
    assert kept(app) == []


def test_two_different_hours_of_sleep_are_asked_about_and_the_same_twice_is_one(app, browser):
    ada = browser("ada")
    page = send(ada, 422, sleep_hours="7.5", **{"sleep_hours-tap": "7"})
    assert "You chose 7.5 h and another number" in page.one("p", id="sleep_hours-error").text
    send(ada, sleep_hours="7.0", **{"sleep_hours-tap": "7"})
    assert [row.sleep_hours for row in kept(app)] == [7]


@pytest.mark.parametrize("value", ["-1", "51", "2.5", "many", "1e1"])
def test_a_number_that_is_none_is_refused_beside_its_field(app, cast, browser, at, value):
    from portal.checkins import question_plans

    with app.app_context():
        question_plans.choose(cast.cho, cast.ada, "ocd", [], None, at.now)
        db.session.commit()
    ada = browser("ada")
    ada.get("/check-ins/new")
    page = ada.submit("/check-ins/", {"mood": "5", "exposures": value}, 422)
    assert "Write a whole number from 0 to 50." in page.one("p", id="exposures-error").text
    assert page.fields("/check-ins/")["exposures"] == [value]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-02-01", "Check-ins begin on Mon, Feb 2"),
        ("2026-02-03", "still to come"),
        ("2026-01-01", "Check-ins begin on"),
        ("2027-02-02", "still to come"),
    ],
)
def test_a_day_before_the_stay_or_still_to_come_is_refused_beside_the_day(app, browser, at, day, why):
    at("2026-02-02T10:00")
    ada = browser("ada")
    page = ada.get("/check-ins/new")
    assert page.fields("/check-ins/")["for_day"] == ["2026-02-02"]
    assert "Yesterday" not in "".join(page.one("fieldset", id="for_day").itertext())
    page = send(ada, 422, for_day=day)
    assert why in page.one("p", id="for_day-error").text
    assert kept(app) == []


def test_what_was_written_without_a_signal_is_for_its_own_day_and_marked_late(app, browser, at):
    ada = browser("ada")
    send(ada, written_at=instant(at.now - timedelta(days=3)), for_day="2026-03-08")
    [row] = kept(app)
    assert (row.for_day, row.entered_at, row.written_at) == (date(2026, 3, 8), at.now, at.now - timedelta(days=3))
    assert "Sent today" in ada.get("/check-ins/").text
    send(ada, written_at=instant(at.now - timedelta(days=3)), for_day="2026-03-07")
    assert {row.for_day for row in kept(app)} == {date(2026, 3, 8), date(2026, 3, 7)}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (timedelta(days=-7, minutes=-1), "2026-03-04"),
        (timedelta(hours=1), "2026-03-11"),
        (timedelta(days=-3), "2026-03-11"),
        (timedelta(days=-3), "2026-03-06"),
        ("2026-03-08T10:52:00", "2026-03-08"),
        ("soon", "2026-03-08"),
    ],
)
def test_a_time_of_writing_that_cannot_be_is_refused_beside_the_day(app, browser, at, written, day):
    written = written if isinstance(written, str) else instant(at.now + written)
    page = send(browser("ada"), 422, written_at=written, for_day=day)
    assert page.one("p", id="for_day-error").text
    assert page.fields("/check-ins/")["note"] == ["It rained"]
    assert kept(app) == []


def test_a_phone_whose_clock_is_a_little_ahead_is_taken_at_now(app, browser, at):
    send(browser("ada"), written_at=instant(at.now + timedelta(minutes=2)))
    assert kept(app)[0].written_at == at.now


def test_a_moment_that_waited_stands_where_it_was_written(app, cast, browser, at):
    from portal import checkins
    from portal.checkins.check_in_days import each_day

    ada = browser("ada")
    send(ada, mood="2")
    at.later(minutes=9)
    send(ada, mood="8", written_at=instant(at.now - timedelta(hours=2)))
    day = date(2026, 3, 11)
    with app.app_context():
        [found] = each_day(checkins.on_day(cast.ada, day), day, day)
    assert [entry.mood for entry in found.entries] == [8, 2]


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ('{"mood": 3, "anxiety": 0, "note": 3600}', {"mood": 3, "anxiety": 0, "note": 3600}),
        ('{"mood": 3601, "anxiety": -1, "juggling": 4, "note": 1.5, "urges": true, "skills": "9"}', None),
        ("[1, 2]", None),
        ("nonsense", None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_how_long_each_item_took_is_kept_where_the_browser_could_tell(app, browser, sent, held):
    send(browser("ada"), item_seconds=sent)
    assert kept(app)[0].item_seconds == held


def test_a_late_check_in_was_not_minutes_on_the_form(app, browser, at, monkeypatch):
    monkeypatch.setattr("itsdangerous.TimestampSigner.get_timestamp", lambda self: int(at.now.timestamp()))
    ada = browser("ada")
    fields = ada.get("/check-ins/new").fields("/check-ins/") | TYPED
    began = at.now
    at.later(minutes=10)
    ada.post("/check-ins/", fields | {"written_at": instant(began + timedelta(seconds=40))})
    assert kept(app)[0].seconds_taken == 40


def test_a_yes_on_a_form_that_is_refused_brings_help_first_and_says_that_nobody_has_it(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    page = ada.submit("/check-ins/", {"mood": "", "safety": "yes_talk"}, 422)
    main = page.one("main", id="main")
    first = next(e for e in main if "hi" not in (e.get("class") or "").split())
    assert "Your safety answer has not been sent yet" in words(first)
    unsent = page.one("section", id="unsent")
    assert [a.get("href") for a in unsent.iter("a")] == ["tel:988", "sms:988", "tel:+12125550142"]
    assert "weekdays, 8 am to 5 pm" in words(unsent)
    assert [a.get("href") for a in page.one("div", id="errors").iter("a")] == ["#mood"]
    assert "It is the only question we need." in words(page.one("fieldset", id="mood"))
    for given_back in (page, ada.get("/check-ins/new")):
        assert given_back.fields("/check-ins/")["safety"] == ["yes_talk"]
    for answer in ("no", "not_say", ""):
        page = ada.submit("/check-ins/", {"mood": "", "safety": answer}, 422)
        assert "has not been sent yet" not in page.text
