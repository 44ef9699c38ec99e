"""Recovery codes: ten, each once, written as people write."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.door import factors
from portal.door.factors import factor_changes, recovery
from portal.door.models import RecoveryCode


@pytest.fixture
def codes(own):
    """Ada's ten codes; she has a passkey, too."""
    own("ada", "phone")
    return own("ada", "codes")


@pytest.fixture
def takes(app, cast, at):
    """`takes(code)` says what a code of Ada's is taken for, and uses it up."""

    def take(code: str, who: str = "ada") -> str | None:
        with app.app_context():
            how = factor_changes.take_code(getattr(cast, who), code, at.now)
            db.session.commit()
            return how

    return take


@pytest.mark.asvs("6.5.3", "6.5.4")
def test_ten_codes_of_fifty_bits(codes):
    assert len(set(codes)) == 10
    assert len(recovery.ALPHABET) ** recovery.LENGTH == 2**50
    for code in codes:
        one, other = code.split("-")
        assert len(one) == len(other) == 5
        assert set(one + other) <= set(recovery.ALPHABET)


@pytest.mark.asvs("6.5.1")
def test_each_code_works_once(app, codes, takes, cast):
    for number, code in enumerate(codes, 1):
        assert takes(code) == "recovery"
        assert takes(code) is None
        with app.app_context():
            assert factors.factors_of(cast.ada).codes_left == 10 - number


@pytest.mark.asvs("6.5.1", "15.4.2")
def test_of_two_who_send_one_code_at_once_one_gets_in(race, codes, takes, cast, at):
    """Rule: a code is used up by the same statement that looks for it."""
    assert race(lambda: factor_changes.take_code(cast.ada, codes[0], at.now), lambda: takes(codes[0])) is None


@pytest.mark.parametrize("change", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c[:2]} {c[2:]} "])
def test_a_code_may_be_typed_as_people_type(codes, takes, change):
    assert takes(change(codes[0])) == "recovery"


def test_letters_that_look_like_a_number_are_read_as_one(app, cast, at, own):
    own("ada", "phone")
    with app.app_context():
        db.session.add(RecoveryCode(account_id=cast.ada.id, code_hash=recovery._hash(cast.ada, "0123401234")))
        db.session.commit()
        assert factor_changes.take_code(cast.ada, "oL234-Oi234", at.now) == "recovery"


@pytest.mark.parametrize("code", ["", "K7QM4", "-----", "U" * 10, "é" * 10, "\x00" * 10, "Z" * 5_000])
def test_what_is_no_code_is_none(codes, takes, code):
    assert takes(code) is None


def test_a_code_is_its_owners(codes, takes, own):
    own("ben", "phone")
    assert takes(codes[0], "ben") is None


def test_codes_without_a_factor_to_stand_in_for_are_none(app, own, takes):
    assert takes(own("ada", "codes")[0]) is None


def test_new_codes_take_the_place_of_the_old(app, codes, takes, cast):
    with app.app_context():
        new = recovery.new_codes(cast.ada)
        db.session.commit()
    assert takes(codes[0]) is None
    assert takes(new[0]) == "recovery"


def test_only_keyed_hashes_are_kept(app, codes):
    with app.app_context():
        hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert {len(each) for each in hashes} == {64}
    assert not any(code.replace("-", "").lower() in each for code in codes for each in hashes)
