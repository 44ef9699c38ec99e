"""The production server: gunicorn with this process's own portal. Who sends slowly keeps nobody else waiting."""

import re
import socket
import struct
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi
from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 20  # seconds in which all of a request has to come, and in which a piece of an answer has to go
LONGEST_HEAD = 64 * 1024  # bytes; one that is longer is refused by the parser
LARGEST = 8 * 1024 * 1024  # bytes of a body that is waited for; the portal refuses a larger one, unread
MOST_HELD = 64 * 1024 * 1024  # bytes of all that one worker waits for the rest of
PIECE = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"


class NamelessResponse(wsgi.Response):
    """An answer that does not say what made it."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


class Connection(TConn):
    """A connection, and what has come of its next request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
        self.came, self.is_last = bytearray(), False

    def gather(self) -> bool:
        """Take what has come since; False where nothing more will."""
        try:
            piece = self.sock.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.came += piece
        return bool(piece)

    @property
    def is_whole(self) -> bool:
        """Whether all of the request has come, or so much that it is refused unread."""
        head = self.came.find(END_OF_HEAD)
        if head < 0:
            return len(self.came) > LONGEST_HEAD
        if self.is_too_large:
            return True
        if CHUNKED.search(self.came, 0, head + 2):
            return self.came.endswith(LAST_CHUNK)
        return len(self.came) >= head + len(END_OF_HEAD) + self._length

    @property
    def is_too_large(self) -> bool:
        return max(len(self.came), self._length) > LARGEST + LONGEST_HEAD

    @property
    def _length(self) -> int:
        """The number of bytes that the head says its body has."""
        said = LENGTH.search(self.came, 0, self.came.find(END_OF_HEAD) + 2)
        return int(said[1]) if said else 0

    def close(self, graceful: bool = False) -> None:
        """Close at once. Gunicorn would wait for the other side to close, and would serve nobody meanwhile."""
        if graceful:
            self._take_the_rest()
        super().close()

    def _take_the_rest(self) -> None:
        """Read what has come unread, up to a piece: a network may drop an answer that is closed before that."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.setblocking(False)
            self.sock.recv(PIECE)
        except OSError:
            return


class Worker(ThreadWorker):
    """A worker that gives a request to one of its threads when all of it has come, and waits without one until then."""

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError:  # another worker took it, or they hung up
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Wait for the next request of a connection, which may be there already."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + PATIENCE
        if conn.parser:
            conn.came += conn.parser.unreader.take_buffered()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
        self.on_pending_socket_readable(conn, conn.sock)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        more = conn.gather()
        if conn.is_whole:
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            super().enqueue_req(conn)
        elif not more:
            self._give_up(conn)

    def murder_pending(self) -> None:
        """Close what took too long to come, and the largest of what is more than fits."""
        super().murder_pending()
        while sum(len(conn.came) for conn in self.pending_conns) > MOST_HELD:
            self._give_up(max(self.pending_conns, key=lambda conn: len(conn.came)))

    def _give_up(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()

    def handle(self, conn: Connection) -> Any:
        conn.sock.setblocking(True)
        conn.init()
        conn.is_last = conn.is_too_large
        conn.parser.unreader.unread(bytes(conn.came))
        conn.came.clear()
        return super().handle(conn)

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """Whether another request is waited for: not behind a body that nobody reads to its end."""
        return not conn.is_last and super()._keepalive_after(conn, keepalive)


class Server(BaseApplication):
    """Gunicorn with this process's own portal: nothing is imported a second time."""

    def __init__(self, portal: Flask, **options: Any) -> None:
        self.portal = portal
        self.options = {"worker_class": Worker, "threads": 4, "control_socket_disable": True} | options
        wsgi.Response = NamelessResponse
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.portal
