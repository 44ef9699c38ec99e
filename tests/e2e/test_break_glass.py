"""A record opened in an emergency, from the form to the review and to what the participant is told of it."""

from tests.e2e.conftest import DESK
from tests.e2e.test_pages import validate
from tests.e2e.walk import Findings, look

REASON = "She called the front desk and sounded unsafe, and nobody of her team is in."


def test_it_is_opened_reviewed_and_told_and_every_page_of_it_is_good(people, portal, sample, tmp_path):
    found = Findings(of=sample)
    dee, kit, ada = people(portal, "dee"), people(portal, "kit", viewport=DESK), people(portal, "ada")

    def shows(page, name, role, what):
        with page.expect_navigation() as arrival:
            page.locator("main, .foot").get_by_role(role, name=what).first.click()
        found.html[name] = arrival.value.text()
        look(page, name, found)

    dee.goto("/caseload/")
    shows(dee, "the form", "link", "Open another record in an emergency")
    dee.get_by_label("Whose record?").fill("Nobody At All")
    dee.get_by_label("Why can it not wait for their own team?").fill(REASON)
    shows(dee, "a name that is nobody's", "button", "Open for one hour")
    dee.get_by_label("Whose record?").fill("Ada Moreno")
    shows(dee, "an opened record", "button", "Open for one hour")
    assert dee.locator("h1").inner_text() == "Ada Moreno"
    assert "You opened this record in an emergency." in dee.locator("#opened").inner_text()
    assert dee.get_by_role("button", name="Mark as seen").count() == 0

    kit.goto("/people/")
    shows(kit, "a review that waits", "link", "Review")
    assert REASON in kit.locator("main").inner_text()
    shows(kit, "a review without a finding", "button", "Save the review")
    kit.get_by_label("There was good reason").check()
    shows(kit, "a review that was made", "button", "Save the review")
    assert "Nothing is waiting for a review." in kit.locator("main").inner_text()
    kit.goto("/people/")
    shows(kit, "a participant", "link", "Ada Moreno")
    shows(kit, "a care team", "link", "Hand over")
    kit.get_by_label("Therapist", exact=True).select_option(label="Dr Oduya")
    kit.get_by_label("Covering therapist", exact=True).check()
    shows(kit, "a care team with a mistake", "button", "Add to the team")
    assert "Dr Oduya already covers." in kit.locator("main").inner_text()

    ada.goto("/account")
    shows(ada, "who has looked", "link", "Who has looked at")
    told = ada.locator("main").inner_text()
    assert "opened your record in an emergency" in told
    assert "reviewed why your record was opened in an emergency" in told
    assert REASON not in told

    assert found.axe == []
    assert found.wide == []
    assert validate(found.html, tmp_path) == []
