"""Contact details: a person's own to give and to change, seen by whoever treats them and by coordinators."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.db import db
from portal.fields import Refused
from portal.people import contact_details
from portal.people.models import CareRelationship, ContactDetails
from tests.browser import words
from tests.conftest import PASSWORD
from tests.on_record import told

OWN = "/account/contact-details"
SAID = {
    "phone": "212.555.0107",
    "may_leave_message": "yes",
    "emergency_name": "Inez Moreno",
    "emergency_phone": "1 917 555 0108",
    "emergency_tie": "my sister",
    "video_place": "44 Alder Row, Apt 5",
}


@pytest.fixture
def ada(browser):
    """Ada's browser, after she has said all of it."""
    ada = browser("ada")
    ada.get(OWN)
    ada.submit(OWN, SAID)
    return ada


def read(app, person):
    """All that is kept of somebody, opened."""
    with app.app_context():
        kept = contact_details.details_of(person)
        names = (*contact_details.SEALED, "may_leave_message")
        return SimpleNamespace(**{name: getattr(kept, name) for name in names})


def prove(browser):
    """Show that it is they, which holds for five minutes."""
    browser.get("/confirm")
    browser.submit("/confirm", {"password": PASSWORD})


def test_what_was_given_is_kept_in_one_form_and_shown_again(app, cast, ada, at):
    assert ada.location == "/account?done=contact-details"
    assert "Saved." in ada.get(ada.location).text
    fields = ada.get(OWN).fields(OWN)
    assert fields["phone"] == ["(212) 555-0107"]
    assert fields["may_leave_message"] == ["yes"]
    assert fields["video_place"] == ["44 Alder Row, Apt 5"]
    with app.app_context():
        kept = contact_details.details_of(cast.ada)
        assert (kept.phone, kept.dial) == ("(212) 555-0107", "+12125550107")
        assert (kept.emergency_phone, kept.emergency_dial) == ("(917) 555-0108", "+19175550108")
        assert (kept.emergency_name, kept.emergency_tie) == ("Inez Moreno", "my sister")
        assert (kept.may_leave_message, kept.clinic_number, kept.confirmed_at) == (True, None, at.now)


def test_all_of_it_can_be_left_out_and_taken_back(app, cast, browser, ada):
    ben = browser("ben")
    ben.get(OWN)
    ben.submit(OWN)
    ada.get(OWN)
    ada.submit(OWN, dict.fromkeys(SAID, ""))
    for person in (cast.ada, cast.ben):
        kept = read(app, person)
        assert (kept.phone, kept.may_leave_message, kept.emergency_name, kept.video_place) == (None,) * 4


def test_without_a_phone_nothing_is_kept_about_messages(app, cast, ada):
    ada.get(OWN)
    ada.submit(OWN, {"phone": ""})
    assert read(app, cast.ada).may_leave_message is None


@pytest.mark.parametrize("field", ["phone", "emergency_phone"])
def test_what_is_no_phone_number_is_refused_beside_its_field_and_given_back(app, cast, ada, field):
    ada.get(OWN)
    page = ada.submit(OWN, {field: "555-01", "video_place": "A bench"}, 422)
    assert "not a number we can call" in words(page.one("p", id=f"{field}-error"))
    assert (page.fields(OWN)[field], page.fields(OWN)["video_place"]) == (["555-01"], ["A bench"])
    assert read(app, cast.ada).phone == "(212) 555-0107"


def test_what_is_too_long_is_refused_and_not_cut(ada):
    ada.get(OWN)
    page = ada.submit(OWN, {"emergency_name": "I" * 81}, 422)
    assert "1 character too long. 80 fit." in page.text
    assert page.fields(OWN)["emergency_name"] == ["I" * 81]


def test_each_thing_that_changed_is_on_record_and_not_what_it_says(app, cast, ada):
    assert [row[3] for row in told(app, "contact_details.keep")] == [
        *contact_details.OWN,
        "may_leave_message",
    ]
    ada.get(OWN)
    ada.submit(OWN, {"phone": "(646) 555-0199"})
    ada.get(OWN)
    ada.submit(OWN)
    ids = cast.ada.id, cast.ada.id
    assert told(app, "contact_details.keep")[-2:] == [
        ("contact_details.keep", *ids, "phone"),
        ("contact_details.keep", *ids, None),
    ]


def test_the_therapist_reads_them_and_calls_with_one_tap(browser, cast, ada):
    page = browser("cho").get(f"/caseload/{cast.ada.key}")
    [call] = page.all("a", href="tel:+12125550107")
    assert call.text == "(212) 555-0107"
    assert "a message may be left" in page.text
    assert page.all("a", href="tel:+19175550108")
    assert "44 Alder Row, Apt 5" in page.text


