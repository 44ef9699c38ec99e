"""The schema: its one revision is the models, it goes both ways, and the audit record stays."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from portal import audit
from portal.audit import verification
from portal.audit.models import AuditEvent
from portal.db import Base, db
from portal.demo import mark
from portal.migrations import readiness
from portal.operations import serving
from portal.people.models import Account
from tests.conftest import clinic


@pytest.fixture
def empty_app(make_app, server):
    return make_app(DATABASE_URL=server.empty())


def test_the_newest_revision_is_what_the_models_say(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_flask_db_check_finds_no_difference(app):
    answer = app.test_cli_runner().invoke(args=["db", "check"])
    assert answer.exit_code == 0, answer.output


def test_there_is_one_revision_until_the_first_release():
    assert len(readiness.revisions()) == 1


def test_it_goes_up_down_and_up_again(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        before = _schema()
        flask_migrate.downgrade()
        assert list(_schema()) == ["alembic_version"]
        flask_migrate.upgrade()
        assert _schema() == before


def test_a_database_with_people_in_it_goes_down_and_up(app, cast):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.commit()
        flask_migrate.downgrade(x_arg="drop-rows=yes")
        assert list(_schema()) == ["alembic_version"]
        flask_migrate.upgrade()
        clinic("a hash")
        audit.record(None, "program.init")
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 1


def test_going_down_drops_no_rows_unless_that_is_meant(app, cast, caplog):
    answer = app.test_cli_runner().invoke(args=["db", "downgrade"])
    assert answer.exit_code != 0
    assert "This would delete every record." in caplog.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Account)) == 7


def _schema() -> dict[str, list]:
    db.session.remove()
    inspector = inspect(db.engine)
    return {
        table: sorted(
            [
                *(f"{column['name']} {column['type']} {column['nullable']}" for column in inspector.get_columns(table)),
                *(str(index["name"]) for index in inspector.get_indexes(table)),
                *(str(check["name"]) for check in inspector.get_check_constraints(table)),
            ]
        )
        for table in inspector.get_table_names()
    }


def of_another_version(app):
    """Leave the database of `app` at a revision that nobody knows."""
    with app.app_context():
        db.session.execute(text("update alembic_version set version_num = '0005'"))
        db.session.commit()


@pytest.mark.parametrize(
    "command", [["serve"], ["init", "--name", "R", "--phone", "1", "--zone", "UTC", "--address", ""], ["mail", "send"]]
)
def test_a_database_of_an_unknown_revision_is_refused_in_words_and_left_alone(app, cast, command):
    of_another_version(app)
    refused = app.test_cli_runner().invoke(args=command)
    assert refused.exit_code == 1
    assert "made by another version of Foothold" in refused.output
    assert "Traceback" not in refused.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Account)) == 7


def test_the_portal_is_not_ready_on_a_database_of_an_unknown_revision(app):
    of_another_version(app)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "made by another version of Foothold" in answer.text


def test_a_demo_clinic_of_an_unknown_revision_is_made_anew_and_says_so(make_app, monkeypatch):
    monkeypatch.setattr(serving.Server, "run", lambda self: None)
    demo = make_app(DEMO=True)
    assert demo.test_cli_runner().invoke(args=["serve"]).exit_code == 0
    of_another_version(demo)
    with demo.app_context():
        db.session.execute(text("create table of_another_version (id integer primary key)"))
        db.session.commit()
    served = demo.test_cli_runner().invoke(args=["serve"])
    assert served.exit_code == 0, served.output
    assert "it is made again" in served.output
    with demo.app_context():
        assert "of_another_version" not in _schema()
        assert mark.is_demo()
        assert verification.breaks() == []


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("change", ["update audit_events set what = 'nothing'", "delete from audit_events"])
def test_the_database_refuses_to_change_or_delete_an_audit_row(app, cast, change):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.commit()
        with pytest.raises(DBAPIError):
            db.session.execute(text(change))
        db.session.rollback()
        assert db.session.scalars(select(AuditEvent.what)).all() == ["record.view"]


@pytest.mark.asvs("2.3.3")
def test_an_audit_row_stands_or_falls_with_what_it_tells_of(app, cast):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.rollback()
        assert db.session.scalars(select(AuditEvent.what)).all() == []
