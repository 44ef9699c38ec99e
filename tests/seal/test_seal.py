"""Encryption at rest: what was sealed opens at its own place with its own key, and nowhere else."""

import base64
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, select, text

from portal import create_app, seal
from portal.checkins.models import CheckIn, Review
from portal.db import Base, db
from portal.drafts import Draft
from portal.flags.models import FlagAct
from portal.people.models import Account, BreakGlass
from portal.seal import Secret, rotation
from portal.seal.keys import NONCE, Keys, SealError, read_keys
from tests import conftest

OPEN_TO_ALL = {("passkeys", "credential_id"), ("passkeys", "public_key")}  # a passkey's secret is on its device
KEPT_BY_KEYS = {("secrets", "sealed")}


def made(*names):
    """Keys of these names, as PORTAL_SEAL_KEYS holds them; the same for the same name."""
    return ",".join(f"{name}:{base64.b64encode(name.encode().ljust(32, b'.')).decode()}" for name in names)


KEYS = read_keys(made("one"))


# One text at one place


@settings(max_examples=200, deadline=None)
@given(written=st.text(max_size=300), place=st.text(min_size=1, max_size=60))
def test_whatever_can_be_written_comes_back_as_it_was(written, place):
    place = place.encode("utf-8", "ignore").decode()
    assert KEYS.open(place, KEYS.close(place, written)) == written


@pytest.mark.asvs("11.3.3")
@settings(max_examples=300, deadline=None)
@given(bit=st.integers(min_value=0), written=st.text(max_size=50))
def test_one_changed_bit_anywhere_is_refused(bit, written):
    sealed = bytearray(KEYS.close("flags.note\0k", written))
    bit %= len(sealed) * 8
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        KEYS.open("flags.note\0k", bytes(sealed))


def test_a_text_cut_short_or_made_longer_is_refused():
    sealed = KEYS.close("flags.note\0k", "a quiet canary")
    for wrong in [*(sealed[:length] for length in range(len(sealed))), sealed + b"x", b"x" + sealed, sealed * 2]:
        with pytest.raises(SealError):
            KEYS.open("flags.note\0k", wrong)


@pytest.mark.asvs("11.3.3")
def test_a_text_moved_to_another_row_column_or_table_is_refused(app):
    with app.app_context():
        note = seal.close(FlagAct.note, "a quiet canary", "key-1")
        assert seal.open(FlagAct.note, note, "key-1") == "a quiet canary"
        elsewhere = [
            (FlagAct.note, "key-2"),
            (Review.reply, "key-1"),
            (BreakGlass.reason, "key-1"),
            (Account.contact, "key-1"),
            (CheckIn.note, 1, "key-1", 1),
            (Draft.typed, 1, "key-1"),
        ]
        for column, *row in elsewhere:
            with pytest.raises(SealError, match="was changed, or moved there"):
                seal.open(column, note, *row)
        version = seal.close(CheckIn.note, "a quiet canary", 1, "key-1", 1)
        for row in [(1, "key-1", 2), (2, "key-1", 1), (11, "key-1", 1), (1, "key-11", 1)]:
            with pytest.raises(SealError):
                seal.open(CheckIn.note, version, *row)


@pytest.mark.asvs("11.3.3")
def test_notes_swapped_in_the_database_do_not_open(app, browser, cast):
    for who in ("ada", "ben"):
        answers = {"mood": "4", "key": who * 8, "for_day": "2026-03-11", "note": f"A note of {who}'s."}
        browser(who).post("/check-ins/", answers)
    with app.app_context():
        notes = dict(db.session.execute(select(CheckIn.participant_id, CheckIn.note)).all())
        for person, other in ((cast.ada, cast.ben), (cast.ben, cast.ada)):
            change = db.update(CheckIn).where(CheckIn.participant_id == person.id).values(note=notes[other.id])
            db.session.execute(change)
        db.session.commit()
    answer = browser("ada").client.get("/check-ins/")
    assert answer.status_code == 500
    assert "A note of" not in answer.text


