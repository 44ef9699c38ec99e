"""A reply after it was sent: changed or taken back by its writer until its participant has seen it."""

import csv
import io

import pytest

from portal import checkins, clock, seal
from portal.checkins import replies
from portal.checkins.models import ReplyStep
from portal.db import db
from tests.browser import words
from tests.caseload.diary import entry, write

KEY = "20260311-9-1"
FIRST, SECOND, THIRD = "See you Thrusday.", "See you Thursday.", "See you on Friday."


@pytest.fixture
def reply(app, cast):
    """The key of Dr Cho's reply to Ada's check-in of today."""
    with app.app_context():
        write(cast.ada, entry(note="Tired."))
        db.session.flush()
        checkins.review(cast.cho, cast.ada, checkins.find(cast.ada, KEY), FIRST, clock.now())
        db.session.commit()
        return checkins.reviews_of(cast.ada, [KEY])[0].review_key


@pytest.fixture
def steps(app, cast, reply):
    """`steps()` is what became of it: (kind, words)."""

    def read():
        with app.app_context():
            return [(one.kind, one.words) for one in replies.steps_of(replies.find(cast.ada, KEY, reply))]

    return read


@pytest.fixture
def page_of(cast, reply):
    return f"/caseload/{cast.ada.key}/check-ins/{KEY}/replies/{reply}"


def said(page):
    """What stands beside the words of Ada's check-in."""
    return words(page.all("div", class_="said")[0])


def of_entry(browser, cast, who="cho"):
    return words(browser(who).get(f"/caseload/{cast.ada.key}").one("article", id=f"entry-{KEY}"))


def test_a_reply_can_be_changed_and_its_participant_sees_the_new_words_and_that_it_was_changed(
    browser, cast, page_of, steps, at
):
    cho = browser("cho")
    page = cho.get(f"/caseload/{cast.ada.key}")
    assert page.one("a", href=page_of)
    assert cho.get(page_of).fields(page_of)["reply"] == [FIRST]
    at.later(minutes=5)
    cho.submit(page_of, {"reply": SECOND})
    assert cho.location == f"/caseload/{cast.ada.key}?entry={KEY}#entry-{KEY}"
    assert steps() == [("changed", SECOND)]
    text = of_entry(browser, cast)
    assert SECOND in text and FIRST not in text and "The reply was changed, today, 10:57 am" in text
    for address in ("/check-ins/", f"/check-ins/{KEY}/saved"):
        text = said(browser("ada").get(address))
        assert SECOND in text and "Dr Cho changed this reply, today, 10:57 am" in text and FIRST not in text
    new = words(browser("ada").get("/today").one("section", **{"aria-labelledby": "new"}))
    assert f"Dr Cho answered you “{SECOND}”" in new


def test_all_versions_stay_on_record_for_the_whole_care_team(browser, cast, page_of):
    cho = browser("cho")
    for text in (SECOND, THIRD):
        cho.get(page_of)
        cho.submit(page_of, {"reply": text})
    assert "What it said before" in of_entry(browser, cast, "oduya")
    page = browser("oduya").get(page_of)
    for text in (FIRST, SECOND, THIRD):
        assert text in page.text
    assert not page.all("form", action=page_of)


def test_a_reply_taken_back_is_gone_from_its_participants_pages_which_say_so(browser, cast, page_of, steps):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(f"{page_of}/taken-back")
    assert steps() == [("taken_back", None)]
    for address in ("/check-ins/", f"/check-ins/{KEY}/saved"):
        page = browser("ada").get(address)
        assert FIRST not in page.text
        assert said(page) == ("Tired. Read by Dr Cho, today, 10:52 am . Dr Cho took a reply back, today, 10:52 am .")
    assert not browser("ada").get("/today").all("section", **{"aria-labelledby": "new"})
    text = of_entry(browser, cast)
    assert "Seen by you" in text and "A reply was taken back, today, 10:52 am" in text and FIRST not in text
    assert FIRST in browser("cho").get(page_of).text


