"""The commands that put the portal into a clinic."""

import re

import pytest

from portal.db import db
from portal.people.models import Account, CareRelationship
from portal.program.models import Program
from tests.browser import Browser

INIT = [
    "init",
    "--name",
    "Riverside Program",
    "--phone",
    "(212) 555-0142",
    "--zone",
    "America/New_York",
    "--address",
    "",
]


def person(role, email, *more):
    return ["add-person", "--role", role, "--name", f"{role} one", "--called", "One", "--email", email, *more]


def run(app, arguments):
    return app.test_cli_runner().invoke(args=arguments)


def test_init_makes_the_program_once_and_changes_nothing_the_second_time(app):
    said = run(app, INIT).output
    assert "is ready" in said
    assert "Nothing is asked about safety yet." in said and "on call" in said
    assert "Nothing was changed" in run(app, [*INIT[:2], "Another", *INIT[3:]]).output
    with app.app_context():
        assert db.session.get(Program, 1).name == "Riverside Program"


def test_init_refuses_a_zone_that_does_not_exist(app):
    refused = run(app, [*INIT[:6], "Mars/Olympus", *INIT[7:]])
    assert refused.exit_code == 2
    assert "is not a time zone" in refused.output


def link_in(output):
    return re.search(r"http://localhost:8000(/join/[\w-]{43})\b", output)[1]


@pytest.mark.asvs("6.3.2", "6.4.1")
def test_a_fresh_install_has_nobody_and_a_new_account_has_no_password(app):
    said = run(app, INIT).output
    assert "first coordinator with: flask --app wsgi add-person --role coordinator" in said
    with app.app_context():
        assert db.session.scalars(db.select(Account)).all() == []
    run(app, person("coordinator", "Lee@Example.org"))
    with app.app_context():
        account = db.session.scalars(db.select(Account)).one()
        assert (account.password_hash, account.joined_at) == (None, None)


def test_the_first_coordinator_joins_by_the_link_that_is_printed_once(app, at):
    run(app, INIT)
    printed = run(app, person("coordinator", "Lee@Example.org")).output
    assert "until 2026-03-18T14:52:00Z" in printed
    lee = Browser(app)
    lee.get(link_in(printed), 303)
    lee.get("/join")
    lee.submit("/join", {"password": "seven wet paper lanterns"})
    assert lee.location == "/sign-in/second-factor"
    lee.close()


def test_whoever_has_lost_every_way_in_gets_a_link_from_the_operator(app, cast, browser):
    printed = run(app, ["restore-person", "--email", "kit@example.org"]).output
    kit = browser()
    kit.get(link_in(printed), 303)
    kit.get("/join")
    kit.submit("/join", {"password": "seven wet paper lanterns"})
    assert kit.location == "/sign-in/second-factor"


def test_there_is_no_link_for_nobody(app, cast):
    refused = run(app, ["restore-person", "--email", "nobody@example.org"])
    assert refused.exit_code == 1
    assert "Nobody signs in as nobody@example.org" in refused.output


def test_a_participant_is_given_their_therapist(app):
    run(app, INIT)
    run(app, person("therapist", "t@example.org"))
    assert run(app, person("participant", "p@example.org", "--therapist", "t@example.org")).exit_code == 0
    with app.app_context():
        assert db.session.scalar(db.select(CareRelationship.role)) == "primary"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (person("participant", "t@example.org"), "Someone already signs in as t@example.org"),
        (person("participant", "p@example.org", "--therapist", "nobody@example.org"), "No therapist signs in as"),
        (person("participant", "not an address@x"), "does not look like an email address"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_adds_nobody(app, arguments, said):
    run(app, INIT)
    run(app, person("therapist", "t@example.org"))
    refused = run(app, arguments)
    assert refused.exit_code == 1
    assert said in refused.output
    with app.app_context():
        assert len(db.session.scalars(db.select(Account)).all()) == 1


def test_nobody_is_added_before_there_is_a_program(app):
    assert "There is no program yet" in run(app, person("therapist", "t@example.org")).output


def test_no_worker_inherits_the_application_context_of_the_command(app, monkeypatch):
    from flask import has_app_context

    from portal.operations import serving

    seen = []
    monkeypatch.setattr(serving.Server, "run", lambda self: seen.append((self.load(), has_app_context())))
    served = run(app, ["serve", "--port", "8199"])
    assert served.exit_code == 0, served.output
    assert seen == [(app, False)]
    with app.app_context():
        assert db.engine.pool.checkedin() == 0


def test_only_a_participant_is_given_a_therapist(app):
    run(app, INIT)
    run(app, person("therapist", "t@example.org"))
    refused = run(app, person("coordinator", "k@example.org", "--therapist", "t@example.org"))
    assert "Only a participant has a therapist" in refused.output
