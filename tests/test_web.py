"""Pages and fragments, and the headers that every answer carries, whatever the answer is."""

import brotli
import pytest
from sqlalchemy import text

from portal import web
from portal.access import anyone
from portal.db import db
from tests.conftest import clinic
from tests.house.source import ROOT

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
    " form-action 'self' https://www.weather.gov; base-uri 'none'; frame-ancestors 'none'"
)
INSIDE = "a secret of the inside"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


@pytest.fixture
def broken(make_app, password_hash):
    """A portal with one view that does not work."""
    app = make_app()
    with app.app_context():
        clinic(password_hash)
        db.session.commit()

    @anyone
    def broken():
        raise ZeroDivisionError(INSIDE)

    app.add_url_rule("/broken", "broken", broken)
    return app


def close_the_database(app):
    with app.app_context():
        db.session.execute(text("drop table sign_ins"))
        db.session.execute(text("alter table programs rename to gone"))
        db.session.commit()


@pytest.mark.asvs("3.2.1", "3.4.4", "3.4.5", "3.4.8", "3.5.8")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/today", 303),
        ("/no-such-page", 404),
        ("/sign-out", 405),
        ("/broken", 500),
        ("/healthz", 200),
        ("/static/portal.css", 200),
        ("/static/no-such-file.css", 404),
    ],
)
def test_every_answer_carries_the_headers(broken, browser, path, status):
    browser().get("/help-now")
    answer = broken.test_client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Permissions-Policy" in answer.headers
    assert "Server" not in answer.headers


@pytest.mark.asvs("16.5.3")
def test_an_answer_without_a_database_carries_them_too(app, browser):
    ada = browser("ada")
    close_the_database(app)
    ada.get("/today", 503)
    assert {name: ada.answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert ada.answer.headers["Retry-After"] == "30"


@pytest.mark.asvs("3.4.3", "3.4.6", "14.2.3")
@pytest.mark.parametrize("who", [None, "ada", "cho", "kit"])
def test_the_content_policy_is_strict_and_the_same_for_everybody(browser, who):
    person = browser(who)
    person.get("/help-now")
    assert person.answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.asvs("14.2.2", "14.3.2")
@pytest.mark.parametrize(("who", "page"), [("ada", "/today"), ("cho", "/caseload/"), ("kit", "/people/")])
def test_no_page_of_a_person_is_kept_by_a_browser_or_a_proxy(browser, who, page):
    person = browser(who)
    person.get(page)
    assert person.answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in person.answer.headers["Vary"]


def test_a_page_says_that_it_varies_with_what_htmx_asks(browser):
    ada = browser("ada")
    ada.get("/check-ins/")
    assert {"HX-Request", "HX-Request-Type", "HX-History-Restore-Request"} <= set(
        ada.answer.headers["Vary"].replace(" ", "").split(",")
    )


def test_files_whose_address_names_their_content_are_kept_for_good(app, browser):
    page = browser().get("/sign-in")
    sheet = page.one("link", rel="stylesheet").get("href")
    assert "?v=" in sheet
    answer = app.test_client().get(sheet)
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.asvs("3.4.1")
def test_https_is_asked_for_where_the_portal_has_it(make_app):
    client = make_app(URL="https://portal.example.org").test_client()
    answer = client.get("/healthz", base_url="https://portal.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.asvs("4.1.2", "12.2.1")
def test_plain_http_is_refused_where_the_portal_has_https(make_app):
    client = make_app(URL="https://portal.example.org").test_client()
    assert client.get("/sign-in", base_url="http://portal.example.org").status_code == 400


def test_https_is_not_asked_for_on_this_machine(browser):
    stranger = browser()
    stranger.get("/help-now")
    assert "Strict-Transport-Security" not in stranger.answer.headers


@pytest.mark.asvs("3.2.1")
@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"HX-Request": "true"}, False),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-Request": "true", "HX-Request-Type": "partial"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "partial", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_fragment_is_for_whoever_asks_for_a_part_and_for_nobody_else(app, headers, fragment):
    with app.test_request_context("/", headers=headers):
        assert web.wants_fragment() is fragment


@pytest.mark.asvs("3.2.1")
def test_the_same_address_gives_the_page_or_its_part(browser):
    ada = browser("ada")
    assert ada.get("/check-ins/").whole
    assert not ada.get("/check-ins/", fragment=True).whole
    restored = ada.get("/check-ins/", fragment=True, headers={"HX-History-Restore-Request": "true"})
    assert restored.whole


def test_a_page_without_parts_takes_the_whole_browser(browser):
    """A form that is sent from a part of one page may end on another: that one must not land inside the first."""
    ada = browser("ada")
    ada.get("/exercises/", 204, fragment=True)
    assert ada.answer.headers["HX-Redirect"] == "/exercises/"


