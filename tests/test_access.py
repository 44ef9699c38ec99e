"""Who may open what: the audience on each view, rows reached through people, and what everybody else gets."""

import pytest
from sqlalchemy import func, select

from portal import access
from portal.audit import AuditEvent
from portal.checkins.models import CheckIn
from portal.db import Base, db

ANSWERS = {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"}


@pytest.mark.parametrize(
    ("page", "may"),
    [
        ("/today", {"ada", "ben", "cleo"}),
        ("/schedule/", {"ada", "ben", "cleo", "kit"}),
        ("/check-ins/", {"ada", "ben", "cleo"}),
        ("/check-ins/new", {"ada", "ben", "cleo"}),
        ("/exercises/", {"ada", "ben", "cleo"}),
        ("/safety-plan", {"ada", "ben", "cleo"}),
        ("/library/", {"ada", "ben", "cleo", "cho", "dee", "oduya", "kit"}),
        ("/caseload/", {"cho", "dee", "oduya"}),
        ("/caseload/{ada}", {"cho", "oduya"}),
        ("/caseload/{ben}", {"cho"}),
        ("/caseload/{cleo}", {"dee"}),
        ("/caseload/{kit}", set()),
        ("/caseload/{cho}", set()),
        ("/caseload/no-such-key", set()),
        ("/people/", {"kit"}),
        ("/program", {"kit"}),
        ("/help-now", {None, "ada", "ben", "cleo", "cho", "dee", "oduya", "kit"}),
        ("/healthz", {None, "ada", "cho", "kit"}),
    ],
)
def test_each_page_opens_for_those_it_is_for(browser, cast, page, may):
    """Written by hand, so that a wrong audience is noticed as well as a missing one. Others get 404."""
    path = page.format(**{name: person.key for name, person in vars(cast).items()})
    for who in (None, "ada", "ben", "cho", "dee", "oduya", "kit"):
        if who in may:
            browser(who).get(path)
        elif None in may:
            continue
        else:
            browser(who).get(path, 303 if who is None else 404)


def test_what_is_not_yours_looks_like_what_does_not_exist(browser, cast):
    dee = browser("dee")
    foreign = dee.get(f"/caseload/{cast.ada.key}", 404).text
    unknown = dee.get("/caseload/no-such-key", 404).text
    assert foreign == unknown


def test_a_participant_is_told_nothing_of_the_pages_of_staff(browser, cast):
    ada = browser("ada")
    assert ada.get("/caseload/", 404).text == ada.get("/no-such-page", 404).text


@pytest.mark.parametrize("who", [None, "ada", "cho", "kit"])
def test_every_address_gives_sign_in_or_404_to_those_it_is_not_for(app, browser, who):
    """The map of addresses, walked: whoever the audience leaves out gets nothing but the way to sign in."""
    person = browser(who)
    for rule in app.url_map.iter_rules():
        audience = app.view_functions[rule.endpoint].audience
        if audience == access.ANYONE or person.role in audience:
            continue
        path = rule.rule.replace("<", "").replace(">", "")
        ask = person.get if "GET" in rule.methods else person.post
        ask(path, status=303 if who is None else 404)
        if who is None:
            assert person.location.startswith("/sign-in"), rule.rule


@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_every_page_without_a_key_opens_for_its_audience(app, browser, who):
    """The other half of the walk: the audience gets in, and no page of theirs breaks where nothing is yet."""
    person = browser(who)
    for rule in app.url_map.iter_rules():
        audience = app.view_functions[rule.endpoint].audience
        if person.role in audience and "GET" in rule.methods and not rule.arguments:
            answer = person.client.get(rule.rule)
            assert answer.status_code in (200, 303), rule.rule
            if answer.status_code == 200:
                person.get(rule.rule)


def test_reading_changes_nothing(app, browser):
    """Every page of everybody, opened: no row but the session's last use and the audit's own."""
    people = [browser(who) for who in ("ada", "cho", "kit")]
    before = _rows(app)
    for person in people:
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and not rule.arguments:
                person.client.get(rule.rule)
    assert _rows(app) == before


def _rows(app):
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in ("audit_events", "sign_ins")
        }


def test_every_writing_address_refuses_a_form_without_a_token(app, browser):
    before = _rows(app)
    for who in (None, "ada", "cho", "kit"):
        person = browser(who)
        for rule in app.url_map.iter_rules():
            if "POST" in rule.methods:
                answer = person.client.post(rule.rule.replace("<", "").replace(">", ""), data=ANSWERS)
                assert answer.status_code in (303, 400, 404), rule.rule
                assert answer.status_code != 303 or "/sign-in" in answer.headers["Location"], rule.rule
    assert _rows(app) == before


def test_a_therapist_cannot_write_as_a_participant(app, browser):
    browser("cho").post("/check-ins/", ANSWERS, 404)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CheckIn)) == 0


def test_opening_a_record_is_one_audit_row_that_names_both(app, cast, browser):
    cho = browser("cho")
    before = _views(app, cast)
    cho.get(f"/caseload/{cast.ada.key}")
    assert _views(app, cast) == [*before, (cast.cho.id, cast.ada.id)]


def test_a_refused_look_is_no_look(app, cast, browser):
    browser("dee").get(f"/caseload/{cast.ada.key}", 404)
    assert _views(app, cast) == []


def _views(app, cast):
    with app.app_context():
        rows = db.session.execute(
            select(AuditEvent.actor_id, AuditEvent.participant_id).where(AuditEvent.what == "record.view")
        )
        return [tuple(row) for row in rows]


def test_asking_for_the_head_of_a_page_is_guarded_like_the_page(browser):
    stranger = browser()
    assert stranger.client.head("/today").status_code == 303
    assert browser("ada").client.head("/caseload/").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_methods_that_nobody_needs_do_nothing(browser, method):
    assert browser("ada").client.open("/today", method=method).status_code in (404, 405)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000"])
def test_a_request_for_another_host_is_refused(browser, host):
    assert browser().client.get("/sign-in", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "target", [None, "", "today", "//x", "/\\x", "/a b", "/a\x00", "https://x/", "/\u2028"[:1] + "\\"]
)
def test_next_takes_a_path_of_this_site_only(target):
    assert access.safe_next(target) is None


@pytest.mark.parametrize("target", ["/", "/today", "/check-ins/?days=28", "/library/the-wave?part=2"])
def test_next_takes_every_path_of_this_site(target):
    assert access.safe_next(target) == target
