"""The bench: sizes, speed as ratios to a bare Flask page in the same run, and growth with the number of check-ins.

Nothing here is a test: numbers on a shared machine come and go, and only ratios within one run mean something.
Traffic goes to 127.0.0.1 alone, bounded in count; the one server it starts is the one it ends.
"""

import os
import re
import resource
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from html.parser import HTMLParser
from pathlib import Path

import brotli
from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, func, insert, select

from portal import checkins, clock, create_app, program, seal
from portal.checkins.models import CheckIn
from portal.db import db
from portal.people.models import Account
from portal.schedule.models import Seat, Session
from tests.bench import timing

ROOT = Path(__file__).parent.parent.parent
ROUNDS, REQUESTS, WARM = 5, 150, 30
FIRST_VIEW, STAFF_FIRST_VIEW = 14_336, 18 * 1024  # bytes compressed: HTML and styles
STYLES = {"portal": 9_500, "staff": 2_000}  # the most that each stylesheet may weigh
CROWDED = 300  # sessions in the coordinator's week
console = Console(width=110)


class Fields(HTMLParser):
    """The hidden fields of a page's forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.values[named["name"] or ""] = named.get("value") or ""


def settings(database: str) -> dict[str, object]:
    return {"DEMO": True, "SECRET_KEY": "bench" * 8, "URL": "http://localhost:8000", "DATABASE_URL": database}


def signed_in(app: Flask, email: str) -> tuple[object, str]:
    """A test client that has signed in through the real view, and its cookie."""
    client = app.test_client()
    page = client.get("/sign-in").text
    answer = client.post(
        "/sign-in",
        data={"email": email, "password": "foothold-demo", "csrf_token": Fields(page).values["csrf_token"]},
    )
    assert answer.status_code == 303, answer.status
    client.get("/help-now")  # the first page with a form puts the token's seed into the cookie
    cookie = client.get_cookie("session")
    return client, f"session={cookie.value}"


def selects(app: Flask, client: object, path: str) -> int:
    """How many SELECTs one GET of `path` makes."""
    count = 0

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal count
        count += statement.lstrip().upper().startswith(("SELECT", "WITH"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200, path  # type: ignore[attr-defined]
    event.remove(engine, "before_cursor_execute", note)
    return count


@contextmanager
def server(database: str, cookies: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The portal and its bare twin under gunicorn, one worker and one thread: (port, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = (
        os.environ
        | cookies
        | {f"PORTAL_{k}": str(v).lower() if v is True else str(v) for k, v in settings(database).items()}
    )
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "tests.bench.server:application",
            f"--bind=127.0.0.1:{port}",
            "--worker-class=gthread",
            "--threads=1",
            "--workers=1",
            "--no-control-socket",
            "--log-level=error",
            "--keep-alive=30",
        ],
        cwd=ROOT,
        env=environment,
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


class Wire:
    """One keep-alive connection that sends ready-made bytes and reads whole answers: little work on this side."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), 30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, status: int) -> bytes:
        self.connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = self.connection.recv(65536)
            assert part, "the server closed the connection"
            answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d" % status), head[:200]
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))  # type: ignore[union-attr]
        while len(body) < length:
            body += self.connection.recv(65536)
        return body


def request_bytes(method: str, path: str, cookie: str = "", form: str = "", bare: bool = False) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "X-Bare: 1" if bare else f"Cookie: {cookie}"]
    if form:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + form).encode()


LEARN, SEARCH = "Learn", "Search POST"


@dataclass
class Series:
    times: list[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.times) * 1000

    @property
    def p99(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.99)] * 1000


def timed(wire: Wire, make: Callable[[], bytes], status: int, count: int) -> list[float]:
    times = []
    for _ in range(count):
        request = make()
        started = time.perf_counter()
        wire.send(request, status)
        times.append(time.perf_counter() - started)
    return times


def sizes(app: Flask, clients: dict[str, object]) -> None:
    css = {name: len(brotli.compress((ROOT / f"static/{name}.css").read_bytes(), quality=11)) for name in STYLES}
    for name, most in STYLES.items():
        assert css[name] <= most, f"{name}.css weighs {css[name]}"
    table = Table("page", "HTML", "CSS", "first view", "of at most", title="First view, bytes compressed")
    rows = [
        ("/today", "ada", ""),
        ("/check-ins/new", "ada", ""),
        ("/schedule/", "ada", ""),
        ("/library/waves", "ada", ""),
        ("/caseload/", "cho", " of 14 people"),
        ("/caseload/", "many", " of 27 people"),
    ]
    for path, who, what in rows:
        answer = clients[who].get(path, headers={"Accept-Encoding": "br"})  # type: ignore[attr-defined]
        assert answer.status_code == 200, (path, answer.status)
        is_staff = who != "ada"
        styles, most = (sum(css.values()), STAFF_FIRST_VIEW) if is_staff else (css["portal"], FIRST_VIEW)
        total = len(answer.data) + styles
        if who == "many":
            people = answer.data and brotli.decompress(answer.data).count(b'class="who"')
            assert people >= 27, f"only {people} people"
        assert total <= most, f"{path} weighs {total}"
        share = f"{total / most:.0%} of {most:,}"
        table.add_row(path + what, f"{len(answer.data):,}", f"{styles:,}", f"{total:,}", share)
    console.print(table)


