"""The first visit: from a link or a code to the first page, and what everyone else gets."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.door.joining import invitations
from portal.door.models import SignIn
from portal.people.models import Account, CareRelationship
from portal.program.models import Program
from tests.door.conftest import GOOD
from tests.passkeys import Passkey

REACH = "/account/contact-details?next=/"  # asked next of a participant who joins
ANSWERS = {"called": "Fay", "password": GOOD}


def follow(browser, token):
    """A stranger's browser that has opened the link and stands before the form."""
    stranger = browser()
    stranger.get(f"/join/{token}", 303)
    assert stranger.location == "/join"
    return stranger


@pytest.mark.asvs("6.4.1")
def test_a_participant_joins_and_is_in(browser, invited, account, cast, happened):
    fay = invited()
    stranger = follow(browser, fay.text)
    page = stranger.get("/join")
    assert "You sign in with" in page.text
    assert fay.contact in page.html
    assert "Okafor" not in page.html
    stranger.submit("/join", {"password": GOOD, "called": "F.", "mail_ok": "y"})
    stranger.role = "participant"
    assert stranger.location == REACH
    assert stranger.get(REACH).all("a", href="/"), "it can be left for another day"
    stranger.get("/today")
    row = account(fay.key)
    assert (row.called, row.mail_ok, row.joined_at is not None) == ("F.", True, True)
    assert happened()[-1] == ("account.join", fay.id, fay.id, fay.key)
    again = browser()
    again.sign_in(fay.contact, GOOD, "participant")
    again.get("/today")


@pytest.mark.asvs("14.2.1")
def test_the_token_leaves_the_address_at_once_and_stands_in_no_page_cookie_or_log(browser, invited, caplog):
    caplog.set_level("DEBUG")
    fay = invited()
    stranger = browser()
    stranger.get(f"/join/{fay.text}", 303)
    assert fay.text not in str(stranger.answer.headers)
    with stranger.client.session_transaction() as session:
        assert fay.text not in repr(dict(session))
    assert fay.text not in stranger.get("/join").html
    assert fay.text not in caplog.text


def test_a_program_that_looks_at_links_uses_none_up(browser, invited):
    fay = invited()
    for _ in range(2):
        follow(browser, fay.text)
        browser().client.head(f"/join/{fay.text}")
    follow(browser, fay.text).post("/join", ANSWERS)


def test_the_way_in_works_without_a_script_on_the_page(browser, invited):
    """The fixtures run none: the form is a plain one, and what offers a passkey is hidden until a script shows it."""
    page = follow(browser, invited().text).get("/join")
    assert page.form("/join").get("method") == "post"
    assert page.one("div", id="new-passkey").get("hidden") is not None


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(("role", "home"), [("participant", "/today"), ("therapist", "/caseload/")])
def test_a_passkey_instead_of_a_password_is_both_factors_and_comes_with_recovery_codes(
    browser, invited, account, happened, role, home
):
    fay = invited(role)
    stranger = follow(browser, fay.text)
    options = stranger.get("/join").one("button", data_passkey="create").get("data-options")
    stranger.role = role
    codes = stranger.submit("/join", {"called": "F.", "answer": Passkey(fay.key).made(options)}, 200)
    assert codes.heading == "Your recovery codes"
    assert len(codes.all("li")) >= 10
    stranger.get(home)
    assert account(fay.key).password_hash is None
    assert [what for what, actor, *_ in happened() if actor == fay.id][:3] == [
        "factor.add",
        "factor.codes",
        "account.join",
    ]
    again = browser()
    again.sign_in_with(Passkey(fay.key), role)
    again.get(home)


def test_a_passkey_that_is_not_taken_leaves_the_link_open(browser, invited, account):
    fay = invited()
    stranger = follow(browser, fay.text)
    options = stranger.get("/join").one("button", data_passkey="create").get("data-options")
    for answer in (Passkey(fay.key, origin="https://evil.example").made(options), "{}", "x" * 20_001):
        page = stranger.submit("/join", {"called": "F.", "answer": answer}, 422)
        assert page.one("input", id="called").get("value") == "F."
    assert account(fay.key).joined_at is None
    stranger.submit("/join", {"answer": "", "password": GOOD})


def test_a_passkey_in_the_place_of_those_that_were_lost(browser, opener, cast):
    kit = browser()
    kit.get(f"/join/{opener('kit', 'restore')}", 303)
    options = kit.get("/join").one("button", data_passkey="create").get("data-options")
    kit.role = "coordinator"
    codes = kit.submit("/join", {"answer": Passkey(cast.kit.key, "new phone").made(options)}, 200)
    assert codes.heading == "Your recovery codes"
    kit.get("/people/")
    lost = browser()
    use = lost.get("/sign-in").one("button", data_passkey="get").get("data-options")
    lost.post("/sign-in/passkey", {"answer": Passkey(cast.kit.key).used(use)}, 422)


