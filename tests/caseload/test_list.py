"""The caseload page: everybody in the published order, at a constant price, as page and as fragment."""

from dataclasses import replace
from datetime import date, timedelta

import brotli
import pytest
from sqlalchemy import delete, select, update

from portal import checkins, flags, people, seal
from portal.audit.models import AuditEvent
from portal.checkins import on_caseload
from portal.checkins.models import CheckIn
from portal.checkins.question_plans import choose
from portal.checkins.sets import Target
from portal.db import db
from portal.episodes.models import Episode
from portal.flags import acts
from portal.flags.raising import raise_flag
from portal.people.contacts import new_account
from portal.people.models import CareRelationship
from portal.schedule.attendance import roster
from tests.browser import words
from tests.caseload.diary import TODAY, entry, month, write
from tests.house.source import ROOT
from tests.schedule.timetable import at as session_at
from tests.schedule.timetable import session, track

FIRST_VIEW = 18 * 1024  # bytes compressed, of a page for staff
SVG = "{http://www.w3.org/2000/svg}svg"
BEFORE = TODAY - timedelta(days=1)


def rows(page):
    return [words(page.parents[who]) for who in page.all("p", class_="who")]


def names(page):
    return [words(p.find("a")) for p in page.all("p", class_="who")]


@pytest.fixture
def enroll(app, cast, at):
    """`enroll(5)` adds five participants of Dr Cho's, each with 28 days of check-ins."""

    def add(count):
        with app.app_context():
            for number in range(count):
                account = new_account(
                    f"p{number}@example.org",
                    role="participant",
                    name=f"Person Number{number:02}",
                    called=f"P{number}",
                    password_hash="-",
                    zone="America/New_York",
                    created_at=at.now,
                )
                db.session.add(account)
                db.session.flush()
                care = {"therapist_id": cast.cho.id, "role": "primary", "starts_on": date(2026, 2, 2)}
                db.session.add(CareRelationship(participant_id=account.id, **care))
                write(
                    account,
                    *(replace(one, mood=5 + number % 5, urges=one.for_day.day % 7) for one in month(safety="no")),
                )
            db.session.commit()

    return add


def test_everybody_stands_in_the_published_order_with_a_reason(app, cast, browser, at, enroll):
    enroll(3)
    with app.app_context():
        number = {p.name: p for p, _ in people.participants_of(cast.cho, at.now)}
        safety, change, quiet = (number[f"Person Number{n:02}"] for n in range(3))
        write(cast.ada, *month(mood=6, safety="no"))
        write(cast.ben, *month(mood=6))
        raise_flag(safety, "yes_talk", None, at.now)
        write(change, entry(hour=20, mood=3, safety="no"))
        db.session.execute(
            delete(CheckIn).where(CheckIn.participant_id == quiet.id, CheckIn.for_day > date(2026, 3, 7))
        )
        monday = session_at(track(cast.cho, cast.ben), "2026-03-09T13:00", cast.cho)
        roster.take_attendance(monday, cast.ben, "missed", None, cast.cho, at.now)
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert page.heading == "Who needs you today"
    assert names(page) == ["Person Number00", "Person Number01", "Person Number02", "Ben Whitaker", "Ada Moreno"]
    one, two, three, four, five = rows(page)
    assert (
        "Safety" in one and "Said “yes, and I want to talk to someone” to the safety question, today, 10:52 am." in one
    )
    assert "Change" in two and "Mood 3, usual is 5 to 7." in two
    assert "Quiet" in three and "No check-in for 4 days." in three
    assert "Missed" in four and "Missed group on Monday." in four and "Missed: 1 of 3" in four
    assert "In the usual range." in five
    assert [words(h2) for h2 in page.all("h2")] == ["Needs a look 4", "Steady 1"]
    assert "4 of 5 people need a look" in page.text


def test_within_a_kind_the_sooner_session_comes_first(app, cast, browser):
    with app.app_context():
        write(cast.ada, *month())
        write(cast.ben, *month())
        session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ben)
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert names(page) == ["Ben Whitaker", "Ada Moreno"]
    assert "One-to-one tomorrow, 10:00 am" in rows(page)[0]