def speed(app: Flask, database: str, clients: dict[str, object], cookies: dict[str, str]) -> None:
    person = re.search(r'href="(/caseload/[\w-]+)"', clients["cho"].get("/caseload/").text).group(1)  # type: ignore
    pages = {
        "Today": ("/today", "ada"),
        "Check-ins, 28 days": ("/check-ins/", "ada"),
        "Caseload": ("/caseload/", "cho"),
        "One history": (person, "cho"),
        f"Program's week, {CROWDED} sessions": ("/schedule/", "kit"),
        LEARN: ("/library/", "ada"),
        "Practice": ("/exercises/", "ada"),
        "Safety plan": ("/safety-plan", "ada"),
        "Homework": ("/homework/", "ada"),
    }
    names = {f"BENCH_COOKIE_{who.upper()}": cookie for who, cookie in cookies.items()} | {"BENCH_PERSON": person}
    with server(database, names) as (port, pid):
        wire = Wire(port)
        own: dict[str, list[float]] = {name: [] for name in pages} | {"Check-in POST": [], SEARCH: []}
        bare: dict[str, list[float]] = {name: [] for name in pages}
        token = Fields(wire.send(request_bytes("GET", "/check-ins/new", cookies["ada"]), 200).decode()).values[
            "csrf_token"
        ]

        def check_in() -> bytes:
            answers = "mood=6&anxiety=4&urges=2&sleep_hours=7.0&medication=yes"
            form = f"csrf_token={token}&key={secrets.token_urlsafe(16)}&{answers}"
            return request_bytes("POST", "/check-ins/", cookies["ada"], form)

        for turn in range(ROUNDS + 1):
            for name, (path, who) in pages.items():
                ask, ask_bare = request_bytes("GET", path, cookies[who]), request_bytes("GET", path, bare=True)
                if turn == 0:
                    mine_long, its_long = len(wire.send(ask, 200)), len(wire.send(ask_bare, 200))
                    assert abs(mine_long - its_long) < 64, (
                        f"{name}: {mine_long} and {its_long} bytes are not the same page"
                    )
                count = WARM if turn == 0 else REQUESTS
                mine, its = (
                    timed(wire, lambda a=ask: a, 200, count),
                    timed(wire, lambda a=ask_bare: a, 200, count),
                )
                if turn:
                    own[name] += mine
                    bare[name] += its

        def search() -> bytes:
            return request_bytes("POST", "/library/search", cookies["ada"], f"csrf_token={token}&words=cant+slep")

        for _ in range(ROUNDS):
            own[SEARCH] += timed(wire, search, 200, REQUESTS // 5)
            own["Check-in POST"] += timed(wire, check_in, 303, REQUESTS // 5)
        memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            memory = max(memory, int(Path(f"/proc/{child}/statm").read_text().split()[1]) * resource.getpagesize())

    table = Table(
        "page",
        "of bare",
        "p50 ms",
        "p99 ms",
        "bare p50",
        "SELECTs",
        title="One worker, one thread, interleaved; every status asserted",
    )
    for name, times in own.items():
        mine = Series(times)
        if name in pages:
            its, path, who = Series(bare[name]), pages[name][0], pages[name][1]
            table.add_row(
                name,
                f"{its.p50 / mine.p50:.2f}x",
                f"{mine.p50:.2f}",
                f"{mine.p99:.2f}",
                f"{its.p50:.2f}",
                str(selects(app, clients[who], path)),
            )
        else:
            table.add_row(name, "", f"{mine.p50:.2f}", f"{mine.p99:.2f}", "", "")
    console.print(table)
    console.print(f"{SEARCH}: {Series(own[SEARCH]).p50 / Series(own[LEARN]).p50:.2f}x the time of {LEARN}")
    console.print(f"Memory of the busiest worker: {memory / 1e6:.0f} MB")


def growth(full: bool) -> None:
    """Latency of the two reads that history and caseload rest on, as the table of check-ins grows."""
    counts = [10_000, 1_000_000] + ([10_000_000] if full else [])
    table = Table("check-ins", "MB", "28 days of one, ms", "42 days of 40, ms", title="Growth (SQLite, median of 200)")
    first: list[float] = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            database = f"sqlite:///{folder}/grown.sqlite"
            app = migrated(database)
            with app.app_context():
                times = reads(fill(count))
                db.session.remove()
                db.engine.dispose()
            first = first or times
            size = (Path(folder) / "grown.sqlite").stat().st_size / 1e6
            table.add_row(
                f"{count:,}",
                f"{size:,.0f}",
                *(f"{t:.2f} ({t / f:.2f}x)" for t, f in zip(times, first, strict=True)),
            )
    console.print(table)


def reads(ids: list[int]) -> list[float]:
    """Median milliseconds of the two reads: one person's 28 days, and 42 days of 40 people."""
    today = clock.now().date()

    def one() -> object:
        return checkins.between([secrets.choice(ids)], today - timedelta(days=27), today)

    def forty() -> object:
        some = secrets.SystemRandom().sample(ids, min(40, len(ids)))
        return checkins.between(some, today - timedelta(days=41), today)

    return [statistics.median(clocked(read) for _ in range(200)) * 1000 for read in (one, forty)]


def clocked(read: Callable[[], object]) -> float:
    started = time.perf_counter()
    read()
    return time.perf_counter() - started


def fill(count: int, days: int = 180) -> list[int]:
    """`count` check-ins, one a day for each of as many people as that takes; their ids."""
    now, today = clock.now(), clock.now().date()
    each = min(days, count)
    accounts = [
        {
            "role": "participant",
            "name": f"P {n}",
            "called": "P",
            "contact": b"-",
            "contact_hash": f"{n:064d}",
            "mail_ok": False,
            "password_hash": "-",
            "zone": "America/New_York",
            "created_at": now,
            "key": f"{n:022d}",
        }
        for n in range(count // each)
    ]
    db.session.execute(insert(Account), accounts)
    ids = list(db.session.scalars(select(Account.id).order_by(Account.id)))
    rows = []
    for person in ids:
        for back in range(each - 1, -1, -1):
            day = today - timedelta(days=back)
            rows.append(
                {
                    "participant_id": person,
                    "for_day": day,
                    "key": f"{day:%Y%m%d}-{person}",
                    "version": 1,
                    "question_set": "daily",
                    "question_set_version": 1,
                    "mood": (person + back) % 11,
                    "anxiety": back % 11,
                    "urges": None,
                    "sleep_hours": 7.5,
                    "answers": {},
                    "entered_at": now - timedelta(days=back),
                    "zone": "America/New_York",
                }
            )
            if len(rows) == 20_000:
                db.session.execute(insert(CheckIn), rows)
                rows = []
    if rows:
        db.session.execute(insert(CheckIn), rows)
    db.session.commit()
    return ids


def migrated(database: str) -> Flask:
    app = create_app(**settings(database))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    with app.app_context():
        seal.prepare()
    return app


def crowd_the_week(app: Flask) -> None:
    """Plan sessions for one until this week has as many as CROWDED."""
    with app.app_context():
        facts, now = program.current(), clock.now()
        monday = clock.monday_of(clock.day_of(now, facts.zone))
        week = [clock.start_of(monday + timedelta(days=days), facts.zone) for days in (0, 7)]
        there = select(func.count()).select_from(Session)
        there = there.where(Session.starts_at >= week[0], Session.starts_at < week[1])
        leaders = list(db.session.scalars(select(Account.id).where(Account.role == "therapist")))
        people = list(db.session.scalars(select(Account.id).where(Account.role == "participant")))
        for number in range(CROWDED - (db.session.scalar(there) or 0)):
            day, slot = divmod(number, 60)
            wall = datetime.combine(monday + timedelta(days=day), time_of_day(8 + slot % 10, 30))
            session = Session(
                kind="one_to_one",
                title="One-to-one",
                facilitator_id=leaders[slot % len(leaders)],
                room=f"Room {slot % 9}",
                wall_at=wall,
                zone=facts.zone,
                minutes=50,
                starts_at=clock.at_wall(wall, facts.zone),
                local_day=wall.date(),
            )
            db.session.add(session)
            db.session.flush()
            db.session.add(Seat(session_id=session.id, participant_id=people[number % len(people)]))
        db.session.commit()
        assert db.session.scalar(there) == CROWDED


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bench.sqlite"
        app = migrated(database)
        made = app.test_cli_runner().invoke(args=["demo", "--participants", "81"])
        assert made.exit_code == 0, made.output
        crowd_the_week(app)
        people_in = {
            "ada": "ada@demo.example",
            "cho": "cho@demo.example",
            "many": "t00001@demo.example",
            "kit": "kit@demo.example",
        }
        clients, cookies = {}, {}
        for who, email in people_in.items():
            clients[who], cookies[who] = signed_in(app, email)
        sizes(app, clients)
        speed(app, database, clients, cookies)
    growth(full="--full" in sys.argv)
    timing.main()


if __name__ == "__main__":
    main()
