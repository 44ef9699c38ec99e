"""A quiet browser: it says so in time, keeps what was typed, and leaves nothing on the screen when its time is up."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import settle, sign_in
from tests.e2e.served import served

NOTE, COUNT = "Half a sentence, number", count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portal of these tests has its database."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def portal(clinic: Path, folder: Path) -> Iterator[str]:
    """The address of a portal for the tests of this module."""
    with served(clinic, folder) as address:
        yield address


@pytest.fixture
def quiet(folder: Path) -> Callable[..., None]:
    """`quiet(minutes=12)` makes every session as quiet as if so much time had passed on the server."""

    def age(**span: float) -> None:
        with closing(sqlite3.connect(folder / "served.sqlite", timeout=10)) as database, database:
            for key, last in database.execute("select id, last_used_at from sign_ins").fetchall():
                earlier = datetime.fromisoformat(last) - timedelta(**span)
                stored = earlier.strftime("%Y-%m-%d %H:%M:%S.%f")
                database.execute("update sign_ins set last_used_at = ? where id = ?", (stored, key))

    return age


@pytest.fixture
def ada(people, portal) -> Page:
    """Ada's browser, with a clock that the test moves on."""
    page = people(portal)
    page.clock.install()
    sign_in(page, "ada")
    return page


@pytest.fixture
def offline_ada(unwatched, portal) -> Page:
    """The same, where the console may say that there is no network."""
    page = unwatched(portal)
    page.clock.install()
    sign_in(page, "ada")
    return page


def writes(page: Page) -> str:
    """Begin a check-in; the note that was typed."""
    note = f"{NOTE} {next(COUNT)}"
    page.goto("/check-ins/new")
    page.locator("label", has=page.locator("input[name=mood][value='4']")).click()
    page.fill("textarea[name=note]", note)
    return note


def passes(page: Page, quiet: Callable[..., None], **span: float) -> None:
    """Time passes on the server and, as for a phone that slept, in the browser."""
    quiet(**span)
    page.clock.fast_forward(int(timedelta(**span).total_seconds() * 1000))


def notice(page: Page):
    return page.get_by_role("status").filter(has_text="You will be signed out")


@pytest.mark.asvs("7.3.1")
def test_two_minutes_before_it_says_so_and_the_button_renews_the_session(ada, quiet):
    ada.goto("/schedule/")
    passes(ada, quiet, minutes=12, seconds=30)
    settle(ada)
    expect(notice(ada)).to_have_count(0)
    passes(ada, quiet, seconds=40)
    expect(notice(ada)).to_contain_text("You will be signed out in about 2 minutes.")
    ada.get_by_role("button", name="Stay signed in").click()
    expect(notice(ada)).to_have_count(0)
    passes(ada, quiet, minutes=12)
    ada.goto("/today")
    assert ada.url.endswith("/today")


def test_the_notice_says_how_long_is_left_each_half_minute_and_keeps_the_focus(ada, quiet):
    ada.goto("/schedule/")
    passes(ada, quiet, minutes=13, seconds=5)
    expect(notice(ada)).to_contain_text("in about 2 minutes.")
    ada.get_by_role("button", name="Stay signed in").focus()
    for words in ("1 and a half minutes", "1 minute", "half a minute"):
        passes(ada, quiet, seconds=30)
        expect(notice(ada)).to_contain_text(f"You will be signed out in about {words}.")
        expect(ada.get_by_role("button", name="Stay signed in")).to_be_focused()


CLEAR = """([...all]) => all.every((here) => {
  const one = here.getBoundingClientRect(), other = document.querySelector("#idle").getBoundingClientRect();
  return other.height > 0 && (one.bottom <= other.top || one.top >= other.bottom);
})"""


@pytest.mark.parametrize("place", ["top", "below", "middle", "bottom"])
def test_the_notice_lies_neither_on_what_has_the_focus_nor_on_save(ada, quiet, place):
    """Wherever the page stood: at its top, with the field just under the header, in the middle, or at its end."""
    writes(ada)
    note, save = ada.locator("textarea[name=note]"), ada.locator("main button[type=submit]").last
    note.focus()
    offset = {"top": "-1e6", "below": "box.top - 60", "middle": "box.top - 300", "bottom": "1e6"}[place]
    ada.evaluate(
        "(move) => { const box = document.querySelector('textarea[name=note]').getBoundingClientRect();"
        f" scrollBy({{ top: {offset}, behavior: 'instant' }}) }}"
    )
    passes(ada, quiet, minutes=13, seconds=10)
    expect(notice(ada)).to_be_visible()
    ada.wait_for_function(CLEAR, arg=[note.element_handle(), save.element_handle()])
    expect(note).to_be_focused()
    top = notice(ada).bounding_box()["y"]
    assert 0 <= top < ada.viewport_size["height"] / 2  # and it is seen wherever the page stands


def test_the_notice_says_what_becomes_of_what_is_typed(ada, quiet):
    writes(ada)
    passes(ada, quiet, minutes=13, seconds=10)
    expect(notice(ada)).to_contain_text("What you typed is kept.")


def test_when_the_time_is_up_the_page_goes_and_what_was_typed_comes_back(ada, quiet):
    note = writes(ada)
    passes(ada, quiet, minutes=15, seconds=10)
    ada.wait_for_url("**/sign-in?next=/check-ins/new&sent=kept")
    assert NOTE not in ada.content()
    sign_in_here(ada)
    ada.wait_for_url("**/check-ins/new")
    expect(ada.locator("textarea[name=note]")).to_have_value(note)
    expect(ada.locator("input[name=mood][value='4']")).to_be_checked()