def test_the_header_counts_who_needs_a_look_before_the_next_group(app, cast, browser, at):
    with app.app_context():
        track(cast.cho, cast.ada)
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    assert "2 of 2 people need a look, 1 of them before group at 1:00 pm." in browser("cho").get("/caseload/").text
    at("2026-03-11T13:30")
    assert "before group" not in browser("cho").get("/caseload/").text


def test_the_choices_are_links_of_a_form_and_swap_only_the_list(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month())
        track(cast.cho, cast.ada)
        db.session.commit()
    cho = browser("cho")
    assert names(cho.get("/caseload/?show=look")) == ["Ben Whitaker"]
    assert names(cho.get("/caseload/?show=groups")) == ["Ada Moreno"]
    assert names(cho.get("/caseload/?show=nonsense")) == ["Ben Whitaker", "Ada Moreno"]
    part = cho.get("/caseload/?show=look&rows=compact", fragment=True)
    assert not part.whole
    assert part.one("div", id="list").get("data-density") == "compact"
    assert words(part.one("p", id="shown")) == "Those who need a look: 1 of 2 people."


def test_an_empty_caseload_and_an_empty_choice_say_what_is_so(cast, browser, app):
    with app.app_context():
        db.session.execute(delete(CareRelationship).where(CareRelationship.therapist_id == cast.oduya.id))
        write(cast.ada, *month())
        write(cast.ben, *month())
        db.session.commit()
    assert "Nobody is in your care yet" in browser("oduya").get("/caseload/").text
    assert "Nobody needs a look right now" in browser("cho").get("/caseload/?show=look").text
    assert "None of your participants has a group with you today" in browser("cho").get("/caseload/?show=groups").text


@pytest.mark.asvs("8.2.2")
def test_a_therapist_sees_their_own_people_and_those_they_cover(browser):
    assert names(browser("cho").get("/caseload/")) == ["Ada Moreno", "Ben Whitaker"]
    assert names(browser("dee").get("/caseload/")) == ["Cleo Park"]
    covered = browser("oduya").get("/caseload/")
    assert names(covered) == ["Ada Moreno"]
    assert "Covering" in rows(covered)[0]
    assert "1 of 1 people need a look; you cover for 1 of them." in covered.text
    assert "cover" not in browser("cho").get("/caseload/").text.split("All safety flags")[0]


def test_compact_says_the_strongest_reason_in_a_line_and_all_of_them_in_one_tap(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month())
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    cho = browser("cho")
    said = words(cho.get("/caseload/").all("div", class_="why")[0].find("p"))
    why = cho.get("/caseload/?rows=compact").all("div", class_="why")[0]
    assert said.startswith(words(why.find("details/summary")).split(",")[0])
    assert words(why.find("details/p")) == said


def test_a_flag_is_safety_for_the_covering_therapist_once_nothing_was_done_in_time(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month())
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    at("2026-03-11T12:51")
    assert "Safety" not in rows(browser("oduya").get("/caseload/"))[0]
    assert "Safety" in rows(browser("cho").get("/caseload/"))[0]
    at("2026-03-11T12:52")
    assert "Safety" in rows(browser("oduya").get("/caseload/"))[0]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_the_caseload_is_for_therapists(browser, who):
    someone = browser(who)
    someone.get("/caseload/", 404)
    someone.get("/caseload/rules", 404)


def test_unread_counts_what_nobody_has_read_in_its_latest_version(app, cast, browser, at):
    one, two = entry(BEFORE), entry(TODAY)
    with app.app_context():
        write(cast.ada, one, two)
        for each in (one, two):
            checkins.review(cast.oduya, cast.ada, checkins.find(cast.ada, each.key), None, at.now)
        db.session.commit()
    assert "Unread: 0" in rows(browser("cho").get("/caseload/"))[-1]
    with app.app_context():
        write(cast.ada, entry(TODAY, version=2, mood=2))
        db.session.commit()
    row = rows(browser("cho").get("/caseload/"))[0]
    assert "Unread: 1" in row and row.startswith("Ada Moreno Mood 2"), "a change is to be seen again"


