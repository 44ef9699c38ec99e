"""A thousand guesses at one password from a hundred addresses: ten are checked, and the owner gets in all the same."""

import http.client
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from werkzeug.serving import make_server

from portal.door import passwords
from tests.conftest import PASSWORD
from tests.hashing import CountingHasher
from tests.page import Page
from tests.passkeys import Passkey

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"}
ADA, CHO = "ada@example.org", "cho@example.org"


@pytest.fixture
def hasher(monkeypatch) -> CountingHasher:
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "hasher", counting)
    return counting


@pytest.fixture
def port(app, cast) -> Iterator[int]:
    """The portal, served to real sockets by threads of this process, so that it goes by the test's clock."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


class Guesser:
    """Somebody at one address of this machine, with cookies and without a browser."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.cookies = port, address, {}
        self.page = self.ask("GET", "/sign-in")[1]
        self.token = re.search('name="csrf_token" value="([^"]*)"', self.page)[1]

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.address, 0))
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, urlencode(form or {}), FORM | {"Cookie": cookies})
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def sign_in(self, name: str, password: str) -> int:
        form = {"csrf_token": self.token, "email": name, "password": password}
        return self.ask("POST", "/sign-in", form)[0]


def known_device(port: int, address: str, name: str) -> Guesser:
    """A device on which the owner of the account has signed in once, on another day."""
    before = Guesser(port, address)
    assert before.sign_in(name, PASSWORD) == 303
    after = Guesser(port, address)
    after.cookies["device"] = before.cookies["device"]
    return after


def guess(port: int, name: str, guesses: int, addresses: int, seed: int = 20260311) -> Counter[int]:
    """Guess so often at one password, sixteen at a time, in any order, from so many addresses; the answers."""
    chance = random.Random(seed)
    guessers = [Guesser(port, f"127.0.{chance.randrange(1, 250)}.{number + 2}") for number in range(addresses)]
    turns = [guessers[number % addresses] for number in range(guesses)]
    chance.shuffle(turns)
    words = [f"a {chance.choice(('long', 'slow', 'late'))} walk {number}" for number in range(guesses)]
    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(lambda turn, word: turn.sign_in(name, word), turns, words))


COUNTS = pytest.mark.parametrize(
    ("guesses", "addresses"), [(60, 6), pytest.param(1000, 100, marks=pytest.mark.full)], ids=["sample", "whole"]
)


@pytest.mark.asvs("2.4.1", "6.3.1")
@COUNTS
def test_of_many_guesses_from_many_addresses_ten_are_checked_and_the_owner_gets_in(
    port, hasher, at, guesses, addresses
):
    """Rule: at most ten guesses at one account are checked in five minutes, from however many addresses at once.

    The owner gets in at once from a device that knows her, and elsewhere when the five minutes are over.
    """
    at_home = known_device(port, "127.0.0.1", ADA)
    hasher.checked = 0
    assert guess(port, ADA, guesses, addresses) == {422: 10, 429: guesses - 10}
    assert hasher.checked == 10

    assert at_home.sign_in(ADA, PASSWORD) == 303
    assert at_home.ask("GET", "/today")[0] == 200

    elsewhere = Guesser(port, "127.0.0.255")
    assert elsewhere.sign_in(ADA, PASSWORD) == 429
    at.later(minutes=5)
    assert elsewhere.sign_in(ADA, PASSWORD) == 303
    assert elsewhere.ask("GET", "/today")[0] == 200
    assert hasher.checked == 12


@pytest.mark.asvs("6.3.1")
@COUNTS
def test_while_her_password_is_guessed_a_passkey_gets_its_owner_in_at_once(port, cast, guesses, addresses):
    """Rule: a passkey is not held up by guesses at a password, from a device that nobody knows."""
    assert guess(port, CHO, guesses, addresses) == {422: 10, 429: guesses - 10}
    elsewhere = Guesser(port, "127.0.0.255")
    assert elsewhere.sign_in(CHO, PASSWORD) == 429
    options = Page(elsewhere.page).one("button", data_passkey="get").get("data-options")
    form = {"csrf_token": elsewhere.token, "answer": Passkey(cast.cho.key).used(options)}
    assert elsewhere.ask("POST", "/sign-in/passkey", form)[0] == 303
    assert elsewhere.ask("GET", "/caseload/")[0] == 200
