"""What a test in a real browser may ask for: Chromium, a served demo clinic, and people signed in to it."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.e2e.served import PASSWORD, demo_clinic, served

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds: on a busy machine everything comes, but late
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# What the page had asked for is through, and what moves on it is at rest. A clock of the test's own does not stop this.
SETTLE = """async () => {
  await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  const ends = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ends.map((one) => one.finished));
}"""
ABOVE = "(upper, lower) => upper.getBoundingClientRect().bottom <= lower.getBoundingClientRect().top"
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("Chromium is not installed: no chromium in PATH")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample(request: pytest.FixtureRequest) -> int:
    """Of the pages that a test comes to, one in so many is looked at."""
    return request.config.getoption("browser_sample")


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo clinic; nobody writes to it."""
    return demo_clinic(tmp_path_factory.mktemp("clinic"))


@pytest.fixture
def portal(clinic: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a portal of this test's own."""
    with served(clinic, tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def quiet_portal(clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal for the tests of one module, which change nothing in it."""
    with served(clinic, tmp_path_factory.mktemp("portal")) as address:
        yield address


class Watch:
    """What went wrong in a browser context: console errors, policy violations, requests to other hosts."""

    def __init__(self, context: BrowserContext, *hosts: str) -> None:
        self.hosts = (*hosts, "data:", "about:")
        self.faults: list[str] = []
        context.add_init_script(WATCH_POLICY)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: Any) -> None:
        wanted = "status of 404" in message.text or "status of 422" in message.text  # tests ask for these
        if message.type in ("error", "warning") and not wanted:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self.hosts):
            self.faults.append(f"request: {request.url}")


def new_context(chromium: Browser, address: str, **options: Any) -> BrowserContext:
    """A browser of somebody's own at `address`, of a phone's size unless `options` say otherwise; it is patient."""
    context = chromium.new_context(base_url=address, **({"viewport": PHONE} | options))
    context.set_default_timeout(PATIENCE)
    return context


@contextmanager
def _arrivals(chromium: Browser, *, watched: bool = True) -> Iterator[Callable[..., Page]]:
    contexts, watches = [], []

    def arrive(address: str, who: str | None = None, *, leaves_for: str = "", **options: Any) -> Page:
        context = new_context(chromium, address, **options)
        contexts.append(context)
        if watched:
            watches.append(Watch(context, address, *filter(None, [leaves_for])))
        page = context.new_page()
        if who:
            sign_in(page, who)
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert [fault for watch in watches for fault in watch.faults] == []


def _portal_first(request: pytest.FixtureRequest) -> None:
    """Start the portal of the test, if it has one, before the browsers, so that it outlives them."""
    if "portal" in request.fixturenames:
        request.getfixturevalue("portal")


@pytest.fixture
def people(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`people(address, "ada")` is a page of Ada's own browser, signed in; keywords go to its context.

    At the end, no browser may have seen a console error, a policy violation or a request to another host.
    """
    _portal_first(request)
    with _arrivals(chromium) as arrive:
        yield arrive


@pytest.fixture
def unwatched(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """The same, in browsers whose console may say that there is no network."""
    _portal_first(request)
    with _arrivals(chromium, watched=False) as arrive:
        yield arrive


@pytest.fixture(scope="module")
def people_of_module(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """The same, for the tests of one module."""
    with _arrivals(chromium) as arrive:
        yield arrive


@pytest.fixture
def device(chromium: Browser, portal: str, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """`device()` starts the browser of one phone, on the profile that it had before."""
    started = []

    def start() -> BrowserContext:
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / "profile",
            executable_path=shutil.which("chromium"),
            args=ARGUMENTS,
            base_url=portal,
            viewport=PHONE,
        )
        context.set_default_timeout(PATIENCE)
        started.append(context)
        return context

    yield start
    for context in started:
        context.close()


def arrive(page: Page, address: str) -> None:
    """Come back when `page` is at `address` (with * for anything) and loaded.

    Where a page goes on of itself the moment there is a connection, one navigation may end another: that is no fault.
    """
    expect(page).to_have_url(re.compile(".*".join(map(re.escape, re.split(r"[*]+", address))) + "$"))
    page.wait_for_load_state()


def settle(page: Page) -> None:
    """Come back when what the page began is through: before a measure, or a claim that nothing happens."""
    page.evaluate(SETTLE)


def again_until(act: Callable[[], object], holds: Callable[[], bool]) -> None:
    """Do `act` again and again until `holds`, which it must before patience ends."""
    last = time.monotonic() + PATIENCE / 1000
    act()
    while not holds():
        assert time.monotonic() < last, "it does not come to hold"
        act()


def lies_above(upper: Locator, lower: Locator) -> bool:
    """Whether one ends where the other begins, or before; both are measured at once, since a page may be moving."""
    return upper.evaluate(ABOVE, lower.element_handle())


def sign_in(page: Page, who: str) -> None:
    """Sign in to the demo clinic as one of its people."""
    page.goto("/sign-in")
    page.fill("input[name=email]", f"{who}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
