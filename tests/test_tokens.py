"""One-use secrets: long enough, kept as a keyed hash alone, and good for one purpose."""

import re

import pytest

from portal import tokens


@pytest.mark.asvs("11.5.1")
def test_a_token_holds_256_random_bits_and_fits_an_address():
    made = {tokens.make() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in made)


def test_a_code_is_made_of_its_letters_alone():
    code = tokens.make_code("AB", 200)
    assert len(code) == 200
    assert set(code) == {"A", "B"}


def test_a_secret_for_one_purpose_never_passes_for_one_of_another(app):
    with app.app_context():
        assert tokens.hash_of("sign-in", "x") != tokens.hash_of("calendar", "x")
        assert re.fullmatch(r"[0-9a-f]{64}", tokens.hash_of("sign-in", "x"))


@pytest.mark.parametrize(("other", "is_same"), [("K7QM", True), ("k7qm", False), ("K7Q", False), ("ä", False)])
def test_secrets_are_compared_whole(other, is_same):
    assert tokens.same("K7QM", other) is is_same
