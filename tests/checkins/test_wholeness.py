"""A check-in, its flag and its audit row stand or fall together; a second tap breaks nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from portal import checkins, drafts, flags
from portal.audit.models import AuditEvent
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.models import CheckIn
from portal.db import db
from portal.drafts import Draft

ANSWERS = dict.fromkeys(ITEMS) | {"mood": 3, "safety": "yes_talk", "for_day": date(2026, 3, 11)}


@pytest.mark.asvs("2.3.3", "16.5.3")
def test_when_the_flag_cannot_be_raised_the_check_in_is_not_kept_either(app, cast, at, monkeypatch):
    def broken(*_):
        raise RuntimeError("the process ends here")

    with app.app_context():
        monkeypatch.setattr(checkins, "raise_flag", broken)
        with pytest.raises(RuntimeError):
            checkins.log(cast.ada, ANSWERS, "a-key-of-ada", at.now)
        db.session.rollback()
        assert not db.session.scalars(db.select(CheckIn)).all()
        assert not db.session.scalars(db.select(AuditEvent)).all()
        monkeypatch.undo()
        checkins.log(cast.ada, ANSWERS, "a-key-of-ada", at.now)
        db.session.commit()
        assert cast.ada.id in flags.open_flags([cast.ada.id])


def test_two_drafts_of_one_form_at_once_are_one_draft(app, cast):
    def tap(number: int) -> None:
        with app.app_context():
            drafts.keep(cast.ada, "/check-ins/new", MultiDict({"mood": str(number)}))
            db.session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tap, range(6)))
    with app.app_context():
        assert len(db.session.scalars(db.select(Draft)).all()) == 1


def test_no_connection_is_left_open_for_workers_to_share(make_app):
    app = make_app()
    with app.app_context():
        assert db.engine.pool.checkedin() == 0


def test_a_mood_tapped_yesterday_is_not_filled_in_today(browser, at):
    ada = browser("ada")
    ada.post("/check-ins/drafts", {"mood": "9"})
    at("2026-03-12T09:00")
    assert "mood" not in browser("ada").get("/check-ins/new").fields("/check-ins/")


def test_a_changed_check_in_asks_the_second_question_again(browser, at):
    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "3"}
    ada.post("/check-ins/", form | {"safety": "yes_safe"})
    saved = ada.location
    ada.get(saved)
    ada.submit(saved.replace("saved", "safe-now"), {"safe_now": "yes"})
    at.later(minutes=2)
    ada.post("/check-ins/", form | {"safety": "yes_talk"})
    page = ada.get(saved)
    assert page.form(saved.replace("saved", "safe-now")) is not None


def test_a_yes_that_was_taken_back_keeps_its_help(browser, at):
    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "3"}
    ada.post("/check-ins/", form | {"safety": "yes_safe"})
    saved = ada.location
    at.later(minutes=2)
    ada.post("/check-ins/", form | {"safety": "no"})
    assert ada.get(saved).one("div", id="safety") is not None


@pytest.mark.asvs("6.3.1")
def test_the_slowdown_is_not_fooled_by_spaces(browser):
    stranger = browser()
    stranger.get("/sign-in")
    for tries in range(5):
        stranger.submit("/sign-in", {"email": " " * tries + "ada@example.org", "password": "wrong"}, 422)
    stranger.submit("/sign-in", {"email": "ADA@example.org ", "password": "wrong"}, 429)
