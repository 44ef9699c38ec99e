"""Answers that are lost on the way back, and servers killed while they save: nothing is lost, doubled or half."""

import http.client
import os
import random
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text

from tests.e2e.served import Server, run, serving
from tests.faults.sender import Sender

PEOPLE = ("ada", "ben", "cleo")  # three who send the same keys: a key belongs to the one who made it
CUT = 0.3  # of the answers
WHOLE = """
  select check_ins.key, check_ins.mood, check_ins.safety,
    (select count(*) from check_ins as versions
      where versions.participant_id = accounts.id and versions.key = check_ins.key) as versions,
    (select count(*) from audit_events where audit_events.participant_id = accounts.id
      and what = 'check_in.log' and subject = check_ins.key) as written,
    (select count(*) from flag_reasons join flags on flags.id = flag_reasons.flag_id
      where flags.participant_id = accounts.id and flag_reasons.check_in_key = check_ins.key) as flagged
  from check_ins join accounts on accounts.id = check_ins.participant_id
  where check_ins.key like :keys
"""


@pytest.fixture(scope="module")
def clinic(server, tmp_path_factory) -> Iterator[Server]:
    """The demo clinic on a database of these tests' own, served by two workers."""
    url = server.empty()
    run(url, "db", "upgrade")
    run(url, "demo")
    with serving(Server(url, tmp_path_factory.mktemp("clinic"), workers=2)) as clinic:
        yield clinic
    server.drop(url)


def answers_to(number: int) -> dict[str, str]:
    """What the check-in of this number says: every tenth raises a flag."""
    return {"mood": str(number % 11), "safety": "yes_safe" if number % 10 == 0 else "no", "note": f"Number {number}"}


def check(clinic: Server, keys: str, sent: Counter[str]) -> None:
    """Each that was sent, under keys that begin so, is there once and whole: answers, a row on record, and its flag."""
    engine = create_engine(clinic.url)
    with engine.connect() as database:
        rows = database.execute(text(WHOLE), {"keys": f"{keys}-%"}).all()
        opened = database.execute(text("select participant_id from flags where closed_at is null")).all()
        if engine.dialect.name == "sqlite":
            assert database.execute(text("pragma integrity_check")).scalar() == "ok"
    engine.dispose()
    assert Counter(row.key for row in rows) == sent
    for row in rows:
        asked = answers_to(int(row.key.removeprefix(f"{keys}-")))
        assert (str(row.mood), row.safety) == (asked["mood"], asked["safety"])
        assert (row.versions, row.written, row.flagged) == (1, 1, int(row.safety == "yes_safe")), row.key
    assert max(Counter(opened).values()) == 1, "two open flags of one person"
    assert "whole" in run(clinic.url, "audit", "verify")


class Line(ThreadingHTTPServer):
    """A bad line to a server: takes every request there, and loses three answers of ten on the way back."""

    daemon_threads = True

    def __init__(self, beyond: str, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        self.beyond, self.chance = urlsplit(beyond).netloc, random.Random(seed)
        self.carried, self.lost = count(), count()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Who sent it has hung up; that is what lines are like."""


class Carrier(BaseHTTPRequestHandler):
    server: Line

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        beyond = http.client.HTTPConnection(self.server.beyond, timeout=10)
        beyond.request(self.command, self.path, body, {**self.headers, "Host": self.server.beyond})
        answer = beyond.getresponse()
        said = answer.read()
        beyond.close()
        if self.command == "POST" and self.path == "/check-ins/":
            next(self.server.carried)
            if self.server.chance.random() < CUT:
                return self._lose(next(self.server.lost))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in ("Connection", "Date", "Server", "Transfer-Encoding", "Content-Length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def _lose(self, number: int) -> None:
        """By turns: silence, half of the first line, and a line that breaks."""
        if number % 3 == 1:
            self.wfile.write(b"HTTP/1.1 3")
        if number % 3 == 2:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@contextmanager
def bad_line(beyond: str, seed: int) -> Iterator[Line]:
    """A line to the server at the address `beyond`; it is taken down with the block."""
    with Line(beyond, seed) as line:
        thread = threading.Thread(target=line.serve_forever, daemon=True)
        thread.start()
        yield line
        line.shutdown()
        thread.join()


@pytest.mark.parametrize("submits", [60, pytest.param(1_000, marks=pytest.mark.full)])
def test_when_three_answers_of_ten_are_lost_every_check_in_is_there_once(clinic, submits):
    """Rule: a form that is sent again, since its answer was lost, is the same check-in and gets the same answer."""
    with bad_line(clinic.address, seed=1) as line:
        senders = [Sender(line.address, who) for who in PEOPLE]

        def send(number: int) -> str:
            sender, key = senders[number % 3], f"lost-{number // 3:05}"
            answer = sender.check_in_until_answered(key, **answers_to(number // 3))
            assert answer == (303, f"/check-ins/{key}/saved")
            return key

        with ThreadPoolExecutor(6) as pool:
            sent = Counter(pool.map(send, range(submits)))
        carried, lost = next(line.carried), next(line.lost)
    assert carried == submits + lost
    assert 0.2 < lost / carried < 0.4
    assert sent.total() == submits
    check(clinic, "lost", sent)


@pytest.mark.parametrize(("kills", "between"), [(8, 8), pytest.param(500, 20, marks=pytest.mark.full)])
def test_whoever_is_killed_what_was_acknowledged_is_there_once_and_whole(
    clinic, kills, between, record_testsuite_property
):
    """No kill of a worker, or of the whole server, loses a check-in that was acknowledged, or keeps half of one."""
    chance, over = random.Random(1), threading.Event()
    numbers, acknowledged = count(), Counter[str]()
    senders = [Sender(clinic.address, who) for who in PEOPLE for _ in range(2)]

    def work(sender: Sender) -> None:
        while not over.is_set():
            number = next(numbers)
            key = f"killed-{number:05}"
            assert sender.check_in_until_answered(key, **answers_to(number)) == (303, f"/check-ins/{key}/saved")
            acknowledged[key] += 1

    outages = []
    with ThreadPoolExecutor(len(senders)) as pool:
        working = [pool.submit(work, sender) for sender in senders]
        try:
            for number in range(1, kills + 1):
                while len(acknowledged) < number * between and not any(one.done() for one in working):
                    time.sleep(chance.random() / 100)  # so that the next is killed at any moment of its work
                if number % 8 == 0:
                    outages.append(kill_all(clinic))
                else:
                    kill_one(clinic, chance)
        finally:
            over.set()
    for one in working:
        one.result()
    assert len(acknowledged) >= kills * between
    check(clinic, "killed", acknowledged)
    record_testsuite_property("acknowledged", len(acknowledged))
    record_testsuite_property("seconds until it serves again, at worst", round(max(outages), 2))


def kill_one(clinic: Server, chance: random.Random) -> None:
    """End one worker in whatever it does; the server starts another."""
    while not (workers := clinic.at_work()):
        time.sleep(0.001)
    with suppress(ProcessLookupError):
        os.kill(chance.choice(workers), signal.SIGKILL)


def kill_all(clinic: Server) -> float:
    """End the server and all its workers, and start it again; the seconds until it answers."""
    clinic.kill()
    before = time.monotonic()
    clinic.start()
    return time.monotonic() - before
