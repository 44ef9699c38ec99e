"""Zero, skipped, declined, not asked and missed, side by side: in the form, on the page, in chart, table and print."""

from datetime import date, timedelta

import pytest

from portal import chart, checkins
from portal.checkins import question_plans, sets
from portal.checkins.check_in_days import each_day, series_of
from portal.checkins.sets import Target
from portal.db import db
from tests.browser import words

TODAY = date(2026, 3, 11)
SVG = "{http://www.w3.org/2000/svg}"
DAYS = {  # how many days ago: what was answered
    6: {"mood": 5, "urges": 3},
    5: {"mood": 6, "urges": 2},
    4: {"mood": 0, "urges": 0, "substance_use": "no"},  # zero
    3: {"mood": 4, "substance_use": "not_say"},  # urges skipped, use declined
    2: {"mood": 3},  # the short one: nothing else was asked
    0: {"mood": 7, "urges": 1},  # and yesterday was missed
}


@pytest.fixture
def week(app, cast, at):
    """Ada's week with a day of each kind."""
    now = at.now
    with app.app_context():
        for ago, answers in DAYS.items():
            short = sets.latest("low") if ago == 2 else None
            entered = at(now - timedelta(days=ago))
            given = answers | {"for_day": TODAY - timedelta(days=ago)}
            checkins.log(cast.ada, given, f"the-key-of-{ago}", entered, question_set=short)
        db.session.commit()
    at(now)


def table(page):
    heads = [words(head) for head in page.one("thead").iter("th")]
    return {words(row[0]): dict(zip(heads, [words(cell) for cell in row], strict=False)) for row in page.one("tbody")}


def answers(page, ago):
    article = page.one("article", id=f"entry-the-key-of-{ago}")
    said = {words(div[0]): words(div[1]) for div in article.iter("div") if len(div) and div[0].tag == "dt"}
    return {name: "Skipped" for name in said.pop("Skipped", "").split(", ") if name} | said


def test_in_the_journal(browser, week):
    page = browser("ada").get("/check-ins/")
    assert answers(page, 4)["Urges"] == "0"
    assert answers(page, 3) | {"Urges": "Skipped", "Drank or used": "Rather not say"} == answers(page, 3)
    assert answers(page, 2) == {
        "Mood": "3",
        "Safety question": "Skipped",
        "Not asked": "anything else",
    }
    assert "Yesterday: no check-in" in words(page.one("p", id="day-2026-03-10"))


def test_in_the_table_next_to_each_other(browser, week):
    rows = table(browser("ada").get("/check-ins/"))
    assert [rows[day]["Urges"] for day in ("Sat, Mar 7", "Sun, Mar 8", "Mon, Mar 9", "Wed, Mar 11")] == [
        "0",
        "Skipped",
        "Not asked",
        "1",
    ]
    assert rows["Sun, Mar 8"]["Drank or used"] == "Rather not say"
    assert rows["Tue, Mar 10"]["Mood"] == "No check-in"
    assert rows["Tue, Mar 3"]["Mood"] == "No check-in"


def test_on_the_page_after_saving_and_in_its_table(browser, week):
    page = browser("ada").get("/check-ins/the-key-of-3/saved")
    said = {words(div[0]): words(div[1]) for div in page.one("dl", class_="vals")}
    assert (said["Mood"], said["Drank or used"]) == ("4", "Rather not say")
    assert "Urges" in said["Skipped"].split(", ")
    assert table(page)["Mon, Mar 9"]["Urges"] == "Not asked"


def test_in_the_chart_a_zero_is_a_dot_and_nothing_else_is(app, cast, browser, week):
    with app.app_context():
        entries = checkins.between([cast.ada.id], TODAY - timedelta(days=6), TODAY)
    days = each_day(entries, TODAY - timedelta(days=6), TODAY)
    urges = series_of(days)["urges"]
    assert urges == [3, 2, 0, None, None, None, 1]
    assert chart.dots(urges).count("M") == 4
    assert "M2.5 10h.01" in chart.dots(urges)  # the zero lies on the floor
    assert chart.gaps([day.missed for day in days]).count("M") == 1  # the missed day alone has the dotted floor
    page = browser("ada").get("/check-ins/")
    [said] = [words(one) for one in page.all(f"{SVG}desc") if one.get("id") == "urges-d"]
    assert said.startswith("22 without a check-in. 2 with a check-in but no answer to this. 4 of 28 days answered.")


