"""The brief of a group, for who leads it: not a minute too early, then in the hand, and gone when the day is over."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal import clock
from tests.e2e.conftest import DESK
from tests.e2e.test_pages import validate
from tests.e2e.walk import Findings, look

GROUP = "from sessions where kind = 'group' and status = 'planned' order by starts_at limit 1"


@pytest.fixture
def group(portal: str, tmp_path: Path) -> tuple[str, Callable[[datetime], None]]:
    """The key of the next group of the demo clinic, led by Dr Cho, and a way to let it begin at an instant.

    The server's clock is the real one: so the group moves, and not the time.
    """
    database = tmp_path / "served.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        cho = "select id from accounts where name = 'Dr Cho'"
        connection.execute(f"update sessions set facilitator_id = ({cho}) where id = (select id {GROUP})")
        connection.commit()
        key, zone = connection.execute(f"select key, zone {GROUP}").fetchone()

    def begin(start: datetime) -> None:
        wall = clock.local(start, zone)
        values = start.astimezone(UTC), wall, wall.date()
        stored = [f"{value:%Y-%m-%d %H:%M:%S.%f}" for value in values[:2]]
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            connection.execute(
                "update sessions set starts_at = ?, wall_at = ?, local_day = ? where key = ?",
                (*stored, f"{values[2]:%Y-%m-%d}", key),
            )
            connection.commit()

    return key, begin


def test_a_minute_before_inside_and_after_its_window(people, portal, group, sample, tmp_path):
    key, begin = group
    found, cho = Findings(of=sample), people(portal, "cho", viewport=DESK)
    now, hour, minute = datetime.now(UTC), timedelta(hours=1), timedelta(minutes=1)
    address = f"/sessions/{key}/brief"

    begin(now + hour + minute * 2)
    assert cho.goto(address).status == 404
    cho.goto(f"/sessions/{key}/attendance")
    expect(cho.get_by_text("The brief opens")).to_be_visible()

    begin(now + hour - minute)
    cho.goto(f"/sessions/{key}/attendance")
    with cho.expect_navigation() as arrival:
        cho.get_by_role("link", name="Brief").click()
    found.html["the brief"] = arrival.value.text()
    look(cho, "the brief", found)
    expect(cho.locator("h1")).to_contain_text("Before group at")
    assert cho.locator("table a").count() == 0
    cho.get_by_role("link", name="First names only").click()
    expect(cho.get_by_role("button", name="Print")).to_be_visible()

    begin(now - timedelta(days=1))
    assert cho.goto(address).status == 404
    cho.goto(f"/sessions/{key}/attendance")
    expect(cho.get_by_text("Brief", exact=False)).to_have_count(0)

    dee = people(portal, "dee")
    begin(now + hour - minute)
    assert dee.goto(address).status == 404
    assert (found.axe, found.wide) == ([], [])
    assert validate(found.html, tmp_path) == []


def test_a_participant_sees_that_it_was_read(people, portal, group):
    key, begin = group
    begin(datetime.now(UTC) + timedelta(minutes=30))
    cho = people(portal, "cho", viewport=DESK)
    cho.goto(f"/sessions/{key}/brief")
    named = cho.locator("tbody th bdi").all_inner_texts()
    who = next(who for who in ("ada", "ben", "cleo") if any(name.lower().startswith(who) for name in named))
    reader = people(portal, who)
    reader.goto("/my-record/looks")
    expect(reader.get_by_text("read one line about you, as the leader of your session").first).to_be_visible()
