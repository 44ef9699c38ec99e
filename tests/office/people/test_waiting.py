"""Those who wait, as coordinators see them: who, how soon, since when, with whom, and never why."""

import pytest
from sqlalchemy import func, select, update

from portal import people
from portal.audit.models import AuditEvent
from portal.db import db
from portal.door import accounts
from portal.episodes.models import Episode
from portal.flags import REASONS, acts, flags_of
from portal.flags.raising import raise_flag
from portal.people import contact_details
from portal.people.models import Account
from portal.reminders.commands import plan_due
from tests.browser import words
from tests.schedule.timetable import session

NOTE = "Her sister said a secret thing"


AFTER = "First act, in working time, after"  # said in each cell of a phone's list


@pytest.fixture
def raised(app, cast, at):
    """Ada's open flag, urgent, raised at 10:52 on a Wednesday: its key."""
    with app.app_context():
        key = raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        db.session.commit()
    return key


def table(page, name):
    """The rows of one table of the page, each as its cells in words."""
    section = next(one for one in page.all("section", class_="scroll") if one.get("aria-label") == name)
    return [[words(cell).replace(" .", ".").replace(" ,", ",") for cell in row] for row in section.iter("tr")][1:]


def switch_off(app, cast, *therapists, at):
    with app.app_context():
        for one in therapists:
            accounts.disable(cast.kit, accounts.status_of(cast.kit, one.key, at.now), at.now, cast.dee)
        db.session.commit()


def test_it_says_who_how_soon_since_when_and_with_whom_and_never_why(app, cast, browser, raised, at):
    at.later(minutes=12)
    page = browser("kit").get("/people/waiting")
    assert page.heading == "Somebody waits"
    assert "1 person waits for someone to answer a safety flag. What they answered is for their care team." in page.text
    [row] = table(page, "Who waits")
    assert row[:4] == ["Ada Moreno", "Urgent", "Since today, 10:52 am, 12 minutes", "With Dr Cho"]
    assert row[4] == "Nothing done yet. If nothing is done, it goes to Dr Oduya too, today, 11:22 am."
    assert row[5] == "No number here"


@pytest.mark.parametrize("code", REASONS)
def test_no_answer_stands_on_it(app, cast, browser, at, code):
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        raise_flag(cast.ada, code, "check-in-1", at.now)
        db.session.commit()
    kit = browser("kit")
    kit.get("/people/waiting")
    for _, said in REASONS.values():
        assert said not in kit.answer.text
    for told in ("check-in-1", "suicid", "hurt", "PHQ", "talk to someone"):
        assert told not in kit.answer.text


def test_what_was_done_is_said_in_kinds_and_without_a_word_of_the_notes(app, cast, browser, raised, at):
    with app.app_context():
        for minutes in (5, 40):
            now = at.later(minutes=minutes)
            acts.add_note(cast.cho, cast.ada, raised, NOTE, now)
            again = at.now.replace(hour=19, minute=45)  # 3:45 pm in New York
            acts.try_again(cast.cho, cast.ada, raised, NOTE, now, by=cast.oduya, at=again)
        db.session.commit()
    page = browser("kit").get("/people/waiting")
    [row] = table(page, "Who waits")
    assert row[4] == "Tried twice, not reached. Dr Oduya tries again, today, 3:45 pm."
    assert "sister" not in page.text


def test_the_number_stands_to_be_called_with_whether_a_message_may_be_left(app, cast, browser, raised, at):
    said = dict.fromkeys(contact_details.OWN) | {"phone": "(646) 555-0133"}
    with app.app_context():
        contact_details.keep(cast.ada, said, False, at.now)
        db.session.commit()
    page = browser("kit").get("/people/waiting")
    [row] = table(page, "Who waits")
    assert row[0] == "Ada Moreno ends in 0133"
    assert row[5] == "Call (646) 555-0133 Leave no message"
    assert page.all("a", href="tel:+16465550133")


def test_the_urgent_stand_first_and_then_the_oldest(app, cast, browser, raised, at):
    with app.app_context():
        raise_flag(cast.cleo, "yes_safe", "check-in-3", at.later(minutes=-30))
        raise_flag(cast.ben, "yes_safe", "check-in-2", at.later(minutes=-30))
        db.session.commit()
    at.later(hours=2)
    names = [row[0] for row in table(browser("kit").get("/people/waiting"), "Who waits")]
    assert names == ["Ada Moreno", "Ben Whitaker", "Cleo Park"]


def test_what_was_closed_lately_says_after_how_long_and_by_whom(app, cast, browser, raised, at):
    with app.app_context():
        acts.act(cast.cho, cast.ada, raised, "contacted", NOTE, at.later(minutes=18))
        db.session.commit()
    kit = browser("kit")
    page = kit.get("/people/waiting")
    assert "Nobody waits for someone to answer a safety flag." in page.text and "No safety flag is open." in page.text
    assert table(page, "What was done") == [
        ["Ada Moreno", "None", "Waited from today, 10:52 am", f"{AFTER} 18 minutes", "Dr Cho, today, 11:10 am"]
    ]
    assert "sister" not in page.text
    at.later(hours=72, minutes=1)
    kit = browser("kit")
    assert "Ada Moreno" not in kit.get("/people/waiting").text


