"""Switching off a therapist's account: who takes over is named in the same form, and nothing ever waits for it."""

from datetime import date

import pytest

from portal import clock, flags, people, program
from portal.db import db
from portal.flags.owners import owners
from portal.flags.raising import raise_flag
from portal.people import care
from portal.people.care.on_call import on_call
from portal.people.care.time_away import enter_time_away
from portal.people.models import Account
from tests.browser import words


@pytest.fixture
def kit(planner):
    return planner()


def off(kit, who, data=None, status=303):
    kit.get(f"/people/{who.key}")
    return kit.submit(f"/people/{who.key}/disable", data or {}, status)


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
    offered = [words(one) for one in page.one("select", id="successor").iter("option")]
    assert offered == ["Nobody yet", "Dr Dee", "Dr Oduya"]
    assert not kit.get(f"/people/{cast.oduya.key}").all("select", id="successor")
    assert not kit.get(f"/people/{cast.ada.key}").all("select", id="on_call")


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
    page = off(kit, cast.dee, {"successor": cast.cho.key}, 409)
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
    page = off(kit, cast.dee, {"on_call": cast.oduya.key}, 409)
    assert "Nobody else would be on call on Wednesday, March 11." in page.text
    assert called(app, at) == ["Dr Dee"]


def test_the_last_therapist_of_all_is_switched_off_and_the_safety_questions_with_them(app, kit, cast):
    off(kit, cast.cho)
    off(kit, cast.oduya)
    assert "The safety questions go off with this one" in kit.get(f"/people/{cast.dee.key}").text
    off(kit, cast.dee)
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
    assert "Ada Moreno Ada Dr Dee" in kit.get("/people/").text
