"""A day of a participant, a therapist and a coordinator in browsers that run no script."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests.e2e.conftest import DESK


@pytest.fixture
def plain(people, portal):
    """`plain("ada")` is her browser, signed in, without JavaScript."""
    return lambda who, **options: people(portal, who, java_script_enabled=False, **options)


def press(page: Page, name: str | re.Pattern) -> None:
    page.locator("main").get_by_role("button", name=name).first.click()


def says_yes_from_today(ada: Page) -> None:
    """Mood on Today, the safety question on the folded form, and the page that comes of a yes."""
    ada.goto("/today")
    press(ada, re.compile("^2$"))
    ada.locator("label:has(input[name=safety][value=yes_talk])").click()
    press(ada, "Save")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")


def test_a_participant_comes_through_a_bad_day(plain):
    ada = plain("ada")
    says_yes_from_today(ada)
    press(ada, "Ask my team to call me")
    expect(ada.locator("#help")).to_contain_text("You asked us to call you at")
    press(ada, "Not sure")
    expect(ada.locator("#help")).to_contain_text("You said: not sure.")
    ada.get_by_role("link", name="Change an answer").click()
    ada.locator("label:has(input[name=safety][value=no])").click()
    press(ada, "Save")
    expect(ada.get_by_text("What you told us before stays open")).to_be_visible()

    ada.goto("/safety-plan")
    expect(ada.locator("main a[href^='tel:+1']").first).to_be_visible()
    ada.get_by_text("Earlier versions").click()
    ada.locator("a[href*='/safety-plan/versions/']").first.click()
    expect(ada.get_by_role("heading", level=1)).to_be_visible()

    gives_her_place_up_takes_a_seat_and_comes_after_all(ada)
    answers_a_measure(ada)
    for address in ("/check-ins/", "/my-record", "/my-record/looks", "/help-now"):
        assert ada.goto(address).status == 200


def gives_her_place_up_takes_a_seat_and_comes_after_all(ada: Page) -> None:
    ada.goto("/schedule/")
    ada.locator("main .today ~ li, main .days > li").get_by_role("link", name="Evening skills group").last.click()
    missed = ada.url
    ada.get_by_role("link", name="I can't make it").click()
    press(ada, "Tell them I can't make it")
    press(ada, re.compile("Choose this one"))
    press(ada, re.compile("Take|Yes|Book|Keep"))
    ada.goto(missed)
    press(ada, "I'm coming after all")
    expect(ada.get_by_text("We look forward to seeing you")).to_be_visible()
    press(ada, re.compile("Give the seat back"))
    expect(ada.get_by_text("You gave the seat up, and it is free for someone else.")).to_be_visible()


def answers_a_measure(ada: Page) -> None:
    ada.goto("/measures/gad-7")
    for item in range(1, 8):
        ada.locator(f"label:has(input[name=gad7_{item}][value='1'])").click()
    press(ada, "Save")
    expect(ada.locator("#said")).to_have_text(re.compile("since|same number"))


def test_a_therapist_answers_follows_a_flag_to_its_end_and_goes_away(plain):
    says_yes_from_today(plain("ada"))
    cho = plain("cho", viewport=DESK)
    cho.goto("/caseload/")
    cho.get_by_role("link", name="Review Ada").click()
    history = cho.url
    cho.locator("article.entry").first.locator("summary", has_text="Reply").click()
    cho.locator("article.entry").first.locator("textarea").fill("I will call you at ten.")
    press(cho, "Send reply")
    expect(cho.locator("article.entry").first).to_contain_text("I will call you at ten.")
    cho.locator("a[href*='/flags/']").first.click()
    flag = cho.url
    cho.locator("label:has(input[name=act][value=tried])").click()
    cho.get_by_label("Which day").select_option(index=1)
    cho.get_by_label("At what time").fill("10:00")
    press(cho, "Save")
    cho.goto("/caseload/")
    expect(cho.locator("ol.triage > li").first).to_contain_text("Ada Moreno")
    expect(cho.locator("ol.triage > li").first).to_contain_text("not reach")
    cho.goto(flag)
    cho.locator("label:has(input[name=act][value=contacted])").click()
    press(cho, "Save")
    cho.goto("/caseload/")
    expect(cho.locator("ol.triage > li", has_text="Ada Moreno")).to_contain_text("You reached them and talked")

    cho.goto(f"{history.split('?')[0].split('#')[0]}/questions")
    press(cho, re.compile("^Save"))
    expect(cho.get_by_text("Ada sees these questions from the next check-in on.")).to_be_visible()
    today = f"{clock.day_of(datetime.now(UTC), 'America/New_York')}"
    cho.goto("/time-away")
    cho.get_by_label("First day away").fill(today)
    cho.get_by_label("Last day away").fill(today)
    cho.get_by_label("Who covers").select_option(label="Dr Dee")
    press(cho, "Save")
    press(cho, "End now")
    expect(cho.get_by_text("Ended.")).to_be_visible()


def test_a_coordinator_finds_invites_plans_and_changes_a_setting(plain):
    says_yes_from_today(plain("ada"))
    kit = plain("kit", viewport=DESK)
    kit.goto("/people/waiting")
    expect(kit.locator("main")).to_contain_text("Ada Moreno")
    expect(kit.locator("main")).not_to_contain_text("talk to someone")
    kit.goto("/people/")
    kit.locator("main input[name=q]").fill("Whitaker")
    press(kit, "Search")
    expect(kit.get_by_role("link", name="Ben Whitaker").first).to_be_visible()
    kit.goto("/people/new")
    kit.locator("label:has(input[name=role][value=participant])").click()
    kit.get_by_label("Full name").fill("Fay Lindqvist")
    kit.get_by_label("Likes to be called").fill("Fay")
    kit.get_by_label("Email or sign-in name").fill("fay@clinic.example")
    kit.get_by_label("Primary therapist").select_option(label="Dr Cho")
    press(kit, "Invite")
    expect(kit.get_by_role("heading", level=1)).to_have_text(re.compile("Fay"))
    changes_the_phone(kit)
    finds_its_way_through_a_calendar_file(kit)


def changes_the_phone(kit: Page) -> None:
    kit.goto("/program")
    setting = kit.locator("#set-phone")
    setting.locator("summary").click()
    setting.locator("[name=phone]").fill("212.555.0199")
    setting.get_by_role("button", name="Show what changes").click()
    kit.locator("#set-phone").get_by_role("button", name="Save", exact=True).click()
    expect(kit.get_by_text("your change is saved, and applies from now on.")).to_be_visible()


def finds_its_way_through_a_calendar_file(kit: Page) -> None:
    kit.goto("/schedule/import")
    event = ["UID:one", "DTSTART:20300107T150000Z", "DTEND:20300107T160000Z", "SUMMARY:Relapse prevention"]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", "BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *event]
    text = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    file = {"name": "groups.ics", "mimeType": "text/calendar", "buffer": text.encode()}
    kit.locator("input[type=file]").set_input_files(file)
    kit.get_by_label("Who leads new groups?").select_option(index=1)
    press(kit, "Look at it first")
    expect(kit.locator("main")).to_contain_text("Relapse prevention")
