"""What machines may ask of this site: how a phone may call it, where to report a weakness, where passwords change."""

import json
from datetime import datetime, timedelta

import pytest

from portal.config import ConfigError
from portal.db import db
from portal.program.models import Program


def test_on_a_home_screen_it_has_its_neutral_name(app, browser):
    with app.app_context():
        db.session.get(Program, 1).shown_as = "Riverside"
        db.session.commit()
    stranger = browser()
    stranger.get("/manifest.webmanifest")
    assert stranger.answer.mimetype == "application/manifest+json"
    manifest = json.loads(stranger.answer.text)
    assert (manifest["name"], manifest["short_name"]) == ("Riverside", "Riverside")
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert app.test_client().get(manifest["icons"][0]["src"]).status_code == 200


def test_pages_name_the_manifest_and_the_policy_lets_it_be_fetched(browser):
    stranger = browser()
    page = stranger.get("/sign-in")
    assert page.one("link", rel="manifest").get("href") == "/manifest.webmanifest"
    assert "manifest-src 'self'" in stranger.answer.headers["Content-Security-Policy"]


def test_before_there_is_a_program_there_is_no_manifest(app):
    assert app.test_client().get("/manifest.webmanifest").status_code == 404


@pytest.mark.parametrize("moment", ["2026-01-01T00:00", "2026-03-11T10:52", "2026-03-31T23:59", "2028-02-29T12:00"])
def test_whoever_finds_a_weakness_is_told_where_to_say_so_for_less_than_a_year(make_app, at, moment):
    now = at(moment)
    client = make_app(SECURITY_CONTACT="mailto:safe@example.org", URL="https://portal.example.org").test_client()
    answer = client.get("/.well-known/security.txt", base_url="https://portal.example.org")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    expires = datetime.fromisoformat(lines.pop("Expires"))
    assert timedelta(days=300) < expires - now < timedelta(days=365)
    assert lines == {
        "Contact": "mailto:safe@example.org",
        "Preferred-Languages": "en",
        "Canonical": "https://portal.example.org/.well-known/security.txt",
    }


def test_the_same_text_stands_all_month(make_app, at):
    client = make_app(SECURITY_CONTACT="tel:+1-212-555-0142").test_client()
    texts = set()
    for moment in ("2026-03-02T08:00", "2026-03-30T23:00"):
        at(moment)
        texts.add(client.get("/.well-known/security.txt").text)
    assert len(texts) == 1


def test_without_a_contact_there_is_none(browser):
    browser().get("/.well-known/security.txt", 404)


@pytest.mark.parametrize("contact", ["safe@example.org", "http://example.org/", "mailto:a@b\nContact: c", 7])
def test_a_contact_of_another_kind_stops_the_start(make_app, contact):
    with pytest.raises(ConfigError, match="PORTAL_SECURITY_CONTACT must begin with"):
        make_app(SECURITY_CONTACT=contact)


def test_a_password_manager_finds_where_passwords_change(browser):
    stranger, ada = browser(), browser("ada")
    for person in (stranger, ada):
        person.get("/.well-known/change-password", 303)
        assert person.location == "/account/password"
    ada.get(ada.location)
    stranger.get(stranger.location, 303)
    assert stranger.location == "/sign-in?next=/account/password"
