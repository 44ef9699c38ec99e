"""Ending care on the page of a person: the last of a care team names who comes after, in the same form."""

import pytest

from portal.db import db
from portal.episodes.models import Episode
from portal.people import care
from tests.browser import words


@pytest.fixture
def kit(browser):
    return browser("kit")


def end(kit, person, therapist, role="primary", status=303, **said):
    kit.get(f"/people/{person.key}")
    return kit.submit(f"/people/{person.key}/care/{therapist.key}/{role}/end", said, status)


def team(app, cast, person):
    with app.app_context():
        return [(one.name, one.role) for one in care.found_team(cast.kit, person.key).members]


def test_the_last_of_the_team_has_a_field_for_who_comes_after_and_others_have_none(kit, cast):
    assert not kit.get(f"/people/{cast.ada.key}").all("select", name="successor")
    page = kit.get(f"/people/{cast.ben.key}")
    field = page.one("select", name="successor")
    assert [words(one) for one in field.iter("option")] == ["Nobody", "Dr Dee", "Dr Oduya"]


def test_without_a_successor_it_is_refused_beside_the_field_and_nothing_changes(app, kit, cast):
    page = end(kit, cast.ben, cast.cho, status=422, successor="")
    said = words(page.one("p", id=f"successor-{cast.cho.key}-error"))
    assert said == (
        "Choose who treats Ben from now on: they are in the program, and nobody else is on their care team."
    )
    assert team(app, cast, cast.ben) == [("Dr Cho", "primary")]


def test_a_successor_is_the_primary_therapist_at_once(app, kit, cast):
    end(kit, cast.ben, cast.cho, successor=cast.dee.key)
    assert team(app, cast, cast.ben) == [("Dr Dee", "primary")]
    assert "Ended. The record is closed to them." in kit.get(kit.location).text


def test_who_finished_needs_nobody_after(app, kit, cast):
    with app.app_context():
        db.session.query(Episode).filter_by(participant_id=cast.ben.id).update({"status": "finished"})
        db.session.commit()
    end(kit, cast.ben, cast.cho, successor="")
    assert team(app, cast, cast.ben) == []


def test_a_second_tap_changes_nothing(app, kit, cast):
    end(kit, cast.ben, cast.cho, successor=cast.dee.key)
    kit.post(f"/people/{cast.ben.key}/care/{cast.cho.key}/primary/end", {"successor": ""}, 303)
    assert team(app, cast, cast.ben) == [("Dr Dee", "primary")]