def test_the_row_of_a_text_is_named_whole(app):
    with app.app_context():
        for row in [(), ("key-1", 2)]:
            with pytest.raises(TypeError, match="is sealed by"):
                seal.close(FlagAct.note, "text", *row)


@pytest.mark.asvs("11.3.4")
@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_no_nonce_comes_twice(count):
    sealed = (KEYS.close("flags.note\0k", "the same text") for _ in range(count))
    nonces = {one.partition(b":")[2][:NONCE] for one in sealed}
    assert len(nonces) == count
    assert {len(nonce) for nonce in nonces} == {12}


def test_the_same_text_never_looks_the_same():
    assert KEYS.close("flags.note\0k", "yes") != KEYS.close("flags.note\0k", "yes")


@pytest.mark.asvs("11.3.1", "11.3.2")
def test_the_cipher_is_aes_256_gcm():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    name, _, rest = KEYS.close("flags.note\0k", "a text").partition(b":")
    key = base64.b64decode(made("one").partition(":")[2])
    assert (name, len(key) * 8) == (b"one", 256)
    assert AESGCM(key).decrypt(rest[:12], rest[12:], b"flags.note\0k") == b"a text"


# Keys


@pytest.mark.parametrize(
    "setting",
    [
        "one",
        "one:",
        "one:short",
        "one:" + base64.b64encode(b"x" * 31).decode(),
        "one:" + base64.b64encode(b"x" * 33).decode(),
        "one:" + "é" * 44,
        "One:" + base64.b64encode(b"x" * 32).decode(),
        "a-name-that-is-too-long:" + base64.b64encode(b"x" * 32).decode(),
        ":" + base64.b64encode(b"x" * 32).decode(),
        made("one", "one"),
        made("one") + ";" + made("two"),
        made("one") + ",two",
    ],
)
def test_a_setting_that_holds_no_keys_is_refused_in_one_sentence(setting):
    with pytest.raises(SealError, match=r"^PORTAL_SEAL_KEYS must be name:key pairs .* each name used once\.$") as error:
        read_keys(setting)
    assert base64.b64encode(b"x" * 31).decode() not in str(error.value)


@pytest.mark.parametrize("setting", [None, "", " ", ",", " , "])
def test_no_key_at_all_is_said_with_how_to_make_one(setting):
    with pytest.raises(SealError, match="Set PORTAL_SEAL_KEYS to the key that seals what people write; make one with"):
        read_keys(setting)


def test_the_first_key_seals_and_all_of_them_open():
    old, both = read_keys(made("one")), read_keys(f" {made('two')} , {made('one')} ,")
    assert both.current == "two"
    assert both.close("a.b\0c", "x").startswith(b"two:")
    assert both.open("a.b\0c", old.close("a.b\0c", "x")) == "x"
    with pytest.raises(SealError, match="PORTAL_SEAL_KEYS does not hold the key 'two'"):
        old.open("a.b\0c", both.close("a.b\0c", "x"))


def test_a_key_is_in_no_message_and_no_representation():
    key = base64.b64decode(made("one").partition(":")[2])
    assert repr(KEYS) == "Keys()"
    assert key.decode() not in repr(KEYS) + str(KEYS)


# At the start


def start(url, keys):
    return create_app(**conftest.settings(url) | {"SEAL_KEYS": keys})


@pytest.fixture
def database(make_app):
    """The address of a database that was sealed with the key "one"."""
    app = make_app(SEAL_KEYS=f"{made('one')},{conftest.SEAL_KEYS}")
    with app.app_context():
        rotation.retire_old_keys()
        db.session.commit()
        db.engine.dispose()
    return app.config["DATABASE_URL"]


@pytest.fixture
def dispose():
    """`dispose(app)` lets go of the database of an app that make_app does not know."""
    apps = []
    yield apps.append
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (made("two"), "PORTAL_SEAL_KEYS lacks the key 'one', with which part of this database was sealed."),
        (
            made("two").replace("two:", "one:"),
            "The key 'one' in PORTAL_SEAL_KEYS is not the one that sealed this database: set the right one.",
        ),
        (
            made("two") + "," + made("three").replace("three:", "one:"),
            "The key 'one' in PORTAL_SEAL_KEYS is not the one that sealed this database: set the right one.",
        ),
    ],
)
def test_a_missing_or_wrong_key_stops_the_start_with_one_sentence(database, keys, said):
    """Rule: with a key that is missing, or another under its name, nothing is served and nothing is sealed."""
    with pytest.raises(SealError) as refused:
        start(database, keys)
    assert str(refused.value) == said


