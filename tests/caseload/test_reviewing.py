"""Marking as seen and replying: from the history, with a part of the page or without."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import checkins
from portal.checkins.models import CheckIn
from portal.db import db
from tests.browser import words
from tests.caseload.diary import TODAY, entry, month, write

KEY = "20260311-9-1"


@pytest.fixture
def ada(app, cast):
    """The address of Ada's history, with one check-in of today."""
    with app.app_context():
        write(cast.ada, entry())
        db.session.commit()
    return f"/caseload/{cast.ada.key}"


@pytest.fixture
def reviews(app, cast):
    """`reviews()` is what is kept about that check-in: (who, version, reply)."""

    def read():
        with app.app_context():
            return [(r.by, r.check_in_version, r.reply) for r in checkins.reviews_of(cast.ada, [KEY])]

    return read


def of(key, ada):
    return f"{ada}/check-ins/{key}/reviews"


def article(page, key=KEY):
    return words(page.one("article", id=f"entry-{key}"))


def test_marking_as_seen_leads_back_to_the_entry(browser, ada, reviews):
    cho = browser("cho")
    assert "Mark as seen" in article(cho.get(ada))
    cho.submit(of(KEY, ada))
    assert cho.location == f"{ada}?entry={KEY}#entry-{KEY}"
    text = article(cho.get(cho.location.split("#")[0]))
    assert "Seen by you, today, 10:52 am" in text
    assert "Mark as seen" not in text
    assert reviews() == [("Dr Cho", 1, None)]


def test_a_part_of_the_page_gets_that_entry_alone(browser, ada):
    cho = browser("cho")
    cho.get(ada)
    cho.submit(of(KEY, ada), fragment=True)
    part = cho.get(cho.location.split("#")[0], fragment=True)
    assert not part.whole
    assert [e.tag for e in part.tree] == ["article"]
    assert part.one("h3", id=f"when-{KEY}").get("autofocus") is not None


def test_a_reply_is_kept_with_its_line_breaks(browser, ada, reviews):
    cho = browser("cho")
    cho.get(ada)
    cho.post(of(KEY, ada), {"version": "1", "reply": "See you tomorrow.\r\nBring water."})
    assert reviews() == [("Dr Cho", 1, "See you tomorrow.\nBring water.")]
    assert "You replied, today, 10:52 am : See you tomorrow." in article(cho.get(ada))
    assert "Dr Cho replied, today, 10:52 am : See you tomorrow." in article(browser("oduya").get(ada))


def test_a_second_tap_adds_nothing(browser, ada, reviews):
    cho = browser("cho")
    cho.get(ada)
    for _ in range(2):
        cho.post(of(KEY, ada), {"version": "1"})
    assert len(reviews()) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [("", "Write a few words, or mark it as seen instead."), ("x" * 2001, "This is 1 character too long. 2000 fit.")],
)
def test_a_reply_that_cannot_be_kept_comes_back_with_the_reason(browser, ada, reviews, reply, said):
    cho = browser("cho")
    cho.get(ada)
    page = cho.post(of(KEY, ada), {"version": "1", "reply": reply}, 422)
    assert words(page.one("p", id=f"reply-{KEY}-error")) == said
    assert words(page.one("textarea", id=f"reply-{KEY}")) == reply
    part = cho.post(of(KEY, ada), {"version": "1", "reply": reply}, 422, fragment=True)
    assert said in article(part)
    assert reviews() == []


def test_what_was_read_is_the_version_that_was_shown(app, browser, cast, ada, reviews):
    cho = browser("cho")
    cho.get(ada)
    with app.app_context():
        write(cast.ada, entry(version=2, mood=1))
        db.session.commit()
    cho.submit(of(KEY, ada))
    assert reviews() == [("Dr Cho", 1, None)]
    text = article(cho.get(ada))
    assert "Seen by you, today, 10:52 am , before it was changed" in text
    assert "Mark as seen" in text


@pytest.mark.asvs("1.4.2")
@pytest.mark.parametrize("version", ["0", "-1", "x", "99", "", "²", "9" * 5000])
def test_a_damaged_version_never_marks_what_is_not_there(browser, ada, reviews, version):
    cho = browser("cho")
    cho.get(ada)
    cho.post(of(KEY, ada), {"version": version})
    assert reviews() == [("Dr Cho", 1, None)]


@pytest.mark.asvs("8.2.2")
def test_an_entry_of_somebody_else_is_not_found(app, browser, cast, ada):
    with app.app_context():
        write(cast.ben, entry(participant_id=cast.ben.id))
        db.session.commit()
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ben.key}")
    cho.post(of(KEY, f"/caseload/{cast.ben.key}"), {"version": "1"}, 404)
    cho.get(f"/caseload/{cast.ben.key}?entry={KEY}", 404)
    cho.get(f"{ada}?entry=no-such-entry", 404)


def test_an_entry_of_long_ago_opens_on_the_page_that_holds_it(app, browser, cast, ada):
    with app.app_context():
        write(cast.ada, *month(TODAY - timedelta(days=1), 37))
        db.session.commit()
    cho = browser("cho")
    cho.get(f"{ada}?entry=20260203-9-1", 303)
    assert cho.location == f"{ada}?entry=20260203-9-1&until=2026-02-03#entry-20260203-9-1"
    assert article(cho.get(cho.location.split("#")[0]), "20260203-9-1")


