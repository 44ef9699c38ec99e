"""The page of Today, in each of its states."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from portal import clock, exercises, library, today
from portal.checkins.models import CheckIn, Review
from portal.db import db, new_key
from portal.episodes.models import Episode
from portal.exercises.models import Practice
from portal.library.models import Reading
from portal.people.care import glass
from portal.people.models import Account
from portal.program.models import Program
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.models import Session
from portal.schedule.seats import absences
from tests.browser import words
from tests.house.source import ROOT
from tests.schedule.timetable import session, track
from tests.sealed import sealed

REPLY = "Thank you for writing about the drive home."
IN_ORDER = library.IN_ORDER


@pytest.fixture
def add(app):
    """`add(row, ...)` puts rows into the database."""

    def put(*rows) -> None:
        with app.app_context():
            db.session.add_all(rows)
            db.session.commit()

    return put


def check_in(person, key: str, at: datetime, mood: int = 5) -> CheckIn:
    return CheckIn(
        participant_id=person.id,
        for_day=clock.day_of(at, person.zone),
        key=key,
        question_set="daily",
        question_set_version=1,
        mood=mood,
        entered_at=at,
        zone=person.zone,
    )


def review(by, person, check_in_key: str, at: datetime, reply: str | None = None, number: int = 1) -> Review:
    key = new_key()
    return Review(
        key=key,
        participant_id=person.id,
        check_in_key=check_in_key,
        number=number,
        check_in_version=1,
        by_id=by.id,
        at=at,
        reply=reply and sealed(Review.reply, reply, key),
    )


def practice(person, slug: str, at: datetime, *, finished: bool = False, answers=None) -> Practice:
    key = new_key()
    return Practice(
        key=key,
        participant_id=person.id,
        slug=slug,
        version=1,
        answers=sealed(Practice.answers, answers or {}, key),
        started_at=at,
        updated_at=at,
        finished_at=at if finished else None,
    )


def reading(person, slug: str, parts_read: int, at: datetime, *, finished: bool = False) -> Reading:
    return Reading(
        participant_id=person.id,
        slug=slug,
        parts_read=parts_read,
        updated_at=at,
        finished_at=at if finished else None,
    )


def section(page, heading: str) -> str:
    """The text of the section with this heading; "" when there is none."""
    found = [words(s) for s in page.all("section") if any(words(h) == heading for h in s.iter("h2"))]
    return found[0] if found else ""


def test_today_greets_and_shows_the_next_session(app, timetable, browser):
    with app.app_context():
        db.session.execute(update(Program).values(address="40 River Street", directions="Ring twice."))
        db.session.commit()
    page = browser("ada").get("/today")
    assert (page.title, page.heading) == ("Today | Foothold", "Good morning, Ada")
    assert "Wednesday, March 11" in page.text
    assert section(page, "Skills group") == (
        "Next, in 2 hours 1:00 to 4:00 pm Skills group With Dr Cho in Room 204 . "
        "Bring: Your workbook and some water Directions 40 River Street Ring twice. You can come by video, too. "
        "The video room opens at 12:50 pm. Running late is fine. Come in anyway. Details of this session"
    )
    assert not page.all("a", href="https://video.example.org/skills")
    [way] = page.all("details", class_="sure")
    assert way.get("open") is None


def test_everything_stands_in_one_order(cast, timetable, browser, add):
    """Rule: the next session, at once the mood, what is new, what to do, the hours, help."""
    add(practice(cast.ada, "the-wave", clock.now()))
    page = browser("ada").get("/today")
    cards = [one.get("aria-labelledby") for one in page.tree.iter() if one.tag in ("section", "form", "aside")]
    assert list(filter(None, cards)) == ["next", "mood", "new", "tasks", "hours", "help-heading"]


def test_the_video_room_can_be_joined_from_ten_minutes_before(timetable, browser, at):
    at("2026-03-11T12:50")
    page = browser("ada").get("/today")
    assert words(page.one("a", href="https://video.example.org/skills")) == "Join by video"
    assert "The video room opens" not in page.text and "Directions" not in page.text


def test_a_session_going_on_can_still_be_come_to(timetable, browser, at):
    at("2026-03-11T13:20")
    card = section(browser("ada").get("/today"), "Skills group")
    assert card.startswith("Now, until 4:00 pm")
    assert "Late is fine. Come in anyway." in card


def test_a_session_of_another_day_names_its_day(timetable, browser, at):
    at("2026-03-11T18:00")
    page = browser("ada").get("/today")
    assert page.heading == "Good evening, Ada"
    card = section(page, "One-to-one")
    assert card.startswith("Tomorrow, Thursday 10:00 to 10:50 am")
    assert "Running late" not in card


def test_a_session_over_noon_says_both_halves(app, cast, browser):
    with app.app_context():
        session("one_to_one", "2026-03-11T11:30", 60, cast.cho, cast.ada)
        db.session.commit()
    assert "11:30 am to 12:30 pm" in section(browser("ada").get("/today"), "One-to-one")


def test_a_cancelled_session_is_never_the_next_one(app, cast, timetable, browser):
    with app.app_context():
        wednesday = staff_meetings.called(cast.cho, timetable.wednesday)
        sessions.cancel(cast.cho, wednesday, "The room floods.", clock.now())
        db.session.commit()
    page = browser("ada").get("/today")
    assert section(page, "One-to-one").startswith("Tomorrow")


def test_the_mood_starter_starts_a_check_in(timetable, browser):
    ada = browser("ada")
    page = ada.get("/today")
    form = page.form("/check-ins/drafts")
    assert [(b.get("name"), b.get("value")) for b in form.iter("button")] == [("mood", str(n)) for n in range(11)]
    ada.post("/check-ins/drafts", {"mood": "0"})
    assert ada.location == "/check-ins/new"
    assert ada.get("/check-ins/new").one("input", name="mood", value="0").get("checked") is not None


def test_a_first_day_says_what_the_numbers_are_for(timetable, browser):
    page = browser("ada").get("/today")
    assert "Tap a number to start your first check-in. It takes about a minute." in page.text


def test_after_a_check_in_the_page_says_when_it_was(cast, timetable, browser, add, at):
    add(check_in(cast.ada, "one", at("2026-03-11T08:10")))
    at("2026-03-11T10:52")
    page = browser("ada").get("/today")
    assert "You checked in today at 8:10 am. Once more is welcome." in page.text
    assert "first check-in" not in page.text


@pytest.mark.parametrize(
    ("days", "heading"), [(1, "Good morning, Ada"), (5, "Good morning, Ada"), (6, "Welcome back, Ada")]
)
def test_after_a_gap_someone_is_welcomed_back(cast, timetable, browser, add, at, days, heading):
    add(check_in(cast.ada, "one", clock.now() - timedelta(days=days)))
    page = browser("ada").get("/today")
    assert page.heading == heading
    assert "You checked in today" not in page.text


def test_a_session_about_to_begin_is_starting_soon(timetable, browser, at):
    at("2026-03-11T12:52")
    assert section(browser("ada").get("/today"), "Skills group").startswith("Starting soon, in 8 minutes")


def test_what_is_over_is_no_longer_what_is_next(timetable, browser, at):
    at("2026-03-11T15:59")
    assert words(browser("ada").get("/today").one("h2", id="next")) == "Skills group"
    at("2026-03-11T16:00")
    assert words(browser("ada").get("/today").one("h2", id="next")) == "One-to-one"


def test_who_said_they_cannot_come_is_told_they_are_welcome(app, cast, timetable, browser):
    with app.app_context():
        absences.say(cast.ada, own_meetings.called(cast.ada, timetable.wednesday), "A bus.", clock.now())
        db.session.commit()
    card = section(browser("ada").get("/today"), "Skills group")
    assert "You told us you can't make it. Changed your mind? You are still welcome." in card
    assert "Running late" not in card and "A bus." not in card


def test_what_changed_is_told_with_why(timetable, browser):
    page = browser("ada").get("/today")
    assert section(page, "New for you") == (
        "New for you Family session, tomorrow 5:30 pm Was Tue, Mar 10, 5:00 pm . Jo works late on Tuesday. "
        "Skills group, Fri 1:00 pm Cancelled. Dr Cho is away. This does not count against you. "
        "I have seen both changes"
    )
    [news] = [s for s in page.all("section") if s.get("aria-labelledby") == "new"]
    assert [words(struck) for struck in news.iter("s")] == ["Tue, Mar 10, 5:00 pm", "Skills group, Fri 1:00 pm"]
    assert [a.get("href") for a in news.iter("a")] == [
        f"/sessions/{timetable.family}",
        f"/sessions/{timetable.friday}",
    ]


def test_what_was_moved_within_its_day_is_struck_through_by_its_hour(app, cast, timetable, browser):
    with app.app_context():
        alone = staff_meetings.called(cast.cho, timetable.alone)
        sessions.move(cast.cho, alone, datetime(2026, 3, 12, 15, 30), "A meeting.", clock.now())
        db.session.commit()
    told = section(browser("ada").get("/today"), "New for you")
    assert "One-to-one, tomorrow 3:30 pm Was 10:00 am . A meeting." in told


def test_what_is_seen_leaves_today(timetable, browser):
    ada = browser("ada")
    ada.get("/today")
    ada.submit("/changes/seen")
    assert ada.location == "/today?saved=seen#new"
    page = ada.get(ada.location)
    assert section(page, "New for you") == "New for you Thank you. We know that you have seen it."
    assert not section(ada.get("/today"), "New for you")
    assert "Dr Cho is away." in browser("ben").get("/today").text


def test_what_was_not_seen_stays_however_old_until_it_is_over(timetable, browser, at):
    for moment, there in (
        ("2026-03-04T09:00", True),
        ("2026-03-12T18:29", True),
        ("2026-03-12T18:30", False),
        ("2026-03-16T09:00", False),
    ):
        at(moment)
        assert ("Jo works late" in section(browser("ada").get("/today"), "New for you")) == there, moment


def led_by_dee(app, cast, reason: str, *keys: str) -> None:
    """One act of Kit's: Dr Dee leads these sessions."""
    with app.app_context():
        told = {"kind": "led", "was": "Dr Cho", "becomes": "Dr Dee"}
        groups = [staff_meetings.called(cast.kit, key) for key in keys]
        rows = [{"session_id": group.id, "old_at": group.time.start, **told} for group in groups]
        sessions.note_changes(cast.kit, rows, reason, clock.now())
        db.session.commit()


