"""What must stay where it is: marked texts, looked for in addresses, logs, titles, cookies, and on the disk."""

import re
import sqlite3
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import JSON, String, Text, make_url, select, text, update

from portal import seal
from portal.db import Base, db
from portal.seal import rotation
from tests import world
from tests.test_matrix import addresses, ask

# Texts that are not free: keys and hashes, names of zones and kinds, and what only a machine reads.
NOT_FREE = {
    "key", "role", "zone", "kind", "status", "tier", "action", "code", "what", "subject", "mac", "stage", "how",
    "purpose", "finding", "name_hash", "address_hash", "token_hash", "contact_hash", "code_hash", "challenge_hash",
    "password_hash", "slug", "rule", "check_in_key", "question_set", "medication", "substance_use", "safety",
    "care_system", "care_code", "once", "video_url", "exit_site", "trouble", "address", "phone", "shown_as",
    "imported_as", "stop_hash", "measure_key", "review_key", "instrument_version", "language", "mode", "every", "band",
}  # fmt: skip
SHOWN_AS_TITLE = {"discreet_title", "subject"}  # made to be seen
NOT_EVERYWHERE = {"becomes"}  # the schema keeps it empty in some rows


@pytest.fixture
def clinic(fill_clinic):
    return fill_clinic()


def plant(app) -> dict[str, str]:
    """Put a mark of its own into every free text column of every row: {mark: table.column}."""
    marks = {}
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            for column in table.c:
                free = isinstance(column.type, String | Text) and not isinstance(column.type, JSON)
                if not free or column.name in NOT_FREE | SHOWN_AS_TITLE or table.name == "secrets":
                    continue
                mark = f"zq{len(marks):02}qz"
                marks[mark] = f"{table.name}.{column.name}"
                everywhere = column.name not in NOT_EVERYWHERE
                rows = update(table) if everywhere else update(table).where(column.is_not(None))
                db.session.execute(rows.values({column: mark}))
        db.session.commit()
    return marks | {mark: f"sealed {name}" for name, mark in world.MARKS.items()}


def addresses_in(html: str) -> list[str]:
    return re.findall(r'(?:href|action|src|data-hx-[a-z-]+|formaction)="([^"]*)"', html)


@pytest.mark.asvs("14.2.1", "16.2.5")
@pytest.mark.parametrize("who", [None, "ada", "ben", "cho", "dee", "kit"])
def test_no_text_of_a_person_is_in_an_address_a_title_a_cookie_a_header_or_a_log(
    app, cast, fill_clinic, browser, caplog, who
):
    """Rule: a mark in every text column, and no page carries one where a watcher, a history or a log would keep it."""
    caplog.set_level("DEBUG")
    person, clinic = browser(who), fill_clinic()
    marks = plant(app)
    faults = []
    for row, path in addresses(app, cast, clinic):
        if row.endpoint == "door.sign_out":
            continue
        caplog.clear()
        answer = ask(person, row, path)
        if row.method == "POST" and answer.status_code == 303:
            continue  # it changed something: the marks of its row may be gone
        kept = [*addresses_in(answer.text), *re.findall(r"<title>[^<]*", answer.text)]
        kept += [f"{name}: {value}" for name, value in answer.headers]
        kept += [record.getMessage() for record in caplog.records] + [str(r.exc_info) for r in caplog.records]
        seen = unquote("\n".join(kept))
        faults += [f"{row.method} {row.address} keeps {where}" for mark, where in marks.items() if mark in seen]
        faults += [f"{row.method} {row.address} keeps a token"] if world.SECRET_TOKEN in seen.replace(path, "") else []
    assert not faults, "\n".join(faults)


def test_every_sealed_column_holds_a_mark(app, clinic):
    """The look at the disk below is worth something only if there is something to find."""
    with app.app_context():
        keys = app.extensions["seal"]["keys"]
        for table, column, row in rotation.sealed_columns():
            texts = []
            for one in db.session.execute(select(table)).mappings():
                if one[column.name] is not None:
                    place = seal.place_of(table.name, column.name, *(one[name] for name in row))
                    texts.append(keys.open(place, one[column.name]))
            assert any(mark in sealed for sealed in texts for mark in world.MARKS.values()), (
                f"{table.name}.{column.name}"
            )


@pytest.mark.asvs("11.3.2", "11.3.3", "14.2.4")
def test_nothing_sealed_is_on_the_disk_in_the_clear(app, server, clinic, tmp_path):
    """Rule: no byte of the database, of its log or of a backup shows what people wrote, or where they are reached."""
    with app.app_context():
        url = make_url(app.config["DATABASE_URL"])
        if url.get_backend_name() == "sqlite":
            files = [Path(f"{url.database}{tail}") for tail in ("", "-wal", "-shm")]
            with sqlite3.connect(url.database) as source, sqlite3.connect(tmp_path / "backup.sqlite") as backup:
                source.backup(backup)
            files += list(tmp_path.iterdir())
            held = b"".join(path.read_bytes() for path in files if path.exists())
        else:
            db.session.execute(text("checkpoint"))
            db.session.rollback()
            files = [path for path in (server.home / "data").rglob("*") if path.is_file()]
            held = b"".join(path.read_bytes() for path in files if "base" in path.parts or "pg_wal" in path.parts)
            backup = db.session.execute(
                text(
                    "select string_agg(t::text, ' ') from (select table_to_xml(c.oid, true, false, '') as t"
                    " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                    " where n.nspname = 'public' and c.relkind = 'r') as dump"
                )
            ).scalar_one()
            held += backup.encode()
        assert b"audit_events" in held or b"Riverside" in held, "these are not the files of the database"
    hidden = {name: mark for name, mark in world.MARKS.items() if name not in ("passkey", "device")}
    found = [name for name, mark in hidden.items() if mark.encode() in held or mark.encode().hex().encode() in held]
    assert found == []
