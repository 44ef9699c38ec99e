"""What the tests of the schedule share: the timetable, and a coordinator whose answers may ask more than a page."""

from collections.abc import Callable

import pytest

from tests import browser as browsers
from tests.browser import Browser
from tests.schedule.timetable import timetable as timetable

LOOKING = 45  # SELECTs of a plan that is made to see what it comes to; how many there are of what does not matter


@pytest.fixture
def planner(browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Browser]:
    """`planner("kit")` is Kit's browser. What she sends may be looked up at length; her pages may not."""

    def open_browser(who: str = "kit") -> Browser:
        person = browser(who)
        send = person.post

        def post(*args, **more):
            with monkeypatch.context() as wider:
                wider.setitem(browsers.BUDGET, person.role, LOOKING)
                return send(*args, **more)

        person.post = post
        return person

    return open_browser
