"""The pages of an import: who they are for, what they show before anything changes, and what a yes does."""

from io import BytesIO
from secrets import token_hex

import pytest
from sqlalchemy import func, select, update

from portal import program
from portal.db import db
from portal.people.models import Account
from portal.schedule.models import Session, Track
from tests.schedule.calendar.importing.files import event, file, kept
from tests.schedule.timetable import track

pytestmark = pytest.mark.usefixtures("wider")
BROKEN = event(uid="UID:broken", rrule="RRULE:FREQ=SECONDLY", summary="SUMMARY:Broken group")
SHORT = {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260325"}


def send(kit, cast, content: bytes, status: int = 200, **more):
    """Choose a file on the page and look at what it would do."""
    kit.get("/schedule/import")
    data = {"file": (BytesIO(content), "groups.ics"), "leader": cast.cho.key, "capacity": "", "whose": "x"} | more
    return kit.post("/schedule/import", data, status)


def count(app, what=Track) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(what))


@pytest.mark.parametrize(("who", "status"), [(None, 303), ("ada", 404), ("cho", 404), ("kit", 200)])
def test_importing_is_for_coordinators(browser, who, status):
    person = browser(who)
    person.get("/schedule/import", status)
    assert len(person.selects) <= 8
    if who not in (None, "kit"):
        person.post("/schedule/import", {}, 404)
        person.post("/schedule/import/confirm", {}, 404)


def test_a_preview_shows_each_group_and_what_is_left_out_and_changes_nothing(app, cast, browser):
    kit = browser("kit")
    page = send(kit, cast, kept("google"), capacity="9")
    assert page.heading == "What the file would do"
    assert "Each group gets 9 seats." in page.text
    assert page.one("select", id="leads-27").find("option[@selected]").text == "Dr Cho"
    assert "Skills group New 41 sessions of 180 minutes, the first Wed, Mar 11, 1:00 pm , Room 204." in page.text
    assert "Family evening" in page.text
    assert "Closed: Memorial Day Line 77: it lasts all day; if the program is closed then" in page.text
    assert "Welcome evening Line 87: it is over." in page.text
    assert "Somebody" not in page.html and "workbook" not in page.html
    assert count(app) == count(app, Session) == 0


def test_a_yes_imports_it_and_a_second_click_changes_nothing(app, cast, browser):
    kit = browser("kit")
    send(kit, cast, kept("google"), capacity="9")
    fields = kit.page.fields("/schedule/import/confirm")
    kit.submit("/schedule/import/confirm")
    assert kit.location == "/schedule/import?saved=new"
    assert "The new groups are on the schedule" in kit.get(kit.location).text
    links = [a for a in kit.page.all("a") if (a.get("href") or "").endswith("#join")]
    assert [a.text for a in links] == ["Family evening: give people a place", "Skills group: give people a place"]
    before = count(app), count(app, Session)
    assert before[0] == 2
    kit.post("/schedule/import/confirm", fields)
    assert kit.location == "/schedule/import?saved=same"
    assert "There was nothing to do" in kit.get(kit.location).text
    assert (count(app), count(app, Session)) == before


def test_a_file_imported_again_unchanged_says_that_there_is_nothing_to_do(cast, browser):
    kit = browser("kit")
    send(kit, cast, kept("outlook"))
    kit.submit("/schedule/import/confirm")
    page = send(kit, cast, kept("outlook"))
    assert "There is nothing to do" in page.text
    assert "Import" not in [button.text for button in page.all("button")]


def test_what_changed_is_said_before_it_is_changed(cast, browser):
    kit = browser("kit")
    send(kit, cast, file(event(**SHORT)))
    kit.submit("/schedule/import/confirm")
    page = send(kit, cast, file(event("EXDATE:20260316T170000Z", **SHORT, location="LOCATION:Annex")))
    assert "Changed From Wed, Mar 11: Room 9 becomes Annex (4 sessions). Cancelled: Mon, Mar 16." in page.text
    kit.submit("/schedule/import/confirm")
    assert kit.location == "/schedule/import?saved=changed"


def test_groups_that_cannot_be_read_are_named_and_the_others_imported(app, cast, browser):
    kit = browser("kit")
    page = send(kit, cast, file(event(**SHORT), BROKEN))
    assert "Cannot be imported 1" in page.text and "Broken group Line 16: 'FREQ=SECONDLY' should repeat" in page.text
    kit.submit("/schedule/import/confirm")
    assert count(app) == 1


def test_of_many_events_those_past_25_are_folded_and_what_is_checked_there_is_kept(app, cast, browser):
    """Without JavaScript, too: they are in the one form."""
    with app.app_context():
        track(cast.cho, cast.ada)
        db.session.commit()
    hours = (f"DTSTART:20260316T{8 + n % 10:02}0000" for n in range(30))
    groups = [
        event(uid=f"UID:{n}", summary=f"SUMMARY:Group {n}", dtstart=start, dtend="DURATION:PT1H", rrule=None)
        for n, start in enumerate(hours)
    ]
    broken = [event(uid=f"UID:b{n}", rrule="RRULE:FREQ=SECONDLY", summary=f"SUMMARY:Broken {n}") for n in range(27)]
    kit = browser("kit")
    page = send(kit, cast, file(*groups, *broken))
    folds = [one for one in page.all("details") if not one.find("summary").text.startswith("Leader")]
    assert [one.find("summary").text for one in folds] == ["5 more", "2 more"]
    assert len(list(folds[0].iter("fieldset"))) == 5
    fields = page.fields("/schedule/import/confirm")
    last = fields["take"].pop()
    again = kit.post("/schedule/import/confirm", fields, 422)
    assert again.fields("/schedule/import/confirm")["take"] == fields["take"] and last not in fields["take"]
    kit.submit("/schedule/import/confirm", {"clash_reason": "They share the room."})
    assert count(app) == 30  # 29 of the 30, and the one before


