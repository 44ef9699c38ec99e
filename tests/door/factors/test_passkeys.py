"""Passkeys: what a browser's answer must hold to be taken, each lie told once by a passkey made of software."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from portal.db import db
from portal.door import factors
from portal.door.factors import challenges, passkeys
from portal.door.models import Passkey, SpentChallenge
from portal.fields import Refused
from portal.people.models import Account
from tests import passkeys as software
from tests.passkeys import ATTESTED, PRESENT, VERIFIED


@pytest.fixture
def phone(own):
    """Ada's passkey, which the portal knows."""
    return own("ada", "phone")


@pytest.fixture
def entered(app, at):
    """`entered(answer)` signs in with the answer of a browser, and gives the person or the words of the refusal."""

    def enter(answer: str):
        with app.app_context():
            try:
                person = passkeys.person_of(answer, at.now)
            except Refused as refused:
                return str(refused)
            db.session.commit()
            return person

    return enter


@pytest.fixture
def options(app, at):
    """`options("enter")` is what a page gives a browser to ask for a passkey; `options("create", person)` for a new."""

    def ask(purpose: str, person=None) -> str:
        with app.app_context():
            if purpose == "create":
                return passkeys.creation_options(person, "Foothold", at.now)
            return passkeys.request_options(purpose, person, at.now)

    return ask


@pytest.fixture
def kept(app, at):
    """`kept(person, answer)` keeps a new passkey, and gives its row or the words of the refusal."""

    def keep(person, answer: str, name: str = "My phone"):
        with app.app_context():
            try:
                row = passkeys.add_passkey(person, answer, name, at.now)
            except ValueError as refused:
                return str(refused)
            db.session.commit()
            return db.session.get(Passkey, row.id)

    return keep


def count(app, what) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(what))


@pytest.mark.asvs("6.3.3")
def test_a_passkey_signs_its_owner_in(phone, entered, options, cast):
    assert entered(phone.used(options("enter"))) == cast.ada


def test_a_page_asks_for_no_passkey_by_name_and_for_the_owner_to_be_verified(options, cast):
    asked = json.loads(options("enter"))
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "localhost"
    made = json.loads(options("create", cast.ada))
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["attestation"] == "none"


def test_a_phone_lists_the_neutral_name_and_what_the_person_is_called(options, cast):
    made = json.loads(options("create", cast.ada))
    assert made["rp"]["name"] == "Foothold"
    assert made["user"]["name"] == made["user"]["displayName"] == "Ada"
    assert "example.org" not in json.dumps(made)


def test_a_new_passkey_is_kept_and_signs_in(kept, entered, options, cast):
    new = software.Passkey(cast.ada.key, name="tablet")
    assert kept(cast.ada, new.made(options("create", cast.ada)), "  My \n tablet\x00 ").name == "My tablet"
    assert entered(new.used(options("enter"))) == cast.ada


LIES = {
    "another origin": {"origin": "https://portal.example.net"},
    "another port": {"origin": "http://localhost:8001"},
    "another site": {"site": "example.net"},
    "nobody verified": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_refused_when_it_is_used(app, phone, entered, options, lie):
    """Rule: the origin, the site, and that the owner was there and verified, are all checked."""
    for name, value in lie.items():
        setattr(phone, name, value)
    assert entered(phone.used(options("enter"))) == passkeys.NOT_TAKEN
    assert count(app, SpentChallenge) == 0


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_refused_when_it_is_made(app, kept, options, cast, lie):
    new = software.Passkey(cast.ada.key, **lie)
    assert kept(cast.ada, new.made(options("create", cast.ada))) == passkeys.NOT_TAKEN
    with app.app_context():
        assert factors.factors_of(cast.ada).passkeys == ()


def test_the_answer_of_another_kind_is_refused(phone, entered, kept, options, cast):
    new = software.Passkey(cast.ada.key, name="tablet")
    made = new.made(options("create", cast.ada), type="webauthn.get")
    assert kept(cast.ada, made) == passkeys.NOT_TAKEN
    assert entered(phone.used(options("enter"), type="webauthn.create")) == passkeys.NOT_TAKEN


def test_a_signature_of_another_key_is_refused(phone, entered, options):
    phone.secret = ec.generate_private_key(ec.SECP256R1())
    assert entered(phone.used(options("enter"))) == passkeys.NOT_TAKEN


def test_a_passkey_opens_its_owners_account_only(phone, entered, options, cast):
    """Rule: whose passkey it is, the portal knows from its own row; the device must say the same."""
    answer = json.loads(phone.used(options("enter")))
    answer["response"]["userHandle"] = software.text(cast.ben.key.encode())
    assert entered(json.dumps(answer)) == passkeys.NOT_TAKEN
    del answer["response"]["userHandle"]
    assert entered(json.dumps(answer)) == passkeys.NOT_TAKEN


def test_an_unknown_passkey_and_a_disabled_account_get_the_same_words(app, phone, entered, options, cast, at):
    unknown = entered(software.Passkey(cast.ben.key).used(options("enter")))
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(disabled_at=at.now))
        db.session.commit()
    assert entered(phone.used(options("enter"))) == unknown == passkeys.NOT_TAKEN


