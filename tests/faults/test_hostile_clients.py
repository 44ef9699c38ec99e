"""Three who send what they like, as fast and as slowly as they can: meanwhile help is there for everybody else."""

import http.client
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Queue
from multiprocessing.synchronize import Event
from urllib.parse import urlencode, urlsplit

import pytest

from tests.e2e.served import NURSERY, Server, demo_clinic, serving
from tests.faults.sender import FORM, Sender

ASKED, WITHIN, OF_A_HUNDRED = 200, 0.2, 95
MARKS = "e" + "\u0301\u0323" * 30_000
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
PARTS = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(3_000)) + "--x--\r\n"
HOSTILE = ("ada", "ben", "cleo")
SLOW_AT_ONCE = 20  # connections of each client: more than the server has threads


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Iterator[Server]:
    """The demo clinic as `serve` serves it: two workers of four threads."""
    folder = tmp_path_factory.mktemp("hostile")
    with serving(Server(f"sqlite:///{demo_clinic(folder)}", folder, workers=2)) as clinic:
        yield clinic


class Hostile(Sender):
    """A participant who attacks until `done`; `answers` counts what came back."""

    def __init__(self, address: str, who: str, done: Event) -> None:
        super().__init__(address, who)
        self.done, self.answers = done, Counter()
        self.attacks = {
            "password": ("/sign-in", FORM, urlencode({"csrf_token": "x", "email": "ada", "password": MARKS})),
            "contact": ("/account/contact", FORM, urlencode({"csrf_token": self.token, "contact": "a." * 60_000})),
            "marks in a contact": ("/account/contact", FORM, urlencode({"csrf_token": self.token, "contact": MARKS})),
            "tiny fields": ("/check-ins/", FORM, "a&" * 120_000),
            "known fields": ("/check-ins/", FORM, f"csrf_token={self.token}&" + "mood=1&" * 990),
            "wide multipart": ("/check-ins/", MULTIPART, PARTS),
            "a draft": ("/account/drafts", FORM, urlencode({"csrf_token": self.token, "_form": "/x" * 60_000})),
            "long note": ("/check-ins/", FORM, urlencode({"csrf_token": self.token, "mood": 4, "note": MARKS * 20})),
            "too much": ("/check-ins/", FORM, "note=" + "x" * 9_000_000),
        }

    def hurry(self) -> None:
        """Send one attack after the other."""
        while not self.done.is_set():
            for name, (path, head, body) in self.attacks.items():
                self.answers[name, self.send(path, head, body)] += 1

    def send(self, path: str, head: dict[str, str], body: str) -> int:
        """The status of the answer; 0 where it hung up, as it may on what is far too large."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request("POST", path, body, head | {"Cookie": self.cookie})
            return connection.getresponse().status
        except ConnectionError:
            return 0
        finally:
            connection.close()

    def dawdle(self) -> None:
        """Hold many connections, on each of them half a head or half a body, and send a byte of it now and then."""
        name, _, port = self.host.partition(":")
        head = f"POST /check-ins/ HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: {FORM['Content-Type']}\r\n"
        starts = [
            head,
            f"{head}Content-Length: 100000\r\n\r\nmood=4",
            f"{head}Content-Length: 9000000\r\n\r\nmood=4",
            "",
        ]
        lines: list[socket.socket] = []
        while not self.done.wait(0.5):
            for line in list(lines):
                try:
                    line.send(b"x")
                except OSError:
                    lines.remove(line)
            while len(lines) < SLOW_AT_ONCE:
                lines.append(socket.create_connection((name, int(port)), 10))
                lines[-1].sendall(starts[len(lines) % len(starts)].encode())
                self.answers["slow", 0] += 1
        for line in lines:
            line.close()


def attack(address: str, who: str, done: Event, told: Queue) -> None:
    """Attack in a process of its own, in both ways at once; `told` who began, and in the end what came back."""
    hostile = Hostile(address, who, done)
    slowly = threading.Thread(target=hostile.dawdle)
    slowly.start()
    told.put(who)
    hostile.hurry()
    slowly.join()
    told.put(hostile.answers)


def times_of_help(address: str) -> list[float]:
    """The seconds that each GET of /help-now took, on a connection of its own, in order of time taken."""
    times = []
    for _ in range(ASKED):
        began = time.perf_counter()
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        connection.request("GET", "/help-now")
        answer = connection.getresponse()
        assert answer.status == 200
        assert b"988" in answer.read()
        connection.close()
        times.append(time.perf_counter() - began)
        time.sleep(0.02)
    return sorted(times)


@pytest.mark.full
@pytest.mark.asvs("15.2.2")
def test_whatever_three_hostile_clients_send_help_answers_within_a_fifth_of_a_second(clinic):
    """Rule: 95 of 100 GETs of /help-now answer within 200 ms, under whatever three clients send at once."""
    done, told = NURSERY.Event(), NURSERY.Queue()
    hostile = [NURSERY.Process(target=attack, args=(clinic.address, who, done, told)) for who in HOSTILE]
    for each in hostile:
        each.start()
    try:
        assert {told.get(timeout=60) for _ in hostile} == set(HOSTILE)  # all of them are at it
        times = times_of_help(clinic.address)
    finally:
        done.set()
    sent = sum((told.get(timeout=60) for _ in hostile), Counter())
    for each in hostile:
        each.join(60)
    limit = times[ASKED * OF_A_HUNDRED // 100 - 1]
    median, most = statistics.median(times), times[-1]
    said = f"median {median * 1000:.0f} ms, 95 % within {limit * 1000:.0f} ms, all within {most * 1000:.0f} ms"
    print(f"\n/help-now under three hostile clients, {sum(sent.values())} attacks: {said}")
    assert len({name for name, _ in sent}) == 10, sent
    assert not {pair for pair in sent if pair[1] >= 500}, sent
    assert limit <= WITHIN, said
