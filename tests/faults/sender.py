"""A signed-in participant without a browser, on a bad line: sends a form again until somebody answers."""

import http.client
import re
import time
from urllib.parse import urlencode, urlsplit

from tests.e2e.served import PASSWORD

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = 30  # seconds of no answer at all, after which nobody is there any more
BREATH = 0.02  # seconds between two tries


class Sender:
    """Follows no redirect, and keeps the session's cookie; `tries` counts what was sent."""

    def __init__(self, address: str, who: str) -> None:
        self.host, self.cookie, self.tries = urlsplit(address).netloc, "", 0
        page = self.ask("GET", "/sign-in")[1]
        name = {"email": f"{who}@demo.example", "password": PASSWORD, "csrf_token": field(page, "csrf_token")}
        assert self.ask("POST", "/sign-in", name)[0] == 303
        self.token = field(self.ask("GET", "/check-ins/new")[1], "csrf_token")

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """The status, and the page or the address that it leads to; raises OSError or HTTPException for no answer."""
        self.tries += 1
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.request(method, path, urlencode(form or {}), FORM | {"Cookie": self.cookie})
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        cookies = [text.split(";")[0] for text in answer.headers.get_all("Set-Cookie") or []]
        self.cookie = next((cookie for cookie in cookies if cookie.startswith("session=")), self.cookie)
        return answer.status, answer.headers.get("Location") or body

    def check_in(self, key: str, **answers: str) -> tuple[int, str]:
        """Send a check-in once."""
        return self.ask("POST", "/check-ins/", {"csrf_token": self.token, "key": key} | answers)

    def check_in_until_answered(self, key: str, **answers: str) -> tuple[int, str]:
        """Send the same check-in again and again, until there is an answer to it."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.check_in(key, **answers)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < until, f"no answer to {key} for {PATIENCE} seconds"
                time.sleep(BREATH)


def field(page: str, name: str) -> str:
    return re.search(f'name="{name}" value="([^"]*)"', page).group(1)