@pytest.mark.parametrize("state", ["altered", "used", "ended", "expired", "disabled", "none"])
def test_links_that_open_nothing_all_give_the_same_page(app, browser, invited, opener, at, state):
    """Rule: used, expired, altered, never made: one page, one status, the same words; nothing is told apart."""
    plain = browser()
    plain.get("/join/" + "A" * 43, 303)
    expected = _without_token(plain.get("/join"))
    fay = invited()
    token = fay.text
    if state == "altered":
        token = fay.text[:-1] + ("A" if fay.text[-1] != "A" else "B")
    elif state == "used":
        follow(browser, token).post("/join", ANSWERS)
    elif state == "ended":
        with app.app_context():
            invitations.make(fay, "join", None, at.now)
            invitations.end_all(fay, at.now)
            db.session.commit()
    elif state == "expired":
        at.later(days=7)
    elif state == "disabled":
        with app.app_context():
            db.session.get(Account, fay.id).disabled_at = at.now
            db.session.commit()
    stranger = browser()
    if state != "none":
        stranger.get(f"/join/{token}", 303)
        assert stranger.location == "/join"
    page = stranger.get("/join")
    assert _without_token(page) == expected
    assert "call us" in page.text.lower()
    assert "Fay" not in expected


def _without_token(page):
    token = page.all("input", name="csrf_token")[0].get("value")
    return page.html.replace(token, "")


def test_of_two_tabs_one_joins_and_the_other_finds_itself_inside(browser, invited, account):
    fay = invited()
    stranger = follow(browser, fay.text)
    first = stranger.get("/join")
    form = first.fields("/join")
    stranger.post("/join", form | {"password": GOOD, "called": "First"})
    stranger.token = None
    stranger.role = "participant"
    stranger.post("/join", {"password": "another good long one", "called": "Second"})
    assert stranger.location == "/join"
    stranger.get("/join", 303)
    assert stranger.location == "/"
    assert account(fay.key).called == "First"


def test_of_two_phones_one_joins_and_the_other_is_told_what_to_do(browser, invited, account):
    fay = invited()
    one, other = follow(browser, fay.text), follow(browser, fay.text)
    one.get("/join")
    other.get("/join")
    one.submit("/join", {"password": GOOD, "called": "First"})
    other.submit("/join", {"password": "another good long one", "called": "Second"})
    assert "no longer works" in other.get("/join").text
    assert account(fay.key).called == "First"
    other.get("/today", 303)


def test_a_printed_code_opens_the_same_form(browser, invited, account):
    fay = invited(contact="fay.o", printed=True)
    stranger = browser()
    stranger.get("/join")
    stranger.submit("/join/code", {"code": fay.one_use.spelled.lower()})
    page = stranger.get("/join")
    assert "fay.o" in page.html
    assert not page.all("input", name="mail_ok"), "a sign-in name gets no mail"
    stranger.submit("/join", {"password": GOOD, "mail_ok": "y"})
    assert account(fay.key).mail_ok is False


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA", "0", "K7QM" * 15, "<b>", "Ünï-code", "' or 1=1 --"])
def test_a_code_that_opens_nothing_is_refused_beside_its_field(browser, cast, code):
    stranger = browser()
    stranger.get("/join")
    page = stranger.submit("/join/code", {"code": code}, 422)
    assert "does not work" in page.text
    assert page.one("input", id="code").get("value") == code


def test_an_expired_code_is_refused_in_the_same_words_as_a_wrong_one(browser, invited, at):
    fay = invited(printed=True)
    at.later(days=14)
    stranger = browser()
    wrong = stranger.post("/join/code", {"code": "AAAABBBBCCCC"}, 422).text
    assert stranger.post("/join/code", {"code": fay.text}, 422).text == wrong


@pytest.mark.asvs("6.2.1", "6.2.4", "6.2.11")
@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("fourteen chars", "14 characters"),
        ("", "0 characters"),
        ("x" * 129, "129 characters"),
        ("correct horse battery staple", "guessed first"),
        ("Riverside Program 2026", "name or address"),
        ("fay.okafor.okafor", "name or address"),
    ],
)
def test_a_bad_password_is_refused_beside_its_field_and_nothing_else_is_lost(browser, invited, account, password, says):
    fay = invited()
    stranger = follow(browser, fay.text)
    stranger.get("/join")
    page = stranger.submit("/join", {"password": password, "called": "F.", "mail_ok": "y"}, 422)
    assert says in page.text
    assert "Type the password again; the rest is kept." in page.text
    assert page.one("input", id="called").get("value") == "F."
    assert page.one("input", name="mail_ok").get("checked") is not None
    assert page.one("input", id="password").get("value") is None
    assert account(fay.key).password_hash is None
    stranger.submit("/join", {"password": GOOD})


@pytest.mark.asvs("6.2.7")
def test_password_managers_and_pasting_work(browser, invited):
    """The field is a plain one of its kind, beside the sign-in name; nothing cuts or refuses what is put into it."""
    page = follow(browser, invited().text).get("/join")
    field = page.one("input", id="password")
    assert (field.get("type"), field.get("autocomplete")) == ("password", "new-password")
    assert {"maxlength", "pattern", "readonly"}.isdisjoint(field.keys())
    assert page.one("input", id="username").get("autocomplete") == "username"