@pytest.mark.asvs("6.5.1")
def test_an_answer_works_once(phone, entered, options, cast):
    """Rule: a challenge that was answered is spent, also within its five minutes."""
    answer = phone.used(options("enter"))
    assert entered(answer) == cast.ada
    assert entered(answer) == "That was sent twice, and counted once. Try again if you still need to."


@pytest.mark.asvs("6.5.1")
def test_a_new_passkey_is_kept_once(kept, options, cast):
    answer = software.Passkey(cast.ada.key).made(options("create", cast.ada))
    assert kept(cast.ada, answer).account_id == cast.ada.id
    assert "sent twice" in kept(cast.ada, answer)


def test_a_challenge_lives_for_five_minutes(phone, entered, options, cast, at):
    first, second = options("enter"), options("enter")
    at.later(minutes=5)
    assert entered(phone.used(first)) == cast.ada
    at.later(seconds=1)
    assert entered(phone.used(second)) == "This page was open for too long. Try again now."


def test_a_challenge_from_elsewhere_is_refused(phone, entered, options):
    for challenge in (b"", b"x" * 56, bytes(24) + b"x" * 32, b"x" * 100):
        asked = json.dumps({"challenge": software.text(challenge)})
        assert entered(phone.used(asked)) == "That answer belongs to another page. Try again on this one."


def test_a_challenge_is_good_for_its_purpose_and_its_person_only(app, phone, entered, options, own, cast, at):
    assert "another page" in entered(phone.used(options("confirm", cast.ada)))
    assert "another page" in entered(phone.used(options("create", cast.ada)))
    for asked in (options("enter"), options("confirm", cast.ben), options("create", cast.ada)):
        with app.app_context(), pytest.raises(Refused, match="another page"):
            passkeys.prove(cast.ada, phone.used(asked), at.now)
    with app.app_context():
        passkeys.prove(cast.ada, phone.used(options("confirm", cast.ada)), at.now)


def test_nobody_proves_who_they_are_with_the_passkey_of_another(app, phone, own, options, cast, at):
    """Rule: a proof asked of one person is not given by another's passkey."""
    bens = own("ben", "phone")
    with app.app_context(), pytest.raises(Refused):
        passkeys.prove(cast.ada, bens.used(options("confirm", cast.ada)), at.now)


@pytest.mark.parametrize("counts", [(1, 1), (5, 4), (5, 0)])
def test_a_count_that_does_not_grow_tells_of_a_copy_and_is_refused(phone, entered, options, cast, counts):
    phone.count = counts[0]
    assert entered(phone.used(options("enter"))) == cast.ada
    phone.count = counts[1]
    assert entered(phone.used(options("enter"))) == passkeys.WENT_BACK


def test_a_count_that_grows_is_kept_and_one_that_stays_nought_is_fine(app, phone, entered, options, cast, at):
    for number in (0, 0, 1, 7):
        phone.count = number
        assert entered(phone.used(options("enter"))) == cast.ada
    with app.app_context():
        assert db.session.execute(select(Passkey.sign_count, Passkey.last_used_at)).first() is not None
        assert db.session.scalar(select(Passkey.sign_count).where(Passkey.account_id == cast.ada.id)) == 7
        assert factors.factors_of(cast.ada).passkeys[0].last_used_at == at.now


