"""The database's own promises: instants are aware, connections hold their pragmas, keys cannot be guessed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, create_engine, insert, literal, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from portal import episodes, today
from portal.db import SQLITE_PRAGMAS, Instant, db, new_key, read, reader, watch
from portal.door import sign_ins
from portal.drafts import Draft
from portal.people.models import Account
from portal.program.models import Program

MOMENT = datetime(2026, 3, 11, 14, 52, tzinfo=UTC)


def draft_of(person, kept_at):
    return insert(Draft).values(account_id=person.id, address="/x", typed=b"", kept_at=kept_at)


@pytest.mark.asvs("16.2.2")
def test_an_instant_refuses_a_naive_datetime(app, cast):
    with app.app_context(), pytest.raises(StatementError, match="naive datetime is not an instant"):
        db.session.execute(draft_of(cast.ada, datetime(2026, 3, 11, 10, 52)))


@pytest.mark.asvs("16.2.2")
def test_an_instant_comes_back_aware_and_in_utc(app, cast):
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))
    with app.app_context():
        db.session.execute(draft_of(cast.ada, elsewhere))
        kept_at = db.session.scalar(select(Draft.kept_at))
    assert kept_at == MOMENT
    assert kept_at.utcoffset() == timedelta(0)


def test_nothing_is_not_an_instant():
    assert Instant().process_bind_param(None, None) is None
    assert Instant().process_result_value(None, None) is None


def test_every_pooled_sqlite_connection_holds_the_pragmas(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite'}")
    watch(engine)
    connections = [engine.connect() for _ in range(3)]
    for connection in connections:
        held = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SQLITE_PRAGMAS}
        assert held == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}
        connection.close()
    engine.dispose()


def test_the_files_of_a_database_are_for_the_portals_own_user_alone(tmp_path):
    """Rule: 0600, for the database and what SQLite keeps beside it, whatever the umask; an older file is mended."""
    older = tmp_path / "older.sqlite"
    older.touch(mode=0o644)
    for file in (tmp_path / "new.sqlite", older):
        engine = create_engine(f"sqlite:///{file}")
        watch(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE things (id INTEGER)")
            kept = sorted(tmp_path.glob(f"{file.name}*"))
            assert {each.name: each.stat().st_mode & 0o777 for each in kept} == dict.fromkeys(
                [file.name, f"{file.name}-shm", f"{file.name}-wal"], 0o600
            )
        engine.dispose()


@pytest.mark.asvs("16.5.3")
def test_a_pragma_that_does_not_hold_stops_the_connection():
    engine = create_engine("sqlite://")  # a database in memory cannot keep a write-ahead log
    watch(engine)
    with pytest.raises(RuntimeError, match="SQLite does not hold PRAGMA journal_mode = wal: it says memory"):
        engine.connect()


def test_a_row_cannot_point_at_nobody(app, cast):
    with app.app_context():
        db.session.add(Draft(account_id=987654, address="/x", typed=b"", kept_at=MOMENT))
        with pytest.raises(IntegrityError):
            db.session.commit()


@pytest.mark.asvs("8.4.1")
def test_there_is_one_program_and_no_second(app, cast):
    with app.app_context():
        db.session.add(Program(id=2, name="Another", phone="1", zone="UTC"))
        with pytest.raises(IntegrityError):
            db.session.commit()


def test_a_role_is_one_of_three(app, cast):
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(text("update accounts set role = 'owner' where id = :id"), {"id": cast.ada.id})


@pytest.mark.asvs("11.5.1")
def test_keys_are_long_and_never_the_same(app, cast):
    keys = {new_key() for _ in range(10_000)}
    assert len(keys) == 10_000
    assert {len(key) for key in keys} == {22}
    with app.app_context():
        assert len(set(db.session.scalars(select(Account.key)))) == 7


@dataclass(frozen=True)
class Hours:
    """When a shop is open."""

    opens: int
    closes: int = 18


@dataclass(frozen=True)
class Shop:
    """A shop, with its hours."""

    name: str
    street: str
    hours: Hours
    floors: int = 1


def _shops(*labels: str):
    """A statement of one row in which every column holds its own label."""
    return select(*(literal(label).label(label) for label in labels))


def test_a_row_is_read_by_name_in_whatever_order_its_columns_stand():
    read = reader(Shop, _shops("street", "hours.opens", "number", "name"), beside=["number"])
    assert read(("street", "hours.opens", "number", "name")) == Shop("name", "street", Hours("hours.opens"))


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (("name", "hours.opens"), "no label for street"),
        (("name", "street"), "no label for hours.opens"),
        (("name", "street", "hours.opens", "hours.lunch"), "no field for hours.lunch"),
        (("name", "street", "hours.opens", "name"), "a label stands twice"),
    ],
)
def test_labels_that_are_not_the_fields_stop_the_start(labels, says):
    with pytest.raises(TypeError, match=says):
        reader(Shop, _shops(*labels))


@pytest.mark.parametrize("statement", [sign_ins._VISITOR, today._OFFERED, episodes._ACTIVE])
def test_hot_statements_compare_no_partial_index_with_a_parameter(statement):
    """SQLite would prepare them anew at each run, which takes longer than the run."""
    assert not {"primary", "active"} & {str(value) for value in statement.compile().params.values()}


def test_a_read_past_the_mapper_sees_what_the_session_still_holds_back(app, cast):
    addresses = select(Draft.address, Draft.kept_at).where(Draft.account_id == bindparam("me"))
    with app.app_context():
        db.session.add(Draft(account_id=cast.ada.id, address="/x", typed=b"", kept_at=MOMENT))
        assert [tuple(row) for row in read(addresses, me=cast.ada.id)] == [("/x", MOMENT)]
        db.session.rollback()
        assert read(addresses, me=cast.ada.id) == []
