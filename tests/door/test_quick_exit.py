"""Leaving: signing out, and the quick exit that is on every page."""

import pytest


@pytest.mark.asvs("7.4.4")
@pytest.mark.parametrize("page", ["/today", "/schedule/", "/check-ins/", "/check-ins/new", "/library/", "/help-now"])
def test_the_quick_exit_is_on_every_page_of_a_participant(browser, page):
    ada = browser("ada")
    ada.get(page)
    assert ada.page.fields("/sign-out")["quick"] == ["1"]


@pytest.mark.asvs("7.4.1", "14.3.1")
def test_the_quick_exit_ends_the_session_and_leads_to_a_neutral_site(browser):
    ada = browser("ada")
    old = ada.client.get_cookie("session").value
    ada.get("/today")
    ada.submit("/sign-out")
    assert ada.location == "https://www.weather.gov/"
    assert ada.answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ada.answer.headers["Cache-Control"] == "no-store"
    ada.client.set_cookie("session", old)
    ada.get("/today", 303)


def test_the_quick_exit_works_when_the_session_has_run_out(browser, at):
    """Whoever has to leave must never meet a sign-in page instead."""
    ada = browser("ada")
    ada.get("/today")
    at.later(minutes=20)
    ada.submit("/sign-out")
    assert ada.location == "https://www.weather.gov/"


def test_the_quick_exit_works_with_a_stale_token(browser):
    ada = browser("ada")
    ada.get("/today")
    ada.post("/sign-out", {"quick": "1", "csrf_token": "stale"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert ada.location == "https://www.weather.gov/"


def test_a_stranger_on_the_help_page_can_leave_too(browser):
    stranger = browser()
    stranger.get("/help-now")
    stranger.submit("/sign-out")
    assert stranger.location == "https://www.weather.gov/"


@pytest.mark.asvs("7.4.4")
def test_staff_lock_instead_and_stay_on_the_site(browser):
    cho = browser("cho")
    page = cho.get("/caseload/")
    assert "quick" not in page.fields("/sign-out")
    cho.submit("/sign-out")
    assert cho.location.startswith("/sign-in")
    cho.get("/caseload/", 303)


@pytest.mark.asvs("3.5.3")
def test_nobody_can_be_signed_out_by_a_link(browser):
    ada = browser("ada")
    ada.get("/sign-out", 405)
    ada.get("/today")


@pytest.mark.asvs("3.5.1")
def test_nobody_can_be_signed_out_by_another_site(browser):
    ada = browser("ada")
    ada.post("/sign-out", {"csrf_token": "forged"}, 400, headers={"Sec-Fetch-Site": "cross-site"})
    ada.get("/today")


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 303),
        ("http://localhost", 400),
        ("https://localhost:8000", 400),
        ("http://localhost:8000.evil.example", 400),
        ("null", 400),
        (None, 400),
    ],
)
def test_a_browser_that_names_only_the_origin_lets_its_person_leave_with_a_stale_token(browser, origin, status):
    """Rule: an old browser sends no Sec-Fetch-Site, and its Origin cannot be made up by another site."""
    ada = browser("ada")
    ada.get("/today")
    headers = {"Origin": origin} if origin else {}
    ada.post("/sign-out", {"quick": "1", "csrf_token": "stale"}, status, headers=headers)
    ada.get("/today", 303 if status == 303 else 200)


@pytest.mark.asvs("3.5.1")
def test_the_origin_does_not_count_where_the_browser_says_more(browser):
    ada = browser("ada")
    headers = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "cross-site"}
    ada.post("/sign-out", {"csrf_token": "stale"}, 400, headers=headers)
    ada.get("/today")


@pytest.mark.asvs("3.7.2")
def test_the_policy_lets_a_form_go_to_the_neutral_site_and_to_no_other(browser):
    ada = browser("ada")
    ada.get("/today")
    policy = dict(part.strip().split(" ", 1) for part in ada.answer.headers["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == "'self' https://www.weather.gov"


@pytest.mark.asvs("16.5.2")
def test_leaving_works_while_the_database_does_not(browser, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from portal.door import sign_ins

    ada = browser("ada")
    ada.get("/today")

    def gone(*_):
        raise OperationalError("update", {}, Exception("gone"))

    monkeypatch.setattr(sign_ins, "update", gone)
    ada.submit("/sign-out")
    assert ada.location == "https://www.weather.gov/"
    assert "session=;" in ada.answer.headers["Set-Cookie"]
