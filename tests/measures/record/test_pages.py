"""A therapist's page of one participant's measures: totals in words, changes, answers, how often; for them alone."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.measures import INSTRUMENTS, TOTALS
from portal.measures.models import MeasureEntry, MeasureSchedule
from tests.measures.asked import answer, answered, answers_of, program_asks, safety_off
from tests.on_record import told
from tests.page import words


@pytest.fixture
def page_of(cast):
    return f"/caseload/{cast.ada.key}/measures"


def test_it_has_totals_bands_changes_and_each_answer(browser, page_of, at):
    answer(browser("ada"), "phq-9", 1, phq9_9=0)
    at("2026-03-25T10:00")
    answer(browser("ada"), "phq-9", 2, phq9_9=0, phq9_2=None)
    at("2026-03-25T11:00")
    page = browser("cho").get(page_of)
    assert "PHQ-9 8: Mild (5 to 9)" in page.text
    assert "PHQ-9 16: Moderately severe (15 to 19) (prorated: 8 of 9 answered)" in page.text
    assert "Since the time before, Wed, Mar 11: Clinically important worsening: +8 points" in page.text
    assert "Clinically important change: 5 points or more (Löwe and others, 2004)." in page.text
    assert "Ranges: Kroenke, Spitzer and Williams 2001" in page.text, "the rule and its sources, in one tap"
    assert "2: More than half the days" in page.text and "0: Not at all" in page.text
    assert [words(dd) for dd in page.all("dd", **{"class": "skipped"})] == ["Skipped"]
    grid = next(path.get("d") for path in page.one("figure").iter() if path.get("class") == "grid")
    edges = [band.lowest for band in INSTRUMENTS["phq-9"].bands if band.lowest]
    assert all(f"M0 {27 - edge}H2" in grid for edge in edges)
    assert "Lines: where a band begins. Minimal (0 to 4)," in page.text


def test_looking_is_on_record_and_the_participant_sees_it(app, browser, cast, page_of):
    browser("cho").get(page_of)
    assert [row[:3] for row in told(app, "record.view")] == [("record.view", cast.cho.id, cast.ada.id)]


@pytest.mark.asvs("8.2.1", "8.2.2")
@pytest.mark.parametrize(("who", "status"), [("dee", 404), ("kit", 404), ("ben", 404), ("ada", 404), ("oduya", 200)])
def test_it_is_for_who_treats_them_alone(browser, page_of, who, status):
    browser(who).get(page_of, status)


def test_a_question_that_was_left_out_stays_named_until_it_is_marked_as_read(app, browser, cast, page_of):
    answer(browser("ada"), "phq-9", 1, phq9_9=None)
    cho = browser("cho")
    page = cho.get(page_of)
    assert "Critical item: not answered" in page.text
    assert "PHQ-9: no total. Question 9 was not answered." in page.text
    history = cho.get(f"/caseload/{cast.ada.key}").text
    assert "PHQ-9 today: the question about being better off dead was not answered." in history
    assert "the question about being better off dead was not answered" in cho.get("/caseload/").text
    look = next(f.get("action") for f in cho.get(page_of).all("form") if f.get("action").endswith("/reviews"))
    cho.post(look)
    assert "Marked as seen." in cho.get(cho.location.split("#")[0]).text
    assert "was not answered." not in cho.get(f"/caseload/{cast.ada.key}").text.replace(
        "Question 9 was not answered.", ""
    )
    assert "the question about being better off dead" not in cho.get("/caseload/").text
    assert [row[:3] for row in told(app, "measure.review")] == [("measure.review", cast.cho.id, cast.ada.id)]


def test_how_often_is_chosen_for_one_person_and_asked_so(app, browser, cast, page_of):
    program_asks(app, phq_9="two_weeks")
    cho = browser("cho")
    page = cho.get(page_of)
    assert "Every two weeks, as the program asks everyone" in page.text
    for every in ("never", "never", "weekly"):
        cho.post(f"{page_of}/plan", {"slug": "phq-9", "every": every})
    assert "Saved. This is how often it is asked from now on." in cho.get(cho.location).text
    with app.app_context():
        assert db.session.scalars(select(MeasureSchedule.every).order_by(MeasureSchedule.id)).all() == [
            "never",
            "weekly",
        ]
    cho.post(f"{page_of}/plan", {"slug": "phq-9", "every": "never"})
    assert "Your last two weeks" not in browser("ada").get("/today").text
    assert "Your last two weeks" in browser("ben").get("/today").text
    assert len(told(app, "measure.plan")) == 3


def test_where_safety_is_not_asked_the_phq_8_has_the_rhythm_of_the_phq_9(app, browser, page_of):
    program_asks(app, phq_9="two_weeks")
    answer(browser("ada"), "phq-9", 1, phq9_9=0)
    safety_off(app)
    page = browser("cho").get(page_of)
    assert words(page.one("h2", id="phq-8")) == "PHQ-8 Every two weeks, as the program asks everyone"
    assert words(page.one("h2", id="phq-9")) == "PHQ-9 Not asked"
    assert page.all("select", id="every-phq-8") and not page.all("select", id="every-phq-9")
    browser("cho").post(f"{page_of}/plan", {"slug": "phq-9", "every": "weekly"}, 422)


@pytest.mark.parametrize(
    "wrong",
    [{"slug": "who-5", "every": "weekly"}, {"slug": "bam", "every": "weekly"}, {"slug": "phq-9", "every": "daily"}, {}],
)
def test_what_may_not_be_asked_cannot_be_chosen(app, browser, page_of, wrong):
    page = browser("cho").post(f"{page_of}/plan", wrong, 422)
    assert "Something needs a second look" in page.text
    with app.app_context():
        assert db.session.scalars(select(MeasureSchedule)).all() == []


def test_a_total_is_entered_for_what_is_not_here_once(app, browser, page_of):
    cho = browser("cho")
    page = cho.get(page_of)
    assert [o.get("value") for o in page.one("select", id="name").iter("option")] == ["", *TOTALS]
    sent = page.fields(f"{page_of}/totals") | {"name": "y-bocs", "total": "24"}
    for _ in range(2):
        cho.post(f"{page_of}/totals", sent)
    assert "24 of 40" in cho.get(cho.location).text
    with app.app_context():
        assert [(e.slug, e.mode) for e in db.session.scalars(select(MeasureEntry))] == [("y-bocs", "clinician")]
    assert "Y-BOCS: 24. Your therapist entered it." in browser("ada").get("/measures/").text
    assert len(told(app, "measure.enter")) == 1


@pytest.mark.parametrize(
    ("name", "total", "said"),
    [
        ("y-bocs", "41", "Write a whole number from 0 to 40."),
        ("y-bocs", "", "Write a whole number from 0 to 40."),
        ("y-bocs", "many", "Write a whole number from 0 to 40."),
        ("phq-9", "9", "Choose one of the answers shown."),
        ("", "9", "Choose the measure."),
    ],
)
def test_a_total_outside_the_range_is_refused_and_kept_in_the_form(app, browser, page_of, name, total, said):
    page = browser("cho").post(f"{page_of}/totals", {"name": name, "total": total, "day": "2026-03-11"}, 422)
    assert said in page.text
    assert page.one("input", id="total").get("value") == total
    with app.app_context():
        assert db.session.scalars(select(MeasureEntry)).all() == []


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-12", "That day is still to come."),
        ("2025-03-01", "That is more than a year ago."),
        ("2026-02-30", "Write the day like this: 3/11/2026."),
        ("soon", "Write the day like this: 3/11/2026."),
        ("", "Choose the day."),
    ],
)
def test_a_day_that_cannot_be_is_refused_and_kept_in_the_form(app, browser, page_of, day, said):
    page = browser("cho").post(f"{page_of}/totals", {"name": "y-bocs", "total": "24", "day": day}, 422)
    assert words(page.one("p", id="day-error")) == said
    assert page.one("input", id="day").get("value") == day and page.one("input", id="total").get("value") == "24"
    with app.app_context():
        assert db.session.scalars(select(MeasureEntry)).all() == []


def test_a_total_is_for_the_day_on_which_it_was_asked(app, browser, page_of):
    cho = browser("cho")
    assert cho.get(page_of).one("input", id="day").get("value") == "2026-03-11"
    for day in ("2026-03-04", "3/5/2026"):
        cho.get(page_of)
        cho.submit(f"{page_of}/totals", {"name": "y-bocs", "total": "24", "day": day})
    page = cho.get(cho.location)
    assert [words(e) for e in page.one("table", class_="data").iter("th") if e.get("scope") == "row"] == [
        "Thu, Mar 5",
        "Wed, Mar 4",
    ]
    with app.app_context():
        assert {row.entered_at.isoformat() for row in db.session.scalars(select(MeasureEntry))} == {
            "2026-03-11T14:52:00+00:00"
        }


def test_a_wrong_total_is_changed_and_what_it_was_stays(app, browser, page_of, cast):
    cho = browser("cho")
    cho.get(page_of)
    cho.submit(f"{page_of}/totals", {"name": "y-bocs", "total": "24", "day": "2026-03-04"})
    page = cho.get(page_of)
    [link] = [a.get("href") for a in page.all("a") if words(a).startswith("Change Y-BOCS")]
    page = cho.get(link.split("#")[0])
    assert words(page.one("h3", id="enter")) == "Change Y-BOCS of Wed, Mar 4"
    sent = page.fields(f"{page_of}/totals")
    assert (sent["name"], sent["total"], sent["day"]) == (["y-bocs"], ["24"], ["2026-03-04"])
    page = cho.submit(f"{page_of}/totals", {"total": "41"}, 422)
    assert page.one("h3", id="enter") is not None and page.all("select", id="name") == []
    for _ in range(2):
        cho.get(link.split("#")[0])
        cho.submit(f"{page_of}/totals", {"total": "21", "day": "2026-03-05"})
    page = cho.get(cho.location)
    assert "21 of 40 Before it was changed: 24, Wed, Mar 4" in words(page.one("table", class_="data"))
    assert "Y-BOCS: 21. Your therapist entered it." in browser("ada").get("/measures/").text
    assert len(told(app, "measure.enter")) == 2
    cho.get(f"{page_of}?change=none-of-hers", 404)


def test_after_going_back_another_measure_is_another_total(app, browser, page_of):
    cho = browser("cho")
    sent = cho.get(page_of).fields(f"{page_of}/totals") | {"name": "y-bocs", "total": "24"}
    cho.post(f"{page_of}/totals", sent)
    cho.post(f"{page_of}/totals", sent | {"name": "oci-r", "total": "30"})
    with app.app_context():
        assert {(e.slug, e.total, e.version) for e in db.session.scalars(select(MeasureEntry))} == {
            ("y-bocs", 24, 1),
            ("oci-r", 30, 1),
        }


def test_what_an_answer_was_before_it_was_changed_can_be_seen(browser, page_of, at):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    sent = ada.page.fields("/measures/phq-9") | answers_of("phq-9", 1, phq9_9=0)
    ada.post("/measures/phq-9", sent)
    at.later(minutes=4)
    ada.post("/measures/phq-9", sent | answers_of("phq-9", 2, phq9_9=0))
    text = browser("cho").get(page_of).text
    assert "PHQ-9 16: Moderately severe (15 to 19)" in text and "Changed" in text
    assert "Before it was changed, today, 10:52 am: PHQ-9 8: Mild (5 to 9)" in text


def test_who_opened_the_record_in_an_emergency_reads_and_writes_nothing(app, browser, cast, page_of):
    entry = answered(browser("ada"), "phq-9", 1, phq9_9=None).rsplit("/", 1)[1]
    dee = browser("dee")
    dee.get("/break-glass")
    dee.post("/break-glass", {"who": "Ada Moreno", "reason": "She called and hung up, and her team is away today."})
    page = dee.get(page_of)
    assert "Critical item: not answered" in page.text
    assert not [form for form in page.all("form") if "/measures" in (form.get("action") or "")]
    dee.post(f"{page_of}/{entry}/reviews", {}, 404)
    dee.post(f"{page_of}/plan", {"slug": "phq-9", "every": "weekly"}, 404)
    dee.post(f"{page_of}/totals", {"name": "y-bocs", "total": "1"}, 404)


def test_a_flag_of_question_9_leads_to_the_answers(browser, cast, page_of):
    entry = answered(browser("ada"), "phq-9", 1, phq9_9=2).rsplit("/", 1)[1]
    cho = browser("cho")
    page = cho.get("/flags/")
    assert "Answered “more than half the days” to question 9 of the PHQ-9" in page.text
    flag = next(a.get("href") for a in page.all("a") if words(a).startswith("Review"))
    assert f"{page_of}#entry-{entry}" in [a.get("href") for a in cho.get(flag).all("a")]
    assert cho.get(page_of).all("article", id=f"entry-{entry}")
