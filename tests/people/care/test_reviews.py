"""The review of broken glass: what waits, what a coordinator is told, and what they say of it."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.db import db
from portal.people.care import reviews
from portal.people.models import BreakGlass
from tests.browser import words
from tests.on_record import told
from tests.people.care.test_glass import REASON, open_record

QUEUE = "/break-glass/reviews"


@pytest.fixture
def opened(app, browser, cast):
    """The key of an opening: Dr Dee opened Ada's record at 10:52, and looked at it."""
    dee = browser("dee")
    open_record(dee)
    dee.get(f"/caseload/{cast.ada.key}")
    with app.app_context():
        return db.session.scalar(select(BreakGlass.key))


def finding(app):
    with app.app_context():
        return db.session.execute(select(BreakGlass.finding, BreakGlass.reviewed_by_id, BreakGlass.reviewed_at)).one()


def test_the_queue_says_who_whose_when_why_and_what_was_done(browser, cast, opened, at):
    at.later(minutes=20)
    text = browser("kit").get(QUEUE).text
    assert "Dr Dee opened the record of Ada Moreno" in text
    assert "Today, 10:52 am . Review by Sat, Mar 14, 10:52 am ." in text
    assert REASON in text
    assert "Looked at the record. It is still open, until today, 11:52 am ." in text


def test_what_was_done_is_counted_and_what_came_later_is_not(browser, cast, opened, at):
    browser("ada").post("/check-ins/", {"mood": "2", "key": "k" * 22, "for_day": "2026-03-11", "safety": "yes_talk"})
    at.later(minutes=14)
    dee = browser("dee")
    page = dee.get(f"/caseload/{cast.ada.key}")
    link = next(a.get("href") for a in page.all("a") if "/flags/" in (a.get("href") or ""))
    dee.get(link)
    dee.submit(link, {"act": "contacted"})
    kit = browser("kit")
    assert "Wrote down what was done about a flag, looked at the record 2 times." in kit.get(QUEUE).text
    kit.post(f"/people/{cast.ada.key}/care", {"therapist": cast.dee.key, "role": "covering"})
    at.later(hours=2)
    browser("dee").get(f"/caseload/{cast.ada.key}")
    assert "Wrote down what was done about a flag, looked at the record 2 times." in browser("kit").get(QUEUE).text


def test_an_hour_in_which_nothing_was_done_says_that(browser, cast):
    open_record(browser("dee"))
    assert "Did not look at the record." in browser("kit").get(QUEUE).text


@pytest.mark.asvs("8.2.3")
def test_the_coordinator_sees_nothing_of_the_record(browser, cast, opened, at):
    browser("ada").post(
        "/check-ins/", {"mood": "2", "key": "k" * 22, "for_day": "2026-03-11", "note": "a quiet canary"}
    )
    kit = browser("kit")
    assert "canary" not in kit.get(QUEUE).html
    kit.get(f"/caseload/{cast.ada.key}", 404)


def test_after_three_days_it_is_overdue(browser, opened, at):
    at("2026-03-14T10:52:00")
    assert "Overdue" not in browser("kit").get(QUEUE).text
    at("2026-03-14T10:52:01")
    kit = browser("kit")
    assert "Overdue The review was due today, 10:52 am ." in kit.get(QUEUE).text
    assert words(kit.get("/people/").one("p", id="waiting")) == (
        "One record was opened in an emergency and waits for your review. It is overdue. Review"
    )


def test_the_list_of_people_says_what_waits_and_nothing_when_nothing_does(browser, cast, opened):
    dee, kit = browser("dee"), browser("kit")
    assert words(kit.get("/people/").one("p", id="waiting")) == (
        "One record was opened in an emergency and waits for your review. Review"
    )
    open_record(dee, "Ben Whitaker")
    assert words(kit.get("/people/").one("p", id="waiting")).startswith(
        "2 records were opened in an emergency and wait"
    )
    kit.get(QUEUE)
    for form in kit.page.all("form"):
        if form.get("action", "").startswith(QUEUE + "/"):
            kit.post(form.get("action"), {"finding": "justified"})
    assert not kit.get("/people/").all("p", id="waiting")
    assert "Nothing is waiting for a review." in kit.get(QUEUE).text