def test_a_chart_has_words_and_fewer_than_three_answers_have_words_alone(app, cast, browser):
    with app.app_context():
        write(cast.ada, *month(days=10, mood=6, urges=2), entry(hour=20, mood=4, urges=0))
        write(cast.ben, entry(mood=6))
        db.session.commit()
    page = browser("cho").get("/caseload/")
    assert [svg.get("aria-label") for svg in page.all(SVG, class_="spark")] == [
        "Mood 4 to 6, now 4; urges 0 to 2, now 0; 10 of 14 days"
    ]
    assert "1 check-in" in page.text


def test_a_listing_is_one_row_of_the_record_of_views(app, cast, browser):
    browser("cho").get("/caseload/")
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.actor_id == cast.cho.id))
        views = [(event.what, event.participant_id) for event in events if event.what.endswith(".view")]
    assert views == [("caseload.view", None)]


@pytest.mark.asvs("15.2.2")
def test_the_list_costs_the_same_with_two_people_and_with_sixty(browser, enroll):
    cho = browser("cho")
    cho.get("/caseload/")
    few = len(cho.selects)
    enroll(58)
    assert "All: 60 people." in cho.get("/caseload/").text
    assert len(cho.selects) == few <= 8


def test_the_first_view_of_27_people_fits(browser, enroll):
    enroll(25)
    cho = browser("cho")
    page = cho.get("/caseload/", headers={"Accept-Encoding": "identity"})
    assert len(names(page)) == 27
    styles = sum(len(brotli.compress((ROOT / "static" / name).read_bytes())) for name in ("portal.css", "staff.css"))
    assert len(brotli.compress(page.html.encode(), quality=5)) + styles <= FIRST_VIEW


def test_the_rules_are_published(browser):
    text = browser("cho").get("/caseload/rules").text
    assert "(same day) of program time (weekdays, 8 am to 5 pm, holidays left out)" in text
    assert "No check-in for 3 days or more." in text
    assert "at least 1.5 points" in text
    assert "PHQ-9 of 20 or more, GAD-7 of 15 or more, PHQ-8 of 20 or more" in text or "GAD-7 of 15 or more" in text
    assert "PHQ-9 5" in text and "GAD-7 6" in text, "the changes are those of the files"
    steps = ["Safety, open.", "Safety, closed lately.", "Drank or used", "Change for the worse.", "Quiet.", "Missed."]
    assert sorted(steps, key=text.index) == steps


def alternating():
    return [replace(one, mood=2 if one.for_day.day % 2 else 8) for one in month(safety="no")]


@pytest.mark.parametrize(
    ("check_ins", "tag", "said"),
    [
        (month(mood=1, safety="no"), "Mood 1", "Mood 1 today; 27 other days like it not seen yet."),
        (month(mood=6, urges=9, safety="no"), "Urges 9", "Urges 9 today; 27 other days like it not seen yet."),
        (alternating(), "Mood 2", "Mood 2 today, usual is 7 to 9; 13 other days like it not seen yet."),
        (
            [*month(BEFORE, mood=6, safety="no"), entry(mood=6, safety="no", substance_use="yes")],
            "Drank or used",
            "Drank or used: yes, today.",
        ),
        (
            [*month(BEFORE, mood=6, safety="no", substance_use="yes")[-1:], entry(mood=7, safety="no")],
            "Drank or used",
            "Drank or used: yes, yesterday.",
        ),
    ],
)
def test_what_was_answered_is_ranked_until_somebody_has_seen_it(app, cast, browser, at, check_ins, tag, said):
    with app.app_context():
        write(cast.ben, *month(mood=6, safety="no"))
        write(cast.ada, *check_ins)
        db.session.commit()
    row = rows(browser("cho").get("/caseload/"))[0]
    assert row.startswith(f"Ada Moreno {tag} ") and said in row
    with app.app_context():
        for one in check_ins:
            checkins.review(cast.oduya, cast.ada, checkins.find(cast.ada, one.key), None, at.now)
        db.session.commit()
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert said not in row or f"{said} It is marked as seen." in row
    assert "In the usual range." not in row