def test_whose_therapist_was_switched_off_waits_for_one_and_their_flag_does_not(app, cast, browser, raised, at):
    switch_off(app, cast, cast.cho, at=at)
    page = browser("kit").get("/people/waiting")
    assert table(page, "Who has no therapist") == [
        ["Ada Moreno", "Since today, 10:52 am", "In the meantime: Dr Oduya", "Choose a therapist for Ada Moreno"],
        ["Ben Whitaker", "Since today, 10:52 am", "In the meantime: Nobody", "Choose a therapist for Ben Whitaker"],
    ]
    [row] = table(page, "Who waits")
    assert row[3] == "With Dr Oduya"
    assert page.all("a", href=f"/people/{cast.ben.key}#team")


def test_who_finished_or_is_switched_off_waits_for_nobody(app, cast, browser, at):
    switch_off(app, cast, cast.cho, at=at)
    with app.app_context():
        db.session.execute(update(Episode).where(Episode.participant_id == cast.ada.id).values(status="finished"))
        db.session.execute(update(Account).where(Account.id == cast.ben.id).values(disabled_at=at.now))
        db.session.commit()
    kit = browser("kit")
    assert "Waiting for a therapist" not in kit.get("/people/waiting").text
    assert not kit.get("/people/").all("p", id="waits")


def test_where_no_therapists_account_is_open_it_says_that_nobody_is_there(app, cast, browser, raised, at):
    switch_off(app, cast, cast.cho, cast.oduya, cast.dee, at=at)
    page = browser("kit").get("/people/waiting")
    assert "Nobody is there: no therapist’s account is open." in page.text
    assert table(page, "Who waits")[0][3] == "With Nobody"
    assert "Nobody is on call now." in page.text


def test_those_who_wait_are_counted_on_people_and_on_program_and_nobody_is_silence(app, cast, browser, at):
    kit = browser("kit")
    for page in ("/people/", "/program"):
        assert not kit.get(page).all("p", id="waits")
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        raise_flag(cast.ben, "yes_safe", "check-in-2", at.now)
        db.session.commit()
    for page in ("/people/", "/program"):
        said = kit.get(page).one("p", id="waits")
        assert words(said) == "2 people wait for someone to answer a safety flag, 1 of them urgent. Who waits"
        assert said.find("a").get("href") == "/people/waiting"


def test_one_list_is_one_row_on_record_and_no_look_at_anybody(app, cast, browser, raised):
    kit = browser("kit")
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(AuditEvent))
    kit.get("/people/waiting")
    with app.app_context():
        rows = db.session.execute(select(AuditEvent.what, AuditEvent.participant_id).order_by(AuditEvent.id)).all()
    assert rows[before:] == [("waiting.view", None)]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_it_is_for_coordinators(browser, who):
    browser(who).get("/people/waiting", 404)


def test_a_flag_that_waits_has_every_therapist_who_is_said_to_have_it(app, cast, browser, raised, at):
    """Rule: whom the list names can open the record now."""
    at.later(minutes=31)
    with app.app_context():
        plan_due(at.now)
    [row] = table(browser("kit").get("/people/waiting"), "Who waits")
    assert row[3] == "With Dr Cho and Dr Oduya"
    with app.app_context():
        for therapist in (cast.cho, cast.oduya):
            assert flags_of(people.participant_of(therapist, cast.ada.key))


def test_it_says_which_session_each_of_their_therapists_leads_next_today_and_where(app, cast, browser, raised, at):
    def said():
        return browser("kit").get("/people/waiting").text.replace("( ", "(").replace(" )", ")")

    assert "Find the therapist it is with. Dr Cho leads no more sessions today." in said()
    with app.app_context():
        session("one_to_one", "2026-03-11T15:00", 50, cast.cho, cast.ben, room="Room 3")
        session("one_to_one", "2026-03-11T12:00", 50, cast.cho, cast.ben, room="Room 2", status="cancelled")
        session("one_to_one", "2026-03-11T11:30", 50, cast.dee, cast.cleo, room="Room 4")
        session("one_to_one", "2026-03-12T09:00", 50, cast.cho, cast.ben, room="Room 5")
        db.session.commit()
    assert "Find the therapist it is with. Dr Cho leads a session at 3:00 pm (Room 3)." in said()
    assert not any(other in said() for other in ("Room 2", "Room 4", "Room 5", "Ben"))
    at("2026-03-11T15:20")
    assert "Dr Cho leads a session until 3:50 pm (Room 3)." in said()
    at("2026-03-11T15:50")
    assert "Dr Cho leads no more sessions today." in said()
