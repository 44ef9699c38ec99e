"""The one click that ends all reminders: by a mail program or by hand, without signing in, and by nothing else."""

import logging

import pytest
from sqlalchemy import func, select, update

from portal import reminders
from portal.audit.models import AuditEvent
from portal.db import db
from portal.mail import Mail
from portal.people.models import Account

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(app, cast, chooses):
    """The path of Ada's link, who has chosen everything."""
    chooses("ada", before=(60, 120, 1440, 2880), changes=True, unseen=True)
    with app.app_context():
        return f"/stop/{reminders.token_of(cast.ada.key)}"


def chosen(app, person):
    with app.app_context():
        return reminders.settings_of(person).chosen.anything


def audited(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.what == "reminder.stop"))


def test_opening_the_link_stops_nothing_and_offers_a_button(app, cast, browser, link):
    """Programs that look into mail open every link of it."""
    stranger = browser()
    for _ in range(3):
        page = stranger.get(link)
    assert page.heading == "Stop all reminders?"
    stranger.client.head(link)
    assert chosen(app, cast.ada)
    stranger.submit(link, status=200)
    assert stranger.page.heading == "Stopped."
    assert "Nothing more will be sent." in stranger.page.text
    assert not chosen(app, cast.ada)


def test_a_mail_program_stops_them_with_one_request_without_cookie_or_token(app, cast, link):
    answer = app.test_client().post(link, data=ONE_CLICK)
    assert answer.status_code == 200
    assert not chosen(app, cast.ada)
    assert audited(app) == 1


def test_a_second_click_is_fine_and_changes_nothing(app, cast, link):
    for _ in range(2):
        assert app.test_client().post(link, data=ONE_CLICK).status_code == 200
    assert not chosen(app, cast.ada)
    assert audited(app) == 1
    assert "Stopped." in app.test_client().get(link).text


def test_an_unknown_link_is_the_page_of_every_other_dead_address(app, cast, browser, link):
    stranger = browser()
    nowhere = stranger.get("/no-such-page", 404).text
    assert stranger.get("/stop/0123456789abcdef0123456789abcdef", 404).text == nowhere
    assert app.test_client().post("/stop/0123456789abcdef0123456789abcdef", data=ONE_CLICK).status_code == 404
    assert chosen(app, cast.ada)


def test_what_waits_is_not_sent_after_it(app, cast, plan, waiting, link, timetable, at):
    at("2026-03-11T12:00")
    assert plan()[0] >= 1
    app.test_client().post(link, data=ONE_CLICK)
    assert waiting() == []
    with app.app_context():
        rows = db.session.execute(select(Mail.trouble, Mail.body, Mail.stop_url, Mail.given_up_at)).all()
    assert set(rows) == {("stopped", None, None, at.now)}
    assert plan() == (0, 0)


def test_choosing_again_after_it_reminds_again(app, cast, chooses, plan, link, timetable, at):
    app.test_client().post(link, data=ONE_CLICK)
    at("2026-03-11T12:00")
    assert plan() == (0, 0)
    chooses("ada", before=(60,))
    assert plan() == (1, 0)


def test_it_works_for_an_account_that_is_switched_off_and_stops_nobody_elses(app, cast, chooses, link, at):
    chooses("ben", before=(60,))
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=at.now))
        db.session.commit()
    assert app.test_client().post(link, data=ONE_CLICK).status_code == 200
    assert not chosen(app, cast.ada)
    assert chosen(app, cast.ben)


def test_the_link_is_in_no_log_and_no_other_site_is_told(app, browser, link, caplog):
    caplog.set_level(logging.DEBUG)
    stranger = browser()
    page = stranger.get(link)
    assert stranger.answer.headers["Referrer-Policy"] == "no-referrer"
    token = link.rpartition("/")[2]
    assert token not in page.title
    stranger.submit(link, status=200)
    stranger.get("/stop/no-such-token-0000", 404)
    assert token not in "\n".join(record.getMessage() for record in caplog.records)


def test_guessing_is_slowed_down(app, cast):
    client = app.test_client()
    answers = [client.post(f"/stop/{number:032x}", data=ONE_CLICK).status_code for number in range(61)]
    assert answers == [404] * 60 + [429]


@pytest.mark.asvs("3.5.1")
def test_it_is_the_only_form_that_is_taken_without_a_token(app):
    """Rule: one view, and no blueprint, is exempt from CSRF protection."""
    protection = app.extensions["csrf"]
    assert protection._exempt_views == {"portal.reminders.views.stop_create"}
    assert protection._exempt_blueprints == set()
    view = app.view_functions["reminders.stop_create"]
    assert f"{view.__module__}.{view.__name__}" == "portal.reminders.views.stop_create"
