"""Whether time tells who has an account: wrong passwords and unknown names, interleaved, from many addresses.

It runs against the production server over real sockets. Passwords are hashed as everywhere; nothing is made cheaper.
"""

import http.client
import random
import re
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from portal import create_app
from portal.db import db
from portal.people.contacts import contact_of
from portal.people.models import Account
from tests.e2e.served import SECRET_KEY, run, served

ACCOUNTS, ADDRESSES, WARM = 200, 50, 20
CLOSE = 5.0  # milliseconds between the medians
KINDS = ("wrong password", "unknown name")
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"}


class Stranger:
    """Somebody at one address of this machine, with a cookie and the token of the form."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.cookie = port, address, ""
        page = self.ask("GET", "/sign-in")[1]
        self.token = re.search('name="csrf_token" value="([^"]*)"', page)[1]  # type: ignore[index]

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, float]:
        """The status and text of an answer, and the milliseconds it took once the connection stood."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(self.address, 0))
        connection.connect()
        started = time.perf_counter()
        connection.request(method, path, urlencode(form or {}), FORM | {"Cookie": self.cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        taken = time.perf_counter() - started
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]
        connection.close()
        return answer.status, text, taken * 1000

    def sign_in(self, name: str) -> float:
        """Milliseconds until a wrong sign-in as `name` is answered."""
        form = {"csrf_token": self.token, "email": name, "password": "a short walk by the river"}
        status, _, taken = self.ask("POST", "/sign-in", form)
        assert status == 422, f"{status}: this try was not checked"
        return taken


def measured(seed: int = 1) -> dict[str, list[float]]:
    """The milliseconds of ACCOUNTS wrong passwords, one for each account, and of as many unknown names."""
    with tempfile.TemporaryDirectory() as folder:
        clinic = Path(folder) / "clinic.sqlite"
        names = clinic_of(f"sqlite:///{clinic}")[:ACCOUNTS]
        assert len(names) == ACCOUNTS
        chance = random.Random(seed)
        unknown = [f"u{chance.randrange(10**5):05d}{name[1:]}" for name in names]
        pairs = [list(zip(KINDS, pair, strict=True)) for pair in zip(names, unknown, strict=True)]
        for pair in pairs:
            chance.shuffle(pair)  # side by side, so that whatever else the machine does falls on both alike
        tries = [one for pair in pairs for one in pair]
        times = defaultdict(list)
        with served(clinic, Path(folder)) as address:
            port = urlsplit(address).port or 80
            strangers = [Stranger(port, f"127.0.{number + 1}.{number + 2}") for number in range(ADDRESSES)]
            for number in range(WARM):
                strangers[number % ADDRESSES].sign_in(f"warm{number}@demo.example")
            for number, (kind, name) in enumerate(tries):
                times[kind].append(strangers[number % ADDRESSES].sign_in(name))
        return dict(times)


def clinic_of(database: str) -> list[str]:
    """Make the demo clinic with as many participants as are asked for; what they sign in with."""
    for command in (["db", "upgrade"], ["demo", "--participants", str(ACCOUNTS + 10), "--weeks", "1"]):
        run(database, *command)
    app = create_app(DEMO=True, URL="http://localhost:8000", DATABASE_URL=database, SECRET_KEY=SECRET_KEY)
    with app.app_context():
        rows = db.session.execute(select(Account.key, Account.contact).where(Account.role == "participant")).all()
        names = [contact_of(*row) for row in rows]
        db.session.remove()
        db.engine.dispose()
    return names


def apart(one: list[float], other: list[float]) -> float:
    """The probability of a difference like this, or a larger one, if time told nothing (Mann and Whitney's test)."""
    ranks = {value: rank for rank, value in enumerate(sorted(one + other), 1)}
    n, m = len(one), len(other)
    u = sum(ranks[value] for value in one) - n * (n + 1) / 2
    z = (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * (1 - statistics.NormalDist().cdf(abs(z)))


def table(times: dict[str, list[float]]) -> str:
    """What was measured, in Markdown between its markers in the README."""
    medians = [statistics.median(times[kind]) for kind in KINDS]
    rows = "\n".join(
        f"| {kind} | {len(times[kind])} | {median:.2f} | {statistics.quantiles(times[kind], n=20)[-1]:.2f} |"
        for kind, median in zip(KINDS, medians, strict=True)
    )
    between, chance = abs(medians[0] - medians[1]), apart(*times.values())
    return f"""<!-- timing -->
Refused sign-ins, one for each of {ACCOUNTS} accounts and as many unknown names, interleaved, from {ADDRESSES} loopback
addresses:

| sign-in | tries | median ms | 95 % within ms |
|---|---|---|---|
{rows}

The medians are {between:.2f} ms apart, and may be {CLOSE:.0f}; p = {chance:.2f} (Mann and Whitney).
<!-- /timing -->"""


def check(times: dict[str, list[float]]) -> None:
    """Raise AssertionError when the medians are too far apart."""
    wrong, unknown = (statistics.median(times[kind]) for kind in KINDS)
    assert abs(wrong - unknown) < CLOSE, f"time tells who has an account: {wrong:.2f} ms and {unknown:.2f} ms"


def main() -> None:
    times = measured()
    print(table(times))
    check(times)


if __name__ == "__main__":
    main()
