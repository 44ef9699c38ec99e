"""Measures in a caseload: a total that got worse, or a safety question left out, is said; neither interrupts."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.db import db
from portal.measures import INSTRUMENTS, measure_entries
from portal.measures.on_caseload import describe_left_out, measure_changes, measure_floors, recent_measures
from tests.page import words

TODAY = date(2026, 3, 11)


@pytest.fixture
def answers(app, cast, at):
    """`answers("ada", "phq-9", [(days ago, total)])` keeps them, and gives back what a list reads."""

    def answer(who, slug, given, **other):
        asked, now = INSTRUMENTS[slug], at.now
        with app.app_context():
            for days_ago, total in given:
                each = {item.id: min(3, max(0, total - 3 * place)) for place, item in enumerate(asked.scored)}
                moment = now - timedelta(days=days_ago)
                measure_entries.keep(getattr(cast, who), asked, each | other, f"{slug}-{days_ago:04}-key", moment)
            db.session.commit()
            person = getattr(cast, who)
            return recent_measures([person.id], TODAY).get(person.id, [])

    return answer


def describe_worse(entries, today):
    return tuple(one.sentence for one in measure_changes(entries, today, "worse"))


@pytest.mark.parametrize(
    ("slug", "before", "after", "said"),
    [
        ("phq-9", 9, 14, ("PHQ-9 went from 9 to 14 on Monday.",)),
        ("phq-9", 9, 13, ()),
        ("gad-7", 5, 11, ("GAD-7 went from 5 to 11 on Monday.",)),
        ("gad-7", 5, 10, ()),
        ("phq-9", 14, 9, ()),
    ],
)
def test_a_step_for_the_worse_is_a_reason(answers, slug, before, after, said):
    assert describe_worse(answers("ada", slug, [(16, before), (2, after)]), TODAY) == said


def test_where_low_is_worse_a_fall_is_one(app, cast, answers):
    shown = answers("ada", "who-5", [(16, 15)]) + answers("ada", "who-5", [(2, 3)])[1:]
    assert shown[-1].total < shown[0].total
    assert [line.startswith("WHO-5 went from") for line in describe_worse(shown, TODAY)] == [True]


def test_it_is_a_reason_for_two_weeks_and_only_against_the_time_before(answers):
    shown = answers("ada", "phq-9", [(30, 4), (16, 9), (2, 12)])
    assert describe_worse(shown, TODAY) == ()
    worse = answers("ben", "phq-9", [(16, 4), (2, 12)])
    assert describe_worse(worse, TODAY + timedelta(days=12)) and not describe_worse(worse, TODAY + timedelta(days=13))
    assert describe_worse(answers("cleo", "phq-9", [(2, 20)]), TODAY) == ()


def test_a_question_left_out_is_named_for_four_weeks(answers):
    shown = answers("ada", "phq-9", [(2, 9)], phq9_9=None)
    said = ("PHQ-9 on Monday: the question about being better off dead was not answered.",)
    assert describe_left_out(shown, TODAY) == said
    assert describe_left_out(shown, TODAY + timedelta(days=26)) and not describe_left_out(
        shown, TODAY + timedelta(days=27)
    )


def test_the_list_puts_them_in_their_place_and_the_history_says_them(browser, cast, answers):
    answers("ada", "phq-9", [(16, 9), (2, 15)])
    answers("ben", "phq-9", [(2, 9)], phq9_9=None)
    cho = browser("cho")
    page = cho.get("/caseload/")
    tags = {words(row.find(".//a")): words(row.find(".//span")) for row in page.one("ol", class_="triage")}
    assert tags == {"Ada Moreno": "Change", "Ben Whitaker": "Quiet"}
    assert "PHQ-9 went from 9 to 15 on Monday." in page.text
    assert "PHQ-9 on Monday: the question about being better off dead was not answered." in page.text
    assert not page.all("a", class_="btn safe alt sm"), "neither is critical"
    history = cho.get(f"/caseload/{cast.ada.key}")
    assert (
        "PHQ-9 15: Moderately severe (15 to 19), on Monday. Since the time before, on Mon, Feb 23: Clinically important"
        " worsening: +6 points." in history.text
    )
    assert history.all("a", href=f"/caseload/{cast.ada.key}/measures")


def test_reading_stays_within_the_budget_however_much_was_answered(browser, cast, answers, at):
    for who in ("ada", "ben"):
        for slug in ("phq-9", "gad-7"):
            answers(who, slug, [(days, days % 12) for days in range(0, 400, 8)])
    cho = browser("cho")
    for page in ("/caseload/", f"/caseload/{cast.ada.key}", f"/caseload/{cast.ada.key}/measures"):
        cho.get(page)
    assert clock.day_of(at.now, cast.ada.zone) == TODAY


@pytest.mark.parametrize(
    ("slug", "totals", "tags"),
    [
        ("phq-9", [(2, 24)], ["PHQ-9 24"]),
        ("phq-9", [(2, 20)], ["PHQ-9 20"]),
        ("phq-9", [(2, 19)], []),
        ("phq-9", [(16, 24), (2, 12)], []),
        ("phq-9", [(60, 24)], ["PHQ-9 24"]),
        ("phq-8", [(2, 20)], ["PHQ-8 20"]),
        ("phq-8", [(2, 19)], []),
        ("gad-7", [(2, 15)], ["GAD-7 15"]),
        ("gad-7", [(2, 14)], []),
        ("who-5", [(2, 0)], []),
    ],
)
def test_a_high_latest_total_is_a_floor(answers, slug, totals, tags):
    assert [one.tag for one in measure_floors(answers("ada", slug, totals), TODAY)] == tags


def test_a_first_phq_9_of_24_is_ranked_until_it_is_seen_and_says_how_it_is_known(app, browser, cast, at, answers):
    (entry,) = answers("ada", "phq-9", [(2, 24)], phq9_9=0)
    assert "Severe" in measure_floors([entry], TODAY)[0].working[1]
    cho = browser("cho")
    tags = [words(one.find(".//span")) for one in cho.get("/caseload/").all("p", class_="who")]
    assert tags[0] == "PHQ-9 24"
    with app.app_context():
        measure_entries.mark_seen(cast.oduya, cast.ada, entry, at.now)
        db.session.commit()
    assert "PHQ-9 24" not in cho.get("/caseload/").text


def test_a_change_for_the_better_is_found_apart(answers):
    shown = answers("ada", "phq-9", [(16, 14), (2, 9)])
    assert [one.sentence for one in measure_changes(shown, TODAY, "better")] == ["PHQ-9 went from 14 to 9 on Monday."]
    assert describe_worse(shown, TODAY) == ()
