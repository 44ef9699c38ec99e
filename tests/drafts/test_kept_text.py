"""Every form with room to write gives back what was typed into it, wherever the person comes from.

The forms are found by the declarations of the views, so that a new one is covered by itself. With `-s` the tests print
a table: the way the page was left, the form, and how many of its fields held what was typed.
"""

import json

import pytest
from sqlalchemy import delete, update

from portal import access
from portal.db import db
from portal.door.models import Authenticator, Passkey, SignIn
from portal.people.models import Account
from tests.test_matrix import addresses

NO_ROOM = {  # what is asked there is a code, or no page of the world that the tests build holds the form
    "factors.authenticator_create": "a code and a secret",
    "sessions.restore": "a session that is cancelled",
}
WORDS = "Half a sentence"
BY_KEYS = {"numeric": "7", "email": "new@example.org"}
KEPT = {"text": WORDS, "textarea": WORDS, "date": "2026-05-04", "time": "17:45", "tel": "(212) 555-0199"}


def forms(app, cast, filled):
    """The action and the page of each form that a view accepts, by endpoint, and who writes into it."""
    found = {}
    otherwise = {
        "care.reviews_create": f"/break-glass/reviews/{filled.glass}",
        "attendance.update": f"/sessions/{filled.group}/attendance",
    }
    for row, path in addresses(app, cast, filled):
        if row.method != "POST" or not getattr(app.view_functions[row.endpoint], "form", None):
            continue
        path = otherwise.get(row.endpoint, path)
        who = next(who for who in ("ada", "cho", "kit") if getattr(cast, who).role in row.audience)
        who = "kit" if row.endpoint.startswith(("sessions", "groups", "attendance")) else who
        with app.test_request_context():
            page, _ = access.place_of(path, None)
        found[row.endpoint] = (who, path, page)
    return found


def controls(page, action):
    """The fields of a form that can be written in, by name: what would be typed into each."""
    typed = {}
    for control in page.form(action).iter():
        name, kind = control.get("name"), control.get("type", "text")
        if control.tag == "textarea":
            typed[name] = WORDS
        elif control.tag == "select":
            values = [option.get("value") for option in control.iter("option") if option.get("value")]
            typed[name] = values[-1]
        elif control.tag == "input" and kind in KEPT:
            typed[name] = BY_KEYS.get(control.get("inputmode"), KEPT[kind])
        elif control.tag == "input" and kind == "checkbox":
            typed.setdefault(name, [])
            typed[name] = [control.get("value")]
        elif (
            control.tag == "input"
            and kind == "radio"
            and control.get("value")
            and name not in typed
            and not name.endswith("-tap")
        ):
            typed[name] = control.get("value")
    return {name: value for name, value in typed.items() if name}


def came_back(page, action, typed):
    """The names of those fields that do not hold what was typed."""
    held = page.fields(action)
    return sorted(
        name for name, value in typed.items() if held.get(name) != (value if type(value) is list else [value])
    )


def sent_by(person, action, typed):
    return person.page.fields(action) | typed


def pause(person, action, sent):
    """What app.js does when somebody pauses while they write; whether it was kept."""
    person.post("/account/drafts", sent | {"_form": action, "_page": "/"}, 200)
    return json.loads(person.answer.text)["kept"]


@pytest.fixture
def written(app, cast, fill_clinic, browser, drawn_forms):
    """Every form as it was written in: who, their browser, page, action, what was typed, and what it sends."""
    people = {who: browser(who) for who in ("ada", "cho", "kit")}
    filled, found = fill_clinic(), {}
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        for factor in (Authenticator, Passkey):  # which would be asked for on another device
            db.session.execute(delete(factor).where(factor.account_id == cast.ada.id))
        db.session.commit()
    for endpoint, (who, action, page) in forms(app, cast, filled).items():
        if endpoint not in NO_ROOM and drawn_forms(endpoint):
            typed = controls(people[who].get(page), action)
            assert typed, f"{endpoint}: nothing can be written at {page}"
            found[endpoint] = (who, people[who], page, action, typed, sent_by(people[who], action, typed))
    return found


@pytest.mark.parametrize("way", ["back", "other page", "other device", "session ended", "a press"])
def test_what_was_typed_comes_back(written, browser, at, way):
    """Rule: all of it, in every form, wherever the person comes from."""
    if way == "session ended":
        at.later(minutes=16)
    lost = {}
    for endpoint, (_, person, _, action, _, sent) in written.items():
        if way == "session ended":
            person.post(action, sent)
            assert "sent=kept" in person.location, endpoint
        elif way == "a press":
            person.post(action, sent | {"csrf_token": "stale"}, headers={"Sec-Fetch-Site": "same-origin"})
        else:
            assert pause(person, action, sent), endpoint
    if way in ("other device", "session ended"):
        again = {who: browser(who) for who in ("ada", "cho", "kit")}
    for endpoint, (who, person, page, action, typed, _) in written.items():
        person = again[who] if way in ("other device", "session ended") else person
        if way == "other page":
            person.get("/help-now")
        missing = came_back(person.get(page), action, typed)
        print(f"{way:14} {endpoint:28} {len(typed) - len(missing)} of {len(typed)}")
        if missing:
            lost[endpoint] = missing
    assert not lost


def test_on_a_shared_device_nothing_is_kept_unasked(app, written):
    with app.app_context():
        db.session.execute(update(SignIn).values(shared=True))
        db.session.commit()
    for _, person, _, action, _, sent in written.values():
        assert pause(person, action, sent) is False


def test_a_form_that_was_sent_with_too_much_comes_back_with_all_of_it(app, written):
    """Rule: without a script, and after any press: a text that is too long is refused in words, and never cut."""
    long = "x" * 2100
    for endpoint, (_, person, page, action, typed, sent) in written.items():
        written_out = {name for name, value in typed.items() if value == WORDS}
        if not written_out or endpoint == "sessions.substitute":
            continue
        person.post(action, sent | dict.fromkeys(written_out, long), 422)
        held = person.get(page).fields(action)
        assert {name: held[name] for name in written_out} == {name: [long] for name in written_out}, endpoint


def test_no_form_cuts_what_is_typed(written):
    """Rule: too long is said in words; an attribute of the page would cut it, and count in its own way."""
    for endpoint, (_, person, page, action, typed, _) in written.items():
        fields = [one for one in person.get(page).form(action).iter() if one.get("name") in typed]
        assert [one.get("name") for one in fields if one.get("maxlength")] == [], endpoint
