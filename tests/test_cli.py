"""The commands that put the portal into a clinic."""

import pytest

from portal.db import db
from portal.people.models import Account, CareRelationship
from portal.program.models import Program

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
    assert "is ready" in run(app, INIT).output
    assert "nothing was changed" in run(app, [*INIT[:2], "Another", *INIT[3:]]).output
    with app.app_context():
        assert db.session.get(Program, 1).name == "Riverside Program"


def test_init_refuses_a_zone_that_does_not_exist(app):
    refused = run(app, [*INIT[:6], "Mars/Olympus", *INIT[7:]])
    assert refused.exit_code == 2
    assert "is not a time zone" in refused.output


def test_a_person_can_sign_in_with_the_password_that_is_printed_once(app):
    run(app, INIT)
    printed = run(app, person("coordinator", "Lee@Example.org")).output
    password = printed.strip().split(" with: ")[1]
    client = app.test_client()
    page = client.get("/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"csrf_token": token, "email": "lee@example.org", "password": password})
    assert answer.status_code == 303
    with app.app_context():
        assert password not in db.session.scalar(db.select(Account.password_hash))


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

    from portal import cli

    seen = []
    monkeypatch.setattr(cli.Server, "run", lambda self: seen.append((self.load(), has_app_context())))
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
