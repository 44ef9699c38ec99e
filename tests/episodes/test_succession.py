"""Ending care on the page of a person: the last of a care team names who comes after, in the same form."""

import pytest

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.people import care
from tests.browser import words


@pytest.fixture
def kit(planner):
    return planner()


def end(kit, person, therapist, role="primary", status=303, **said):
    """Send it from the page, look at what it comes to, and send it again; what was shown, or where it was refused."""
    address = f"/people/{person.key}/care/{therapist.key}/{role}/end"
    kit.get(f"/people/{person.key}")
    if status == 422:
        return kit.submit(address, said, status)
    shown = [words(one) for one in kit.submit(address, said, 200).one("div", id="end-preview").iter("li")]
    kit.submit(address)
    return shown


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


def test_what_it_comes_to_is_shown_first_and_nothing_of_it_is_done(app, kit, cast):
    kit.get(f"/people/{cast.ada.key}")
    page = kit.submit(f"/people/{cast.ada.key}/care/{cast.oduya.key}/covering/end", status=200)
    assert [words(one) for one in page.one("div", id="end-preview").iter("li")] == [
        "Dr Oduya is no longer the covering therapist of Ada.",
        "The record is closed to Dr Oduya at once, even on a page that they have open.",
        "Dr Cho is the primary therapist. A safety flag goes to them first.",
    ]
    assert team(app, cast, cast.ada) == [("Dr Cho", "primary"), ("Dr Oduya", "covering")]


def test_without_a_primary_therapist_it_says_who_is_left_and_that_they_wait_for_one(app, kit, cast):
    assert end(kit, cast.ada, cast.cho) == [
        "Dr Cho is no longer the primary therapist of Ada.",
        "The record is closed to Dr Cho at once, even on a page that they have open.",
        "Nobody is the primary therapist then. A safety flag goes to Dr Oduya, who can read the record.",
        "Ada is listed under People, Somebody waits, until you choose a primary therapist.",
    ]
    waits = kit.get("/people/waiting").one("section", **{"aria-label": "Who has no therapist"})
    assert "Ada Moreno" in words(waits) and "Dr Oduya" in words(waits)


def test_what_changed_since_it_was_shown_is_shown_again(app, kit, cast):
    address = f"/people/{cast.ada.key}/care/{cast.cho.key}/primary/end"
    kit.get(f"/people/{cast.ada.key}")
    kit.submit(address, status=200)
    with app.app_context():
        care.add(cast.kit, cast.ada, cast.dee, "covering", clock.now())
        db.session.commit()
    page = kit.submit(address, status=200)
    assert "A safety flag goes to Dr Dee and Dr Oduya" in page.text
    assert ("Dr Cho", "primary") in team(app, cast, cast.ada)


def test_a_second_tap_changes_nothing(app, kit, cast):
    end(kit, cast.ben, cast.cho, successor=cast.dee.key)
    kit.post(f"/people/{cast.ben.key}/care/{cast.cho.key}/primary/end", {"successor": ""}, 303)
    assert team(app, cast, cast.ben) == [("Dr Dee", "primary")]