def test_the_participant_says_that_they_have_seen_it_and_then_it_stays_as_it_is(browser, cast, page_of, steps, reply):
    ada, cho = browser("ada"), browser("cho")
    cho.get(page_of)
    ada.get("/check-ins/")
    ada.submit(f"/check-ins/{KEY}/replies/{reply}/seen")
    assert ada.location == f"/check-ins/?saved=seen#entry-{KEY}"
    page = ada.get("/check-ins/?saved=seen")
    assert "Thank you. We know that you have seen it." in page.text and "You have seen this, today, 10:52 am" in said(
        page
    )
    assert not ada.get("/today").all("section", **{"aria-labelledby": "new"})
    page = cho.submit(page_of, {"reply": SECOND}, 422)
    assert "Ada has seen this reply, so it stays as it is. You can write another one." in page.text
    assert SECOND in page.text, "what was typed is given back"
    page = cho.post(f"{page_of}/taken-back", {}, 422)
    assert "Ada has seen this reply, so it stays as it is." in page.text
    assert steps() == [("seen", None)]
    assert "Ada has seen it, today, 10:52 am" in of_entry(browser, cast)
    assert not cho.get(page_of).all("form", action=page_of)


def test_what_changed_while_the_page_was_open_is_not_marked_as_seen(browser, page_of, steps, reply):
    ada, cho = browser("ada"), browser("cho")
    for saved in ("/check-ins/", f"/check-ins/{KEY}/saved"):
        ada.get(saved)
        cho.get(page_of)
        cho.submit(page_of, {"reply": f"New words for {saved}"})
        ada.submit(f"/check-ins/{KEY}/replies/{reply}/seen")
        assert "saved=changed" in ada.location
        page = ada.get(ada.location.split("#")[0])
        assert "changed or taken back while you had this page open" in page.text and f"New words for {saved}" in said(
            page
        )
    assert [kind for kind, _ in steps()] == ["changed", "changed"]
    ada.submit(f"/check-ins/{KEY}/replies/{reply}/seen")
    assert [kind for kind, _ in steps()] == ["changed", "changed", "seen"]


@pytest.mark.parametrize("changes", ["", "x", "-1", "7", "9" * 400])
def test_a_damaged_form_never_marks_what_it_did_not_show(browser, page_of, steps, reply, changes):
    cho, ada = browser("cho"), browser("ada")
    cho.get(page_of)
    cho.submit(page_of, {"reply": SECOND})
    ada.get("/check-ins/")
    ada.post(f"/check-ins/{KEY}/replies/{reply}/seen", {"changes": changes})
    assert steps() == [("changed", SECOND)]


@pytest.mark.parametrize(
    ("first", "again", "left"),
    [
        ("correct", "correct", [("changed", SECOND)]),
        ("take_back", "take_back", [("taken_back", None)]),
        ("see", "see", [("seen", None)]),
        ("take_back", "see", [("taken_back", None)]),
    ],
)
def test_the_same_press_again_adds_nothing(app, cast, reply, steps, first, again, left):
    deeds = {
        "correct": lambda one: replies.correct(cast.cho, cast.ada, one, SECOND, clock.now()),
        "take_back": lambda one: replies.take_back(cast.cho, cast.ada, one, clock.now()),
        "see": lambda one: replies.see(cast.ada, one, 0, clock.now()),
    }
    for name in (first, again):
        with app.app_context():
            deeds[name](replies.find(cast.ada, KEY, reply))
            db.session.commit()
    assert steps() == left


def test_the_words_that_stand_are_no_change(browser, page_of, steps):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(page_of)
    assert steps() == []


@pytest.mark.parametrize("text", ["", "x" * 2001])
def test_a_change_that_cannot_be_kept_comes_back_with_the_reason(browser, page_of, steps, text):
    cho = browser("cho")
    cho.get(page_of)
    page = cho.submit(page_of, {"reply": text}, 422)
    assert words(page.one("p", id="reply-error")) and page.fields(page_of)["reply"] == [text]
    assert steps() == []


def test_a_reply_that_was_taken_back_can_be_sent_again(app, browser, cast, page_of):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(f"{page_of}/taken-back")
    cho.get(f"/caseload/{cast.ada.key}")
    cho.post(f"/caseload/{cast.ada.key}/check-ins/{KEY}/reviews", {"version": "1", "reply": FIRST})
    with app.app_context():
        assert [r.reply for r in checkins.reviews_of(cast.ada, [KEY])] == [None, FIRST]


