"""A mail server for tests: real sockets on 127.0.0.1, and as moody as the test wants it."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

CUT = "cut"
Mood = str | float | None  # the line it answers with, CUT for none, seconds to wait first, or None for a plain yes


@dataclass(frozen=True)
class Taken:
    """What the server accepted: from whom, to whom, and the bytes."""

    sender: str
    to: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return self.message.get_content().replace("\r\n", "\n")

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


def no_mood(step: str, about: str) -> Mood:
    return None


class PostOffice:
    """A mail server that takes everything, but for what `mood(step, about)` says.

    The steps are "mail" (about the sender), "rcpt" (about the recipient) and "data" (about the recipient, when the
    message is already taken unless the mood is a line). Used as a context; `kill` and `reopen` are for the middle.
    """

    def __init__(self, mood: Callable[[str, str], Mood] = no_mood, **options: Any) -> None:
        self.mood, self.options = mood, options
        self.taken: list[Taken] = []
        self.asked: list[str] = []
        self.greeted = 0
        self.controller: _Open | None = None
        self.lock = threading.Lock()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self) -> "PostOffice":
        self.reopen()
        return self

    def __exit__(self, *_: object) -> None:
        if self.controller is not None:
            self.kill()

    def reopen(self) -> None:
        self.controller = _Open(self, hostname="127.0.0.1", port=self.port, **self.options)
        self.controller.start()
        self.greeted = 0  # opening it greets itself once

    def kill(self) -> None:
        """Every connection breaks, and no new one is taken."""
        controller, self.controller = self.controller, None
        controller.loop.call_soon_threadsafe(controller.cut_all)
        controller.stop()

    async def _answer(self, server: SMTP, step: str, about: str) -> str:
        with self.lock:
            self.asked.append(step)
            mood = self.mood(step, about)
        if isinstance(mood, float):
            await asyncio.sleep(mood)
        elif mood == CUT:
            server.transport.abort()
        elif mood:
            return mood
        return "250 OK"

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = await self._answer(server, "mail", address)
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        answer = await self._answer(server, "rcpt", address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        taken = Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
        with self.lock:
            self.taken.append(taken)
        answer = await self._answer(server, "data", envelope.rcpt_tos[0])
        if not answer.startswith("2"):
            with self.lock:
                self.taken.remove(taken)
        return answer


class _Open(Controller):
    """The server between `reopen` and `kill`."""

    def __init__(self, office: PostOffice, **options: Any) -> None:
        super().__init__(office, **options)
        self.office = office
        self.held: set[SMTP] = set()

    def factory(self) -> SMTP:
        return _Desk(self, **self.SMTP_kwargs)

    def cut_all(self) -> None:
        for desk in list(self.held):
            if desk.transport is not None:
                desk.transport.abort()


class _Desk(SMTP):
    """One connection."""

    def __init__(self, controller: _Open, **options: Any) -> None:
        self.controller = controller
        super().__init__(controller.office, loop=controller.loop, **options)

    def connection_made(self, transport: Any) -> None:
        self.controller.held.add(self)
        self.controller.office.greeted += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.controller.held.discard(self)
        super().connection_lost(error)
