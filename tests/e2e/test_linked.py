"""One thing leads to the next: an urge that was acted on to a plan, and a group's topic to the group after it."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests.e2e.conftest import DESK

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
NEXT_TWO = """
select s.id, s.key, s.zone from sessions s join track_enrollments e on e.track_id = s.track_id
join accounts a on a.id = e.participant_id
where a.called = 'Ada' and s.status = 'planned' and s.starts_at > ? order by s.starts_at limit 2
"""
SPOT, LINE = "Walking home past the bar", "Notice one urge a day"


def press(page: Page, name: str | re.Pattern) -> None:
    page.locator("main").get_by_role("button", name=name).first.click()


@SCRIPT
def test_an_urge_that_was_acted_on_becomes_a_line_of_the_plan(people, portal, script):
    ada = people(portal, "ada", java_script_enabled=script)
    ada.goto("/check-ins/new")
    ada.check("input[name=mood][value='4']", force=True)
    ada.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    ada.check("input[name=substance_use][value=yes]", force=True)
    press(ada, re.compile("^Save"))
    press(ada, "What led to it, link by link")
    expect(ada.locator("[name=what]")).to_have_value("I drank or used")
    while ada.locator("[name=weak_spot]").count() == 0:
        here = ada.url
        press(ada, re.compile("^Next step"))
        ada.wait_for_url(lambda url, left=here: url != left)
    ada.fill("[name=weak_spot]", SPOT)
    press(ada, "Finish")
    ada.get_by_role("link", name="Put this weak spot into my plan").click()
    expect(ada.locator("[name=weak_spots]")).to_have_value(re.compile(SPOT))
    press(ada, "Save my plan")
    expect(ada.locator("main")).to_contain_text(SPOT)


@pytest.fixture
def groups(portal: str, tmp_path: Path) -> tuple[list[str], Callable[[str, datetime], None]]:
    """The keys of Ada's next two groups, which Dr Cho leads and whose topic has a worksheet; and a way to move one.

    The server's clock is the real one: so the groups move, and not the time.
    """
    database = tmp_path / "served.sqlite"

    def change(statement: str, *values: object) -> None:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            connection.execute(statement, values)
            connection.commit()

    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(NEXT_TWO, [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"]).fetchall()
    for number, _, _ in found:
        leader = "facilitator_id = (select id from accounts where name = 'Dr Cho')"
        change(f"update sessions set {leader}, worksheet = 'four-checks' where id = ?", number)
    zone = found[0][2]

    def begin(key: str, start: datetime) -> None:
        wall = clock.local(start, zone)
        times = [f"{value:%Y-%m-%d %H:%M:%S.%f}" for value in (start.astimezone(UTC), wall)]
        moved = "update sessions set starts_at = ?, wall_at = ?, local_day = ? where key = ?"
        change(moved, *times, f"{wall:%Y-%m-%d}", key)

    return [key for _, key, _ in found], begin


@SCRIPT
def test_what_a_group_was_given_and_agreed_is_there_before_the_next(people, portal, groups, script):
    (first, second), begin = groups
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    ada = people(portal, "ada", java_script_enabled=script)
    cho = people(portal, "cho", viewport=DESK, java_script_enabled=script)

    begin(first, now - minute)
    cho.goto(f"/sessions/{first}/brief")
    cho.get_by_role("link", name="What we agreed").click()
    cho.fill("[name=first]", LINE)
    expect(cho.locator("[name=topic]")).to_be_checked()
    press(cho, "Save")
    expect(cho.get_by_role("heading", name="What we agreed today")).to_be_visible()

    ada.goto("/today")
    expect(ada.get_by_role("link", name="What we agreed today")).to_be_visible()
    row = ada.locator("li", has=ada.locator("a[href='/exercises/four-checks']"))
    row.get_by_role("link", name=re.compile("I am stuck")).click()
    ada.fill("[name=words]", "It was too loud at home.")
    press(ada, "Say that I am stuck")

    begin(first, now - timedelta(days=1))
    begin(second, now + 30 * minute)
    cho.goto(f"/sessions/{second}/brief")
    expect(cho.locator("tr", has_text="Ada")).to_contain_text("Stuck")
    expect(cho.locator("main")).not_to_contain_text("too loud")
    expect(cho.locator("main")).to_contain_text(LINE)
