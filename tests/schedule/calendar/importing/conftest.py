"""A preview runs the import itself and takes it back, so what it asks grows with the file; its page asks no more."""

import pytest

from tests import browser as browsers

LOOKING = 400  # SELECTs


@pytest.fixture
def wider(monkeypatch):
    """Let the answers of a coordinator ask more than a page may: those that show what a file would do."""
    monkeypatch.setitem(browsers.BUDGET, "coordinator", LOOKING)
