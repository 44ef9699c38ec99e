"""What was typed when a session ran out comes back after sign-in: to the same person, and to nobody else."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField

from portal import drafts, seal
from portal.db import db
from portal.door import sign_ins
from portal.door.models import SignIn
from portal.drafts import Draft
from portal.drafts.forms import Form
from tests.conftest import PASSWORD

OURS = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"mood": "0", "note": "Long night. I wrote\nthis slowly & with <care>.", "key": "k" * 22}


@pytest.fixture
def ran_out(browser, at):
    """Ada's browser: she was writing a check-in when her session ran out, and pressed Save."""
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(minutes=16)
    ada.submit("/check-ins/", TYPED)
    return ada


def sign_in_again(person, email):
    person.get(person.location)
    person.submit("/sign-in", {"email": email, "password": PASSWORD})
    return person.get(person.location)


def session_token(person):
    with person.client.session_transaction() as session:
        return session["_user_id"]


def note(page):
    return "".join(page.one("textarea", name="note").itertext()).replace("\r\n", "\n").strip()


def test_saving_after_the_session_ran_out_leads_through_sign_in_back_to_the_form(ran_out):
    assert ran_out.location == "/sign-in?next=/check-ins/new&sent=kept"
    page = sign_in_again(ran_out, "ada@example.org")
    assert note(page) == TYPED["note"]
    assert page.one("input", name="mood", value="0").get("checked") is not None


@pytest.mark.asvs("8.2.2")
def test_nobody_else_gets_what_was_typed(ran_out):
    page = sign_in_again(ran_out, "ben@example.org")
    assert note(page) == ""
    assert "Long night" not in page.html


def test_it_is_still_there_for_her_after_somebody_else_was_here(ran_out, browser):
    sign_in_again(ran_out, "ben@example.org")
    assert note(browser("ada").get("/check-ins/new")) == TYPED["note"]


def test_sending_it_forgets_it(ran_out):
    page = sign_in_again(ran_out, "ada@example.org")
    ran_out.submit("/check-ins/")
    assert note(ran_out.get("/check-ins/new")) == ""
    assert page is not None


