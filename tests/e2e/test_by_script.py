"""What only a script can add: a password that is looked at, codes that are copied; and questions that need none."""

import pytest
from playwright.sync_api import expect

from portal import words
from portal.fields import LONGEST_TEXT, tidy
from tests.e2e.conftest import DESK
from tests.e2e.test_factors import CODE

HIDES = """(form) => form.addEventListener("submit", (event) => {
  event.preventDefault();
  window.was = form.elements.password.type;
})"""


def test_a_password_is_shown_on_demand_and_hidden_when_it_is_sent(people, portal):
    page = people(portal)
    page.goto("/sign-in")
    field, show = page.locator("input[name=password]"), page.get_by_role("button", name="Show Password")
    expect(show).to_have_attribute("aria-pressed", "false")
    assert show.bounding_box()["height"] >= 44
    field.fill("a long walk")
    show.click()
    expect(show).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_attribute("autocomplete", "current-password")
    show.click()
    expect(field).to_have_attribute("type", "password")
    show.press("Enter")
    expect(field).to_have_attribute("type", "text")
    page.fill("input[name=email]", "ada")
    page.locator("form", has=field).evaluate(HIDES)
    field.press("Enter")
    assert page.evaluate("window.was") == "password"
    expect(show).to_have_attribute("aria-pressed", "false")


def test_without_a_script_there_is_no_such_button(people, portal):
    page = people(portal, java_script_enabled=False)
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)


def set_up_app(page):
    import pyotp

    page.goto("/account/authenticator")
    app = pyotp.TOTP(page.inner_text("#authenticator b.num").replace(" ", ""))
    page.fill("input[name=code]", app.now())
    page.get_by_role("button", name="Set up the app").click()
    page.wait_for_selector("h1:has-text('Your recovery codes')")


def test_recovery_codes_are_copied_and_printed_with_the_address(people, portal):
    ada = people(portal, "ada", permissions=["clipboard-read", "clipboard-write"])
    set_up_app(ada)
    codes = CODE.findall(ada.inner_text("main"))
    ada.get_by_role("button", name="Copy").click()
    expect(ada.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert ada.evaluate("navigator.clipboard.readText()").split() == codes
    assert len(codes) == 10
    ada.evaluate("() => (window.print = () => (window.printed = true))")
    ada.get_by_role("button", name="Print").click()
    assert ada.evaluate("window.printed")
    ada.emulate_media(media="print")
    assert CODE.findall(ada.inner_text("body")) == codes
    expect(ada.get_by_text(f"{portal}/sign-in")).to_be_visible()
    for name in ("Copy", "Print"):
        expect(ada.get_by_role("button", name=name)).to_be_hidden()
    expect(ada.locator("header")).to_be_hidden()


def test_an_empty_reply_from_a_field_made_taller_breaks_no_policy(people, portal):
    """Rule: the console of a therapist stays clean; `people` looks into it at the end."""
    cho = people(portal, "cho", viewport=DESK)
    cho.goto("/caseload/")
    cho.locator("ol.triage .who a").first.click()
    entry = cho.locator("article.entry").first
    entry.locator("summary", has_text="Reply").click()
    for _ in range(2):
        field = cho.locator("article.entry textarea").first
        field.evaluate("(field) => (field.style.height = '200px')")  # as a browser does when its corner is pulled
        with cho.expect_response("**/reviews") as answer:
            cho.get_by_role("button", name="Send reply").first.click()
        assert answer.value.status == 422
        expect(cho.locator("article.entry .error").first).to_be_visible()
        expect(cho.locator("article.entry textarea").first).to_be_focused()


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_one_question_comes_first_and_the_keyboard_answers_it(people, portal, java_script):
    people(portal, "ada")  # another browser
    ada = people(portal, "ada", java_script_enabled=java_script)
    ada.goto("/account")
    verb = ada.locator("summary", has_text="Sign out everywhere else")
    assert verb.bounding_box()["height"] >= 44
    expect(ada.get_by_role("button", name="Sign the others out")).to_be_hidden()
    verb.focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_text("Every device but this one is signed out at once.")).to_be_visible()
    ada.keyboard.press("Tab")
    expect(ada.get_by_role("button", name="Sign the others out")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(ada.get_by_text("You are signed out everywhere else.")).to_be_visible()


@pytest.mark.parametrize(
    "end",
    [
        "\U0001f642" * 5,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "a\nb\n\nc",
        "e\u0301",
        "\u200bx\u200b",
        " and space \u00a0\u3000\n ",
        "\u05e9\u05dc\u05d5\u05dd",
    ],
)
def test_the_page_counts_what_is_written_as_the_server_does(people, portal, end):
    """Rule: lengths are code points, a line break counts once, and space around a text does not."""
    ada = people(portal, "ada")
    ada.goto("/exercises/notice-and-weigh")
    text = "x" * 1900 + end
    area = ada.locator("[name=situation]")
    area.fill(text)
    left = words.counted(LONGEST_TEXT - len(tidy(text)), "character")
    expect(ada.get_by_role("status").filter(has_text=f"{left} left.")).to_be_visible()


def test_too_much_is_counted_and_refused_and_never_cut(people, portal):
    ada = people(portal, "ada")
    ada.goto("/exercises/notice-and-weigh")
    area, text = ada.locator("[name=situation]"), "\U0001f642" * (LONGEST_TEXT + 3)
    area.fill("A walk")
    expect(ada.locator("[data-count]")).to_have_text("")  # far from the end nothing is said
    area.fill(text)
    expect(ada.locator("[data-count]")).to_have_text("3 characters too long.")
    ada.get_by_role("button", name="Next step").last.click()
    expect(ada.locator("#situation-error")).to_have_text("This is 3 characters too long. 2000 fit.")
    expect(area).to_have_value(text)