def test_a_later_check_in_that_day_without_an_answer_takes_nothing_away(app, cast, browser, week, at):
    with app.app_context():
        checkins.log(
            cast.ada, {"mood": 2, "for_day": TODAY}, "the-short-one", at.later(hours=1), question_set=sets.latest("low")
        )
        checkins.log(cast.ada, {"mood": 3, "for_day": TODAY}, "the-long-one", at.later(hours=1))
        db.session.commit()
        days = each_day(checkins.between([cast.ada.id], TODAY, TODAY), TODAY, TODAY)
        assert [days[0].values[item] for item in ("mood", "urges")] == [3, 1]  # the last one skipped the urges
        days = each_day([one for one in days[0].entries if one.key != "the-long-one"], TODAY, TODAY)
        assert [days[0].values[item] for item in ("mood", "urges")] == [2, 1]  # the last one did not ask about them


def test_in_the_form_that_changes_it(browser, week, at):
    at("2026-03-09T09:00")  # the day after the declined one
    ada = browser("ada")
    fields = ada.get("/check-ins/new?change=the-key-of-3").fields("/check-ins/")
    assert "urges" not in fields
    assert fields["substance_use"] == ["not_say"]
    at("2026-03-08T09:00")
    fields = browser("ada").get("/check-ins/new?change=the-key-of-4").fields("/check-ins/")
    assert (fields["mood"], fields["urges"]) == (["0"], ["0"])
    at("2026-03-10T09:00")
    assert "urges" not in browser("ada").get("/check-ins/new?change=the-key-of-2").fields("/check-ins/")


def test_as_the_therapist_reads_them(browser, cast, week):
    page = browser("cho").get(f"/caseload/{cast.ada.key}")
    rows = table(page)
    assert [rows[day]["Urges"] for day in ("Sat, Mar 7", "Sun, Mar 8", "Mon, Mar 9")] == ["0", "Skipped", "Not asked"]
    assert rows["Tue, Mar 10"]["Mood"] == "No check-in"
    assert answers(page, 3)["Drank or used"] == "Rather not say"
    assert "Urges" not in answers(page, 2)


def test_in_print_the_words_stay(browser, week):
    """What stands for a state is text, and nothing of it is left out of print."""
    page = browser("ada").get("/check-ins/")
    for cell in page.all("td"):
        assert words(cell)
    unprinted = [e for e in page.tree.iter() if "noprint" in (e.get("class") or "").split()]
    assert not any(state in words(e) for e in unprinted for state in ("Skipped", "Not asked", "Rather not say"))


def test_an_extra_and_a_target_have_the_same_states(app, cast, browser, at):
    with app.app_context():
        plan = question_plans.choose(cast.cho, cast.ada, "dbt", [Target("urge to gamble")], None, at.now)
        given = {"mood": 5, "sad": 0, "acted": "not_say", "for_day": TODAY}
        checkins.log(cast.ada, given, "the-key-of-0", at.now, plan=plan)
        checkins.log(cast.ada, {"mood": 5, "for_day": TODAY - timedelta(days=1)}, "the-key-of-1", at.now)
        db.session.commit()
    for page in (browser("ada").get("/check-ins/"), browser("cho").get(f"/caseload/{cast.ada.key}")):
        today, before = (table(page)[day] for day in ("Wed, Mar 11", "Tue, Mar 10"))
        said = [today[name] for name in ("Sad", "Angry", "Acted on an urge", "urge to gamble")]
        assert said == ["0", "Skipped", "Rather not say", "Skipped"]
        assert [before[name] for name in ("Sad", "urge to gamble")] == ["Not asked", "Not asked"]


def test_the_therapist_sees_both_versions_and_what_changed(app, cast, browser, at):
    with app.app_context():
        first = {"mood": 6, "urges": 0, "for_day": TODAY}
        checkins.log(cast.ada, first, "the-key-of-0", at.now)
        checkins.log(cast.ada, first | {"mood": 4, "urges": None}, "the-key-of-0", at.later(minutes=5))
        db.session.commit()
    text = words(browser("cho").get(f"/caseload/{cast.ada.key}").one("article", id="entry-the-key-of-0"))
    assert "Mood before: 6, after: 4" in text
    assert "Urges before: 0, after: Skipped" in text
    assert "Anxiety before" not in text
    assert "Before it was changed" in text
