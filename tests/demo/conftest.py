"""The demo clinic for its tests: made once for each moment, and copied."""

import re

import pytest

from portal import clock, demo
from portal.db import db
from tests.conftest import MOMENT


@pytest.fixture(scope="session")
def kept() -> set[str]:
    """The clinics of which the server keeps a template."""
    return set()


@pytest.fixture
def anew(make_app, at):
    """`anew(moment)` is a portal for which the demo clinic as of then was made now."""

    def make(moment: str = MOMENT, **wishes):
        at(moment)
        app = make_app(DEMO=True)
        with app.app_context():
            demo.make(clock.now(), **wishes)
            db.session.commit()
        return app

    return make


@pytest.fixture
def fill(make_app, anew, at, server, kept):
    """`fill(moment)` is a portal that holds the demo clinic as of then, made once and copied."""

    def make(moment: str = MOMENT):
        name = re.sub(r"\W", "_", f"demo_{moment}".lower())
        if name not in kept:
            app = anew(moment)
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            server.keep(app.config["DATABASE_URL"], name)
            kept.add(name)
        at(moment)
        return make_app(DEMO=True, DATABASE_URL=server.fresh(name))

    return make
