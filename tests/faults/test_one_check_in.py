"""The same form arriving several times at once is one check-in, on a real server with several threads."""

import http.client
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest

from tests.e2e.served import PASSWORD, demo_clinic, served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Sender:
    """A signed-in participant without a browser: sends forms and follows nothing."""

    def __init__(self, address: str) -> None:
        self.host, self.cookie = urlsplit(address).netloc, ""
        page = self.ask("GET", "/sign-in")[1]
        name = {"email": "ben@demo.example", "password": PASSWORD, "csrf_token": field(page, "csrf_token")}
        assert self.ask("POST", "/sign-in", name)[0] == 303
        self.token = field(self.ask("GET", "/check-ins/new")[1], "csrf_token")

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request(method, path, urlencode(form or {}), FORM | {"Cookie": self.cookie})
        answer = connection.getresponse()
        cookies = [text.split(";")[0] for text in answer.headers.get_all("Set-Cookie") or []]
        self.cookie = next((cookie for cookie in cookies if cookie.startswith("session=")), self.cookie)
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def check_in(self, key: str) -> int:
        return self.ask(
            "POST", "/check-ins/", {"csrf_token": self.token, "key": key, "mood": "4", "safety": "yes_safe"}
        )[0]


def field(page: str, name: str) -> str:
    return re.search(f'name="{name}" value="([^"]*)"', page).group(1)


@pytest.mark.parametrize("forms", [25, pytest.param(1000, marks=pytest.mark.full)])
def test_four_sends_of_each_form_at_once_are_one_check_in_each_and_one_flag(tmp_path, forms):
    with served(demo_clinic(tmp_path), tmp_path) as address:
        ben = Sender(address)
        keys = [f"form-{number:05d}" for number in range(forms) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ben.check_in, keys))
        assert set(answers) == {303}
        with sqlite3.connect(tmp_path / "served.sqlite") as database:
            rows = database.execute(
                "select key, count(*) from check_ins where key like 'form-%' group by key"
            ).fetchall()
            flags = database.execute(
                "select count(*) from flags where acknowledged_at is null"
                " and participant_id = (select participant_id from check_ins where key like 'form-%')"
            ).fetchone()
            reasons = database.execute("select count(*) from flag_reasons where check_in_key like 'form-%'").fetchone()
        assert len(rows) == forms
        assert {count for _, count in rows} == {1}
        assert flags == (1,)
        assert reasons == (forms,)
