"""One participant's history: every state is told apart, nothing is hidden, and it costs the same at any size."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import checkins
from portal.audit.models import AuditEvent
from portal.checkins import question_plans
from portal.checkins.sets import Target
from portal.db import db
from portal.flags import acts
from portal.flags.raising import raise_flag
from portal.schedule import own_meetings, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.seats import absences
from tests.browser import words
from tests.caseload.diary import TODAY, entry, month, write
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import session, track

SVG = "{http://www.w3.org/2000/svg}"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def keep(app, cast):
    """`keep(*entries)` keeps check-ins of Ada's."""

    def add(*entries):
        with app.app_context():
            write(cast.ada, *entries)
            db.session.commit()

    return add


@pytest.fixture
def ada(cast):
    """The address of Ada's history."""
    return f"/caseload/{cast.ada.key}"


def articles(page):
    return {e.get("id").removeprefix("entry-"): words(e) for e in page.all("article", class_="entry")}


def gaps(page):
    return [words(p) for p in page.all("p", class_="entry")]


def test_zero_skipped_declined_and_missed_are_four_different_things(browser, ada, keep):
    keep(entry(TODAY, mood=0, urges=0, substance_use="not_say"), entry(TODAY - timedelta(days=2)))
    page = browser("cho").get(ada)
    text = articles(page)["20260311-9-1"]
    assert "Mood 0 Urges 0 Drank or used Rather not say Skipped Anxiety, Sleep, Medicine" in text
    assert "Drank or used Rather not say" in text
    assert gaps(page)[0] == "Yesterday: no check-in."
    cells = [[words(cell) for cell in row] for row in page.one("tbody")]
    assert cells[:2] == [["Wed, Mar 11", "0", "Skipped", "0", "Skipped", ""], ["Tue, Mar 10", "No check-in", ""]]


def test_today_without_a_check_in_is_not_missed_yet(browser, ada, keep):
    keep(entry(YESTERDAY))
    page = browser("cho").get(ada)
    assert gaps(page)[0] == "Today: no check-in yet."
    assert words(page.one("tbody")[0]).startswith("Wed, Mar 11 No check-in yet")


def test_missed_days_that_follow_each_other_are_one_line(browser, ada, keep):
    keep(entry(date(2026, 3, 2)), entry(TODAY))
    assert gaps(browser("cho").get(ada))[0] == "Tue, Mar 3 to Tue, Mar 10: no check-in on 8 days."


def test_a_late_entry_says_which_day_it_was_entered_on(browser, ada, keep):
    keep(entry(date(2026, 3, 9), entered_at=datetime(2026, 3, 10, 14, tzinfo=UTC)))
    text = articles(browser("cho").get(ada))["20260309-9-1"]
    assert text.startswith("Monday Entered yesterday for Monday")


def test_a_changed_entry_shows_both(browser, ada, keep):
    first = entry(mood=6, note="All good.")
    keep(
        first,
        replace(first, version=2, mood=2, sealed_note=b"Not good.", entered_at=first.entered_at + timedelta(minutes=5)),
    )
    text = articles(browser("cho").get(ada))[first.key]
    assert "Changed Mood 2" in text
    assert "Not good. Before it was changed , Today, 9:05 am As entered today, 9:00 am Mood 6" in text
    assert "All good." in text


def test_several_check_ins_of_a_day_all_show_and_charts_use_the_last(browser, ada, keep):
    keep(
        entry(hour=8, mood=2),
        entry(hour=20.5, mood=7),
        entry(YESTERDAY, mood=5),
        entry(TODAY - timedelta(days=2), mood=4),
    )
    page = browser("cho").get(ada)
    assert list(articles(page))[:2] == ["20260311-20-5-1", "20260311-8-1"]
    assert "Lowest 4, highest 7, latest 7." in words(page.one(f"{SVG}desc", id="mood-d"))
    assert [words(row[0]) for row in page.one("tbody")][:2] == ["Wed, Mar 11, 8:30 pm", "Wed, Mar 11, 8:00 am"]


def test_what_stands_out_is_tagged(browser, ada, keep):
    keep(*month(YESTERDAY, 20, mood=6, urges=3), entry(mood=6, urges=8, safety="yes_safe", substance_use="yes"))
    assert articles(browser("cho").get(ada))["20260311-9-1"].startswith("Today, 9:00 am Safety Urges 8 Return to use")