@pytest.mark.asvs("16.5.1")
def test_a_fault_of_ours_shows_help_and_nothing_of_the_inside(broken, cast):
    client = broken.test_client()
    client.get("/help-now")
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "988" in answer.text
    assert "(212) 555-0142" in answer.text
    assert INSIDE not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.asvs("16.2.5")
def test_the_log_says_where_a_fault_of_ours_is_and_quotes_nothing(broken, caplog):
    """Rule: what an error says may quote what somebody typed; a log is read by others, and kept."""
    broken.test_client().get("/broken?note=typed-by-somebody")
    [record] = caplog.records
    assert record.exc_info is None
    assert "GET broken: ZeroDivisionError" in caplog.text
    assert "test_web.py" in caplog.text
    for quoted in (INSIDE, "typed-by-somebody"):
        assert quoted not in caplog.text


def test_the_log_of_a_fault_of_the_database_quotes_neither_statement_nor_value(broken, caplog):
    @anyone
    def refused():
        db.session.execute(text("insert into secrets (name, sealed) values ('typed-by-somebody', null)"))

    broken.add_url_rule("/refused", "refused", refused)
    assert broken.test_client().get("/refused").status_code == 503
    [record] = caplog.records
    assert record.getMessage() in ("database: IntegrityError", "database: NotNullViolation")


@pytest.mark.asvs("16.5.1", "16.5.2")
def test_without_a_database_there_are_still_the_numbers_that_help(app, browser):
    ada = browser("ada")
    ada.get("/today")
    close_the_database(app)
    page = ada.get("/today", 503)
    assert "988" in page.text
    assert "(212) 555-0142" in page.text
    assert "sqlite" not in page.html.lower()
    assert "psycopg" not in page.html.lower()


def test_machines_are_told_whether_the_portal_lives_and_whether_it_is_ready(app, browser):
    stranger = browser()
    stranger.get("/healthz")
    stranger.get("/readyz")
    close_the_database(app)
    stranger.get("/healthz")


def test_a_page_that_is_not_there_still_offers_help(browser):
    for who in (None, "ada", "cho", "kit"):
        assert "988" in browser(who).get("/no-such-page", 404).text or who in ("cho", "kit")


@pytest.mark.asvs("5.2.1", "15.2.2")
def test_a_body_that_is_too_large_is_refused(browser):
    browser("ada").post("/schedule/busy-times", {"kind": "x" * 300_000}, 413)


@pytest.mark.asvs("4.1.1")
def test_every_kind_of_answer_names_its_charset(browser):
    for path in ("/help-now", "/healthz", "/robots.txt", "/static/icons.svg", "/static/portal.css", "/static/app.js"):
        answer = browser().client.get(path)
        assert answer.mimetype_params["charset"] == "utf-8", path
        answer.close()


@pytest.mark.parametrize(("name", "most"), [("portal", 9_500), ("staff", 2_000)])
def test_a_stylesheet_stays_small(name, most):
    """Rule: bytes as they are served to a browser that takes brotli; a phone pays for every one of them."""
    assert len(brotli.compress((ROOT / "static" / f"{name}.css").read_bytes())) <= most


@pytest.mark.parametrize(
    ("who", "page", "sheets"),
    [
        (None, "/sign-in", ["portal"]),
        ("ada", "/today", ["portal"]),
        ("cho", "/caseload/", ["portal", "staff"]),
        ("kit", "/people/", ["portal", "staff"]),
    ],
)
def test_what_only_staff_pages_need_is_loaded_there_alone(browser, who, page, sheets):
    links = [link.get("href") for link in browser(who).get(page).all("link", rel="stylesheet")]
    assert [link.rpartition("/")[2].partition(".")[0] for link in links] == sheets


@pytest.mark.parametrize(
    ("total", "asked", "number", "words"),
    [
        (0, None, 1, "0 of 0"),
        (3, None, 1, "3 of 3"),
        (25, "1", 1, "25 of 25"),
        (26, None, 1, "1 to 25 of 26"),
        (26, "2", 2, "26 to 26 of 26"),
        (26, "3", 2, "26 to 26 of 26"),
        (200, "8", 8, "176 to 200 of 200"),
        (200, "0", 1, "1 to 25 of 200"),
        (200, "-1", 1, "1 to 25 of 200"),
        (200, "²", 1, "1 to 25 of 200"),
        (200, "9" * 5000, 1, "1 to 25 of 200"),
        (200, "99999", 8, "176 to 200 of 200"),
    ],
)
def test_a_page_is_one_that_there_is(total, asked, number, words):
    page = web.page_of(range(total), asked)
    assert (page.number, page.in_words) == (number, words)


def test_the_pages_hold_everything_once():
    pages = [web.page_of(range(101), str(number)) for number in range(1, 6)]
    assert [one for page in pages for one in page.items] == list(range(101))
    assert {page.pages for page in pages} == {5}
