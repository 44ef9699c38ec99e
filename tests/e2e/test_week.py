"""The program's week on a time grid, in a real browser: a hundred sessions, wide and narrow, and on paper."""

import re
from datetime import datetime

import pytest

from tests.e2e.conftest import DESK
from tests.e2e.test_pages import validate
from tests.e2e.walk import Findings, look
from tests.schedule.busy_week import fill_week

HIGHEST = 3_000  # pixels of a page, for a hundred sessions
WAYS = ["", "?by=leader", "?by=room"]
BOXES = """() => [...document.querySelectorAll('.week section')].map(section =>
  [...section.querySelectorAll('.sess')].map(one => {
    const {top, bottom, left, right} = one.getBoundingClientRect();
    const hour = document.querySelector(`.hours .${one.className.match(/h\\d+/)[0]}`).getBoundingClientRect().top;
    return {top, bottom, left, right, hour, clipped: one.scrollHeight > one.clientHeight + 1};
  }))"""


@pytest.fixture
def shown(app, cast, at, browser, people, quiet_portal):
    """`shown(path, width)` is a page with what Kit gets there, on a Wednesday afternoon of a full week."""
    with app.app_context():
        fill_week(cast, datetime(2026, 3, 9))
    at("2026-03-11T14:20")
    kit, page, seen = browser("kit"), people(quiet_portal), {}
    page.route("**/schedule/*", lambda route: route.fulfill(body=seen["html"], content_type="text/html"))

    def show(query, width):
        seen["html"] = show.html = kit.get(f"/schedule/{query}").html
        assert len(kit.selects) <= 8
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/schedule/{query}")
        return page

    return show


@pytest.mark.parametrize("query", WAYS)
def test_a_hundred_sessions_fit_a_page_without_lying_on_each_other(shown, query):
    page = shown(query, DESK["width"])
    assert page.evaluate("document.documentElement.scrollHeight") <= HIGHEST
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    for column in page.evaluate(BOXES):
        for place, one in enumerate(column):
            assert not one["clipped"]
            assert one["top"] >= one["hour"] - 1
            for other in column[place + 1 :]:
                beside = one["right"] <= other["left"] + 1 or other["right"] <= one["left"] + 1
                assert beside or one["bottom"] <= other["top"] + 1


def test_a_phone_shows_the_chosen_day_alone(shown):
    page = shown("?week=2026-03-12", 390)
    assert page.locator(".week section:visible").count() == 1
    assert page.locator(".week section:visible h2").inner_text().startswith("Thu 12")
    assert page.locator(".hours, .now").locator("visible=true").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") <= HIGHEST
    assert page.locator(".daynav a:visible").count() == 5


@pytest.mark.parametrize("width", [DESK["width"], 390, 320])
def test_with_text_at_twice_its_size_nothing_scrolls_sideways(shown, width):
    page = shown("", width)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("query", WAYS)
def test_on_paper_the_week_is_the_grid_on_wide_pages_alone(shown, query, tmp_path):
    """A page of another size in between would be a sheet with nothing but the name of the program."""
    page = shown(query, 390)
    paper = tmp_path / "week.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    sizes = [
        tuple(map(float, size.split())) for size in re.findall(rb"/MediaBox \[0 0 ([\d. ]+)\]", paper.read_bytes())
    ]
    assert 1 <= len(sizes) <= 3
    assert all(width > height for width, height in sizes)
    page.emulate_media(media="print")
    assert page.locator(".week section:visible").count() == page.locator(".week section").count()
    assert page.locator(".hours").is_visible()
    assert not page.locator("form:visible, .btn:visible, nav:visible").count()


@pytest.mark.parametrize("query", WAYS)
def test_axe_and_the_validator_find_nothing(shown, query, sample, tmp_path):
    found = Findings(of=sample)
    page = shown(query, DESK["width"])
    look(page, query, found)
    assert (found.axe, found.wide) == ([], [])
    assert validate({query: shown.html}, tmp_path) == []
