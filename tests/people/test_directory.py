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
    assert "Dr Oduya Therapist No participants" in text
    assert "Kit Larsen Coordinator" in text


def test_an_ended_relationship_is_gone(app, cast, at, browser):
    with app.app_context():
        for care in db.session.query(CareRelationship).filter_by(participant_id=cast.ada.id):
            care.ended_at = at.now
        db.session.commit()
    text = browser("kit").get("/people/").text
    assert "Ada Moreno Ada Nobody yet Nobody" in text
    assert "Dr Cho Therapist 1 participant " in text


def test_a_disabled_account_stands_apart_and_treats_nobody(app, cast, at, browser):
    with app.app_context():
        db.session.get(Account, cast.cho.id).disabled_at = at.now
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.commit()
    text = browser("kit").get("/people/").text
    assert "Ada Moreno Ada Nobody yet Dr Oduya" in text
    assert "Switched off Ben Whitaker Participant, off since Wed, Mar 11 Dr Cho Therapist, off since" in text
    assert text.count("Ben") == 1
    assert text.count("Dr Cho") == 1


def test_who_is_invited_and_has_not_joined_is_marked(app, cast, browser):
    assert "Invited" not in browser("kit").get("/people/").text
    with app.app_context():
        for name in ("ada", "cho"):
            db.session.get(Account, getattr(cast, name).id).joined_at = None
        db.session.commit()
    text = browser("kit").get("/people/").text
    assert "ada@example.org Invited" in text
    assert "cho@example.org Invited" in text


def test_every_name_leads_to_its_account(cast, browser):
    page = browser("kit").get("/people/")
    assert {a.get("href") for a in page.all("a")} >= {f"/people/{person.key}" for person in vars(cast).values()}


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_only_a_coordinator_may_list_people(app, cast, browser, who):
    with app.app_context(), pytest.raises(NotFound):
        directory.directory(getattr(cast, who), clock.now())
    browser(who).get("/people/", 404)
