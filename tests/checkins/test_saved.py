"""The page after a check-in: one sentence, the step, one thing to do, and what is next; and nothing that is not so."""

from datetime import date, timedelta

import pytest

from portal import checkins
from portal.checkins import sets
from portal.db import db
from tests.browser import words
from tests.schedule.timetable import timetable as timetable

TODAY = date(2026, 3, 11)


@pytest.fixture
def log(app, cast, at):
    now = at.now

    def log_it(ago, mood, key="", question_set=None, **more):
        given = {"mood": mood, "for_day": TODAY - timedelta(days=ago)} | more
        key = key or f"the-key-of-{ago}"
        with app.app_context():
            checkins.log(cast.ada, given, key, now - timedelta(days=ago), question_set=question_set)
            db.session.commit()
        return f"/check-ins/{key}/saved"

    return log_it


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Mood 6. The rest left out."),
        ({"safety": "no"}, "Mood 6 and the safety question. The rest left out."),
        ({"safety": "not_say"}, "Mood 6 and the safety question. The rest left out."),
        ({"anxiety": 0}, "Mood 6 and one more answer. The rest left out."),
        (
            {
                "anxiety": 0,
                "urges": 0,
                "sleep_hours": 7.0,
                "medication": "none",
                "substance_use": "no",
                "skills": ["walk"],
            },
            "Mood 6 and six more answers. The rest left out.",
        ),
        (
            {
                "anxiety": 0,
                "urges": 0,
                "sleep_hours": 7.0,
                "medication": "none",
                "substance_use": "not_say",
                "skills": ["walk"],
                "safety": "no",
            },
            "Mood 6 and seven more answers.",
        ),
    ],
)
def test_what_was_answered_is_one_sentence(browser, log, given, said):
    page = browser("ada").get(log(0, 6, **given))
    assert words(page.all("p", role="status")[0]) == said
    assert page.text.count("Skipped") <= 1 + 8, "once in the list, and in the cells of the table"


def test_of_the_short_one_the_rest_is_left_out_and_not_skipped(browser, log):
    page = browser("ada").get(log(0, 6, question_set=sets.latest("low"), safety="no"))
    assert "Mood 6 and the safety question. The rest left out." in page.text
    assert "Not asked anything else" in words(page.one("dl", class_="vals"))


@pytest.mark.parametrize(
    ("before", "heading"),
    [
        (None, "6 today, your first check-in in these 14 days"),
        ((1, 5), "6 today, one more than yesterday"),
        ((1, 8), "6 today, two less than yesterday"),
        ((3, 6), "6 today, the same as on Sunday"),
        ((20, 1), "6 today, your first check-in in these 14 days"),
    ],
)
def test_the_chart_is_headed_by_the_step_since_the_one_before(browser, log, before, heading):
    if before:
        log(*before)
    assert words(browser("ada").get(log(0, 6)).one("figure").find(".//h2")) == heading


def test_of_yesterday_it_is_the_number_alone(browser, log):
    page = browser("ada").get(log(1, 2))
    assert words(page.one("figure").find(".//h2")) == "Your mood yesterday was 2"


def test_the_usual_range_is_drawn_and_never_said_to_hold(browser, log):
    """Rule: nobody is told to be in their usual range here, and least of all when the safety question was left out."""
    for ago in range(1, 15):
        log(ago, 5, safety="no")
    for given in ({}, {"safety": "no"}, {"safety": "not_say"}):
        text = browser("ada").get(log(0, 5, key=f"now-{given.get('safety')}", **given)).text
        assert "usual mood: 4 to 6" in text
        assert "in your usual range" not in text.lower() and "in the usual range" not in text.lower()


def test_the_next_session_is_the_one_they_come_to(timetable, browser, log):
    card = browser("ada").get(log(0, 6)).one("section", aria_labelledby="then")
    assert words(card.find(".//h2")).startswith("Today, ")
    assert "1:00 to 4:00 pm" in words(card) and "Skills group with Dr Cho, Room 204" in words(card)


def test_the_session_they_cannot_come_to_is_not_next(timetable, browser, log):
    ada = browser("ada")
    ada.get(f"/sessions/{timetable.wednesday}")
    ada.post(f"/sessions/{timetable.wednesday}/absence", {"reason": "My son is ill."})
    assert words(ada.get(log(0, 6)).one("section", aria_labelledby="then").find(".//h2")).startswith("Tomorrow, ")


def test_the_suggestion_says_how_it_was_chosen_in_one_tap(browser, log):
    card = browser("ada").get(log(0, 5, anxiety=8)).one("section", aria_labelledby="try-heading")
    assert "You put your anxiety at 8." in words(card)
    working = words(card.find("details"))
    assert "Anxiety of 7 or more." in working and "Slow breathing" in working
    assert working.count("Not yet reviewed by a clinician.") == 1


def test_who_used_is_shown_the_next_24_hours_and_whom_to_call(browser, log):
    card = (
        browser("ada")
        .get(log(0, 6, urges=5, substance_use="yes", note="Hard day"))
        .one("section", aria_labelledby="try-heading")
    )
    assert words(card.find(".//h2")) == "The next 24 hours"
    assert {"tel:+12125550142", "/safety-plan"} <= {a.get("href") for a in card.iter("a")}
    assert len(card.find("ol")) == 4


@pytest.mark.parametrize(
    "given", [{"safety": "yes_safe"}, {"acted_self_harm": "yes"}, {"self_harm": 7}, {"self_harm": 10, "acted": "yes"}]
)
def test_where_help_comes_first_nothing_else_is_suggested(browser, log, given):
    page = browser("ada").get(log(0, 6, question_set=sets.latest("dbt"), **given))
    assert not page.all("section", aria_labelledby="try-heading") and not page.all("figure")
    assert page.all("a", href="tel:988")


def test_an_answer_that_was_taken_back_still_has_help_alone(browser, log):
    log(0, 6, safety="yes_talk")
    page = browser("ada").get(log(0, 6, safety="no"))
    assert not page.all("figure") and page.all("a", href="tel:988") and "Thank you for telling us" in page.text


def test_a_check_in_that_was_looked_at_later_suggests_nothing(browser, log, at):
    address = log(0, 2, anxiety=9)
    at.later(hours=2)
    assert not browser("ada").get(address).all("section", aria_labelledby="try-heading")
