"""The lists of people for coordinators: who is told apart by what, who treats how many, and nothing of a record."""

import pytest
from werkzeug.exceptions import NotFound

from portal import clock
from portal.db import db
from portal.people import contact_details, directory
from portal.people.models import Account

STAFF, OFF = "/people/staff", "/people/switched-off"


def test_staff_stand_with_how_many_they_treat(browser):
    text = browser("kit").get(STAFF).text
    assert "Dr Cho Therapist 2 participants cho@example.org" in text
    assert "Dr Dee Therapist 1 participant dee@example.org" in text
    assert "Dr Oduya Therapist No participants" in text
    assert "Kit Larsen Coordinator Nobody" in text
    assert "Ada" not in text


def test_a_disabled_account_stands_apart_and_treats_nobody(app, cast, at, browser):
    with app.app_context():
        db.session.get(Account, cast.cho.id).disabled_at = at.now
        db.session.get(Account, cast.ben.id).disabled_at = at.now
        db.session.commit()
    kit = browser("kit")
    text = kit.get(OFF).text
    assert "Ben Whitaker Participant Wed, Mar 11 ben@example.org Dr Cho Therapist Wed, Mar 11" in text
    assert "Dr Cho" not in kit.get(STAFF).text
    text = kit.get("/people/").text
    assert "Ada Moreno None yet Nobody yet" in text
    assert "Ben" not in text


def test_staff_who_are_invited_and_have_not_joined_are_marked(app, cast, browser):
    with app.app_context():
        db.session.get(Account, cast.cho.id).joined_at = None
        db.session.commit()
    assert "cho@example.org Invited" in browser("kit").get(STAFF).text


def test_every_name_of_the_staff_leads_to_their_account(cast, browser):
    links = {a.get("href") for a in browser("kit").get(STAFF).all("a")}
    assert links >= {f"/people/{person.key}" for person in (cast.cho, cast.dee, cast.oduya, cast.kit)}


def test_the_clinics_number_goes_before_the_phone_and_a_phone_shows_its_last_four(app, cast):
    with app.app_context():
        contact_details.keep(cast.ada, _said("(212) 555-0187, extension 12"), None, clock.now())
        contact_details.keep(cast.ben, _said("+44 20 7946 0018"), None, clock.now())
        contact_details.number(cast.kit, cast.ben, "LC 1644")
        db.session.commit()
        known = directory.participants(cast.kit)
        assert [known[one.key].told_apart for one in (cast.ada, cast.ben, cast.cleo)] == [
            "Ada Moreno, ends in 0187",
            "Ben Whitaker, LC 1644",
            "Cleo Park",
        ]


def _said(phone):
    return dict.fromkeys(contact_details.OWN) | {"phone": phone}


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "cho"])
def test_only_a_coordinator_may_list_people(app, cast, browser, who):
    with app.app_context():
        person = getattr(cast, who)
        for listing in (directory.staff, directory.switched_off):
            with pytest.raises(NotFound):
                listing(person, clock.now())
        with pytest.raises(NotFound):
            directory.participants(person)
    person = browser(who)
    for page in ("/people/", STAFF, OFF):
        person.get(page, 404)
