"""What the form takes, what it refuses, and that nothing typed is lost."""

import pytest

from tests.browser import words


def test_nothing_is_chosen_before_the_participant_chooses(browser):
    page = browser("ada").get("/check-ins/new")
    given = {name for name, values in page.fields("/check-ins/").items() if values != [""]}
    assert given == {"csrf_token", "whose", "made", "key", "opened", "asked", "for_day"}


def test_mood_alone_is_a_whole_check_in(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "0"})
    page = ada.get(ada.location)
    assert words(page.all("p", role="status")[0]) == "Mood 0. The rest left out."
    skipped = "Anxiety, Urges, Sleep, Medicine, Drank or used, Helped, Safety question"
    assert [words(dd) for dd in page.one("dl", class_="vals").iter("dd")] == ["0", skipped]


@pytest.mark.asvs("1.2.1")
def test_without_a_mood_the_form_comes_back_with_everything_typed(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    typed = {
        "anxiety": "0",
        "sleep_hours": "6.5",
        "medication": "some",
        "skills": ["walk", "music"],
        "note": "It rained <b>all</b> day",
        "safety": "not_say",
    }
    page = ada.submit("/check-ins/", typed, 422)
    fields = page.fields("/check-ins/")
    assert {name: fields[name] for name in typed} == {n: v if isinstance(v, list) else [v] for n, v in typed.items()}
    assert "Choose a number from 0 to 10" in page.one("div", id="errors").find(".//li").find("a").text
    assert page.one("fieldset", id="mood").get("aria-invalid") == "true"


@pytest.mark.asvs("1.4.2", "2.2.1", "2.2.2", "15.3.5")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mood", "11"),
        ("mood", "-1"),
        ("mood", "3.5"),
        ("mood", "four"),
        ("anxiety", "1e1"),
        ("urges", "11"),
        ("sleep_hours", "7.25"),
        ("sleep_hours", "14.5"),
        ("sleep_hours", "nan"),
        ("medication", "perhaps"),
        ("substance_use", "maybe"),
        ("skills", "juggling"),
        ("safety", "yes"),
        ("for_day", "2026-03-12"),
        ("for_day", "2026-03-09"),
        ("for_day", "yesterday"),
        ("note", "a\x00b"),
        ("note", "x" * 2001),
    ],
)
def test_an_impossible_answer_is_refused_beside_its_field(browser, field, value):
    ada = browser("ada")
    ada.get("/check-ins/new")
    page = ada.submit("/check-ins/", {"mood": "5"} | {field: value}, 422)
    assert page.one("p", id=f"{field}-error").text
    assert page.one("div", id="errors") is not None


def test_a_note_of_2000_characters_with_emoji_and_arabic_is_kept_as_typed(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    note = ("مرحبا 🌊 " * 300)[:1999] + "."
    ada.submit("/check-ins/", {"mood": "5", "note": note})
    assert note in ada.get(ada.location).html


@pytest.mark.asvs("14.2.1")
def test_a_mood_tapped_on_today_is_chosen_in_the_form_and_stays_out_of_the_address(browser):
    ada = browser("ada")
    ada.post("/check-ins/drafts", {"mood": "3"})
    assert ada.location == "/check-ins/new"
    page = ada.get("/check-ins/new")
    assert page.fields("/check-ins/")["mood"] == ["3"]
    assert "We kept" not in page.text


def test_what_was_typed_when_the_session_ran_out_is_back_after_sign_in(browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(minutes=16)
    ada.submit("/check-ins/", {"mood": "2", "note": "a long evening"})
    assert ada.location.startswith("/sign-in?next=")
    ada.role = None
    ada.get(ada.location)
    ada.submit("/sign-in", {"email": "ada@example.org", "password": "a long walk by the river"})
    assert ada.location == "/check-ins/new"
    page = ada.get("/check-ins/new")
    assert page.fields("/check-ins/")["note"] == ["a long evening"]
    assert "We kept what you typed" in page.text
    ada.submit("/check-ins/")
    assert "We kept" not in ada.get("/check-ins/new").text


def test_a_draft_can_be_thrown_away(browser):
    ada = browser("ada")
    ada.post("/check-ins/drafts", {"mood": "3"})
    ada.post("/check-ins/drafts/drop")
    assert "mood" not in ada.get("/check-ins/new").fields("/check-ins/")


def test_the_form_says_who_reads_and_when_before_anything_is_sent(browser):
    text = browser("ada").get("/check-ins/new").text
    assert "Dr Cho reads this on weekdays, 8 am to 5 pm, not right away" in text


@pytest.mark.asvs("15.3.3")
def test_the_safety_question_can_be_turned_off_and_988_stays(app, browser):
    from portal.db import db
    from portal.program.models import Program

    ada = browser("ada")
    with app.app_context():
        db.session.get(Program, 1).asks_safety = False
        db.session.commit()
    page = ada.get("/check-ins/new")
    assert not page.all("fieldset", id="safety")
    assert page.all("a", href="tel:988")
    ada.submit("/check-ins/", {"mood": "5", "safety": "yes_talk"})
    assert not ada.get(ada.location).all("section", id="safety")


def test_an_answer_on_a_page_that_was_open_when_it_was_turned_off_counts(app, cast, browser):
    """Somebody who asks for a person is not answered with silence because a setting changed while they wrote."""
    from portal.db import db
    from portal.flags import open_flags
    from portal.program.models import Program

    ada = browser("ada")
    ada.get("/check-ins/new")
    with app.app_context():
        db.session.get(Program, 1).asks_safety = False
        db.session.commit()
    ada.submit("/check-ins/", {"mood": "5", "safety": "yes_talk"})
    page = ada.get(ada.location)
    assert page.all("a", href="tel:988") and "Ask my team to call me" not in page.text
    assert "(212) 555-0142" in page.text
    with app.app_context():
        assert open_flags([cast.ada.id])[cast.ada.id].tier == "urgent"


@pytest.mark.asvs("5.3.2")
def test_a_damaged_key_is_mended_and_everything_stays(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    page = ada.submit("/check-ins/", {"mood": "5", "key": "../../etc"}, 422)
    assert "We fixed it" in page.text
    assert page.fields("/check-ins/")["mood"] == ["5"]
    ada.submit("/check-ins/")