def test_an_entry_for_a_day_that_has_not_come_leads_round_no_circle(app, browser, cast, ada):
    with app.app_context():
        write(cast.ada, entry(TODAY + timedelta(days=1)))
        db.session.commit()
    cho = browser("cho")
    cho.get(f"{ada}?entry=20260312-9-1", 303)
    cho.get(cho.location.split("#")[0], 404)


def test_a_reply_to_an_old_entry_that_is_refused_shows_that_entry(app, browser, cast, ada):
    with app.app_context():
        write(cast.ada, entry(date(2026, 2, 3)))
        db.session.commit()
    cho = browser("cho")
    page = cho.post(of("20260203-9-1", ada), {"version": "1", "reply": ""}, 422)
    assert "Write a few words" in article(page, "20260203-9-1")


def test_what_was_typed_comes_back_after_the_session_has_run_out(browser, ada, at):
    cho = browser("cho")
    cho.get(ada)
    at.later(minutes=20)
    cho.submit(of(KEY, ada), {"version": "1", "reply": "Half a thought"})
    assert cho.location.startswith("/sign-in")
    page = browser("cho").get(f"{ada}?entry={KEY}")
    assert words(page.one("textarea", id=f"reply-{KEY}")) == "Half a thought"
    assert "We kept what you typed" in page.text


def test_marking_as_seen_drops_no_reply_that_is_being_written(browser, ada):
    """Rule: both are sent to one address, and a reply comes back also where the page lists many check-ins."""
    cho = browser("cho")
    cho.get(ada)
    hidden = {name: cho.page.all("input", name=name)[0].get("value") for name in ("made", "whose")}
    cho.post("/account/drafts", hidden | {"reply": "Thank you for", "_form": of(KEY, ada)}, 200)
    cho.post(of(KEY, ada), {"version": "1"})
    assert "".join(cho.get(ada).one("textarea", name="reply").itertext()).strip() == "Thank you for"


def all_of(page):
    """The button for all that the page shows: its words, and what it says it showed."""
    (form,) = [
        form
        for form in page.all("form")
        if (form.get("action") or "").split("?")[0].endswith("/reviews") and "/check-ins/" not in form.get("action")
    ]
    (shown,) = [field.get("value").split() for field in form.iter("input") if field.get("name") == "shown"]
    return words(form), form.get("action"), shown


@pytest.fixture
def seen(app, cast):
    """`seen()` is the keys of what Dr Cho has marked, the earliest first."""

    def read():
        with app.app_context():
            keys = db.session.scalars(select(CheckIn.key).where(CheckIn.participant_id == cast.ada.id).distinct()).all()
            return sorted(r.check_in_key for r in checkins.reviews_of(cast.ada, keys) if r.by == "Dr Cho")

    return read


def test_all_that_the_page_shows_is_marked_with_one_press(app, cast, browser, seen):
    days = month(days=40)
    with app.app_context():
        write(cast.ada, *days)
        db.session.commit()
    cho, ada = browser("cho"), f"/caseload/{cast.ada.key}"
    said, action, shown = all_of(cho.get(f"{ada}?days=14"))
    assert said == "Mark all 14 as seen"
    cho.post(action, {"shown": shown})
    assert cho.location == f"{ada}?days=14&only=all#checkins"
    assert seen() == sorted(one.key for one in days[-14:])
    assert not [
        form for form in cho.get(f"{ada}?days=14").all("form") if (form.get("action") or "").endswith("/reviews?")
    ]
    cho.post(action, {"shown": shown})
    assert len(seen()) == 14


@pytest.mark.parametrize(
    "grave",
    [
        {"safety": "yes_safe"},
        {"safety": "yes_talk"},
        {"substance_use": "yes"},
        {"mood": 2},
        {"urges": 8},
        {"anxiety": 9},
        {"sleep_hours": 3},
        {"medication": "no"},
    ],
)
def test_what_needs_a_look_by_itself_is_left_out_and_the_button_says_so(app, cast, browser, seen, grave):
    """What counts twice in a row is grave on the second day; whatever a form says, the verb leaves it out."""
    before = entry(
        TODAY - timedelta(days=1), **{name: grave[name] for name in ("sleep_hours", "medication") if name in grave}
    )
    with app.app_context():
        write(cast.ada, entry(TODAY - timedelta(days=3)), entry(TODAY - timedelta(days=2)), before, entry(**grave))
        db.session.commit()
    cho = browser("cho")
    said, action, shown = all_of(cho.get(f"/caseload/{cast.ada.key}"))
    assert said == "Mark 3 as seen, without the one that needs a look"
    assert f"{KEY}:1" not in shown
    cho.post(action, {"shown": [*shown, f"{KEY}:1"]})
    assert len(seen()) == 3 and KEY not in seen()


def test_what_came_or_changed_after_the_page_was_shown_is_not_marked(app, cast, browser, seen):
    with app.app_context():
        write(cast.ada, *month(days=3))
        db.session.commit()
    cho = browser("cho")
    _, action, shown = all_of(cho.get(f"/caseload/{cast.ada.key}"))
    with app.app_context():
        write(cast.ada, entry(hour=10), replace(entry(), version=2, mood=6))
        db.session.commit()
    cho.post(action, {"shown": shown})
    assert seen() == [one.key for one in month(days=3)[:2]]


def test_nobody_but_the_care_team_marks_all(app, cast, browser, seen):
    with app.app_context():
        write(cast.ada, *month(days=3))
        db.session.commit()
    for who in ("dee", "kit", "ben"):
        browser(who).post(f"/caseload/{cast.ada.key}/reviews", {"shown": [f"{KEY}:1"]}, 404)
    assert seen() == []