def test_what_is_in_the_way_wants_a_reason(app, cast, browser):
    with app.app_context():
        track(cast.cho, cast.ada)
        db.session.commit()
    kit = browser("kit")
    page = send(kit, cast, file(event(**SHORT)))
    assert "Dr Cho leads Skills group: 5 times, Mondays and Wednesdays" in page.text
    page = kit.submit("/schedule/import/confirm", status=422)
    assert "Say why, in a few words." in page.text and count(app) == 1
    page = kit.submit("/schedule/import/confirm", {"clash_reason": "x" * 201}, 422)
    assert "This is 1 character too long. 200 fit." in page.text and "x" * 201 in page.html
    kit.submit("/schedule/import/confirm", {"clash_reason": "They lead it together."})
    assert count(app) == 2
    with app.app_context():
        reasons = set(db.session.scalars(select(Session.clash_reason)))
    assert reasons == {"", "They lead it together."}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Nothing was imported. The file is empty."),
        (b"\xff\xfeB\0E\0", "Line 1: this is UTF-16 text"),
        (b"<html>", "Line 1: this is not a calendar file"),
        (file(event()) + b"\r\n" + b"X" * 1_000_000, "The file is larger than 1 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_beside_its_field(app, cast, browser, content, words):
    page = send(browser("kit"), cast, content, 422)
    assert words in page.text and page.one("select", id="leader").find("option[@selected]").text == "Dr Cho"
    assert count(app) == 0


def test_a_form_without_a_file_or_a_leader_says_so(cast, browser):
    kit = browser("kit")
    kit.get("/schedule/import")
    page = kit.post("/schedule/import", {"leader": "nobody", "capacity": "none"}, 422)
    assert "Its name ends in .ics" in page.text and "Choose one of the therapists shown" in page.text
    assert "whole number from 1 to 500" in page.text


def test_ten_megabytes_are_refused_by_their_length_before_they_are_read(app, cast, browser):
    kit = browser("kit")
    kit.get("/schedule/import")
    data = {"csrf_token": kit.token, "file": (BytesIO(b"X" * 10_000_000), "groups.ics"), "leader": cast.cho.key}
    assert kit.client.post("/schedule/import", data=data).status_code == 413


def test_no_other_form_takes_more_than_before(cast, browser):
    kit = browser("kit")
    kit.get("/schedule/import")
    data = {"csrf_token": kit.token, "file": (BytesIO(b"X" * 300_000), "groups.ics")}
    assert kit.client.post("/schedule/import/confirm", data=data).status_code == 413


@pytest.mark.asvs("5.2.1")
def test_a_file_is_held_in_memory_and_never_on_the_disk(cast, browser, monkeypatch):
    """Rule: what is uploaded is read once and left nowhere, however large it is."""
    import tempfile

    def refuse(*_, **__):
        raise AssertionError("a file was written")

    for name in ("TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
        monkeypatch.setattr(f"werkzeug.formparser.{name}", refuse, raising=False)
    padding = [f"X-PADDING:{'x' * 9_000}"] * 80
    assert "Skills group" in send(browser("kit"), cast, file(event(**SHORT), also=padding)).text


@pytest.mark.parametrize("what", ["changed", "of another", "too old", "missing"])
def test_a_file_that_was_not_shown_to_this_coordinator_lately_is_refused(app, cast, browser, at, what):
    kit = browser("kit")
    send(kit, cast, file(event(**SHORT)))
    fields = kit.page.fields("/schedule/import/confirm")
    text = fields["file"][0]
    if what == "changed":
        text = text[:-2] + ("AA" if text[-2:] != "AA" else "BB")
    elif what == "missing":
        text = ""
    elif what == "of another":
        with app.app_context():
            db.session.execute(update(Account).where(Account.id == cast.kit.id).values(key="another"))
            db.session.commit()
    else:
        at.later(minutes=61)
        kit = browser("kit")
    page = kit.post("/schedule/import/confirm", {"file": text, "confirm": fields["confirm"][0]}, 422)
    assert "more than an hour old, or not yours" in page.text and count(app) == 0


def test_what_would_be_other_by_now_is_shown_again_before_it_is_imported(app, cast, browser):
    kit = browser("kit")
    send(kit, cast, file(event(**SHORT)))
    with app.app_context():
        program.change_settings(cast.kit, holidays=["2026-03-16"])
        db.session.commit()
    page = kit.submit("/schedule/import/confirm", status=200)
    assert "4 sessions of 90 minutes" in page.text and count(app) == 0
    kit.submit("/schedule/import/confirm")
    assert count(app, Session) == 4


def test_a_file_that_is_too_much_for_a_form_is_refused_in_words(app, cast, browser):
    noise = [f"X-NOISE:{token_hex(4_000)}" for _ in range(60)]
    page = send(browser("kit"), cast, file(event(**SHORT), also=noise), 422)
    assert "Nothing was imported. This is too much for one import; export a shorter period." in page.text