def test_days_that_alternate_are_never_called_usual_though_each_was_seen(app, cast, browser, at):
    with app.app_context():
        days = [replace(one, mood=8 if one.for_day.day % 2 else 2) for one in month(safety="no")]
        write(cast.ada, *days)
        for one in days:
            checkins.review(cast.oduya, cast.ada, checkins.find(cast.ada, one.key), None, at.now)
        db.session.commit()
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert "Better: mood 8, usual is 1 to 3. Mood went between 2 and 8" in row and "In the usual range." not in row


def test_not_safe_then_signed_then_rather_not_say_is_never_called_usual(app, cast, browser, at):
    days = month(mood=6, safety="no")
    at("2026-03-07T10:00")
    with app.app_context():
        raise_flag(cast.ada, "safe_now_no", days[-5].key, at.now)
        key = flags.open_flags([cast.ada.id])[cast.ada.id].key
        acts.act(cast.cho, cast.ada, key, "assessed", None, at.later(minutes=20))
        write(cast.ada, *days[:-1], entry(mood=6, safety="not_say"))
        db.session.commit()
    at("2026-03-10T10:19")
    row = rows(browser("cho").get("/caseload/"))[0]
    assert row.startswith("Ada Moreno Closed Saturday")
    assert (
        "Said “no” to being safe right now, Saturday, 10:00 am. You assessed their safety, Saturday, 10:20 am." in row
    )
    at("2026-03-11T10:52")
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert "Answered “rather not say” to the safety question today. Mood as usual." in row
    assert "In the usual range." not in row


def test_who_covers_is_not_told_that_all_is_usual_while_the_primary_has_a_flag(app, cast, browser, at):
    with app.app_context():
        write(cast.ada, *month(mood=6, safety="no"))
        raise_flag(cast.ada, "yes_safe", None, at.now)
        db.session.commit()
    (row,) = rows(browser("oduya").get("/caseload/"))
    assert "A safety flag is open, and their primary therapist is the one to see to it." in row
    assert "In the usual range." not in row


def test_someone_new_is_not_called_quiet_before_three_days(app, cast, browser, at):
    with app.app_context():
        db.session.execute(update(Episode).where(Episode.participant_id == cast.ada.id).values(starts_on=BEFORE))
        db.session.commit()
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert "No check-in yet. Enrolled yesterday." in row and "Quiet" not in row
    at("2026-03-13T10:52")
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert "Quiet" in row and "No check-in since they were enrolled, 3 days ago." in row


def test_every_reason_opens_its_working_in_one_tap_and_leads_to_its_rule(app, cast, browser):
    with app.app_context():
        write(cast.ada, *month(BEFORE, mood=6, safety="no"), entry(mood=1, safety="no"))
        write(cast.ben, *month(mood=6, safety="no"))
        db.session.commit()
    cho = browser("cho")
    ada, ben = cho.get("/caseload/").all("div", class_="why")
    for row, steps, rule in (
        (ada, ("A mood of 2 or less needs a look", "the middle of 28 days from Feb 11 to Mar 10"), "floors"),
        (ben, ("Mood, usual is 5 to 7", "The latest answer to the safety question was"), "usual"),
    ):
        said = words(row.find("details"))
        assert all(step in said for step in steps), said
        link = row.findall(".//a")[-1].get("href")
        assert link == f"/caseload/rules#{rule}"
        assert f'id="{rule}"' in cho.get("/caseload/rules").html
    key = entry(mood=1).key
    assert ada.findall(".//a")[0].get("href") == f"/caseload/{cast.ada.key}?entry={key}#entry-{key}"


URGE, CUTTING = Target("Urge to shop"), Target("Cutting", self_harm=True)


