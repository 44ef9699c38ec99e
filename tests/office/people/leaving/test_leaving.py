"""A therapist who leaves: who takes over is named in one form, shown first, and switching off never waits for it."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import clock, flags, people, program
from portal.audit.models import AuditEvent
from portal.db import db
from portal.flags.owners import owners
from portal.flags.raising import raise_flag
from portal.mail import Mail
from portal.people import care
from portal.people.care.on_call import on_call
from portal.people.care.time_away import enter_time_away
from portal.people.models import Account
from tests.browser import words
from tests.schedule.timetable import timetable as timetable


@pytest.fixture
def kit(planner):
    return planner()


def leave(kit, who, data=None, status=303):
    """Send the page on which they leave, look at what it comes to, and send it again; what was shown, or the page."""
    address = f"/people/{who.key}/leaving"
    kit.get(address)
    page = kit.submit(address, data or {}, 200 if status == 303 else status)
    if status != 303:
        return page
    shown = [words(one) for one in page.one("div", id="leaving-preview").iter("li")]
    kit.submit(address)
    return shown


def off(kit, who, data=None, status=303):
    return leave(kit, who, {"then": "off", **(data or {})}, status)


def is_off(app, who):
    with app.app_context():
        return db.session.get(Account, who.id).disabled_at is not None


def called(app, at):
    with app.app_context():
        return [one.therapist.name for one in on_call(clock.day_of(at.now, program.current().zone))]


def treated_by(app, therapist, at):
    with app.app_context():
        return sorted(person.called for person, role in people.participants_of(therapist, at.now) if role == "primary")


def test_the_form_says_how_many_people_they_treat_and_offers_the_others(kit, cast):
    page = kit.get(f"/people/{cast.cho.key}")
    assert "They are the primary therapist of 2 participants." in page.text
    page = kit.get(f"/people/{cast.cho.key}/leaving")
    assert "Dr Cho is the primary therapist of 2 participants." in page.text
    offered = [words(one) for one in page.one("select", id="successor").iter("option")]
    assert offered == ["Nobody yet", "Dr Dee", "Dr Oduya"]
    assert not kit.get(f"/people/{cast.oduya.key}/leaving").all("select", id="successor")
    for who in (cast.ada, cast.kit):
        kit.get(f"/people/{who.key}/leaving", 404)


def test_a_successor_becomes_the_primary_therapist_of_all_of_them(app, kit, cast, at):
    off(kit, cast.cho, {"successor": cast.oduya.key})
    assert treated_by(app, cast.oduya, at) == ["Ada", "Ben"]
    assert "Waiting for a therapist" not in kit.get("/people/waiting").text


def test_it_never_waits_for_a_successor_and_an_open_flag_is_with_somebody_at_once(app, kit, cast, at):
    with app.app_context():
        raise_flag(cast.ben, "yes_talk", "check-in-1", at.now)
        db.session.commit()
    off(kit, cast.cho)
    assert is_off(app, cast.cho)
    with app.app_context():
        owned = owners([cast.ben.id], program.current(), at.now)[cast.ben.id]
        assert [one.name for one in owned.now] == ["Dr Dee"]
        assert flags.open_flags([people.participant_of(cast.dee, cast.ben.key).id])


def test_the_last_one_on_call_names_who_is_instead_beside_the_field(app, kit, cast, at):
    page = off(kit, cast.dee, {"successor": cast.cho.key}, 422)
    assert "Nobody else would be on call on Wednesday, March 11." in words(page.one("p", id="on_call-error"))
    kept = [words(one) for one in page.one("select", id="successor").iter("option") if one.get("selected") is not None]
    assert kept == ["Dr Cho"]
    assert not is_off(app, cast.dee)
    assert called(app, at) == ["Dr Dee"] and treated_by(app, cast.cho, at) == ["Ada", "Ben"]
    off(kit, cast.dee, {"successor": cast.cho.key, "on_call": cast.oduya.key})
    assert is_off(app, cast.dee)
    assert called(app, at) == ["Dr Oduya"] and treated_by(app, cast.cho, at) == ["Ada", "Ben", "Cleo"]


def test_a_successor_on_call_who_is_away_that_day_is_none(app, kit, cast, at):
    with app.app_context():
        days = date(2026, 3, 11), date(2026, 3, 13)
        enter_time_away(cast.kit, cast.oduya, cast.cho, *days, at.now)
        db.session.commit()
    page = off(kit, cast.dee, {"on_call": cast.oduya.key}, 422)
    assert "Nobody else would be on call on Wednesday, March 11." in page.text
    assert called(app, at) == ["Dr Dee"]


def test_the_last_therapist_of_all_is_switched_off_and_the_safety_questions_with_them(app, kit, cast):
    off(kit, cast.cho)
    off(kit, cast.oduya)
    assert "the safety questions go off with it" in kit.get(f"/people/{cast.dee.key}/leaving").text
    assert "No other therapist's account is open, so the safety questions are off." in off(kit, cast.dee)
    assert is_off(app, cast.dee)
    with app.app_context():
        assert not program.current().asks_safety


def test_a_name_that_is_not_offered_is_refused(app, kit, cast):
    page = off(kit, cast.cho, {"successor": cast.cho.key}, 422)
    assert words(page.one("p", id="successor-error")) == "Choose one of the therapists shown."
    assert not is_off(app, cast.cho)


def test_whose_account_is_off_is_nobody_to_leave_people_to(app, kit, cast):
    """Rule: who treats nobody any more does not count as the rest of a care team."""
    off(kit, cast.cho)
    with app.app_context():
        team = care.found_team(cast.kit, cast.ada.key)
        assert team.primary is None
        assert [team.is_last(one) for one in team.members] == [False, True]
    page = kit.get(f"/people/{cast.ada.key}")
    assert "Dr Cho Switched off Primary therapist" in page.text
    assert "Ada has no primary therapist." in page.text
    end = f"/people/{cast.ada.key}/care/{cast.oduya.key}/covering/end"
    refused = kit.submit(end, {"successor": ""}, 422)
    assert "Choose who treats Ada from now on" in refused.text
    kit.submit(end, {"successor": cast.dee.key}, 200)
    kit.submit(end)
    assert "Ada Moreno None yet Dr Dee" in kit.get("/people/").text


def test_each_can_go_to_another_and_all_of_it_is_one_step(app, kit, cast, at):
    with app.app_context():
        raise_flag(cast.ben, "yes_talk", "check-in-1", at.now)
        db.session.commit()
    chosen = {"successor": cast.oduya.key, f"to-{cast.ben.key}": cast.dee.key, "then": "on"}
    assert leave(kit, cast.cho, chosen) == [
        "Dr Oduya becomes the primary therapist of Ada Moreno.",
        "Dr Dee becomes the primary therapist of Ben Whitaker.",
        "Open safety flags of these people: 1. From then on with Dr Dee.",
    ]
    assert "Handed over." in kit.get(kit.location).text
    assert not is_off(app, cast.cho)
    assert treated_by(app, cast.cho, at) == []
    assert treated_by(app, cast.oduya, at) == ["Ada"] and treated_by(app, cast.dee, at) == ["Ben", "Cleo"]
    with app.app_context():
        of_each = select(AuditEvent.what, Account.called).join(Account, Account.id == AuditEvent.participant_id)
        rows = db.session.execute(of_each.where(AuditEvent.what.in_(("care.add", "care.end"))).order_by(AuditEvent.id))
        assert [tuple(row) for row in rows][-5:] == [
            ("care.end", "Ada"),
            ("care.end", "Ada"),
            ("care.add", "Ada"),
            ("care.end", "Ben"),
            ("care.add", "Ben"),
        ]
        to = select(Account.called).join(Mail, Mail.account_id == Account.id).where(Mail.given_up_at.is_(None))
        assert sorted(db.session.scalars(to)) == ["Dr Cho", "Dr Dee"]


def test_nothing_is_done_before_it_was_shown_and_what_changed_since_is_shown_again(app, kit, cast, at):
    address = f"/people/{cast.cho.key}/leaving"
    kit.get(address)
    kit.submit(address, {"successor": cast.oduya.key, "then": "off"}, 200)
    assert not is_off(app, cast.cho) and treated_by(app, cast.cho, at) == ["Ada", "Ben"]
    with app.app_context():
        care.add(cast.kit, cast.ben, cast.dee, "primary", at.now)
        db.session.commit()
    assert "primary therapist of Ada Moreno." in words(kit.submit(address, status=200).one("div", id="leaving-preview"))
    kit.submit(address)
    assert treated_by(app, cast.oduya, at) == ["Ada"] and treated_by(app, cast.dee, at) == ["Ben", "Cleo"]


def test_it_says_what_they_lead_who_waits_and_who_is_on_call_then(app, kit, cast, timetable):
    said = off(kit, cast.cho, {f"to-{cast.ada.key}": cast.dee.key})
    assert "Nobody is the primary therapist of Ben Whitaker then. Under People, Somebody waits, you choose one." in said
    assert any(one.startswith("Dr Cho leads ") and "to come, and nothing here changes that." in one for one in said)
    assert "Dr Cho is signed out everywhere at once and cannot sign in. Nothing they wrote is deleted." in said


def test_the_old_button_switches_no_therapist_off_unseen(app, kit, cast):
    kit.post(f"/people/{cast.cho.key}/disable", {"successor": cast.dee.key}, 303)
    assert kit.location == f"/people/{cast.cho.key}/leaving"
    assert not is_off(app, cast.cho)


def test_switching_on_again_says_what_comes_back_and_what_does_not(kit, cast):
    off(kit, cast.cho, {f"to-{cast.ada.key}": cast.dee.key})
    text = kit.get(f"/people/{cast.cho.key}").text
    assert "Whoever waits for a therapist is theirs again (1 participant); whoever was handed over stays" in text
    assert "They are not on call until you put them on the list again." in text