@pytest.mark.asvs("16.2.1")
@pytest.mark.parametrize(
    ("said", "word"), [("justified", "There was good reason"), ("follow_up", "It needs a follow-up")]
)
def test_a_review_is_kept_with_who_and_when(app, browser, cast, opened, at, said, word):
    kit = browser("kit")
    kit.get(QUEUE)
    kit.submit(f"{QUEUE}/{opened}", {"finding": said})
    assert kit.location == QUEUE
    assert tuple(finding(app)) == (said, cast.kit.id, at.now)
    assert told(app, "glass.review") == [("glass.review", cast.kit.id, cast.ada.id, opened)]
    page = kit.get(QUEUE)
    assert "Nothing is waiting for a review." in page.text
    assert f"{word} Kit Larsen, today, 10:52 am" in page.text
    at.later(days=31)
    assert "Dr Dee" not in browser("kit").get(QUEUE).text


def test_a_review_without_a_finding_is_refused_beside_its_own_field(app, browser, cast, opened):
    open_record(browser("dee"), "Ben Whitaker")
    kit = browser("kit")
    kit.get(QUEUE)
    page = kit.submit(f"{QUEUE}/{opened}", {}, 422)
    assert words(page.one("p", id=f"finding-{opened}-error")) == "Choose what you found."
    kit.post(f"{QUEUE}/{opened}", {"finding": "fine"}, 422)
    assert finding_of(app, opened) is None


def finding_of(app, key):
    with app.app_context():
        return db.session.scalar(select(BreakGlass.finding).where(BreakGlass.key == key))


@pytest.mark.asvs("2.3.4")
def test_a_second_review_changes_nothing_and_says_so(app, browser, cast, opened):
    kit = browser("kit")
    kit.post(f"{QUEUE}/{opened}", {"finding": "follow_up"})
    page = kit.post(f"{QUEUE}/{opened}", {"finding": "justified"}, 409)
    assert "Someone else reviewed this first." in page.text
    assert finding_of(app, opened) == "follow_up"
    assert len(told(app, "glass.review")) == 1


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "dee", "cho"])
def test_reviews_are_for_coordinators(app, browser, cast, opened, who):
    someone = browser(who)
    someone.get(QUEUE, 404)
    someone.post(f"{QUEUE}/{opened}", {"finding": "justified"}, 404)
    assert finding_of(app, opened) is None


def test_an_opening_that_there_is_not_is_not_found(browser, opened):
    browser("kit").post(f"{QUEUE}/no-such-key", {"finding": "justified"}, 404)


@pytest.mark.asvs("7.5.3")
def test_a_review_asks_for_a_proof_that_is_not_old_and_keeps_the_choice(app, browser, opened, at):
    kit = browser("kit")
    kit.get(QUEUE)
    at.later(minutes=5, seconds=1)
    kit.submit(f"{QUEUE}/{opened}", {"finding": "follow_up"})
    assert kit.location.startswith("/confirm?next=")
    assert finding_of(app, opened) is None
    page = browser("kit").get(f"{QUEUE}?key={opened}")
    chosen = [radio.get("value") for radio in page.all("input", name="finding") if radio.get("checked") is not None]
    assert chosen == ["follow_up"]


def test_a_finding_is_one_of_two(app, cast, opened, at):
    with app.app_context(), pytest.raises(ValueError, match="is not a finding"):
        reviews.review(cast.kit, opened, "fine", at.now)


def test_looking_at_the_queue_is_on_record(app, browser, cast, opened):
    browser("kit").get(QUEUE)
    with app.app_context():
        assert db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.what == "glass.list")).all() == [
            cast.kit.id
        ]


def test_a_hundred_openings_are_two_reads(browser, app, cast, at):
    from portal.people.care import glass

    with app.app_context():
        for number in range(100):
            glass.break_for(cast.dee, "Ada Moreno", f"Reason number {number}", at.now)
        db.session.commit()
    assert "To review 100" in browser("kit").get(QUEUE).text  # the browser counts the SELECTs