def test_gaps_are_drawn_as_gaps_and_the_band_is_the_usual_range(browser, ada, keep):
    keep(*(one for one in month(mood=6) if one.for_day != date(2026, 3, 9)))
    page = browser("cho").get(ada)
    chart = next(s for s in page.all(f"{SVG}svg") if s.get("aria-labelledby") == "mood-t mood-d")
    classes = {path.get("class"): path for path in chart.iter(f"{SVG}path")}
    band = chart.find(f"{SVG}rect")
    assert classes["gap"].get("d").count("M") == 1
    assert (band.get("y"), band.get("height")) == ("3", "2")
    assert "Usual is 5 to 7." in words(page.one(f"{SVG}desc", id="mood-d"))


def test_own_targets_are_drawn_and_numbers_that_were_not_asked_are_not(app, browser, cast, ada, at):
    now = at.now
    with app.app_context():
        at(now - timedelta(days=6))
        plan = question_plans.choose(cast.cho, cast.ada, "dbt", [Target("urge to gamble")], None, at.now)
        for ago, answer in ((5, 3), (4, 0), (3, None), (1, 7)):
            given = {"mood": 5, "urges": 2, "target-1": answer, "for_day": TODAY - timedelta(days=ago)}
            checkins.log(cast.ada, given, f"key-number-{ago}", at(now - timedelta(days=ago)), plan=plan)
        db.session.commit()
    at(now)
    page = browser("cho").get(f"/caseload/{cast.ada.key}")
    drawn = [words(caption) for caption in page.all("figcaption")]
    assert drawn == [
        "Mood 5 yesterday, usual not known yet",
        "Urges 2 yesterday, usual not known yet",
        "urge to gamble 7 yesterday",
    ]
    assert "Lowest 0, highest 7, latest 7." in words(page.one(f"{SVG}desc", id="own-1-d"))


def test_fewer_than_three_answers_are_words_and_no_chart(browser, ada, keep):
    keep(entry(mood=5, urges=2), entry(YESTERDAY, mood=5))
    page = browser("cho").get(ada)
    assert not [s for s in page.all(f"{SVG}svg") if s.get("role") == "img"]
    assert "1 answer in these days. A chart needs three." in page.text


def test_days_before_the_stay_are_not_missed(app, browser, cast, ada, keep, at):
    at("2026-02-05T10:00")
    keep(entry(date(2026, 2, 4)))
    page = browser("cho").get(ada)
    assert words(page.one("h2", id="charts")) == "4 days"
    assert gaps(page) == ["Today: no check-in yet.", "Tuesday: no check-in. Monday: no check-in."]


def test_sessions_stand_in_the_table_and_in_the_facts(app, browser, cast, ada, keep, at):
    keep(entry())
    with app.app_context():
        group = track(cast.cho, cast.ada)
        for day, how in (("2026-03-06T13:00", "present"), ("2026-03-09T13:00", "missed")):
            roster.take_attendance(session_at(group, day, cast.cho), cast.ada, how, None, cast.cho, at.now)
        session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ada)
        db.session.commit()
    page = browser("cho").get(ada)
    assert "Next with you: tomorrow, 10:00 am" in page.text
    table = {words(row[0]): words(row[-1]) for row in page.one("tbody")}
    assert (table["Fri, Mar 6"], table["Mon, Mar 9"], table["Tue, Mar 10"]) == ("Group", "Group (missed)", "")
    listed = [words(part) for part in page.all("dl", class_="facts")[1]]
    facts = dict(zip(listed[::2], listed[1::2], strict=True))
    assert facts["Groups"] == "Came to 1 of 2 since Feb 12"
    assert facts["This week"] == "0 of 10 hours so far"
    assert facts["Next session"] == "Skills group, today, 1:00 pm"


def test_the_summary_begins_after_the_last_session_with_the_reader(app, browser, cast, ada, keep, at):
    keep(*month(days=6, mood=6))
    with app.app_context():
        row = session("one_to_one", "2026-03-09T10:00", 50, cast.cho, cast.ada)
        roster.take_attendance(staff_meetings.called(cast.cho, row.key), cast.ada, "present", None, cast.cho, at.now)
        db.session.commit()
    assert "Since your last session Monday, March 9 Mood averaged 6.0." in browser("cho").get(ada).text
    assert "The last 7 days" in browser("oduya").get(ada).text


