"""Contact details in a real browser: changed by the person, they are on the pages of those who call, at once."""

from playwright.sync_api import expect

OWN = "/account/contact-details"


def record_of_ada(page):
    page.goto("/caseload/" if "caseload" in page.url else "/people/")
    page.get_by_role("link", name="Ada Moreno").first.click()
    return page.locator("#contact-details")


def test_a_number_that_somebody_changes_is_on_the_pages_of_those_who_call(people, portal):
    ada, cho, kit = (people(portal, who) for who in ("ada", "cho", "kit"))
    expect(record_of_ada(cho)).to_contain_text("(917) 555-0103")
    ada.goto("/account")
    ada.get_by_role("link", name="See or change it").click()
    ada.get_by_label("Your phone number").fill("646.555.0199 x4")
    ada.get_by_label("No", exact=True).check(force=True)
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    for page in (cho, kit):
        contacts = record_of_ada(page)
        expect(contacts).to_contain_text("(646) 555-0199, extension 4, leave no message")
        expect(contacts.get_by_role("link", name="(646) 555-0199")).to_have_attribute("href", "tel:+16465550199,4")


def test_of_two_tabs_each_keeps_what_the_other_changed(people, portal):
    phone = people(portal, "ada")
    other = phone.context.new_page()
    phone.goto(OWN)
    other.goto(OWN)
    phone.get_by_label("Your phone number").fill("646 555 0199")
    phone.get_by_role("button", name="Save").click()
    phone.wait_for_url("**/account?**")
    other.get_by_label("Where are you when you join by video?").fill("My mother's, 9 Ferry Street")
    other.get_by_role("button", name="Save").click()
    other.wait_for_url("**/account?**")
    other.goto(OWN)
    expect(other.get_by_label("Your phone number")).to_have_value("(646) 555-0199")
    expect(other.get_by_label("Where are you when you join by video?")).to_have_value("My mother's, 9 Ferry Street")


def test_what_is_no_number_is_said_beside_its_field_and_nothing_typed_is_lost(people, portal):
    ada = people(portal, "ada")
    ada.goto(OWN)
    ada.get_by_label("Their phone number").fill("call the diner")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator("#emergency_phone-error")).to_contain_text("not a number we can call")
    expect(ada.get_by_label("Their phone number")).to_have_value("call the diner")
