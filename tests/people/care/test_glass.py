"""Breaking the glass: what it takes, what it opens and for how long, and what stays on record of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal import clock, exercises, flags, seal
from portal.db import db, new_key
from portal.drafts import Draft
from portal.exercises import EXERCISES
from portal.people import contacts
from portal.people.models import Account, BreakGlass, CareRelationship
from tests.browser import words
from tests.on_record import told

REASON = "She called the front desk and sounded unsafe; Dr Cho is on a plane."


def open_record(therapist, who="Ada Moreno", status=303, reason=REASON):
    therapist.get("/break-glass")
    return therapist.submit("/break-glass", {"who": who, "reason": reason}, status)


def openings(app):
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(BreakGlass.therapist_id, BreakGlass.participant_id))]


@pytest.mark.asvs("8.2.2", "8.3.2")
def test_it_opens_the_record_for_an_hour_and_not_a_second_longer(app, browser, cast, at):
    dee, record = browser("dee"), f"/caseload/{cast.ada.key}"
    dee.get(record, 404)
    open_record(dee)
    assert dee.location == record
    page = dee.get(record)
    assert words(page.one("p", id="opened")) == (
        "You opened this record in an emergency. It closes at 11:52 am ."
        " You can read it and write down what you did about a safety flag. The coordinator will review this."
    )
    assert REASON not in page.html
    for _ in range(4):  # the session stays in use
        at.later(minutes=14)
        dee.get("/caseload/")
    at("2026-03-11T11:51:59")
    dee.get(record)
    at("2026-03-11T11:52:00")
    dee.get(record, 404)


@pytest.mark.asvs("16.2.1")
def test_it_is_on_record_with_whom_and_a_sealed_reason(app, browser, cast):
    open_record(browser("dee"))
    with app.app_context():
        row = db.session.execute(select(BreakGlass.key, BreakGlass.reason)).one()
        assert REASON.encode() not in row.reason
        assert seal.open(BreakGlass.reason, row.reason, row.key) == REASON
    assert told(app, "glass.break", "glass.miss") == [("glass.break", cast.dee.id, cast.ada.id, row.key)]


def test_the_caseload_does_not_list_whom_it_opened(browser, cast):
    dee = browser("dee")
    open_record(dee)
    assert "Ada Moreno" not in words(dee.get("/caseload/").one("div", id="list"))
    assert "Ada Moreno" not in dee.get("/flags/").text


@pytest.mark.parametrize("address", ["/caseload/", "/break-glass"])
def test_what_is_open_in_an_emergency_is_named_with_its_end_and_a_way_back(browser, cast, at, address):
    dee = browser("dee")
    assert not dee.get(address).all("section", id="openings")
    open_record(dee)
    at.later(minutes=4)
    open_record(dee)  # again: the later end counts
    open_record(dee, "Ben Whitaker")
    openings = dee.get(address).one("section", id="openings")
    said = [words(one) for one in openings.iter("li")]
    assert said == ["Ada Moreno , open until 11:56 am", "Ben Whitaker , open until 11:56 am"]
    assert [link.get("href") for link in openings.iter("a")] == [f"/caseload/{p.key}" for p in (cast.ada, cast.ben)]
    assert not browser("cho").get(address).all("section", id="openings")
    at.later(hours=1)
    assert not browser("dee").get(address).all("section", id="openings")


def test_whoever_joins_the_care_team_meanwhile_has_it_on_the_caseload_alone(browser, cast):
    dee = browser("dee")
    open_record(dee)
    browser("kit").post(f"/people/{cast.ada.key}/care", {"therapist": cast.dee.key, "role": "covering"})
    page = dee.get("/caseload/")
    assert not page.all("section", id="openings")
    assert "Ada Moreno" in words(page.one("div", id="list"))


def write_plan(app, cast, signs):
    with app.app_context():
        exercises.finish(cast.ada, EXERCISES["safety-plan"], new_key(), {"signs": signs}, clock.now())
        db.session.commit()


def test_under_the_banner_stand_the_care_team_and_that_there_is_a_plan_but_not_its_words(app, browser, cast, at):
    write_plan(app, cast, "Pacing at night")
    with app.app_context():
        db.session.execute(db.update(Account).where(Account.id == cast.cho.id).values(mail_ok=True))
        db.session.commit()
    dee = browser("dee")
    open_record(dee)
    page = dee.get(f"/caseload/{cast.ada.key}")
    assert "Ada wrote one, last changed Wed, Mar 11" in words(page.one("section", aria_labelledby="plan"))
    assert "Pacing" not in page.html
    team = page.one("section", aria_labelledby="care")
    assert [words(one) for one in team.iter("li")] == [
        "Dr Cho , primary therapist cho@example.org",
        "Dr Oduya , covering therapist",
    ]
    assert "(212) 555-0142" in words(team)
    assert page.html.index('id="opened"') < page.html.index('id="plan"') < page.html.index('id="since"')


def test_without_a_plan_and_without_a_team_it_says_so(app, browser, cast, at):
    with app.app_context():
        ended = db.update(CareRelationship).where(CareRelationship.participant_id == cast.ada.id)
        db.session.execute(ended.values(ended_at=at.now))
        db.session.commit()
    dee = browser("dee")
    open_record(dee)
    said = words(dee.get(f"/caseload/{cast.ada.key}").one("div", id="emergency"))
    assert "Ada has not written a safety plan here yet." in said
    assert "Nobody is on the care team now." in said


def test_a_draft_of_a_plan_is_no_plan_and_a_care_team_of_tomorrow_is_none(app, browser, cast, at):
    with app.app_context():
        exercises.save_draft(cast.ada, EXERCISES["safety-plan"], new_key(), {"signs": "Pacing"}, at.now)
        begins = db.update(CareRelationship).where(CareRelationship.participant_id == cast.ada.id)
        db.session.execute(begins.values(starts_on=at.now.date() + timedelta(days=1)))
        db.session.commit()
    dee = browser("dee")
    open_record(dee)
    said = words(dee.get(f"/caseload/{cast.ada.key}").one("div", id="emergency"))
    assert "Pacing" not in said
    assert "Nobody is on the care team now." in said


def test_their_own_care_team_sees_none_of_that(app, browser, cast):
    write_plan(app, cast, "Pacing at night")
    page = browser("cho").get(f"/caseload/{cast.ada.key}")
    assert not page.all("div", id="emergency")
    assert "Pacing" not in page.html


@pytest.mark.parametrize(
    "who", ["Ada Moreno", "ada moreno", "  ADA   MORENO ", "ada@example.org", " Ada@Example.org", "Ａda Moreno"]
)
def test_a_record_is_named_by_the_whole_name_or_what_signs_in(app, browser, cast, who):
    open_record(browser("dee"), who)
    assert openings(app) == [(cast.dee.id, cast.ada.id)]


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize(
    "who", ["Ada", "Moreno", "Ada M", "A%", "Ada Moren_", "Dr Cho", "Kit Larsen", "cho@example.org"]
)
def test_a_part_of_a_name_and_staff_are_nobody(app, browser, cast, who):
    page = open_record(browser("dee"), who, 422)
    assert words(page.one("p", id="who-error")).startswith("Nobody here has this name.")
    assert openings(app) == []
    assert told(app, "glass.miss") == [("glass.miss", cast.dee.id, None, None)]


def test_a_closed_account_is_nobody(app, browser, cast, at):
    with app.app_context():
        db.session.execute(db.update(Account).where(Account.id == cast.ada.id).values(disabled_at=at.now))
        db.session.commit()
    open_record(browser("dee"), status=422)
    assert openings(app) == []


def test_an_account_that_is_closed_meanwhile_closes_the_record(app, browser, cast, at):
    dee = browser("dee")
    open_record(dee)
    with app.app_context():
        db.session.execute(db.update(Account).where(Account.id == cast.ada.id).values(disabled_at=at.now))
        db.session.commit()
    dee.get(f"/caseload/{cast.ada.key}", 404)


def test_two_of_one_name_are_told_apart_by_what_signs_them_in_and_nobody_is_listed(app, browser, cast):
    with app.app_context():
        facts = {"role": "participant", "name": "Ada Moreno", "called": "Addie", "zone": "America/New_York"}
        db.session.add(contacts.new_account("addie@example.org", **facts))
        db.session.commit()
    dee = browser("dee")
    page = open_record(dee, status=422)
    said = words(page.one("p", id="who-error"))
    assert said == "More than one person has this name. Use their email or sign-in name."
    assert "Addie" not in page.html
    assert page.one("input", id="who").get("value") == "Ada Moreno"
    assert words(page.one("textarea", id="reason")) == REASON
    assert told(app, "glass.miss") == [("glass.miss", cast.dee.id, None, None)]
    open_record(dee, "ada@example.org")
    assert openings(app) == [(cast.dee.id, cast.ada.id)]


@pytest.mark.parametrize("who", ["cho", "oduya"])
def test_their_own_care_team_needs_no_glass(app, browser, cast, who):
    page = open_record(browser(who), status=422)
    assert words(page.one("p", id="who-error")).startswith("You are on this person's care team.")
    assert openings(app) == []
    assert told(app, "glass.miss", "glass.break") == [("glass.miss", getattr(cast, who).id, None, None)]


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("who", "reason", "field"),
    [
        ("Ada Moreno", "too short", "reason"),
        ("Ada Moreno", "", "reason"),
        ("Ada Moreno", "x" * 501, "reason"),
        ("Ada Moreno", " " * 20, "reason"),
        ("Ada Moreno", "a reason that\x00 hides", "reason"),
        ("", REASON, "who"),
        ("x" * 255, REASON, "who"),
        ("Ada\x00 Moreno", REASON, "who"),
    ],
)
def test_what_cannot_be_is_refused_and_is_no_try(app, browser, cast, who, reason, field):
    dee = browser("dee")
    page = dee.post("/break-glass", {"who": who, "reason": reason}, 422)
    assert page.one("p", id=f"{field}-error") is not None
    assert openings(app) == []
    assert told(app, "glass.miss", "glass.break") == []


@pytest.mark.parametrize("reason", ["x" * 10, "é" * 500])
def test_a_reason_has_ten_to_five_hundred_characters(app, browser, cast, reason):
    open_record(browser("dee"), reason=reason)
    assert len(openings(app)) == 1


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_it_is_for_therapists(app, browser, cast, who):
    someone = browser(who)
    someone.get("/break-glass", 404)
    someone.post("/break-glass", {"who": "Ben Whitaker", "reason": REASON}, 404)
    assert openings(app) == []


@pytest.mark.asvs("7.5.3")
def test_it_asks_for_a_proof_that_is_not_old_and_gives_back_what_was_typed(app, browser, cast, at):
    dee = browser("dee")
    dee.get("/break-glass")
    at.later(minutes=5, seconds=1)
    dee.submit("/break-glass", {"who": "Ada Moreno", "reason": REASON})
    assert dee.location == "/confirm?next=/confirm/unfinished"
    assert openings(app) == []
    dee.get("/break-glass", 303)
    page = browser("dee").get("/break-glass")  # a new sign-in is a proof, too
    assert "We kept what you typed" in page.text
    assert page.one("input", id="who").get("value") == "Ada Moreno"
    assert words(page.one("textarea", id="reason")) == REASON
    open_record(browser("dee"))
    with app.app_context():
        assert db.session.scalars(select(Draft.address)).all() == []


@pytest.mark.asvs("2.4.1")
def test_ten_tries_an_hour(app, browser, cast, at):
    dee = browser("dee")
    for _ in range(10):
        open_record(dee, "Nobody", 422)
    open_record(dee, status=429)
    assert openings(app) == []
    at.later(hours=1, seconds=1)
    open_record(browser("dee"))
    assert len(openings(app)) == 1


@pytest.mark.asvs("8.2.2", "8.2.3")
def test_it_opens_for_reading_and_a_flag_may_be_ended(app, browser, cast, at):
    """What may be done under broken glass: everything is read, a flag is signed, nothing else is written."""
    ada, dee = browser("ada"), browser("dee")
    ada.post("/check-ins/", {"mood": "2", "key": "k" * 22, "for_day": "2026-03-11", "safety": "yes_talk"})
    open_record(dee)
    page = dee.get(f"/caseload/{cast.ada.key}")
    assert page.all("article", id="entry-" + "k" * 22)
    reviews = f"/caseload/{cast.ada.key}/check-ins/{'k' * 22}/reviews"
    assert not [form for form in page.all("form") if form.get("action") == reviews]
    dee.post(reviews, {"version": "1", "reply": "Hello"}, 404)
    dee.post(reviews, {"version": "1"}, 404)
    with app.app_context():
        flag = flags.open_flags([cast.ada.id])[cast.ada.id].key
    address = f"/caseload/{cast.ada.key}/flags/{flag}"
    page = dee.get(address)
    assert page.one("p", id="opened") is not None
    dee.submit(address, {"act": "contacted"})
    with app.app_context():
        assert flags.flag_of(cast.ada, flag).closing.by == "Dr Dee"
    done = [row[0] for row in told(app, "record.view", "check_in.review", "check_in.reply", "flag.act")]
    assert done == ["record.view", "flag.act"]


def test_a_refused_signature_still_says_that_the_record_was_opened(browser, cast):
    browser("ada").post("/check-ins/", {"mood": "2", "key": "k" * 22, "for_day": "2026-03-11", "safety": "yes_talk"})
    dee = browser("dee")
    open_record(dee)
    link = next(
        a.get("href") for a in dee.get(f"/caseload/{cast.ada.key}").all("a") if "/flags/" in (a.get("href") or "")
    )
    dee.get(link)
    assert dee.submit(link, {}, 422).one("p", id="opened") is not None


@pytest.mark.asvs("8.2.2")
def test_it_opens_one_record_to_one_therapist(browser, cast):
    dee = browser("dee")
    open_record(dee)
    dee.get(f"/caseload/{cast.ben.key}", 404)
    browser("oduya").get(f"/caseload/{cast.ben.key}", 404)


def test_whoever_joins_the_care_team_meanwhile_reads_without_the_banner(browser, cast):
    dee, kit = browser("dee"), browser("kit")
    open_record(dee)
    kit.post(f"/people/{cast.ada.key}/care", {"therapist": cast.dee.key, "role": "covering"})
    assert not dee.get(f"/caseload/{cast.ada.key}").all("p", id="opened")


def test_opening_it_again_while_it_is_open_begins_a_new_hour_with_its_own_reason(app, browser, cast, at):
    open_record(browser("dee"))
    at.later(minutes=50)
    dee = browser("dee")
    open_record(dee)
    at.later(minutes=11)
    assert "It closes at 12:42 pm" in dee.get(f"/caseload/{cast.ada.key}").text
    assert len(openings(app)) == 2


def test_the_caseload_leads_to_it_quietly(browser):
    page = browser("dee").get("/caseload/")
    assert [words(a) for a in page.one("footer").iter("a") if a.get("href") == "/break-glass"] == [
        "Open another record in an emergency"
    ]


@pytest.mark.parametrize(
    "change",
    [
        "finding = 'justified'",
        "finding = 'fine', reviewed_at = starts_at, reviewed_by_id = therapist_id",
        "ends_at = starts_at",
        "participant_id = therapist_id",
    ],
)
def test_the_database_refuses_half_a_review_and_no_time_at_all(app, browser, cast, change):
    open_record(browser("dee"))
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(text(f"update break_glasses set {change}"))