def test_a_session_that_they_could_not_come_to_is_no_last_session_and_says_so_when_it_is_next(
    app, browser, cast, ada, keep, at
):
    keep(*month(days=6, mood=6))
    with app.app_context():
        row = session("one_to_one", "2026-03-11T12:00", 50, cast.cho, cast.ada)
        absences.say(cast.ada, own_meetings.called(cast.ada, row.key), "", at.now)
        db.session.commit()
    text = browser("cho").get(ada).text
    assert "Next with you: today, 12:00 pm . They told us they can't make it." in text
    at("2026-03-11T14:00")
    assert "The last 7 days" in browser("cho").get(ada).text


def test_a_check_in_on_the_evening_after_the_session_is_since_then(app, browser, cast, ada, keep):
    keep(entry(date(2026, 3, 9), hour=21, mood=3))
    with app.app_context():
        session("one_to_one", "2026-03-09T10:00", 50, cast.cho, cast.ada)
        db.session.commit()
    assert "Checked in on 1 of 2 days." in browser("cho").get(ada).text


def test_an_open_flag_stands_on_top_and_leads_to_its_page(app, browser, cast, ada, at):
    with app.app_context():
        key = raise_flag(cast.ada, "yes_talk", None, at.now)
        db.session.commit()
    page = browser("cho").get(ada)
    assert "Safety flag, open since today, 10:52 am" in page.text
    assert page.all("a", href=f"{ada}/flags/{key}")


def test_flags_that_were_signed_stay_in_sight(app, browser, cast, ada, at):
    with app.app_context():
        key = raise_flag(cast.ada, "yes_talk", None, at.now)
        acts.act(cast.cho, cast.ada, key, "assessed", "", at.now)
        db.session.commit()
    text = browser("cho").get(ada).text
    assert "Safety flags before (1) Wednesday, March 11 : I assessed their safety (Dr Cho)" in text


@pytest.mark.parametrize(("days", "shown"), [("14", "14 days"), ("28", "28 days"), ("90", "38 days"), ("7", "28 days")])
def test_the_days_can_be_chosen_and_never_begin_before_the_stay(browser, ada, keep, days, shown):
    keep(entry())
    assert words(browser("cho").get(f"{ada}?days={days}").one("h2", id="charts")) == shown


def test_entries_can_be_chosen_as_page_and_as_fragment(app, browser, cast, ada, keep, at):
    keep(*month(YESTERDAY, 10, mood=6), entry(hour=8, mood=6, note="A note."), entry(hour=10, mood=1))
    with app.app_context():
        for one in checkins.between([cast.ada.id], date(2026, 2, 1), YESTERDAY):
            checkins.review(cast.cho, cast.ada, one, None, at.now)
        db.session.commit()
    cho = browser("cho")
    assert list(articles(cho.get(f"{ada}?only=note"))) == ["20260311-8-1"]
    assert list(articles(cho.get(f"{ada}?only=flagged"))) == ["20260311-10-1"]
    part = cho.get(f"{ada}?only=unseen", fragment=True)
    assert not part.whole
    assert list(articles(part)) == ["20260311-10-1", "20260311-8-1"]
    assert words(part.one("p", id="listed")) == "2 check-ins not yet seen, Feb 12 to today."
    assert len(articles(cho.get(f"{ada}?only=nonsense"))) == 12


def test_choices_that_leave_nothing_say_so(browser, ada, keep):
    keep(entry())
    assert "No notes in these days." in browser("cho").get(f"{ada}?only=note").text
    assert "Nothing stands out in these days." in browser("cho").get(f"{ada}?only=flagged").text


def test_older_check_ins_are_one_link_away(browser, ada, keep):
    keep(entry(date(2026, 2, 3), note="Far back."), entry())
    cho = browser("cho")
    page = cho.get(ada)
    link = next(a.get("href") for a in page.all("a") if words(a) == "Show older check-ins")
    assert link == f"{ada}?days=28&only=all&until=2026-02-11#history"
    page = cho.get(link.split("#")[0])
    assert "Far back." in page.text
    assert not page.all("h2", id="since")
    assert page.all("a", href=ada)


def test_the_page_on_which_the_stay_begins_leads_nowhere_older(browser, ada, keep):
    keep(entry())
    page = browser("cho").get(f"{ada}?days=90")
    assert not [a for a in page.all("a") if words(a) == "Show older check-ins"]


