"""The same form arriving several times at once is one check-in, on a real server with several threads."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.served import demo_clinic, served
from tests.faults.sender import Sender


@pytest.mark.parametrize("forms", [8, pytest.param(1000, marks=pytest.mark.full)])
def test_four_sends_of_each_form_at_once_are_one_check_in_each_and_one_flag(tmp_path, forms):
    with served(demo_clinic(tmp_path), tmp_path) as address:
        ben = Sender(address, "ben")
        keys = [f"form-{number:05d}" for number in range(forms) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda key: ben.check_in(key, mood="4", safety="yes_safe"), keys))
        assert {status for status, _ in answers} == {303}
        with sqlite3.connect(tmp_path / "served.sqlite") as database:
            rows = database.execute(
                "select key, count(*) from check_ins where key like 'form-%' group by key"
            ).fetchall()
            flags = database.execute(
                "select count(*) from flags where closed_at is null"
                " and participant_id = (select participant_id from check_ins where key like 'form-%')"
            ).fetchone()
            reasons = database.execute("select count(*) from flag_reasons where check_in_key like 'form-%'").fetchone()
        assert len(rows) == forms
        assert {count for _, count in rows} == {1}
        assert flags == (1,)
        assert reasons == (forms,)
