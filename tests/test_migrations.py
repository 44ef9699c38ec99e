"""The schema's history: its newest revision is the models, every step goes both ways, and records stay."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from portal import audit
from portal.audit import AuditEvent
from portal.db import Base, db
from tests.conftest import clinic


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory("portal/migrations")
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


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


def test_there_is_one_line_of_revisions():
    scripts = ScriptDirectory("portal/migrations")
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_every_revision_goes_up_down_and_up_again(empty_app):
    with empty_app.app_context():
        for revision in revisions():
            flask_migrate.upgrade(revision=revision)
            before = _schema()
            flask_migrate.downgrade(revision="-1")
            flask_migrate.upgrade(revision=revision)
            assert _schema() == before, revision


def test_a_database_with_people_in_it_goes_down_and_up(app, cast):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.commit()
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        clinic("a hash")
        audit.record(None, "program.init")
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 1


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
