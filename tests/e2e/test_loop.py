"""The whole loop in a real browser: a participant's day, her therapist's answer, and that she sees it."""

import re

import pytest
from playwright.sync_api import Page, expect

SITUATION = "My brother called while I was cooking. I did not pick up."
FAIRER = "I can call him back tomorrow. Not picking up once is not a habit."
NOTE = "Zero is not a mistake. Today was that low, and I came anyway."
REPLY = "Thank you for saying it plainly. Let us start there at one."


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def arrive(request, people, portal):
    """`arrive("ada")` is Ada's browser, signed in."""
    return lambda who: people(portal, who, java_script_enabled=request.param)


@pytest.mark.asvs("3.6.1", "8.2.2", "14.2.3")
def test_what_ada_writes_is_read_and_answered_and_she_sees_that(arrive):
    ada = arrive("ada")
    sees_her_next_session(ada)
    reads_a_material(ada)
    practices_over_two_visits(ada, lambda: arrive("ada"))
    key = checks_in_with_mood_zero(ada)

    cho = arrive("cho")
    everyone = reads_the_caseload_in_order(cho)
    page_of_ada = everyone["Ada"]
    finds_the_check_in_first(cho, page_of_ada, key)
    marks_it_seen_and_replies(cho, key)

    sees_who_read_it_and_the_reply(ada, key)
    finds_nothing_of_ada(arrive("dee"), cho, page_of_ada)


def sees_her_next_session(ada: Page) -> None:
    ada.goto("/")
    assert ada.url.endswith("/today")
    expect(ada.locator("section.next h2")).not_to_be_empty()
    expect(ada.locator("section.next time").first).to_be_visible()


def reads_a_material(ada: Page) -> None:
    ada.get_by_role("link", name="Learn").first.click()
    ada.get_by_role("link", name="Thoughts and moods").click()
    ada.locator("a[href='/library/shortcuts']").first.click()
    words = ""
    while words != "Done":
        onward = ada.locator("form[action*='/parts/'] button")
        words = onward.inner_text().strip()
        with ada.expect_navigation():
            onward.click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Done")
    ada.goto("/library/topics/thoughts")
    expect(ada.locator("a[href='/library/shortcuts']").first).to_contain_text(re.compile("read", re.I))


def practices_over_two_visits(ada: Page, come_back) -> None:
    ada.goto("/exercises/notice-and-weigh")
    ada.get_by_label("What was going on?").fill(SITUATION)
    ada.get_by_role("button", name="Leave it for now").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Practice")
    expect(ada.get_by_role("link", name="Weigh a thought Draft")).to_be_visible()

    later = come_back()
    later.goto("/exercises/notice-and-weigh/steps/1")
    expect(later.get_by_label("What was going on?")).to_have_value(SITUATION)
    later.goto("/exercises/notice-and-weigh/steps/5")
    later.get_by_label("A thought that takes both sides in").fill(FAIRER)
    with later.expect_navigation():
        later.get_by_role("button", name="Next step").last.click()
    later.get_by_role("button", name="Finish").click()
    later.wait_for_url("**/practices/*")
    expect(later.locator("main")).to_have_count(1)
    expect(later.get_by_text(FAIRER)).to_be_visible()
    expect(later.get_by_text(SITUATION)).to_be_visible()
    expect(later.get_by_text("Skipped: Feelings, and how strong each was")).to_be_visible()


def checks_in_with_mood_zero(ada: Page) -> str:
    """From the number on Today to the saved page; returns the check-in's key."""
    ada.goto("/today")
    ada.get_by_role("button", name="0", exact=True).click()
    expect(ada.locator("input[name=mood][value='0']")).to_be_checked()
    assert "mood" not in ada.url
    ada.get_by_text("Ask me more").click()
    ada.get_by_label("Anything you want us to know?").fill(NOTE)
    ada.locator("button[name=more]").click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text("Saved")
    key = re.search(r"/check-ins/([^/]+)/saved$", ada.url)[1]
    ada.goto("/check-ins/")
    entry = ada.locator(f"#entry-{key}")
    expect(entry.locator("div", has=ada.locator("dt", has_text="Mood")).locator("dd")).to_have_text(re.compile("^0"))
    expect(entry.locator("div", has=ada.locator("dt", has_text="Skipped")).locator("dd")).to_contain_text("Urges")
    return key


def reads_the_caseload_in_order(cho: Page) -> dict[str, str]:
    """Safety first, then answers that need a look, change, silence and missed groups.

    Returns the page of each person by first name.
    """
    cho.goto("/caseload/")
    reasons = cho.locator("ol.triage .who .tag:not(:text('Covering'))").all_inner_texts()
    order = ["Safety", "what was answered", "Change", "Quiet", "Missed", "Look"]
    ranks = [next((n for n, word in enumerate(order) if word.lower() in reason.lower()), 1) for reason in reasons]
    assert ranks == sorted(ranks), reasons
    links = cho.locator("ol.triage .who a")
    return {link.inner_text().split()[0]: link.get_attribute("href") for link in links.all()}


def finds_the_check_in_first(cho: Page, page_of_ada: str, key: str) -> None:
    cho.goto(page_of_ada)
    first = cho.locator("article.entry").first
    expect(first).to_have_id(f"entry-{key}")
    expect(first).to_contain_text(NOTE)


def marks_it_seen_and_replies(cho: Page, key: str) -> None:
    entry = cho.locator(f"#entry-{key}")
    entry.get_by_role("button", name="Mark as seen").click()
    expect(cho.locator(f"#entry-{key}")).to_contain_text("Seen by you, today")
    expect(cho.locator(f"#entry-{key}").get_by_role("button", name="Mark as seen")).to_have_count(0)
    entry = cho.locator(f"#entry-{key}")
    entry.locator("summary", has_text="Reply").click()
    entry.locator("textarea").fill(REPLY)
    entry.get_by_role("button", name=re.compile("reply|send", re.I)).click()
    expect(cho.locator(f"#entry-{key}")).to_contain_text(REPLY)


def finds_nothing_of_ada(dee: Page, cho: Page, page_of_ada: str) -> None:
    """Dr Dee opens every address about Ada that Dr Cho has links to: each is a page that does not exist."""
    assert page_of_ada not in reads_the_caseload_in_order(dee).values()
    cho.goto(page_of_ada)
    links = {link.get_attribute("href").split("#")[0] for link in cho.locator(f"a[href^='{page_of_ada}']").all()}
    assert links
    for path in {page_of_ada, *links}:
        assert dee.goto(path).status == 404, path
        expect(dee.get_by_role("heading", level=1)).to_have_text("There is no such page here")


def sees_who_read_it_and_the_reply(ada: Page, key: str) -> None:
    ada.goto("/check-ins/")
    expect(ada.locator(f"#entry-{key}")).to_contain_text("Read by Dr Cho, today")
    expect(ada.locator(f"#entry-{key}")).to_contain_text(REPLY)
    ada.goto("/today")
    ada.get_by_role("link", name=re.compile("Dr Cho answered you")).first.click()
    expect(ada.get_by_text(REPLY)).to_be_visible()
