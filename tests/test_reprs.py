"""What an object says of itself in a log or a traceback: no secret, and nothing that somebody typed."""

import dataclasses
import importlib
import pkgutil
import re

import pytest

import portal
from portal import drafts, web
from portal.db import Base
from portal.door.factors import authenticator

SECRET = re.compile(r"token|secret|passw|hash|credential|link$|drawn|stop_url|^sealed$|^sent$|^texts$|^body$|_contact$")
NO_SECRET = {"Counts.sent", "Field.drawn_from"}  # how many letters went; which other field a field of an exercise shows


def modules():
    found = pkgutil.walk_packages(portal.__path__, "portal.")
    return [importlib.import_module(one.name) for one in found if "migrations" not in one.name]


def shown_secrets() -> list[str]:
    """The fields of dataclasses that are named like a secret, and stand in the repr of their object."""
    classes = [(module, one) for module in modules() for one in vars(module).values() if isinstance(one, type)]
    return [
        f"{one.__module__}.{one.__name__}.{field.name}"
        for module, one in classes
        if one.__module__ == module.__name__ and dataclasses.is_dataclass(one)
        for field in dataclasses.fields(one)
        if field.repr and SECRET.search(field.name) and f"{one.__name__}.{field.name}" not in NO_SECRET
    ]


@pytest.mark.asvs("14.2.4", "16.2.5")
def test_no_value_shows_a_secret_when_it_is_printed():
    """Rule: a token, a key, a password or its hash, a code and what was typed are left out of each repr."""
    assert shown_secrets() == []


@pytest.mark.asvs("14.2.4")
def test_no_row_shows_its_columns_when_it_is_printed():
    """Rule: rows hold hashes, sealed texts and names; they are printed as where they are, and no more."""
    for mapper in Base.registry.mappers:
        assert re.fullmatch(rf"<portal\.[\w.]+\.{mapper.class_.__name__} object at \w+>", repr(mapper.class_())), mapper


def test_a_request_does_not_show_the_token_in_its_address(app):
    with app.test_request_context("/join/canarytoken?next=canarynext", method="GET"):
        from flask import request

        assert "canary" not in repr(request._get_current_object())
        assert isinstance(request._get_current_object(), web.FormRequest)


def test_the_secret_of_an_app_is_not_in_what_is_printed_of_its_setup(app, cast):
    with app.app_context():
        setup = authenticator.setup_for(cast.ada, "Riverside")
    assert not [part for part in (setup.secret, setup.link, setup.sealed) if part in repr(setup)]
    text = drafts.Text({"note": drafts.DraftPart(["canarynote"], "", 0)})
    assert "canarynote" not in repr(text)