def test_every_kind_of_change_is_news(app, cast, timetable, browser):
    led_by_dee(app, cast, "A course.", timetable.wednesday)
    with app.app_context():
        sessions.restore(cast.kit, staff_meetings.called(cast.kit, timetable.friday), "Well again.", clock.now())
        sessions.place(cast.kit, staff_meetings.called(cast.kit, timetable.alone), "Room 5", "", "Paint.", clock.now())
        db.session.commit()
    ada = browser("ada")
    told = section(ada.get("/today"), "New for you")
    ada.submit("/changes/seen")
    told += section(ada.get("/today"), "New for you")
    assert "Skills group, today 1:00 pm Led by Dr Dee, not Dr Cho. A course." in told
    assert "Skills group, Fri 1:00 pm It is on after all. Well again." in told and "Cancelled" not in told
    assert "One-to-one, tomorrow 10:00 am New place: Room 5. It was Room 110. Paint." in told


def test_one_act_is_one_piece_of_news(app, cast, timetable, browser):
    led_by_dee(app, cast, "A course.", timetable.wednesday, timetable.alone)
    told = section(browser("ada").get("/today"), "New for you")
    assert told.count("A course.") == 1
    assert "The same goes for Thu, Mar 12. A course." in told


def test_one_act_in_many_sessions_names_the_first_days(app, cast, timetable, browser):
    with app.app_context():
        made = [session("family", f"2026-03-1{day}T08:00", 30, cast.cho, cast.ada).key for day in range(2, 7)]
        db.session.commit()
    led_by_dee(app, cast, "A course.", *made)
    told = section(browser("ada").get("/today"), "New for you")
    assert "The same goes for Fri, Mar 13; Sat, Mar 14; Sun, Mar 15; and 1 more. A course." in told