def test_of_two_copies_with_one_count_at_once_one_is_refused(race, phone, entered, options, at):
    """Rule: the count is compared again as it is written, or two copies that answer at once both get in."""
    phone.count = 1
    first, second = (phone.used(options("enter")) for _ in range(2))
    outcome = race(lambda: passkeys.person_of(first, at.now), lambda: entered(second))
    assert outcome == passkeys.WENT_BACK


@pytest.mark.asvs("6.5.1")
def test_of_one_answer_sent_twice_at_once_one_is_refused(race, phone, entered, options, at):
    answer = phone.used(options("enter"))
    assert "sent twice" in race(lambda: passkeys.person_of(answer, at.now), lambda: entered(answer))


def test_a_passkey_belongs_to_one_account(kept, options, cast):
    mine = software.Passkey(cast.ada.key)
    assert kept(cast.ada, mine.made(options("create", cast.ada))).account_id == cast.ada.id
    assert kept(cast.ben, mine.made(options("create", cast.ben))) == "This passkey is already in use."


def test_a_device_that_has_one_is_asked_not_to_make_another(phone, options, cast):
    assert [one["id"] for one in json.loads(options("create", cast.ada))["excludeCredentials"]] == [
        software.text(phone.id)
    ]


def test_spent_challenges_are_forgotten_once_they_are_too_old_anyway(app, phone, entered, options, cast, at):
    entered(phone.used(options("enter")))
    at.later(minutes=11)
    entered(phone.used(options("enter")))
    assert count(app, SpentChallenge) == 1


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("https://portal.example.org", ("portal.example.org", "https://portal.example.org")),
        ("https://Portal.Example.org:443/", ("portal.example.org", "https://portal.example.org")),
        ("https://portal.example.org:8443", ("portal.example.org", "https://portal.example.org:8443")),
    ],
)
def test_passkeys_belong_to_the_host_of_the_portals_address(app, monkeypatch, url, site):
    monkeypatch.setitem(app.config, "URL", url)
    with app.app_context():
        assert passkeys.site() == passkeys.Site(*site)


HOSTILE = [
    "",
    "null",
    "[]",
    "{}",
    '{"id": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
    '{"id": "\\u0000", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}}',
    "[" * 20_000,
    "9" * 19_000,
]


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_bytes_of_a_stranger_are_one_refusal(entered, kept, cast, answer):
    assert entered(answer) == kept(cast.ada, answer) == passkeys.NOT_TAKEN


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    at_byte=st.integers(0, 499),
    change=st.integers(1, 255),
)
def test_an_answer_that_was_tampered_with_is_refused(phone, entered, options, part, at_byte, change):
    """Any one byte changed, in what was signed or in the signature: never an error of ours, never taken."""
    assert isinstance(entered(tampered(phone.used(options("enter")), part, at_byte, change)), str)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(["clientDataJSON", "attestationObject"]),
    at_byte=st.integers(0, 499),
    change=st.integers(1, 255),
)
def test_a_new_passkey_that_was_tampered_with_is_no_error_of_ours(kept, options, cast, part, at_byte, change):
    """Nothing signs a new passkey (its attestation is "none"), so some changes do not matter; none is an error."""
    new = software.Passkey(cast.ada.key, name="tablet")
    kept(cast.ada, tampered(new.made(options("create", cast.ada)), part, at_byte, change))


def tampered(answer: str, part: str, at_byte: int, change: int) -> str:
    """The answer with one byte of one part changed."""
    changed = json.loads(answer)
    held = bytearray(software.from_text(changed["response"][part]))
    held[at_byte % len(held)] ^= change
    changed["response"][part] = software.text(bytes(held))
    return json.dumps(changed)


def test_two_challenges_are_never_the_same(app, at):
    with app.app_context():
        assert len({challenges.new("enter", "", at.now) for _ in range(500)}) == 500


def test_the_flags_of_the_tests_are_those_of_the_standard():
    assert (PRESENT, VERIFIED, ATTESTED) == (1, 4, 64)