def sign_in_here(page: Page) -> None:
    page.fill("input[name=email]", "ada@demo.example")
    page.fill("input[name=password]", "foothold-demo")
    page.press("input[name=password]", "Enter")


def test_a_page_without_a_form_goes_to_sign_in_and_says_why(ada, quiet):
    ada.goto("/check-ins/")
    passes(ada, quiet, hours=1)
    ada.wait_for_url("**/sign-in?next=/check-ins/&sent=quiet")
    expect(ada.get_by_role("status").first).to_contain_text("this page was not used for a while")


def test_a_form_that_nobody_touched_is_not_kept(ada, quiet):
    ada.goto("/exercises/six-steps")
    passes(ada, quiet, hours=1)
    ada.wait_for_url("**/sign-in?next=/exercises/six-steps/steps/4&sent=quiet")


def test_what_is_typed_into_an_exercise_is_kept_too(ada, quiet):
    """Its buttons are called "action", which hides the form's own address from a script that asks for it so."""
    ada.goto("/exercises/notice-and-weigh")
    ada.fill("main textarea >> nth=0", NOTE)
    passes(ada, quiet, minutes=15, seconds=10)
    ada.wait_for_url("**/sign-in?next=/exercises/notice-and-weigh/steps/1&sent=kept")
    sign_in_here(ada)
    ada.wait_for_url("**/exercises/notice-and-weigh/steps/1")
    expect(ada.locator("main textarea").first).to_have_value(NOTE)


def test_a_check_in_that_nobody_began_is_not_kept(people, portal, quiet):
    page = people(portal)
    page.clock.install()
    sign_in(page, "cleo")
    page.goto("/check-ins/new")
    passes(page, quiet, minutes=15, seconds=10)
    page.wait_for_url("**/sign-in?next=/check-ins/new&sent=quiet")


def test_a_page_stays_while_another_tab_of_the_same_person_is_in_use(ada):
    """Only this page is quiet: the server knows better, and is asked before anything is said."""
    ada.goto("/today")
    for _ in range(4):
        ada.clock.fast_forward(13 * 60_000)
        settle(ada)
        expect(notice(ada)).to_have_count(0)
    assert ada.url.endswith("/today")
    expect(ada.locator("h1")).to_be_visible()


def test_a_password_is_never_sent_to_be_kept(ada, quiet):
    ada.goto("/account/password")
    ada.fill("input[name=password]", "nine herons over quiet water")
    with ada.expect_request("**/account/drafts") as sent:
        passes(ada, quiet, minutes=15, seconds=10)
    assert "herons" not in sent.value.post_data
    ada.wait_for_url("**/sign-in?next=/account/password&sent=quiet")


def test_nor_is_one_that_is_shown(ada, quiet):
    ada.goto("/account/password")
    ada.get_by_role("button", name="Show New password").click()
    ada.fill("input[name=password]", "nine herons over quiet water")
    with ada.expect_request("**/account/drafts") as sent:
        passes(ada, quiet, minutes=15, seconds=10)
    assert "herons" not in sent.value.post_data
    ada.wait_for_url("**/sign-in?next=/account/password&sent=quiet")


@pytest.mark.asvs("14.3.1")
def test_without_a_network_nothing_stays_on_the_screen_and_what_was_typed_waits(offline_ada, quiet):
    page = offline_ada
    note = writes(page)
    page.context.set_offline(True)
    passes(page, quiet, minutes=15, seconds=10)
    expect(page.locator("h1")).to_have_text("You were signed out")
    shown = page.content()
    assert NOTE not in shown
    assert "mood" not in shown.lower()
    expect(page.get_by_role("link", name="Call 988")).to_be_visible()
    page.context.set_offline(False)
    page.clock.fast_forward(6000)
    page.wait_for_url("**/sign-in?next=/check-ins/new&sent=kept")
    sign_in_here(page)
    page.wait_for_url("**/check-ins/new")
    expect(page.locator("textarea[name=note]")).to_have_value(note)


def test_a_shared_device_is_told_that_nothing_is_kept(people, portal, quiet):
    page = people(portal)
    page.clock.install()
    page.goto("/sign-in")
    page.check("input[name=shared]")
    sign_in_here(page)
    page.wait_for_url("**/today")
    writes(page)
    passes(page, quiet, minutes=3, seconds=10)
    expect(notice(page)).to_contain_text("What you typed is not kept: send it first.")
    passes(page, quiet, minutes=2)
    page.wait_for_url("**/sign-in?next=/check-ins/new&sent=quiet")


def test_without_javascript_there_is_no_notice_and_a_late_form_is_kept(people, portal, quiet):
    page = people(portal, "ada", java_script_enabled=False)
    writes(page)
    quiet(minutes=16)
    page.get_by_role("button", name="Save", exact=False).last.click()
    page.wait_for_url("**/sign-in?next=/check-ins/new&sent=kept")


@pytest.mark.asvs("14.3.1")
def test_back_after_signing_out_shows_nothing_of_the_person(people, portal):
    page = people(portal, "ada")
    page.goto("/check-ins/")
    page.goto("/today")
    page.get_by_role("contentinfo").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    for _ in range(2):
        page.go_back()
        expect(page).to_have_title(re.compile("Sign in"))
        expect(page.locator("body")).not_to_contain_text("Ada")
