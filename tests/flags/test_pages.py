"""The pages of flags: the list, and the page on which one is ended."""

import pytest

from portal import flags
from portal.db import db
from tests.browser import words


@pytest.fixture
def raised(app, cast, at):
    """Ada's open flag, raised at 10:52 on a Wednesday: its key."""
    with app.app_context():
        key = flags.raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        db.session.commit()
    return key


def address(cast, key):
    return f"/caseload/{cast.ada.key}/flags/{key}"


def state(app, cast, key):
    with app.app_context():
        flag = flags.flag_of(cast.ada, key)
        return flag.action, flag.note, flag.acknowledged_by


def test_the_list_says_who_why_whose_and_until_when(browser, raised, at):
    at.later(minutes=12)
    text = browser("cho").get("/flags/").text
    assert "Ada Moreno Urgent" in text
    assert "Said “yes, and I want to talk to someone” to the safety question: today, 10:52 am" in text
    assert "Open for 12 minutes. With Dr Cho. Due today, 11:52 am ; then Dr Oduya sees it too." in text


def test_an_empty_list_says_so(browser):
    text = browser("dee").get("/flags/").text
    assert "None open." in text
    assert "No flag is open." in text


def test_the_covering_therapist_sees_a_flag_only_once_it_was_not_signed_in_time(browser, raised, at):
    at("2026-03-11T11:51")
    assert "Ada Moreno" not in browser("oduya").get("/flags/").text
    at("2026-03-11T11:52")
    text = browser("oduya").get("/flags/").text
    assert "Ada Moreno Urgent Covering" in text
    assert "With Dr Cho. Passed to Dr Oduya too, today, 11:52 am" in text


def test_who_was_not_reached_stays_first_on_the_caseload_for_three_days_or_until_a_later_flag(
    app, browser, raised, cast, at
):
    def first():
        text = browser("cho").get("/caseload/").text
        return "Not reached yet about their safety: Dr Cho tried" in text

    browser("cho").get(address(cast, raised))
    form = {"action": "not_reached", "note": "Rang twice.", "answers_read": "1"}
    browser("cho").post(address(cast, raised), form)
    assert first()
    at.later(days=3, minutes=-1)
    assert first()
    with app.app_context():
        later = flags.raise_flag(cast.ada, "yes_safe", "check-in-2", at.now)
        db.session.commit()
    assert not first()
    browser("cho").post(address(cast, later), {"action": "contacted", "answers_read": "1"})
    assert not first()
    at.later(minutes=1)
    assert not first()


@pytest.mark.asvs("8.2.2")
def test_nobody_else_sees_it(browser, raised, cast, at):
    at.later(days=3)
    dee = browser("dee")
    assert "Ada" not in dee.get("/flags/").text
    dee.get(address(cast, raised), 404)
    dee.post(address(cast, raised), {"action": "contacted", "answers_read": "1"}, 404)


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_flags_are_for_therapists(browser, raised, cast, who):
    someone = browser(who)
    someone.get("/flags/", 404)
    someone.get(address(cast, raised), 404)
    someone.post(address(cast, raised), {"action": "contacted"}, 404)


@pytest.mark.asvs("8.2.2")
def test_a_flag_is_looked_up_within_its_participant(browser, raised, cast):
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ben.key}/flags/{raised}", 404)
    cho.get(f"/caseload/{cast.ada.key}/flags/no-such-flag", 404)


def test_signing_ends_the_flag_and_leads_back_to_the_person(app, browser, raised, cast, at):
    at.later(minutes=9)
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"action": "contacted", "note": "Talked.\r\nIs with family."})
    assert cho.location == f"/caseload/{cast.ada.key}?signed={raised}"
    assert state(app, cast, raised) == ("contacted", "Talked.\nIs with family.", "Dr Cho")
    page = cho.get(cho.location)
    assert words(page.one("p", class_="leaf")) == "Signed. The flag is closed and stays in the record."
    assert not page.all("h2", id="alert")
    past = cho.get("/flags/")
    assert "None open." in past.text
    assert [words(cell) for cell in past.one("tbody")[0]] == [
        "Ada Moreno",
        "Today, 10:52 am",
        "Said “yes, and I want to talk to someone” to the safety question",
        "I reached them and we talked",
        "Dr Cho",
        "9 minutes",
    ]


def test_signing_needs_an_action_and_keeps_the_note(app, browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    page = cho.submit(address(cast, raised), {"note": "Tried twice."}, 422)
    assert words(page.one("p", id="action-error")) == "Choose what was done. A flag ends with an action."
    assert words(page.one("textarea", id="note")) == "Tried twice."
    assert state(app, cast, raised) == (None, None, None)


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize("sent", [{"action": "ignored"}, {"action": "contacted", "note": "x" * 2001}])
def test_what_cannot_be_is_refused_beside_its_field(app, browser, raised, cast, sent):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), sent, 422)
    assert state(app, cast, raised) == (None, None, None)


