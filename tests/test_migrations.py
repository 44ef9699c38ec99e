"""The schema's history: its newest revision is the models, every step goes both ways, and records stay."""

from datetime import date
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from portal import audit, checkins, exercises
from portal.audit import AuditEvent
from portal.db import Base, db
from portal.exercises.models import Practice
from portal.people import contacts
from portal.people.models import Account
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


READABLE = "readable before the seal"
WRITTEN_BEFORE = [  # at revision 0002, as the portal wrote before texts were sealed
    "insert into accounts (id, key, role, name, called, email, password_hash, zone, created_at)"
    " values (1, 'k1', 'participant', 'A', 'A', '{text}@example.org', 'x', 'UTC', '2026-03-01 10:00:00')",
    "insert into check_ins (participant_id, for_day, key, version, question_set, question_set_version, mood, note,"
    " answers, entered_at, zone) values (1, '2026-03-01', 'c1', 1, 'daily', 1, 4, '{text} note', '{{}}',"
    " '2026-03-01 10:00:00', 'UTC')",
    "insert into practices (id, key, participant_id, slug, version, answers, started_at, updated_at)"
    " values (1, 'p1', 1, 'six-steps', 1, '{{\"problem\": \"{text} problem\"}}', '2026-03-01 10:00:00',"
    " '2026-03-01 10:00:00')",
    "insert into audit_events (id, at, actor_id, participant_id, what) values (7, '2026-03-01 10:00:00', 1, 1, 'x.y')",
    "insert into audit_events (id, at, actor_id, what) values (9, '2026-03-01 10:00:01', 1, 'x.z')",
]


def test_what_was_readable_is_sealed_chained_and_gone_from_the_disk_and_reads_as_before(empty_app, server, tmp_path):
    """Rule: the step that seals loses no text, leaves none of it behind, and goes back."""
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0002")
        for statement in WRITTEN_BEFORE:
            db.session.execute(text(statement.format(text=READABLE.replace(" ", "-")).replace(":", "\\:")))
        db.session.commit()
        flask_migrate.upgrade()
        entry = checkins.between([1], date(2026, 3, 1), date(2026, 3, 1))[0]
        assert entry.note == "readable-before-the-seal note"
        practice = db.session.execute(select(Practice.key, Practice.answers)).one()
        assert exercises.open_answers(practice.answers, practice.key) == {"problem": f"{entry.note[:-5]} problem"}
        account = db.session.execute(select(Account.key, Account.contact, Account.contact_hash)).one()
        assert contacts.contact_of(account.key, account.contact) == "readable-before-the-seal@example.org"
        assert account.contact_hash == contacts.hash_of("readable-before-the-seal@example.org")
        assert audit.breaks() == []
        db.session.remove()
        assert b"readable-before" not in _on_disk(empty_app, server)
        flask_migrate.downgrade(revision="0002")
        assert db.session.scalar(text("select note from check_ins")) == "readable-before-the-seal note"
        assert db.session.scalar(text("select email from accounts")) == "readable-before-the-seal@example.org"


def _on_disk(app, server) -> bytes:
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        db.session.execute(text("pragma wal_checkpoint(truncate)"))
        return b"".join(path.read_bytes() for path in Path(url.database).parent.glob(f"{Path(url.database).name}*"))
    db.session.execute(text("checkpoint"))
    oid = db.session.scalar(text("select oid from pg_database where datname = current_database()"))
    db.session.remove()
    return b"".join(
        path.read_bytes() for path in (server.home / "data" / "base" / str(oid)).iterdir() if path.is_file()
    )


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
