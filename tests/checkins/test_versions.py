"""One key is one check-in: sent twice it is kept once, changed it becomes a new version, and nothing is overwritten."""

from datetime import date

import pytest

from portal import checkins
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.models import CheckIn
from portal.db import db

ANSWERS = dict.fromkeys(ITEMS) | {"mood": 4, "for_day": date(2026, 3, 11)}


def rows(app):
    with app.app_context():
        query = db.select(CheckIn.key, CheckIn.version, CheckIn.mood).order_by(CheckIn.version)
        return [tuple(row) for row in db.session.execute(query)]


def test_the_same_form_sent_twice_is_one_check_in(app, browser):
    ada = browser("ada")
    page = ada.get("/check-ins/new")
    form = page.fields("/check-ins/") | {"mood": "4"}
    ada.post("/check-ins/", form)
    first = ada.location
    ada.post("/check-ins/", form)
    assert ada.location == first
    assert len(rows(app)) == 1


def test_back_and_other_answers_is_a_new_version_and_the_old_one_stays(app, browser):
    ada = browser("ada")
    form = ada.get("/check-ins/new").fields("/check-ins/")
    ada.post("/check-ins/", form | {"mood": "4"})
    ada.post("/check-ins/", form | {"mood": "2"})
    key = form["key"][0]
    assert rows(app) == [(key, 1, 4), (key, 2, 2)]
    assert "(changed)" in ada.get(ada.location).text


def test_a_link_on_the_saved_page_changes_the_same_check_in(app, browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "4", "skills": ["walk"], "note": "hello"})
    page = ada.get(ada.location)
    change = next(a.get("href") for a in page.all("a") if "change=" in (a.get("href") or ""))
    fields = ada.get(change).fields("/check-ins/")
    assert (fields["mood"], fields["skills"], fields["note"]) == (["4"], ["walk"], ["hello"])
    ada.submit("/check-ins/", {"note": "hello again"})
    assert [row[1] for row in rows(app)] == [1, 2]


def test_another_form_the_same_day_is_another_moment(app, browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "4"})
    page = ada.get("/check-ins/new")
    assert "You checked in today at 10:52 am" in page.text
    ada.submit("/check-ins/", {"mood": "6"})
    assert [row[1:] for row in rows(app)] == [(1, 4), (1, 6)] or [row[1:] for row in rows(app)] == [(1, 6), (1, 4)]


@pytest.mark.asvs("8.2.2")
def test_a_key_that_another_participant_used_is_simply_this_ones_own(app, browser):
    ada, ben = browser("ada"), browser("ben")
    form = ada.get("/check-ins/new").fields("/check-ins/") | {"mood": "4"}
    ada.post("/check-ins/", form)
    ben.get("/check-ins/new")
    ben.submit("/check-ins/", {"mood": "8", "key": form["key"]})
    assert "Mood 8." in ben.get(ben.location).text
    assert len(rows(app)) == 2


@pytest.mark.asvs("8.2.2")
def test_a_participant_sees_only_their_own_check_ins(browser):
    ada, ben = browser("ada"), browser("ben")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", {"mood": "4", "note": "only mine"})
    ben.get(ada.location, 404)
    assert "only mine" not in ben.get("/check-ins/").text


def test_the_log_is_told_in_the_audit_record(app, cast, at):
    from portal.audit.models import AuditEvent

    with app.app_context():
        checkins.log(cast.ada, ANSWERS, "a-key-of-ada", at.now)
        checkins.log(cast.ada, ANSWERS | {"mood": 5}, "a-key-of-ada", at.now)
        db.session.commit()
        told = [e.what for e in db.session.scalars(db.select(AuditEvent).order_by(AuditEvent.id))]
    assert told == ["check_in.log", "check_in.change"]


@pytest.mark.asvs("2.3.3")
def test_what_is_rolled_back_leaves_no_audit_row(app, cast, at):
    from portal.audit.models import AuditEvent

    with app.app_context():
        checkins.log(cast.ada, ANSWERS, "a-key-of-ada", at.now)
        db.session.rollback()
        assert not db.session.scalars(db.select(AuditEvent)).all()


@pytest.mark.asvs("1.4.2", "2.2.2")
def test_the_database_itself_refuses_an_impossible_mood(app, cast, at):
    import pytest
    from sqlalchemy.exc import IntegrityError

    with app.app_context(), pytest.raises(IntegrityError):
        checkins.log(cast.ada, ANSWERS | {"mood": 11}, "a-key-of-ada", at.now)