@pytest.mark.asvs("2.2.3")
def test_a_flag_of_somebody_not_reached_ends_with_who_tries_again(app, browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    page = cho.submit(address(cast, raised), {"action": "not_reached", "note": " "}, 422)
    assert words(page.one("p", id="note-error")) == "Signing ends the flag. Write who tries again, and when."
    assert state(app, cast, raised) == (None, None, None)
    cho.submit(address(cast, raised), {"action": "not_reached", "note": "Dr Oduya rings at 2."})
    assert state(app, cast, raised)[:2] == ("not_reached", "Dr Oduya rings at 2.")


@pytest.mark.asvs("15.4.2")
def test_a_second_signature_changes_nothing_and_gives_the_words_back(app, browser, raised, cast):
    cho, oduya = browser("cho"), browser("oduya")
    for one in (cho, oduya):
        one.get(address(cast, raised))
    cho.submit(address(cast, raised), {"action": "contacted"})
    page = oduya.submit(address(cast, raised), {"action": "not_reached", "note": "Rang twice."}, 409)
    assert "Dr Cho signed this flag first. What you wrote was not saved." in page.text
    assert "I could not reach them yet. Rang twice." in page.text
    assert state(app, cast, raised) == ("contacted", None, "Dr Cho")


def test_an_answer_that_comes_in_meanwhile_is_read_before_signing(app, browser, raised, cast, at):
    cho = browser("cho")
    cho.get(address(cast, raised))
    with app.app_context():
        flags.raise_flag(cast.ada, "safe_now_no", "check-in-1", at.now)
        db.session.commit()
    page = cho.submit(address(cast, raised), {"action": "contacted", "note": "Talked."}, 409)
    assert "Another answer came in while this page was open." in page.text
    assert "Said “no” to being safe right now" in page.text
    assert words(page.one("textarea", id="note")) == "Talked."
    cho.submit(address(cast, raised))
    assert state(app, cast, raised) == ("contacted", "Talked.", "Dr Cho")


@pytest.mark.asvs("1.4.2")
@pytest.mark.parametrize("read", ["", "x", "0", "9", "9" * 5000, None])
def test_a_damaged_form_signs_nothing(app, browser, raised, cast, read):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.post(address(cast, raised), {"action": "contacted"} | ({} if read is None else {"answers_read": read}), 409)
    assert state(app, cast, raised) == (None, None, None)


def test_a_signed_flag_is_read_only(browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"action": "assessed", "note": "No plan."})
    page = cho.get(address(cast, raised))
    assert not page.all("textarea")
    assert "I assessed their safety Signed by Dr Cho, today, 10:52 am" in page.text
    assert "No plan." in page.text


def test_late_signatures_are_marked(browser, raised, cast, at):
    at("2026-03-11T13:02")
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"action": "contacted"})
    assert "2 h 10 min After it was due" in cho.get("/flags/").text


def test_what_was_typed_comes_back_after_the_session_has_run_out(browser, raised, cast, at):
    cho = browser("cho")
    cho.get(address(cast, raised))
    at.later(minutes=20)
    cho.submit(address(cast, raised), {"action": "assessed", "note": "Half a thought", "answers_read": "1"})
    assert cho.location.startswith("/sign-in")
    page = browser("cho").get(address(cast, raised))
    assert words(page.one("textarea", id="note")) == "Half a thought"
    assert page.fields(address(cast, raised))["action"] == ["assessed"]


def test_the_list_costs_the_same_with_one_flag_and_with_two(app, browser, raised, cast, at):
    cho = browser("cho")
    cho.get("/flags/")
    few = len(cho.selects)
    with app.app_context():
        flags.raise_flag(cast.ben, "yes_safe", None, at.now)
        db.session.commit()
    cho.get("/flags/")
    assert len(cho.selects) == few


def test_a_flag_that_nobody_covers_says_so(app, browser, cast, at):
    with app.app_context():
        key = flags.raise_flag(cast.ben, "yes_safe", None, at.now)
        db.session.commit()
    address = f"/caseload/{cast.ben.key}/flags/{key}"
    assert "With Dr Cho. Due today, 11:52 am ; nobody covers." in browser("cho").get(address).text
    at("2026-03-11T12:00")
    assert "It was due today, 11:52 am , and nobody covers." in browser("cho").get(address).text


def test_a_flag_without_a_primary_therapist_is_the_covering_ones_at_once(app, cast, browser, at):
    from portal import flags
    from portal.people.models import CareRelationship

    with app.app_context():
        flags.raise_flag(cast.ada, "yes_talk", None, at.now)
        primary = db.session.scalar(
            db.select(CareRelationship).where(
                CareRelationship.participant_id == cast.ada.id, CareRelationship.role == "primary"
            )
        )
        primary.ended_at = at.now
        db.session.commit()
    oduya = browser("oduya")
    assert "Ada Moreno" in oduya.get("/flags/").text
    assert "Safety" in oduya.get("/caseload/").text
