"""The production server: it does not say what it is, and who sends slowly keeps nobody else waiting."""

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from portal.operations import serving
from portal.operations.serving import Connection
from tests.e2e import served

ALIVE = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[str]:
    """The host and port of a portal that is served by one worker with four threads."""
    folder = tmp_path_factory.mktemp("serving")
    with served.serving(served.Server(f"sqlite:///{folder / 'empty.sqlite'}", folder)) as server:
        yield urlsplit(server.address).netloc


def ask(place: str, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(place, timeout=3)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def line(place: str, sent: str) -> socket.socket:
    host, _, port = place.partition(":")
    opened = socket.create_connection((host, int(port)), 3)
    opened.sendall(sent.encode())
    return opened


@pytest.mark.parametrize("path", ["/healthz", "/help-now", "/nothing-here", "/robots.txt", "/static/portal.css"])
def test_no_answer_says_what_serves_it(place, path):
    """Rule: whoever looks for a known hole of one server or version learns neither from a header."""
    answer = ask(place, path)
    assert {"Server", "X-Powered-By", "Via"} & set(answer.headers) == set()
    assert not any("gunicorn" in value.lower() or "werkzeug" in value.lower() for value in answer.headers.values())


@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize(
    "begun",
    ["", POST, POST + "Content-Length: 500\r\n\r\na=1", POST + "Content-Length: 99000000\r\n\r\na=1", POST + "X: "],
    ids=["nothing", "half a head", "half a body", "far too large", "half a line"],
)
def test_many_who_send_slowly_keep_nobody_waiting(place, begun):
    """Rule: a request takes a thread when all of it has come; until then it costs a connection and no more."""
    slow = [line(place, begun) for _ in range(40)]
    for one in slow:
        one.send(b"x")
    assert ask(place, "/healthz").status == 200
    for one in slow:
        one.close()


def test_a_request_in_pieces_and_two_at_once_are_answered(place):
    pieces = line(place, ALIVE)
    pieces.sendall(b"X-More: 1\r\n")
    pieces.sendall(b"\r\n")
    assert pieces.recv(12) == b"HTTP/1.1 200"
    both = line(place, f"{ALIVE}\r\n{ALIVE}Connection: close\r\n\r\n")
    said = b""
    while piece := both.recv(65536):
        said += piece
    assert said.count(b"HTTP/1.1 200") == 2


def test_a_request_that_does_not_come_to_its_end_is_given_up(place):
    """Rule: a connection that sends nothing more is closed, and is not kept for good."""
    slow = line(place, ALIVE)
    slow.settimeout(serving.PATIENCE + 10)
    assert slow.recv(1) == b""


@pytest.mark.parametrize(
    ("came", "whole"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", True),
        (b"x" * serving.LONGEST_HEAD, False),
        (b"x" * (serving.LONGEST_HEAD + 1), True),
    ],
)
def test_a_request_is_whole_when_its_head_and_body_have_come_or_it_is_refused_unread(came, whole):
    one, other = socket.socketpair()
    connection = Connection(None, one, None, None)
    other.close()
    connection.came += came
    assert connection.is_whole is whole
    assert not connection.gather(), "nothing more comes of a line that was hung up"
    connection.close()
