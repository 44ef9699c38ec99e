"""What no database can hold or look up is refused before it gets there; PostgreSQL is the strict one."""

import pytest


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("path", ["/library/%00", "/check-ins/%00/saved", "/exercises/%00", "/check-ins/?until=%00"])
def test_a_nul_in_an_address_is_not_found(browser, path):
    browser("ada").get(path, 404)


def test_a_nul_in_a_participants_key_is_not_found(browser):
    browser("cho").get("/caseload/%00", 404)


def test_a_nul_in_a_sign_in_name_is_simply_a_name_that_does_not_match(browser):
    stranger = browser()
    stranger.get("/sign-in")
    page = stranger.submit("/sign-in", {"email": "nobody\x00", "password": "a\x00b"}, 422)
    assert "That did not match" in page.text


@pytest.mark.asvs("5.3.2")
@pytest.mark.parametrize("key", ["x" * 500, "a\x00b-and-more", "../..", ""])
def test_a_damaged_practice_key_becomes_a_new_one(browser, key):
    ada = browser("ada")
    ada.get("/exercises/the-wave")
    ada.submit("/exercises/the-wave", {"before": "3", "key": key, "action": "finish"})
    ada.get(ada.location)


def test_an_endless_address_keeps_no_draft_and_breaks_nothing(browser, at):
    ada = browser("ada")
    ada.get("/exercises/the-wave")
    at.later(minutes=16)
    ada.post("/exercises/" + "x" * 500, {"before": "3"})
    assert ada.location.startswith("/sign-in")


@pytest.mark.asvs("5.2.1")
def test_a_form_of_a_megabyte_is_refused_in_words(browser):
    ada = browser("ada")
    page = ada.post("/check-ins/drafts", {"mood": "4", "note": "x" * 1_000_000}, 413)
    assert "more than we can take" in page.text