def seen_all(page) -> list[str]:
    [form] = [form for form in page.all("form") if form.get("action") == "/changes/seen"]
    return next(field.get("value") for field in form.iter("input") if field.get("name") == "keys").split()


def test_what_came_in_since_the_page_was_shown_is_not_seen_with_it(app, cast, timetable, browser):
    led_by_dee(app, cast, "A course.", timetable.wednesday)
    ada = browser("ada")
    keys = seen_all(ada.get("/today"))
    led_by_dee(app, cast, "Came in since.", timetable.alone)
    for _ in range(2):
        ada.post("/changes/seen", {"keys": " ".join(keys)})
        assert ada.location == "/today?saved=seen#new"
    page = ada.get(ada.location)
    told = section(page, "New for you")
    assert told.startswith("New for you Thank you. We know that you have seen it.") and "Came in since." in told
    assert "A course." not in told and "Jo works late" not in told and told.endswith("I have seen both changes")
    assert "Dr Cho is away." in browser("ben").get("/today").text
    browser("cleo").post("/changes/seen", {"keys": " ".join(keys)}, status=404)


def test_two_changes_are_named_at_once_and_the_next_ones_come_when_they_are_seen(app, cast, timetable, browser):
    led_by_dee(app, cast, "A course.", timetable.wednesday)
    ada = browser("ada")
    page = ada.get("/today")
    told = section(page, "New for you")
    assert told.startswith("New for you 1 more change ") and told.endswith("I have seen both changes")
    assert "Led by Dr Dee" in told and "Jo works late" in told and "Dr Cho is away." not in told
    [link] = [a for a in page.all("a") if words(a) == "1 more change"]
    assert link.get("href") == "/schedule/?week=2026-03-13"
    ada.submit("/changes/seen")
    told = section(ada.get(ada.location), "New for you")
    assert "Dr Cho is away." in told and told.endswith("I have seen this change")