def rated(days, plan, *answers):
    """These check-ins as they are made under `plan`, with an answer to each of its targets."""
    numbers = {f"target-{n}": number for n, number in enumerate(answers, 1)}
    return [replace(one, plan_key=plan.key, answers=numbers) for one in days]


@pytest.mark.parametrize(
    ("usual", "today", "tag", "said"),
    [
        (2, 9, "Urge to shop 9", "Urge to shop 9 today, usual is 1 to 3."),
        (2, 6, "Change", "Urge to shop 6, usual is 1 to 3."),
        (8, 9, "Urge to shop 9", "Urge to shop 9 today; 27 other days like it not seen yet."),
        (6, 6, "", "Mood and Urge to shop as usual."),
        (6, 2, "", "Better: Urge to shop 2, usual is 5 to 7."),
    ],
)
def test_a_target_of_ones_own_is_named_by_its_words_and_compared_with_what_is_usual(
    app, cast, browser, at, usual, today, tag, said
):
    with app.app_context():
        plan = choose(cast.cho, cast.ada, "daily", [URGE], None, at.now)
        write(cast.ada, *rated(month(BEFORE, 27, mood=6), plan, usual), *rated([entry(mood=6)], plan, today))
        write(cast.ben, *month(mood=6, safety="no"))
        db.session.commit()
    (row,) = [row for row in rows(browser("cho").get("/caseload/")) if "Ada Moreno" in row]
    assert row.startswith(f"Ada Moreno {tag} ".rstrip()) and said in row
    assert tag or ("Did not answer the safety question" in row and "not seen" not in row)


def test_a_target_keeps_its_usual_range_when_its_place_changes_and_none_is_said_for_another(app, cast, browser, at):
    with app.app_context():
        old = choose(cast.cho, cast.ada, "daily", [URGE], None, at.now)
        new = choose(cast.cho, cast.ada, "daily", [Target("Checking"), URGE], None, at.now)
        write(cast.ada, *rated(month(BEFORE, 20, mood=6), old, 2), *rated([entry(mood=6)], new, 6, 6))
        db.session.commit()
    row = rows(browser("cho").get("/caseload/"))[0]
    assert "Urge to shop 6, usual is 1 to 3." in row and "Checking" not in row, "nothing is usual of it yet"


def test_two_targets_that_are_high_are_both_named(app, cast, browser, at):
    with app.app_context():
        plan = choose(cast.cho, cast.ada, "daily", [URGE, Target("Checking")], None, at.now)
        write(cast.ada, *rated([entry(mood=6)], plan, 9, 8))
        db.session.commit()
    row = rows(browser("cho").get("/caseload/"))[0]
    assert "Urge to shop 9 today. Checking 8 today." in row


def test_a_target_about_hurting_oneself_is_an_urge_to_self_harm_and_its_words_stay_sealed(app, cast, browser, at):
    with app.app_context():
        plan = choose(cast.cho, cast.ada, "daily", [CUTTING], None, at.now)
        write(cast.ada, *rated(month(BEFORE, 20, mood=6), plan, 0), *rated([entry(mood=6)], plan, 5))
        db.session.commit()
    row = rows(browser("cho").get("/caseload/"))[0]
    assert row.startswith("Ada Moreno Change ") and "Urge to self-harm 5, usual is 0 to 1." in row
    assert "Cutting" not in row


def test_only_the_plans_of_answered_targets_are_opened_each_once(app, cast, monkeypatch, at):
    opened = []
    with app.app_context():
        unused = choose(cast.cho, cast.ben, "daily", [CUTTING], None, at.now)
        plan = choose(cast.cho, cast.ada, "daily", [URGE], None, at.now)
        write(cast.ada, *rated(month(mood=6), plan, 2))
        write(cast.ben, *rated(month(mood=6), unused))
        monkeypatch.setattr(seal, "open", lambda *asked: opened.append(asked[-1]) or '[["Urge to shop", false]]')
        on_caseload.recent_days({cast.ada.id: TODAY, cast.ben.id: TODAY}, 42)
        db.session.rollback()
    assert opened == [plan.key]
