"""The coordinators' list of people: who treats whom, and nothing of anybody's record."""

import pytest
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import directory
from portal.people.models import Account, CareRelationship


def test_participants_stand_with_their_therapists(browser):
    text = browser("kit").get("/people/").text
    assert "Ada Moreno Ada Dr Cho Dr Oduya ada@example.org" in text
    assert "Cleo Park Cleo Dr Dee Nobody cleo@example.org" in text


def test_staff_stand_with_how_many_they_treat(browser):
    text = browser("kit").get("/people/").text
    assert "Dr Cho Therapist 2 participants" in text
    assert "Dr Dee Therapist 1 participant " in text
    assert "Dr Oduya Therapist No one of their own" in text
    assert "Kit Larsen Coordinator" in text


def test_an_ended_relationship_is_gone(app, cast, at, browser):
    with app.app_context():
        for care in db.session.query(CareRelationship).filter_by(participant_id=cast.ada.id):
            care.ended_at = at.now
        db.session.commit()
    text = browser("kit").get("/people/").text
    assert "Ada Moreno Ada Nobody yet Nobody" in text
    assert "Dr Cho Therapist 1 participant " in text


def test_a_disabled_account_is_gone(app, cast, at, browser):
    with app.app_context():
        db.session.get(Account, cast.cho.id).disabled_at = at.now
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.commit()
    text = browser("kit").get("/people/").text
    assert "Ada Moreno Ada Nobody yet Dr Oduya" in text
    assert "Ben" not in text
    assert "Dr Cho" not in text


@pytest.mark.parametrize("who", ["ada", "cho"])
def test_only_a_coordinator_may_list_people(app, cast, browser, who):
    with app.app_context(), pytest.raises(NotFound):
        directory.directory(getattr(cast, who), clock.now())
    browser(who).get("/people/", 404)
