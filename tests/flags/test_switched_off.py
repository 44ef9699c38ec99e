"""The safety flag of somebody whose account is switched off: its owners open it, end it, and then no more."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.door import accounts
from portal.flags.models import Flag
from portal.flags.raising import raise_flag
from portal.people import care
from tests.browser import words

OFF = "Their account is switched off"


@pytest.fixture
def switched_off(app, cast, at):
    """`switched_off(person)` raises a flag of theirs and then switches their account off; the key of the flag."""

    def switch(person, *, flagged=True):
        with app.app_context():
            key = raise_flag(person, "yes_talk", None, at.now) if flagged else None
            accounts.disable(cast.kit, accounts.status_of(cast.kit, person.key, at.now), at.now)
            db.session.commit()
        return key

    return switch


def names(page):
    return [words(p.find("a")) for p in page.all("p", class_="who")]


def test_the_therapist_finds_it_ends_it_and_can_add_a_note_for_72_hours(app, cast, browser, at, switched_off):
    key, cho = switched_off(cast.ada), browser("cho")
    page = f"/caseload/{cast.ada.key}/flags/{key}"
    assert names(cho.get("/caseload/"))[0] == "Ada Moreno"
    assert page in cho.get("/flags/").html
    assert OFF in cho.get(f"/caseload/{cast.ada.key}").text
    assert OFF in cho.get(page).text
    cho.submit(page, {"act": "contacted", "note": "By phone."})
    with app.app_context():
        assert db.session.scalar(select(Flag.closed_at).where(Flag.key == key)) == at.now
    assert "By phone." in cho.get(cho.location).text
    cho.submit(f"{page}/notes", {"more": "And again."})
    at.later(hours=71)
    cho = browser("cho")
    assert "And again." in cho.get(page).text
    at.later(hours=2)
    cho = browser("cho")
    cho.get(page, 404)
    assert "Ada Moreno" not in cho.get("/caseload/").text


def test_who_is_on_call_opens_it_where_nobody_else_is_left(app, cast, browser, at, switched_off):
    with app.app_context():
        for therapist, role in ((cast.cho, "primary"), (cast.oduya, "covering")):
            care.end(cast.kit, cast.ada, therapist, role, at.now)
        db.session.commit()
    at.later(seconds=1)
    key = switched_off(cast.ada)
    assert OFF in browser("dee").get(f"/caseload/{cast.ada.key}/flags/{key}").text
    browser("cho").get(f"/caseload/{cast.ada.key}/flags/{key}", 404)


def test_without_a_flag_the_record_is_closed_at_once(cast, browser, switched_off):
    switched_off(cast.ada, flagged=False)
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ada.key}", 404)
    assert "Ada Moreno" not in cho.get("/caseload/").text


def test_a_flag_opens_nothing_for_whoever_does_not_treat_them(cast, browser, switched_off):
    key = switched_off(cast.ada)
    dee = browser("dee")
    dee.get(f"/caseload/{cast.ada.key}", 404)
    dee.get(f"/caseload/{cast.ada.key}/flags/{key}", 404)