def test_a_number_that_changed_shows_at_once(browser, cast, ada):
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ada.key}")
    ada.get(OWN)
    ada.submit(OWN, {"phone": "646-555-0199", "may_leave_message": "no"})
    page = cho.get(f"/caseload/{cast.ada.key}")
    assert page.all("a", href="tel:+16465550199")
    assert "leave no message" in page.text
    assert "555-0107" not in page.text


@pytest.mark.asvs("8.2.2")
def test_whoever_does_not_treat_them_and_whoever_no_longer_does_reads_nothing(app, browser, cast, ada, at):
    dee, cho = browser("dee"), browser("cho")
    dee.get(f"/caseload/{cast.ada.key}", 404)
    with app.app_context():
        for care in db.session.scalars(select(CareRelationship).where(CareRelationship.therapist_id == cast.cho.id)):
            care.ended_at = at.now - timedelta(minutes=1)
        db.session.commit()
    cho.get(f"/caseload/{cast.ada.key}", 404)


def test_a_coordinator_reads_them_and_sets_the_clinics_number(app, browser, cast, ada):
    kit = browser("kit")
    page = kit.get(f"/people/{cast.ada.key}")
    assert page.all("a", href="tel:+12125550107")
    assert "Inez Moreno, my sister" in page.text
    address = f"/people/{cast.ada.key}/clinic-number"
    kit.get(address)
    kit.submit(address, {"clinic_number": "LC 1207"})
    assert "LC 1207" in kit.get(kit.location).text
    assert read(app, cast.ada).phone == "(212) 555-0107"
    assert told(app, "contact_details.number") == [("contact_details.number", cast.kit.id, cast.ada.id, None)]
    prove(ada)
    assert "changed the clinic’s own number for you" in ada.get("/my-record/looks").text


def test_two_participants_never_have_the_same_clinic_number(app, browser, cast, ada):
    kit = browser("kit")
    for person, number, status in ((cast.ada, "LC 1207", 303), (cast.ben, "lc1207", 422), (cast.ben, "LC 1208", 303)):
        address = f"/people/{person.key}/clinic-number"
        kit.get(address)
        page = kit.submit(address, {"clinic_number": number}, status)
        assert status == 303 or "Another participant has this number" in words(page.one("p", id="clinic_number-error"))
    with app.app_context(), pytest.raises(Refused):
        contact_details.number(cast.kit, cast.cleo, " Lc 12 07")


def test_a_participant_changes_no_clinic_number(app, cast, browser, ada):
    with app.app_context():
        contact_details.number(cast.kit, cast.ada, "LC 1207")
        db.session.commit()
    ada.get(OWN)
    ada.submit(OWN, {"clinic_number": "LC 1"})
    assert read(app, cast.ada).clinic_number == "LC 1207"
    ada.post(f"/people/{cast.ada.key}/clinic-number", {"clinic_number": "LC 1"}, 404)


def test_those_of_many_are_one_read_and_nobody_is_left_out(app, cast, ada):
    ada.selects.clear()
    with app.app_context():
        found = contact_details.details_by_person([cast.ada.id, cast.ben.id])
        assert found[cast.ada.id].phone == "(212) 555-0107"
        assert (found[cast.ben.id].phone, found[cast.ben.id].dial, found[cast.ben.id].clinic_number) == (None,) * 3
        assert contact_details.details_by_person([]) == {}
    assert len([one for one in ada.selects if "contact_details" in one]) == 1


def test_two_people_who_save_for_the_first_time_at_once_make_one_row(app, cast, ada):
    with app.app_context():
        assert db.session.scalar(select(db.func.count()).select_from(ContactDetails)) == 1
        contact_details.number(cast.kit, cast.ada, "LC 1207")
        contact_details.number(cast.kit, cast.ben, "LC 1208")
        db.session.commit()
        assert db.session.scalar(select(db.func.count()).select_from(ContactDetails)) == 2
        assert contact_details.details_of(cast.ada).phone == "(212) 555-0107"


def test_on_the_way_to_another_page_it_can_be_left_and_leads_on(ada):
    page = ada.get(f"{OWN}?next=/check-ins/")
    assert page.all("a", href="/check-ins/")
    ada.submit(OWN, {"phone": "646-555-0199"})
    assert ada.location == "/check-ins/"
    assert not ada.get(f"{OWN}?next=https://example.org/").all("a", href="https://example.org/")


def test_they_are_in_the_copy_that_somebody_takes_away(ada, at):
    prove(ada)
    ada.get("/my-record/contact-details.csv")
    lines = ada.answer.text.splitlines()
    assert "Phone,(212) 555-0107" in lines
    assert "A message may be left,yes" in lines
    assert "The clinic’s number for you,Left out" in lines


def test_the_account_page_leads_there(ada):
    assert ada.get("/account").all("a", href=OWN)