def test_after_signing_out_nothing_is_kept_for_anybody(app, browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    old = ada.client.get_cookie("session").value
    ada.post("/sign-out")
    ada.client.set_cookie("session", old)
    ada.submit("/check-ins/", TYPED)
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


@pytest.mark.parametrize(
    ("who", "quiet", "kept"),
    [
        ("ada", {"minutes": 74}, True),
        ("ada", {"minutes": 75}, False),
        ("ada", {"days": 20}, False),
        ("kit", {"minutes": 69}, True),
        ("kit", {"minutes": 70}, False),
    ],
)
def test_an_old_cookie_belongs_to_nobody(app, cast, browser, at, who, quiet, kept):
    """Rule: what runs out is kept until an hour after the quiet limit; a cookie found later writes nothing."""
    token = session_token(browser(who))
    with app.app_context():
        found = sign_ins.last_visitor(token, at.later(**quiet))
    assert (found.id if found else None) == (getattr(cast, who).id if kept else None)


def test_nor_does_one_of_a_session_that_is_older_than_its_day(app, cast, browser, at):
    token = session_token(browser("ada"))
    with app.app_context():
        db.session.execute(update(SignIn).values(last_used_at=at.now + timedelta(hours=11, minutes=50)))
        db.session.commit()
        assert sign_ins.last_visitor(token, at.later(hours=11, minutes=59)).id == cast.ada.id
        assert sign_ins.last_visitor(token, at.later(minutes=1)) is None


def test_a_draft_is_not_written_with_an_old_cookie(app, browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(days=20)
    ada.submit("/check-ins/", TYPED)
    assert ada.location.endswith("sent=lost")
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_a_stranger_leaves_nothing_behind(app, browser):
    stranger = browser()
    stranger.post("/check-ins/", TYPED)
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_neither_passwords_nor_tokens_are_ever_kept(app, ran_out):
    with app.app_context():
        row = db.session.scalars(select(Draft)).one()
        kept = json.loads(seal.open(Draft.typed, row.typed, row.account_id, row.address))
    of_the_form = {"key", "opened", "asked", "plan", "item_seconds", "folded"}
    assert kept["parts"].keys() - of_the_form == {"mood", "note", "for_day", "sleep_hours"}


SECRET = ["password", "new_password", "code", "csrf_token", "passkey", "setup_secret", "whose", "_page", "Password"]


@pytest.mark.parametrize("name", SECRET)
def test_nothing_secret_is_kept_whatever_form_it_was_typed_into(app, cast, name):
    with app.app_context():
        assert drafts.keep(cast.ada, "/check-ins/new", MultiDict({name: "swordfish"})) is False
        assert db.session.scalars(select(Draft)).all() == []


def test_a_draft_cannot_be_read_in_the_database(app, ran_out):
    with app.app_context():
        assert b"Long night" not in db.session.scalars(select(Draft.typed)).one()


def test_a_button_pressed_after_the_session_ran_out_has_typed_nothing(browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(minutes=16)
    ada.post("/check-ins/drafts/drop")
    assert ada.location.endswith("sent=lost")


def test_after_a_week_it_is_forgotten(ran_out, browser, at):
    at.later(days=7)
    assert note(browser("ada").get("/check-ins/new")) == ""


def test_more_than_a_page_of_text_is_not_kept(app, browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new")
    at.later(minutes=16)
    ada.submit("/check-ins/", TYPED | {"note": "x" * drafts.LARGEST})
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_a_form_whose_token_is_stale_comes_back_as_typed(browser):
    """The session lives, but the form was opened in an earlier one: nothing is sent, nothing is lost."""
    ada = browser("ada")
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", TYPED | {"csrf_token": "stale"}, headers=OURS)
    assert ada.location == "/check-ins/new"
    assert note(ada.get("/check-ins/new")) == TYPED["note"]


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("given", ["hers", "none", "damaged"])
def test_a_form_that_somebody_left_open_is_kept_for_nobody_else(app, browser, given):
    """Rule: what was typed into a form is kept only for the person whose page it stood on."""
    person = browser("ada")
    person.get("/check-ins/new")
    form = person.page.fields("/check-ins/") | TYPED
    form |= {"none": {"whose": []}, "damaged": {"whose": "\u00e9"}}.get(given, {})
    person.post("/sign-out")
    person.sign_in("ben@example.org", PASSWORD, "participant")
    person.post("/check-ins/", form, 400, headers=OURS)
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


@pytest.mark.asvs("8.2.2")
def test_nor_is_it_where_the_session_of_the_next_has_run_out(app, browser, at):
    person = browser("ada")
    person.get("/check-ins/new")
    form = person.page.fields("/check-ins/") | TYPED
    person.post("/sign-out")
    person.sign_in("ben@example.org", PASSWORD, "participant")
    at.later(minutes=16)
    person.post("/check-ins/", form)
    assert person.location.endswith("sent=lost")
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


@pytest.mark.asvs("8.2.2")
def test_nor_is_it_where_the_next_is_asked_to_prove_who_they_are(app, browser, at):
    """The guard asks before the token is looked at."""
    person = browser("ada")
    person.get("/account/contact")
    form = person.page.fields("/account/contact") | {"contact": "ada.private@example.org"}
    person.post("/sign-out")
    person.sign_in("ben@example.org", PASSWORD, "participant")
    at.later(minutes=6)
    person.post("/account/contact", form)
    assert person.location == "/confirm?next=/account/contact&again=1"
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_on_a_shared_device_a_stale_form_is_kept_for_nobody(app, browser):
    ada = browser()
    ada.get("/sign-in")
    ada.submit("/sign-in", {"email": "ada@example.org", "password": PASSWORD, "shared": "y"})
    ada.role = "participant"
    ada.get("/check-ins/new")
    ada.submit("/check-ins/", TYPED | {"csrf_token": "stale"}, headers=OURS)
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_a_page_says_for_whom_its_forms_are_and_a_strangers_says_nothing(app, cast, browser):
    said = {}
    for who in ("ada", "ben"):
        page = browser(who).get("/check-ins/new")
        marks = {field.get("value") for field in page.all("input", name="whose")}
        assert len(marks) == 1
        said[who] = marks.pop()
    assert said["ada"] != said["ben"]
    assert cast.ada.key not in said["ada"]
    assert browser().get("/sign-in").all("input", name="whose") == []


@pytest.mark.asvs("3.5.1")
def test_a_form_from_another_site_is_refused_and_leaves_nothing(app, browser):
    ada = browser("ada")
    ada.token = "forged"
    ada.post("/check-ins/", TYPED, 400, headers={"Sec-Fetch-Site": "cross-site"})
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_what_could_not_be_kept_is_said_to_be_lost(browser):
    ada = browser("ada")
    ada.get("/check-ins/new")
    form = ada.page.fields("/check-ins/") | {"mood": "1"}
    ada.post("/sign-out")
    ada.role = None
    ada.get("/sign-in")
    ada.post("/check-ins/", form | {"csrf_token": ada.token})
    assert ada.location.endswith("sent=lost")
    assert "did not reach us" in ada.get(ada.location).text


def test_what_was_kept_is_said_to_be_kept(browser):
    assert "it is here again" in browser().get("/sign-in?next=/check-ins/new&sent=kept").text


def addresses(app, person):
    with app.app_context():
        return set(db.session.scalars(select(Draft.address).where(Draft.account_id == person.id)))


def test_of_one_person_the_newest_forty_are_kept(app, cast, at):
    with app.app_context():
        drafts.keep(cast.ben, "/check-ins/new", MultiDict(TYPED))
        for number in range(42):
            at.later(seconds=1)
            assert drafts.keep(cast.ada, f"/page/{number}", MultiDict(TYPED))
        db.session.commit()
    assert addresses(app, cast.ada) == {f"/page/{number}" for number in range(2, 42)}
    with app.app_context():
        at.later(seconds=1)
        drafts.keep(cast.ada, "/page/2", MultiDict(TYPED))  # again, and so among the newest
        at.later(seconds=1)
        drafts.keep(cast.ada, "/page/new", MultiDict(TYPED))
        db.session.commit()
    assert addresses(app, cast.ada) == {f"/page/{number}" for number in range(2, 42) if number != 3} | {"/page/new"}
    assert addresses(app, cast.ben) == {"/check-ins/new"}


def test_of_forty_of_one_moment_the_one_just_kept_stays(app, cast):
    with app.app_context():
        for number in [*range(10, 60), "last"]:
            drafts.keep(cast.ada, f"/page/{number}", MultiDict(TYPED))
        db.session.commit()
    kept = addresses(app, cast.ada)
    assert len(kept) == 40
    assert "/page/last" in kept


def typed_on(person, path, action, **typed):
    """What app.js keeps of the form at `path` when somebody pauses; the fields that it sends."""
    sent = person.get(path).fields(action) | typed
    person.post("/account/drafts", sent | {"_form": action}, 200)
    return sent


def test_a_mood_tapped_on_today_takes_no_note_away(browser, at):
    ada = browser("ada")
    typed_on(ada, "/check-ins/new", "/check-ins/", note="Long night")
    at.later(seconds=1)
    ada.post("/check-ins/drafts", {"mood": "6"})
    page = ada.get("/check-ins/new")
    assert note(page) == "Long night"
    assert page.one("input", name="mood", value="6").get("checked") is not None


def test_a_blank_form_on_another_device_takes_no_note_away(browser, at):
    phone, laptop = browser("ada"), browser("ada")
    blank = laptop.get("/check-ins/new").fields("/check-ins/")
    typed_on(phone, "/check-ins/new", "/check-ins/", note="Long night")
    at.later(seconds=1)
    laptop.post("/account/drafts", blank | {"mood": "2", "_form": "/check-ins/"}, 200)
    assert note(phone.get("/check-ins/new")) == "Long night"
    laptop.post("/check-ins/", blank | {"mood": "2"})
    assert note(phone.get("/check-ins/new")) == "Long night"


def test_making_it_shorter_takes_no_note_away(browser, at):
    ada = browser("ada")
    typed_on(ada, "/check-ins/new", "/check-ins/", note="Long night")
    at.later(seconds=1)
    typed_on(ada, "/check-ins/new?set=low", "/check-ins/", mood="3")
    assert note(ada.get("/check-ins/new")) == "Long night"


def test_a_note_that_was_emptied_on_purpose_does_not_come_back(browser, at):
    ada, laptop = browser("ada"), browser("ada")
    sent = typed_on(ada, "/check-ins/new", "/check-ins/", note="Long night")
    at.later(seconds=1)
    ada.post("/account/drafts", sent | {"note": "", "mood": "5", "_form": "/check-ins/"}, 200)
    assert note(laptop.get("/check-ins/new")) == ""
    typed_on(ada, "/check-ins/new", "/check-ins/", note="Another")
    at.later(seconds=1)
    typed_on(laptop, "/check-ins/new", "/check-ins/", note="")
    assert note(ada.get("/check-ins/new")) == ""


def test_two_forms_of_one_page_do_not_drop_each_others_text(browser):
    kit = browser("kit")
    typed_on(kit, "/program", "/program/directions", directions="The door by the garden")
    kit.get("/program")
    kit.submit("/program/idle-minutes", {"idle_minutes": "20"}, 200)
    kit.submit("/program/idle-minutes")
    page = kit.get("/program")
    assert "The door by the garden" in page.fields("/program/directions")["directions"][0]
    assert page.fields("/program/idle-minutes")["idle_minutes"] == ["20"]


def test_no_field_takes_the_name_of_what_every_form_has(app):
    """Rule: a field with a name that all forms use would hide what that is, and lose what is typed without a word."""

    def below(form):
        return {form}.union(*map(below, form.__subclasses__()))

    fields = {
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in below(Form) - {Form}
        for name, one in vars(form).items()
        if isinstance(one, UnboundField) and hasattr(Form, name)
    }
    assert fields == set()
