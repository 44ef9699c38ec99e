"""Help is there for everyone, without an account and without a script."""


def test_help_needs_no_sign_in(browser):
    page = browser().get("/help-now")
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142"} <= {a.get("href") for a in page.all("a")}
    assert "Nobody watches this page" in page.text


def test_help_now_is_on_every_page_of_a_participant_without_a_request(browser):
    ada = browser("ada")
    for path in ("/today", "/schedule/", "/check-ins/", "/check-ins/new", "/library/", "/exercises/"):
        page = ada.get(path)
        assert page.one("aside", id="help").find(".//a[@href='tel:988']") is not None, path


def test_a_participant_without_a_plan_is_invited_to_write_one(browser):
    assert "You have not written one yet" in browser("ada").get("/help-now").text
