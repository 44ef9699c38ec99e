"""On PostgreSQL the portal's own role cannot rewrite the audit record; the role that owns the tables migrates."""

from types import SimpleNamespace

import flask_migrate
import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import audit, create_app, seal
from portal.audit import verification
from portal.audit.models import AuditEvent
from portal.db import db
from tests.browser import Browser
from tests.conftest import PASSWORD, clinic, settings
from tests.databases import OWNER, Postgresql

ROLE, IN_ADDRESS = '"portal ""app"""', "portal%20%22app%22"  # a name that has to be quoted
REWRITES = [
    "update audit_events set what = 'nothing.happened'",
    "update audit_events set id = id",
    "delete from audit_events",
    "truncate audit_events",
    "drop trigger audit_events_no_change on audit_events",
    "alter table audit_events disable trigger all",
    "alter table audit_events disable trigger audit_events_no_change",
    "drop function audit_events_refuse() cascade",
    "create or replace function audit_events_refuse() returns trigger language plpgsql as $$ begin return null; end $$",
    "drop table audit_events cascade",
    "alter table audit_events rename to audit_events_old",
    "set session_replication_role = replica",
    "update alembic_version set version_num = '0000'",
]


@pytest.fixture
def two_roles(server):
    """On PostgreSQL: a portal whose role is not the owner of its tables, and its database; None elsewhere."""
    if not isinstance(server, Postgresql):
        yield None
        return
    url = server.fresh()
    server.admin.execute(f"create role {ROLE} login")
    app = create_app(**settings(url.replace(f"{OWNER}@", f"{IN_ADDRESS}@")) | {"MIGRATION_URL": url})
    with app.app_context():
        flask_migrate.upgrade()
        seal.prepare()
    yield SimpleNamespace(app=app, url=url)
    with app.app_context():
        db.engine.dispose()
    server.drop(url)
    server.admin.execute(f"drop role {ROLE}")


@pytest.mark.asvs("13.2.2", "16.4.2")
def test_the_portals_role_writes_the_record_and_rewrites_nothing(two_roles):
    if two_roles is None:  # SQLite has no roles: the triggers are tested with the migrations
        return
    with two_roles.app.app_context():
        clinic("a hash")
        audit.record(None, "program.init")
        db.session.commit()
        for rewrite in REWRITES:
            with pytest.raises(DBAPIError) as refused:
                db.session.execute(text(rewrite))
            assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege), rewrite
            db.session.rollback()
        assert db.session.scalars(select(AuditEvent.what)).all() == ["program.init"]
        assert verification.breaks() == []


def test_the_owner_keeps_what_it_may_and_the_trigger_still_refuses(two_roles):
    if two_roles is None:
        return
    with psycopg.connect(two_roles.url) as connection:
        connection.execute("insert into audit_events (id, at, what, mac) values (1, now(), 'x', 'y')")
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("delete from audit_events")


def test_a_second_migration_gives_the_same_and_takes_back_what_was_too_much(two_roles):
    if two_roles is None:
        return
    with psycopg.connect(two_roles.url) as connection:
        connection.execute(f"grant all on audit_events, alembic_version to {ROLE}")
        connection.execute("create table later (id serial primary key)")
    with two_roles.app.app_context():
        flask_migrate.upgrade()
        with pytest.raises(DBAPIError):
            db.session.execute(text("truncate audit_events"))
        db.session.rollback()
        db.session.execute(text("insert into later default values"))
        db.session.execute(text("delete from later"))
        db.session.commit()


def test_what_people_do_needs_no_more_than_was_given(two_roles, password_hash):
    if two_roles is None:
        return
    with two_roles.app.app_context():
        clinic(password_hash)
        db.session.commit()
    ada = Browser(two_roles.app)
    ada.sign_in("ada@example.org", PASSWORD, "participant")
    ada.get("/today")
    ada.post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11", "safety": "yes_talk"})
    ada.post("/sign-out")
    ada.close()
    with two_roles.app.app_context():
        assert "check_in.log" in db.session.scalars(select(AuditEvent.what)).all()
        assert verification.breaks() == []