def test_an_old_form_brings_no_first_words_back(app, browser, cast, page_of):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(page_of, {"reply": SECOND})
    cho.get(f"/caseload/{cast.ada.key}")
    for text in (FIRST, SECOND):
        cho.post(f"/caseload/{cast.ada.key}/check-ins/{KEY}/reviews", {"version": "1", "reply": text})
    with app.app_context():
        assert [r.reply for r in checkins.reviews_of(cast.ada, [KEY])] == [SECOND]


@pytest.mark.asvs("8.2.2")
def test_nobody_but_its_writer_changes_it_and_nobody_but_its_participant_sees_it(browser, cast, page_of, steps, reply):
    browser("oduya").post(page_of, {"reply": SECOND}, 404)
    browser("oduya").post(f"{page_of}/taken-back", {}, 404)
    for who in ("dee", "kit", "ada", "ben"):
        browser(who).get(page_of, 404)
        browser(who).post(page_of, {"reply": SECOND}, 404)
        browser(who).post(f"{page_of}/taken-back", {}, 404)
    for who in ("ben", "cho", "kit"):
        browser(who).post(f"/check-ins/{KEY}/replies/{reply}/seen", {"changes": "0"}, 404)
    browser("ada").post(f"/check-ins/{KEY}/replies/no-such-reply/seen", {"changes": "0"}, 404)
    assert steps() == []


def test_a_mark_without_a_reply_is_nothing_to_change(app, browser, cast, reply):
    with app.app_context():
        checkins.review(cast.oduya, cast.ada, checkins.find(cast.ada, KEY), None, clock.now())
        db.session.commit()
        [mark] = [r.review_key for r in checkins.reviews_of(cast.ada, [KEY]) if not r.is_answered]
    browser("oduya").get(f"/caseload/{cast.ada.key}/check-ins/{KEY}/replies/{mark}", 404)
    browser("ada").post(f"/check-ins/{KEY}/replies/{mark}/seen", {"changes": "0"}, 404)


CHANGED = f"{SECOND}\n(Changed, 2026-03-11 10:57. Before that: {FIRST})"
CHANGED_AGAIN = (
    f"{THIRD}\n(Changed, 2026-03-11 11:02. Before that: {SECOND})\n(Changed, 2026-03-11 10:57. Before that: {FIRST})"
)


@pytest.mark.parametrize(
    ("texts", "cell"),
    [
        ([SECOND], CHANGED),
        ([SECOND, THIRD], CHANGED_AGAIN),
        ([None], "(A reply was taken back, 2026-03-11 10:57)"),
        ([SECOND, None], "(A reply was taken back, 2026-03-11 11:02)"),
    ],
)
def test_the_copy_of_the_record_has_every_version_and_nothing_that_was_taken_back(browser, page_of, at, texts, cell):
    cho = browser("cho")
    for text in texts:
        cho.get(page_of)
        at.later(minutes=5)
        cho.submit(page_of, {"reply": text}) if text else cho.submit(f"{page_of}/taken-back")
    rows = list(csv.reader(io.StringIO(browser("ada").client.get("/my-record/check-ins.csv").text.lstrip("\ufeff"))))
    assert [row[-1] for row in rows[1:] if row[-1]] == [cell]


def test_the_participant_is_told_who_changed_or_took_back_what(browser, page_of):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(page_of, {"reply": SECOND})
    cho.get(page_of)
    cho.submit(f"{page_of}/taken-back")
    text = words(browser("ada").get("/my-record/looks").tree)
    assert "changed an answer to your check-in for Wed, Mar 11" in text
    assert "took back an answer to your check-in for Wed, Mar 11" in text


def test_words_sealed_for_one_change_open_in_no_other(app, cast):
    with app.app_context():
        sealed = seal.close(ReplyStep.reply, SECOND, "key", 1)
        assert seal.open(ReplyStep.reply, sealed, "key", 1) == SECOND
        with pytest.raises(seal.SealError):
            seal.open(ReplyStep.reply, sealed, "key", 2)
