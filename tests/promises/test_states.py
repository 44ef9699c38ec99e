"""Each promise of the table on the real page, in every state: said where the rows make it true, and nowhere else."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.flags.models import Flag
from tests.browser import words
from tests.promises.table import ASKED, FORM, HELP, PROMISES, RESET, STATES, reached


@pytest.fixture(params=STATES)
def state(request, app, cast, at):
    """One state of the table, made."""
    one = STATES[request.param]
    app.config.update(one.settings)
    at(one.at)
    with app.app_context():
        if one.phone and not one.no_message:
            reached(one.phone)(cast)
        one.made(cast)
        db.session.commit()
    return one


def said(page):
    return words(page.one("main", id="main"))


def test_every_sentence_is_said_where_it_is_true_and_nowhere_else(app, state, browser):
    ada, shown = browser("ada"), {}
    ada.get("/measures/gad-7")
    shown[FORM] = [said(ada.page), said(ada.get("/check-ins/new"))]
    if state.asks:
        ada.submit("/check-ins/", {"mood": "3", "safety": "yes_talk"})
        here = ada.location
        shown[HELP] = [said(ada.get(here))]
        if state.phone:
            ada.submit(here.replace("saved", "call-me"))
            shown[ASKED] = [said(ada.get(here))]
    stranger = browser()
    stranger.get("/reset")
    stranger.submit("/reset", {"email": "ada@example.org"})
    shown[RESET] = [said(stranger.get(stranger.location))]
    for promise in PROMISES:
        for text in shown.get(promise.page, ()):
            sentence, is_true = promise.said(state), bool(promise.when(state))
            assert (sentence in text) is is_true, f"{'not said' if is_true else 'said'}: {sentence!r} in {text}"
    every = " ".join(text for texts in shown.values() for text in texts)
    assert "answers right away" not in every and "care team sees" not in every


def test_without_the_safety_question_nothing_of_the_page_after_a_yes_is_there(app, cast, browser):
    with app.app_context():
        STATES["safety question off"].made(cast)
        db.session.commit()
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "3", "safety": "yes_talk"})
    assert "Are you safe right now?" not in ada.get(ada.location).text
    with app.app_context():
        assert db.session.scalar(select(Flag.id)) is None


def test_whoever_reads_that_a_flag_goes_further_is_called_you(browser, at):
    """Rule: to Dr Oduya it does not say "then Dr Oduya sees it too"."""
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "3", "safety": "yes_talk"})
    assert "If nothing is done, it goes to Dr Oduya too" in said(browser("cho").get("/flags/"))
    at.later(minutes=31)
    text = said(browser("oduya").get("/flags/"))
    assert "With Dr Cho and you" in text and "Dr Oduya" not in text


def test_the_reading_on_rights_says_who_may_open_a_record_and_where_that_is_listed(browser):
    ada = browser("ada")
    text = " ".join(said(ada.get(f"/library/your-rights?part={part}")) for part in range(1, 4))
    assert "A therapist on call joins them for an answer about safety" in text
    assert "Any other therapist can open your record in an emergency." in text
    assert "That list is under Account: “Who has looked at my record”." in text
    assert any(words(a) == "Who has looked at my record" for a in ada.get("/account").all("a"))
    assert "supporter" not in text and "working hours" not in text
