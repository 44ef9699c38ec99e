"""What tests of second factors may ask for: an app and passkeys of Ada's, and the way past her password."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import event

from portal import seal
from portal.db import db
from portal.door.factors import recovery
from portal.door.models import Authenticator
from portal.people.models import Account
from tests import passkeys
from tests.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def own(app: Flask, cast: SimpleNamespace, at: Any) -> Callable[..., Any]:
    """`own("ada", "app")` gives Ada an authenticator app, "phone" a passkey, "codes" recovery codes; what she holds."""

    def give(who: str, what: str) -> Any:
        person = getattr(cast, who)
        with app.app_context():
            held: Any = pyotp.TOTP(SECRET)
            if what == "app":
                sealed = seal.close(Authenticator.secret, SECRET, person.id)
                db.session.add(Authenticator(account_id=person.id, secret=sealed, made_at=at.now, confirmed_at=at.now))
            elif what == "codes":
                held = recovery.new_codes(person)
            else:
                held = passkeys.Passkey(person.key)
                db.session.add(passkeys.kept(cast_row(person)))
            db.session.commit()
        return held

    return give


def cast_row(person: Any) -> Any:
    """The account of `person`."""
    return db.session.get_one(Account, person.id)


@pytest.fixture
def race(app: Flask) -> Callable[..., Any]:
    """`race(first, second)` runs both at once: the second has read all it reads when the first is committed.

    It gives what the second gives. `first` writes; `second` opens its own context and commits. `pause` is how many
    seconds the first waits then, for a second that nothing holds to get its first statement done.
    """

    def run(first: Callable[[], Any], second: Callable[[], Any], pause: float = 0) -> Any:
        outcomes: list[Any] = []
        writes = threading.Event()
        other = threading.Thread(target=lambda: outcomes.append(second()))

        def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if threading.current_thread() is other and statement.startswith(("UPDATE", "DELETE", "INSERT")):
                writes.set()

        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", look)
            first()
            other.start()
            assert writes.wait(10)
            time.sleep(pause)
            db.session.commit()
            other.join(30)
            event.remove(db.engine, "before_cursor_execute", look)
        return outcomes[0]

    return run


def past_password(browser: Any, who: str = "ada", **more: str) -> Any:
    """A browser in which `who` has typed the right password, and is asked for more."""
    stranger = browser()
    stranger.get("/sign-in")
    stranger.post("/sign-in", {"email": f"{who}@example.org", "password": PASSWORD} | more)
    stranger.token = None
    return stranger