def test_the_rules_stand_beside_the_field_and_fit_the_program(app, browser, invited):
    fay = invited()
    stranger = follow(browser, fay.text)
    assert "15 characters or more" in stranger.get("/join").text
    with app.app_context():
        db.session.get(Program, 1).needs_second_factor = True
        db.session.commit()
    assert "12 characters or more" in stranger.get("/join").text


@pytest.mark.asvs("6.3.3")
def test_where_the_program_asks_for_a_second_factor_a_password_alone_opens_nothing(app, browser, invited):
    with app.app_context():
        db.session.get(Program, 1).needs_second_factor = True
        db.session.commit()
    stranger = follow(browser, invited().text)
    stranger.post("/join", ANSWERS)
    assert stranger.location == "/sign-in/second-factor"
    stranger.get("/today", 303)


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize(("role", "page"), [("therapist", "/caseload/"), ("coordinator", "/people/")])
def test_staff_set_up_a_second_factor_before_anything_opens(browser, invited, role, page):
    stranger = follow(browser, invited(role).text)
    assert "15 characters or more" in stranger.get("/join").text
    stranger.submit("/join", {"password": GOOD})
    assert stranger.location == "/sign-in/second-factor"
    stranger.get(page, 303)
    assert stranger.location.startswith("/sign-in")


def test_joining_opens_a_session_under_a_new_token_and_ends_the_one_before(app, browser, invited):
    fay = invited()
    shared = browser("ada")
    shared.get(f"/join/{fay.text}", 303)
    shared.get("/join")
    shared.submit("/join", {"password": GOOD})
    with app.app_context():
        living = db.session.scalars(select(SignIn.account_id).where(SignIn.ended_at.is_(None))).all()
    assert living == [fay.id]


def test_nothing_but_what_the_form_asks_is_taken(browser, invited, account):
    fay = invited()
    extra = {"role": "coordinator", "name": "X", "key": "k", "password_hash": "x", "disabled_at": "x", "zone": "UTC"}
    follow(browser, fay.text).post("/join", ANSWERS | extra)
    row = account(fay.key)
    assert (row.role, row.name, row.zone) == ("participant", "Fay Okafor", "America/New_York")


@pytest.mark.parametrize(
    ("called", "kept"),
    [("  Fay\u202e\n O. ", "Fay O."), ("<img src=x onerror=y>", "<img src=x onerror=y>"), ("Zoë", "Zoë")],
)
def test_what_we_call_them_is_kept_on_one_line(browser, invited, account, called, kept):
    fay = invited()
    follow(browser, fay.text).post("/join", ANSWERS | {"called": called})
    assert account(fay.key).called == kept


@pytest.mark.parametrize("called", ["", "   ", "x" * 41])
def test_a_name_that_is_none_is_refused(browser, invited, called):
    follow(browser, invited().text).post("/join", ANSWERS | {"called": called}, 422)


@pytest.mark.parametrize("token", ["code", "x", "..%2f..", "%00", "A" * 5000, "%E2%80%AE"])
def test_hostile_tokens_open_nothing(browser, cast, token):
    stranger = browser()
    answer = stranger.client.get(f"/join/{token}")
    assert answer.status_code in (303, 404)
    assert "Join" in stranger.get("/join").title


def test_a_made_up_invitation_in_the_cookie_opens_nothing(browser, cast):
    stranger = browser()
    with stranger.client.session_transaction() as session:
        session["invitation"] = "x" * 22
    assert "Do you have a printed code?" in stranger.get("/join").text
    stranger.post("/join", ANSWERS)
    assert stranger.location == "/join"


def test_an_opened_link_waits_in_the_browser_for_fifteen_minutes(browser, invited, at):
    """Rule: whoever sits down at this browser later does not find the link open. The link itself still works."""
    fay = invited()
    stranger = follow(browser, fay.text)
    stranger.get("/join")
    at.later(minutes=15)
    stranger.post("/join", ANSWERS | {"password": "short"}, 422)
    at.later(seconds=1)
    stranger.post("/join", ANSWERS)
    assert stranger.location == "/join"
    assert "open the link again" in stranger.get("/join").text
    at.later(minutes=-5)
    assert "open the link again" in stranger.get("/join").text, "it was dropped, and not only hidden"
    stranger.get(f"/join/{fay.text}", 303)
    stranger.get("/join")
    stranger.post("/join", ANSWERS)
    assert stranger.location == REACH


def test_the_care_team_is_there_from_the_first_day(app, browser, invited, cast):
    fay = invited()
    with app.app_context():
        care = db.session.execute(
            select(CareRelationship).where(CareRelationship.participant_id == fay.id)
        ).scalar_one()
        assert (care.therapist_id, care.role) == (cast.cho.id, "primary")
    browser("cho").get(f"/caseload/{fay.key}")
