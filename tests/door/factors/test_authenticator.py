"""Authenticator apps: which codes count, and that none counts twice."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import segno
from sqlalchemy import select

from portal import seal
from portal.db import db
from portal.door import factors
from portal.door.factors import authenticator, factor_changes
from portal.door.models import Authenticator
from portal.seal.keys import SealError
from tests.door.factors.conftest import SECRET


@pytest.fixture
def phone(own):
    """Ada's app."""
    return own("ada", "app")


@pytest.fixture
def takes(app, cast, at):
    """`takes(code)` says what a code of Ada's is taken for, and uses it up."""

    def take(code: str) -> str | None:
        with app.app_context():
            how = factor_changes.take_code(cast.ada, code, at.now)
            db.session.commit()
            return how

    return take


def test_the_code_that_the_app_shows_is_taken(phone, takes, at):
    assert takes(phone.at(at.now)) == "totp"


@pytest.mark.parametrize(("steps", "how"), [(-2, None), (-1, "totp"), (0, "totp"), (1, "totp"), (2, None)])
def test_a_phones_clock_may_be_half_a_minute_off(phone, takes, at, steps, how):
    assert takes(phone.at(at.now, counter_offset=steps)) == how


@pytest.mark.asvs("6.5.1")
def test_a_code_works_once(phone, takes, at):
    """Rule: a code is used up by being taken, for as long as it would be shown and after."""
    code = phone.at(at.now)
    assert takes(code) == "totp"
    for _ in range(4):
        assert takes(code) is None
        at.later(seconds=15)


@pytest.mark.asvs("6.5.1")
def test_no_code_before_one_that_was_taken_is_taken(phone, takes, at):
    assert takes(phone.at(at.now, counter_offset=1)) == "totp"
    assert takes(phone.at(at.now)) is None
    assert takes(phone.at(at.now, counter_offset=-1)) is None
    at.later(minutes=1)
    assert takes(phone.at(at.now)) == "totp"


@pytest.mark.asvs("6.5.1", "15.4.2")
def test_of_two_who_send_one_code_at_once_one_gets_in(race, phone, takes, cast, at):
    """Rule: the step is compared as it is written, or two requests that read before either wrote both get in."""
    code = phone.at(at.now)
    assert race(lambda: factor_changes.take_code(cast.ada, code, at.now), lambda: takes(code)) is None


@pytest.mark.parametrize("space", ["{}{}{} {}{}{}", " {}{}{}{}{}{} ", "{}{}{}-{}{}{}"])
def test_spaces_in_a_code_do_not_matter(phone, takes, at, space):
    assert takes(space.format(*phone.at(at.now))) == "totp"


@pytest.mark.parametrize("code", ["", "0", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6, "9" * 5_000])
def test_what_is_no_code_is_none(phone, takes, code):
    assert takes(code) is None


def test_another_persons_code_is_none(phone, takes, app, cast, at):
    with app.app_context():
        sealed = seal.close(Authenticator.secret, pyotp.random_base32(), cast.ben.id)
        db.session.add(
            Authenticator(account_id=cast.ben.id, secret=sealed, made_at=at.now, confirmed_at=at.now, last_step=0)
        )
        db.session.commit()
        assert factor_changes.take_code(cast.ben, phone.at(at.now), at.now) is None


def test_an_app_that_was_not_confirmed_is_none(app, phone, takes, cast, at):
    with app.app_context():
        db.session.get(Authenticator, cast.ada.id).confirmed_at = None
        db.session.commit()
        assert not factors.has_second_factor(cast.ada)
        assert factors.factors_of(cast.ada).count == 0
    assert takes(phone.at(at.now)) is None


@pytest.mark.asvs("14.2.4")
def test_the_secret_is_kept_sealed_and_for_its_owner_alone(app, phone, cast):
    with app.app_context():
        held = db.session.scalar(select(Authenticator.secret))
        assert SECRET.encode() not in held
        assert seal.open(Authenticator.secret, held, cast.ada.id) == SECRET
        with pytest.raises(SealError):
            seal.open(Authenticator.secret, held, cast.ben.id)


@pytest.fixture
def setup(app, cast):
    with app.app_context():
        return authenticator.setup_for(cast.ada, "Foothold")


def test_a_setup_is_confirmed_by_its_own_code_and_that_code_is_used_up(app, setup, cast, at):
    code = pyotp.TOTP(setup.secret).at(at.now)
    with app.app_context():
        assert not authenticator.confirm(cast.ada, setup.sealed, "000000", at.now)
        assert authenticator.confirm(cast.ada, setup.sealed, code, at.now)
        assert factors.factors_of(cast.ada).authenticator == at.now
        assert factor_changes.take_code(cast.ada, code, at.now) is None
        later = at.now + timedelta(seconds=30)
        assert factor_changes.take_code(cast.ada, pyotp.TOTP(setup.secret).at(later), later) == "totp"


def test_a_new_app_takes_the_place_of_the_one_before(app, setup, phone, cast, at):
    with app.app_context():
        assert authenticator.confirm(cast.ada, setup.sealed, pyotp.TOTP(setup.secret).at(at.now), at.now)
        db.session.commit()
        later = at.now + timedelta(minutes=2)
        assert factor_changes.take_code(cast.ada, phone.at(later), later) is None
        assert factor_changes.take_code(cast.ada, pyotp.TOTP(setup.secret).at(later), later) == "totp"


def test_a_setup_is_its_owners_and_cannot_be_made_up(app, setup, cast, at):
    """Rule: the secret travels in the form, sealed for one account: nobody brings a secret of their own choice."""
    code = pyotp.TOTP(setup.secret).at(at.now)
    with app.app_context():
        for sealed in (setup.secret, setup.sealed[:-8], "", "é", "A" * 60):
            assert not authenticator.confirm(cast.ada, sealed, code, at.now)
            assert authenticator.setup_for(cast.ada, "Foothold", sealed).secret != setup.secret
        assert not authenticator.confirm(cast.ben, setup.sealed, code, at.now)
        assert authenticator.setup_for(cast.ben, "Foothold", setup.sealed).secret != setup.secret
        assert authenticator.setup_for(cast.ada, "Foothold", setup.sealed).secret == setup.secret


@pytest.mark.asvs("6.5.3", "6.5.4")
def test_secrets_are_long_and_never_the_same(app, cast):
    with app.app_context():
        secrets = {authenticator.setup_for(cast.ada, "Foothold").secret for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) * 5 for secret in secrets} == {160}


def test_an_app_lists_the_neutral_name_and_no_name_of_a_person(setup, cast):
    link = urlsplit(setup.link)
    assert (link.scheme, link.netloc, unquote(link.path)) == ("otpauth", "totp", f"/Foothold:{cast.ada.key[:4]}")
    assert parse_qs(link.query) == {"secret": [setup.secret], "issuer": ["Foothold"]}


def test_the_key_for_typing_stands_in_groups_of_four(setup):
    assert setup.grouped.replace(" ", "") == setup.secret
    assert {len(group) for group in setup.grouped.split()} == {4}


def test_the_drawing_is_the_code_that_the_maker_of_the_library_draws(setup):
    """The path is drawn again into modules, and those are held against the library's own."""
    size = setup.size
    modules = [[0] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", setup.drawn):
        for at_x in range(int(x), int(x) + int(width)):
            modules[int(y)][at_x] = 1
    code = segno.make(setup.link, error="m", micro=False)
    assert modules == [list(row) for row in code.matrix_iter(border=4)]