def test_an_emergency_opening_of_the_last_week_is_told(app, cast, timetable, browser, at):
    with app.app_context():
        glass.break_for(cast.dee, "Ada Moreno", "She rang, and her team is away.", clock.now())
        db.session.commit()
    page = browser("ada").get("/today")
    told = section(page, "New for you")
    assert told.startswith(
        "New for you Your record was opened in an emergency By someone outside your care team. See who and when."
    )
    assert page.all("a", href="/my-record/looks") and "Dr Dee" not in page.text and "She rang" not in page.text
    assert "in an emergency" not in browser("ben").get("/today").text
    at("2026-03-18T10:53")
    assert "in an emergency" not in browser("ada").get("/today").text


def test_the_hours_of_the_week_have_a_sentence_and_a_bar(timetable, browser):
    page = browser("ada").get("/today")
    assert section(page, "Your week so far") == (
        "Your week so far See the week 3 of 10 hours . Today makes it 6. Mon You came Today 1:00 pm "
        "Thu 1 h 50 min Fri Cancelled"
    )
    [bar] = [e for e in page.tree.iter() if e.get("class") == "bar"]
    assert bar.get("aria-label") == (
        "3 hours done on Monday, 3 hours today, 1 h 50 min planned on Thursday, 3 hours cancelled on Friday"
    )


def test_a_reply_of_the_last_week_is_shown_with_its_first_words(cast, browser, add):
    now = clock.now()
    add(
        check_in(cast.ada, "one", now - timedelta(days=1)),
        review(cast.cho, cast.ada, "one", now - timedelta(hours=2), REPLY),
        review(cast.oduya, cast.ada, "one", now - timedelta(hours=1), number=2),
    )
    page = browser("ada").get("/today")
    assert section(page, "New for you") == (
        "New for you Dr Cho answered you “Thank you for writing about the drive…” To your check-in for yesterday."
    )
    assert page.one("a", href="/check-ins/#entry-one")
    assert not section(browser("cleo").get("/today"), "New for you")


def test_an_old_reply_is_no_news(cast, browser, add):
    now = clock.now()
    add(
        check_in(cast.ada, "one", now - timedelta(days=9)),
        review(cast.cho, cast.ada, "one", now - timedelta(days=8), REPLY),
    )
    assert not section(browser("ada").get("/today"), "New for you")


def test_a_draft_and_the_reading_in_hand_wait(cast, timetable, browser, add):
    now = clock.now()
    add(
        practice(cast.ada, "notice-and-weigh", now - timedelta(days=1)),
        practice(cast.ada, "six-steps", now - timedelta(days=2), finished=True),
        practice(cast.ben, "the-wave", now),
        reading(cast.ada, IN_ORDER[0].slug, len(IN_ORDER[0].parts), now - timedelta(days=3), finished=True),
        reading(cast.ada, IN_ORDER[2].slug, 1, now - timedelta(days=2)),
    )
    page = browser("ada").get("/today")
    tasks = section(page, "Before today's group")
    assert "Started Saved yesterday" in tasks
    assert f"{IN_ORDER[2].title} Started Reading, part 2 of {len(IN_ORDER[2].parts)}" in tasks
    assert page.one("a", href="/exercises/notice-and-weigh")
    assert not page.all("a", href="/exercises/six-steps") and not page.all("a", href="/exercises/the-wave")


def test_without_a_reading_in_hand_the_next_unread_one_waits(cast, timetable, browser, add):
    add(reading(cast.ada, IN_ORDER[0].slug, 3, clock.now(), finished=True))
    page = browser("ada").get("/today")
    assert f"{IN_ORDER[1].title} Reading, about {IN_ORDER[1].minutes} minutes" in section(page, "Before today's group")


def test_with_everything_read_nothing_waits(cast, timetable, browser, add):
    add(*(reading(cast.ada, material.slug, 9, clock.now(), finished=True) for material in IN_ORDER))
    page = browser("ada").get("/today")
    assert "Not done?" not in page.text


def test_before_another_session_the_list_is_not_called_before_group(timetable, browser, at):
    at("2026-03-11T18:00")
    assert section(browser("ada").get("/today"), "To do")


