"""The command that makes the demo clinic, at its usual size and larger."""

from itertools import pairwise

import pytest
from sqlalchemy import func, select

from portal.checkins.models import CheckIn, Review
from portal.db import db
from portal.demo import NAMED
from portal.people.contacts import contact_of
from portal.people.models import Account, CareRelationship
from portal.program.models import Program


@pytest.fixture
def demo_app(make_app):
    return make_app(DEMO=True)


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["demo", *arguments])


def test_it_fills_an_empty_database_and_says_how_much(demo_app):
    result = run(demo_app)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("The demo clinic holds 27 participants and ")
    with demo_app.app_context():
        assert db.session.get(Program, 1).is_demo


def test_it_refuses_a_database_that_holds_people(demo_app):
    run(demo_app)
    again = run(demo_app)
    assert again.exit_code == 1
    assert again.output == "Error: This database already holds people: the demo clinic needs an empty one.\n"


def test_it_refuses_a_database_that_holds_a_program(app, cast):
    app.config["DEMO"] = True
    assert "already holds people" in run(app).output


@pytest.mark.asvs("6.3.2", "15.2.3")
def test_it_refuses_without_the_demo_flag(app):
    result = run(app)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Set PORTAL_DEMO=true first")


def test_it_refuses_a_database_without_tables(make_app, server):
    result = run(make_app(DEMO=True, DATABASE_URL=server.empty()))
    assert result.exit_code == 1
    assert "flask --app wsgi db upgrade" in result.output


def test_it_refuses_fewer_people_than_have_names(demo_app):
    assert run(demo_app, "--participants", "5").exit_code == 2


def crowd_ids():
    rows = db.session.execute(select(Account.id, Account.key, Account.contact))
    return [id_ for id_, *sealed in rows if contact_of(*sealed).startswith("p0")]


def test_it_grows_to_the_size_asked_for(demo_app):
    result = run(demo_app, "--participants", "60", "--weeks", "3")
    assert result.exit_code == 0, result.output
    with demo_app.app_context():
        participants = select(func.count()).where(Account.role == "participant")
        assert db.session.scalar(participants) == 60
        check_ins = db.session.scalar(select(func.count()).select_from(CheckIn))
        assert f"{check_ins:,} check-ins" in result.output
        crowd = select(Account.id).where(Account.id.in_(crowd_ids()))
        days = db.session.execute(
            select(func.count(CheckIn.key), func.max(CheckIn.for_day), func.min(CheckIn.for_day)).where(
                CheckIn.participant_id.in_(crowd)
            )
        ).one()
        assert 33 * 21 * 0.6 < days[0] < 33 * 21
        assert (days[1] - days[2]).days <= 21
        assert db.session.scalar(select(func.count()).where(Review.participant_id.in_(crowd))) > 0
        caseloads = db.session.execute(
            select(func.count())
            .where(CareRelationship.participant_id.in_(crowd))
            .group_by(CareRelationship.therapist_id)
        ).scalars()
        assert max(caseloads) <= 27


def test_rows_are_written_in_the_order_of_their_table(demo_app, monkeypatch):
    """One person after another, one day after another: the clustered table is only ever added to at its end."""
    from portal.demo import crowd

    seen = []
    days = crowd._days
    monkeypatch.setattr(crowd, "_days", lambda *turn: _noting(days(*turn), seen))
    run(demo_app, "--participants", str(NAMED + 5), "--weeks", "2")
    assert len(seen) > 30
    assert all(before <= after for before, after in pairwise(seen))


def _noting(rows, seen):
    for row in rows:
        seen.append((row["participant_id"], row["for_day"]))
        yield row