def test_a_page_holds_thirty_check_ins_and_parts_no_day(browser, ada, keep):
    keep(*(entry(TODAY - timedelta(days=back), hour=hour) for back in range(20) for hour in (8, 12, 20)))
    cho = browser("cho")
    page = cho.get(ada)
    assert len(articles(page)) == 30
    link = next(a.get("href") for a in page.all("a") if words(a) == "Show older check-ins")
    assert "until=2026-03-01" in link
    assert "20260301-20-1" in articles(cho.get(link.split("#")[0]))


def test_a_day_in_the_future_and_nonsense_are_simply_now(browser, ada, keep):
    keep(entry())
    for until in ("2027-01-01", "0001-01-05", "soon", ""):
        assert articles(browser("cho").get(f"{ada}?until={until}"))


def test_a_history_without_check_ins_says_so(browser, ada):
    text = browser("cho").get(ada).text
    assert "No check-in since then." in text
    assert "usual not known yet" in text


def test_titles_are_neutral(browser, ada):
    assert browser("cho").get(ada).title == "History | Foothold"


@pytest.mark.asvs("16.2.1")
def test_opening_a_history_is_one_look(app, browser, cast, ada):
    browser("cho").get(ada)
    with app.app_context():
        looks = db.session.scalars(select(AuditEvent).where(AuditEvent.what == "record.view")).all()
        assert [(look.actor_id, look.participant_id) for look in looks] == [(cast.cho.id, cast.ada.id)]


def test_a_day_is_one_jump_away(browser, ada, keep):
    keep(*month(days=30))
    cho = browser("cho")
    day = cho.get(ada).one("input", id="until")
    assert (day.get("value"), day.get("max")) == (TODAY.isoformat(), TODAY.isoformat())
    page = cho.get(f"{ada}?days=14&only=all&until=2026-02-25")
    assert page.one("input", id="until").get("value") == "2026-02-25"
    assert "Wednesday, February 25" in page.text or "Feb 25" in page.text
    assert "Since your last session" not in page.text and "The last 7 days" not in page.text
    assert "The last 7 days" in cho.get(f"{ada}?days=28&only=all&until=").text


def test_the_people_before_and_after_are_those_of_the_caseload_as_it_is_now(browser, cast, ada, keep):
    keep(entry(mood=1))
    cho = browser("cho")
    cho.get("/caseload/")
    order = [a.get("href") for a in cho.page.all("a") if a.get("href") in (ada, f"/caseload/{cast.ben.key}")]
    first, last = list(dict.fromkeys(order))
    cho.get(first)
    assert cho.page.all("a", href=f"{first}/next") and cho.page.all("a", href=f"{first}/previous")
    for start, way, end in (
        (first, "next", last),
        (last, "previous", first),
        (first, "previous", "/caseload/"),
        (last, "next", "/caseload/"),
    ):
        cho.get(f"{start}/{way}", 303)
        assert cho.location == end


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("who", ["dee", "ben", "kit"])
def test_nobody_but_the_care_team_is_led_on_from_somebody(browser, ada, who):
    for way in ("next", "previous"):
        browser(who).get(f"{ada}/{way}", 404)


@pytest.mark.asvs("8.2.2")
def test_nobody_but_the_care_team_finds_it(app, browser, cast, ada, keep):
    keep(entry())
    for who in ("dee", "ada", "ben", "kit"):
        someone = browser(who)
        someone.get(ada, 404)
        someone.get(f"{ada}?entry=20260311-9-1", 404)
        someone.post(f"{ada}/check-ins/20260311-9-1/reviews", {"version": "1"}, 404)
    with app.app_context():
        assert checkins.reviews_of(cast.ada, ["20260311-9-1"]) == []


@pytest.mark.asvs("15.2.2")
def test_it_costs_the_same_with_30_check_ins_and_with_900(browser, ada, keep):
    keep(*month(days=30))
    cho = browser("cho")
    cho.get(ada)
    few = len(cho.selects)
    keep(*(entry(TODAY - timedelta(days=back), hour=hour) for back in range(174) for hour in (1, 6, 12, 18, 23)))
    cho.get(f"{ada}?days=90")
    assert len(cho.selects) == few <= 8


def test_filtering_for_a_while_is_still_one_look_and_coming_back_later_is_another(app, browser, ada, at):
    cho = browser("cho")
    for path in (ada, f"{ada}?days=14", f"{ada}?only=note", ada):
        cho.get(path)
    at.later(minutes=11)
    cho.get(f"{ada}?days=90")
    with app.app_context():
        looks = db.session.scalars(select(AuditEvent).where(AuditEvent.what == "record.view")).all()
        assert len(looks) == 2