def test_the_safety_plan_lies_in_the_help_panel_closed(cast, timetable, browser, add):
    now = clock.now()
    sign = next(f.name for f in exercises.EXERCISES["safety-plan"].asked if f.kind in ("text", "long_text"))
    add(
        practice(cast.ada, "safety-plan", now - timedelta(days=2), finished=True, answers={sign: "Sleepless"}),
        practice(cast.ada, "safety-plan", now - timedelta(days=9), finished=True, answers={sign: "Outdated"}),
        practice(cast.ada, "safety-plan", now, answers={sign: "Unfinished"}),
    )
    page = browser("ada").get("/today")
    panel = page.one("aside", id="help")
    assert "Sleepless" in words(panel)
    assert "Outdated" not in page.text and "Unfinished" not in page.text
    [details] = list(panel.iter("details"))
    assert details.get("open") is None
    assert not page.all("a", href="/exercises/safety-plan")
    assert "Sleepless" not in browser("ben").get("/today").text


def test_without_a_plan_the_help_panel_leads_to_it(timetable, browser):
    assert words(browser("ada").get("/today").one("a", href="/safety-plan")) == "My safety plan"


def test_without_a_session_to_come_the_page_says_whom_to_call(browser):
    page = browser("ada").get("/today")
    assert "Nothing is on your schedule for the next two weeks." in section(page, "No session is coming up")
    assert "0 of 10 hours" in section(page, "Your week so far")
    assert not [e for e in page.tree.iter() if e.get("class") == "bar"]


def test_without_a_stay_the_page_stays_open_to_them(app, cast, browser):
    with app.app_context():
        db.session.execute(delete(Episode).where(Episode.participant_id == cast.ada.id))
        db.session.commit()
    page = browser("ada").get("/today")
    assert "No sessions are set up for you here right now" in page.text
    assert not section(page, "Your week so far")
    assert page.form("/check-ins/drafts") is not None


def test_the_page_is_on_the_readers_clock(app, cast, timetable, browser, at):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(zone="Asia/Tokyo"))
        db.session.commit()
    page = browser("ada").get("/today")
    assert page.heading == "Good evening, Ada"
    assert "1:00 to 4:00 pm (New York time)" in page.text
    at("2026-03-11T11:30")
    assert "Thursday, March 12" in browser("ada").get("/today").one("div", class_="hi").find("p").find("time").text


@pytest.mark.parametrize("who", ["cho", "kit"])
def test_today_is_for_participants(browser, who):
    browser(who).get("/today", status=404)


def test_the_page_takes_three_selects_whatever_the_size_of_the_history(app, cast, timetable, browser):
    ada = browser("ada")
    ada.get("/today")
    assert len(ada.selects) == 3
    now = clock.now()
    with app.app_context():
        for hour in range(8, 12):
            track(cast.cho, cast.ada, first_at=datetime(2026, 2, 2, hour), rule="FREQ=DAILY", minutes=30)
        for n in range(60):
            at = now - timedelta(days=n)
            db.session.add(check_in(cast.ada, f"k{n}", at))
            db.session.add(practice(cast.ada, "the-wave", at, finished=n > 0))
            db.session.add(review(cast.cho, cast.ada, f"k{n}", at, REPLY))
        db.session.commit()
    page = ada.get("/today")
    assert len(ada.selects) == 3
    new = section(page, "New for you")
    assert "“Thank you for writing about the drive…” To your check-in for today. And 6 more" in new
    assert section(page, "Before today's group").count("Started") <= 2


def test_the_page_on_the_day_of_the_spring_change(timetable, browser, at):
    at("2026-03-08T09:00")
    page = browser("ada").get("/today")
    assert section(page, "Skills group").startswith("Tomorrow, Monday 1:00 to 4:00 pm")
    assert "0 of 10 hours" in section(page, "Your week so far")


def test_the_page_of_a_day_without_end_of_stay(app, cast, timetable, browser):
    with app.app_context():
        db.session.execute(update(Episode).values(planned_end=None, starts_on=date(2026, 3, 11)))
        db.session.execute(update(Session).values(video_url=""))
        db.session.commit()
    page = browser("ada").get("/today")
    assert "3 of 10 hours" in page.text
    assert "video" not in page.text


def test_a_first_view_takes_at_most_five_requests_whatever_the_browser_asks_for(browser):
    page = browser("ada").get("/today")
    files = {one.get("href") or one.get("src") for one in (*page.all("link"), *page.all("script"), *page.all("use"))}
    assert len({file.partition("#")[0] for file in files}) + 1 <= 5, files


def test_what_a_feature_offers_is_joined():
    offering = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "portal").rglob("on_today.py")}
    assert {feature.__name__.replace(".", "/") for feature in today._FEATURES} == offering
