"""Databases with the cast in them, or with its timetable too: filled once in a run, and then copied for each test."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

NAMES = ("timetable", "cast")  # each holds what the next one does


class Furnished:
    """`fresh("cast")` is the address of a new database; `held(url)` says what is in it, by name."""

    def __init__(self, app: Flask, server: Any) -> None:
        self.app, self.server = app, server
        self._made: dict[str, dict[str, SimpleNamespace]] = {}
        self._held: dict[str, dict[str, SimpleNamespace]] = {}

    def fresh(self, name: str, password_hash: str) -> str:
        if name not in self._made:
            self._made[name] = self._make(name, password_hash)
        url = self.server.fresh(name)
        self._held[url] = self._made[name]
        return url

    def held(self, url: str) -> dict[str, SimpleNamespace]:
        """Nothing for a database that was not made here."""
        return {name: SimpleNamespace(**vars(held)) for name, held in self._held.get(url, {}).items()}

    def _make(self, name: str, password_hash: str) -> dict[str, SimpleNamespace]:
        """Fill a database at the MOMENT of every test, and keep it to be copied."""
        from tests.conftest import FrozenClock, people
        from tests.schedule.timetable import fill

        url = self.server.fresh() if name == "cast" else self.fresh("cast", password_hash)
        held = self.held(url)
        turn_to(self.app, url)
        with pytest.MonkeyPatch.context() as patch, self.app.app_context():
            FrozenClock(patch)
            held[name] = people(password_hash) if name == "cast" else fill(held["cast"])
        leave(self.app)
        self.server.keep(url, name)
        return held


def turn_to(app: Flask, url: str) -> None:
    """Let the portal of all tests work on the database at `url`, and forget what it knew of another."""
    from portal import seal
    from portal.db import db

    app.config["DATABASE_URL"] = url
    with app.app_context():
        db.engine.dispose()
        for remembered in ("last_known_program", "refusals"):
            app.extensions.pop(remembered, None)
        seal.prepare()
        db.session.remove()


def leave(app: Flask) -> None:
    """Close the database, so that it can be copied or dropped."""
    from portal.db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()