def test_the_right_keys_start_and_a_new_one_is_noted(database, dispose):
    dispose(start(database, made("one")))
    both = start(database, made("two", "one"))
    dispose(both)
    with both.app_context():
        held = db.session.scalars(select(Secret.name)).all()
    assert set(held) == {"check:one", "check:two", "index", "audit"}
    with pytest.raises(SealError, match="lacks the key 'two'"):
        start(database, made("one"))
    dispose(start(database, made("one", "two")))  # the other way round: nothing is lost by going back


@pytest.mark.parametrize("name", ["index", "audit"])
def test_a_database_that_lost_a_secret_is_not_given_a_new_one(database, dispose, name):
    """Rule: a new secret would make every sign-in name unknown, or every audit row false."""
    app = start(database, made("one"))
    dispose(app)
    with app.app_context():
        db.session.execute(text("delete from secrets where name = :name"), {"name": name})
        db.session.commit()
    with pytest.raises(SealError, match="This database has lost one of its secrets"):
        start(database, made("one"))


def test_two_processes_that_start_at_once_agree_on_the_secrets(server, make_app, dispose):
    from concurrent.futures import ThreadPoolExecutor

    import flask_migrate

    app = make_app(DATABASE_URL=server.empty(), SEAL_KEYS=made("one"))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.execute(text("delete from secrets"))
        db.session.commit()
    url = app.config["DATABASE_URL"]
    apps = [start(url, made("one")) for _ in range(4)]  # one by one: Python 3.11 cannot compile in several threads
    with app.app_context():
        db.session.execute(text("delete from secrets"))
        db.session.commit()

    def prepare(each):
        with each.app_context():
            seal.prepare()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, apps))
    found = set()
    for each in apps:
        dispose(each)
        with each.app_context():
            found.add((seal.index("x"), seal.inner(seal.AUDIT)))
    assert len(found) == 1


# Hashes


def test_a_hash_says_nothing_without_the_secret_of_its_database(make_app, dispose, app):
    other = make_app()
    with other.app_context():
        db.session.execute(text("delete from secrets"))
        db.session.commit()
    other = start(other.config["DATABASE_URL"], conftest.SEAL_KEYS)
    dispose(other)
    with app.app_context():
        first = seal.index("contact:ada@example.org")
        assert first == seal.index("contact:ada@example.org")
        assert first != seal.index("contact:ben@example.org")
    with other.app_context():
        assert seal.index("contact:ada@example.org") != first


def test_a_token_is_found_by_its_hash_and_by_nothing_else(app):
    with app.app_context():
        tokens = [secrets.token_urlsafe(32) for _ in range(50)]
        assert len({seal.index(token) for token in tokens}) == 50
        assert all(len(seal.index(token)) == 64 for token in tokens)


# The tables


def test_every_column_of_bytes_is_sealed_or_holds_what_anyone_may_read():
    """Rule: what people write is bytes in the database, and bytes are sealed."""
    loose = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and "sealed_by" not in column.info
    }
    assert loose == OPEN_TO_ALL | KEPT_BY_KEYS


def test_every_sealed_column_names_its_row_by_columns_that_never_change():
    """Rule: the columns that name a row exist, are never empty, and hold no sealed text themselves."""
    sealed = rotation.sealed_columns()
    assert len(sealed) >= 10
    for table, column, row in sealed:
        assert row, column
        for name in row:
            assert not table.c[name].nullable, f"{table.name}.{name}"
            assert "sealed_by" not in table.c[name].info


def test_two_keys_of_one_setting_are_told_apart_by_their_whole_name():
    keys = Keys({"a": b"x" * 32, "a1": b"y" * 32})
    assert keys.open("t.c\0k", Keys({"a1": b"y" * 32}).close("t.c\0k", "x")) == "x"
