"""Bad signal in a real browser: a check-in waits on one's own device, where nobody reads it, and is sent once."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.e2e.conftest import arrive, lies_above, settle, sign_in
from tests.e2e.served import PASSWORD, served
from tests.e2e.walk import KEPT, Findings, look

COUNT = count(1)
KEPT_HERE = "Your check-in is kept on this device"
LEFT = """
async () => [
  ...(await caches.keys()), ...(await indexedDB.databases()).map((database) => database.name),
  ...(await navigator.serviceWorker.getRegistrations()).map((one) => one.scope),
]
"""
OPEN = """
const database = await new Promise((yes) => {
  const asked = indexedDB.open("offline");
  asked.onsuccess = () => yes(asked.result);
});
const waiting = database.transaction("waiting", "readwrite").objectStore("waiting");
const all = await new Promise((yes) => {
  const asked = waiting.getAll();
  asked.onsuccess = () => yes(asked.result);
});
"""
CACHED = """
async () => {
  const found = [];
  for (const name of await caches.keys()) found.push(...(await (await caches.open(name)).keys()));
  return found.map((one) => one.url);
}
"""
OWNERS = f"""async () => {{ {OPEN}
  const owners = database.transaction("owners").objectStore("owners").getAll();
  await new Promise((yes) => (owners.onsuccess = yes));
  database.close();
  return owners.result.map((one) => [one.key.extractable, Object.keys(one).sort()]);
}}"""
READ = (
    f"async () => {{ {OPEN} database.close(); return all.map((one) => [Object.keys(one).sort(), one.id, one.owner]) }}"
)
OLDER = f"""async (days) => {{ {OPEN}
  for (const one of all) waiting.put({{ ...one, expires: one.expires - days * 86400000 }});
  await new Promise((yes) => (waiting.transaction.oncomplete = yes));
  database.close();
}}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portal of these tests has its database."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def portal(clinic: Path, folder: Path) -> Iterator[str]:
    """The address of a portal for the tests of this module."""
    with served(clinic, folder) as address:
        yield address


@pytest.fixture
def phone(device) -> BrowserContext:
    """Ada's own phone, as she said, with her signed in on its one page."""
    context = device()
    sign_in(context.pages[0], "ada")
    choose(context.pages[0])
    return context


@pytest.fixture
def ada(phone) -> Page:
    return phone.pages[0]


@pytest.fixture
def sent(folder) -> Callable[..., int]:
    """`sent(key)` is how many check-ins there are under this key, in all versions; `sent()` how many in all."""

    def rows(key: str = "") -> int:
        with closing(sqlite3.connect(folder / "served.sqlite", timeout=10)) as database:
            return database.execute("select count(*) from check_ins where ? in (key, '')", (key,)).fetchone()[0]

    return rows


def sign_in_here(page: Page) -> None:
    """Fill in the form for signing in that is open, as Ada."""
    page.fill("input[name=email]", "ada@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    arrive(page, "**/today")


def choose(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="This is my own device").click()
    expect(page.get_by_text("Kept here from now on")).to_be_visible()
    expect(page.locator("#own-device button:visible")).to_have_text(["Stop keeping them here"])


def write(page: Page, safety: str = "") -> str:
    """Answer some of the form that is open; the note that was typed."""
    note = f"canary-{next(COUNT)}-of-a-low-day"
    page.locator("label:has(input[name=mood][value='3'])").click()
    page.fill("textarea[name=note]", note)
    if safety:
        page.locator(f"label:has(input[name=safety][value={safety}])").click()
    return note


def keep(page: Page, **more: str) -> tuple[str, str]:
    """Write a check-in on a page with signal, lose that, and save: its note and its key."""
    page.goto("/check-ins/new")
    note = write(page, **more)
    page.context.set_offline(True)
    page.wait_for_function("!navigator.onLine")
    page.get_by_role("button", name="Save check-in").click()
    expect(page.get_by_text(KEPT_HERE)).to_be_visible()
    (_, key, _), *_ = waiting(page, 1)
    return note, key


def back_online(page: Page) -> None:
    """The signal is back, and the page hears of it: browsers that were told so by a test do not tell every page."""
    page.context.set_offline(False)
    with suppress(Error):  # it was told, and has gone to another page
        page.evaluate("dispatchEvent(new Event('online'))")


def waiting(page: Page, many: int) -> list:
    """What is in the queue of the device, once there is as much in it as `many`."""
    page.wait_for_function(f"async (many) => (await ({READ})()).length === many", arg=many)
    return page.evaluate(READ)


def nothing_is_left(page: Page) -> None:
    """Come back when the browser holds nothing of the portal's any more: no cache, no database, no worker."""
    page.wait_for_function(f"async () => (await ({LEFT})()).length === 0")


def waits(page: Page):
    return page.locator(".waits")


def readable(folder: Path, text: str) -> list[str]:
    """The files below `folder` in which somebody could read `text`."""
    forms = [text.encode("utf-8"), text.encode("utf-16-le")]
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return [str(file) for file in files if any(form in file.read_bytes() for form in forms)]


@pytest.mark.parametrize("session", ["lives", "ended"])
def test_written_without_signal_and_sent_once_after_the_browser_was_restarted(device, phone, ada, sent, session):
    """Rule: the tab is closed, the browser ends and starts again, the signal is back: there is one check-in."""
    cookies = phone.cookies()
    _, key = keep(ada)
    phone.close()
    assert sent(key) == 0

    again = device()
    again.set_offline(True)
    page = again.pages[0]
    page.goto("/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    expect(waits(page)).to_contain_text("1 check-in waits to be sent.")
    if session == "lives":
        again.add_cookies(cookies)
        back_online(page)
        arrive(page, f"**/check-ins/{key}/saved")
    else:
        again.clear_cookies()
        back_online(page)
        waits(page).get_by_role("link", name="Sign in").click()
        sign_in(page, "ada")
        expect(waits(page)).to_contain_text("Your check-in was sent.")
    for _ in range(2):
        page.goto("/today")
        expect(waits(page)).to_be_empty()
    assert sent(key) == 1


def test_it_says_when_it_was_written_and_that_it_came_late(ada, phone, folder):
    _, key = keep(ada)
    back_online(ada)
    arrive(ada, f"**/check-ins/{key}/saved")  # what she looked at said that nobody has it yet
    expect(ada.locator("main .hi")).to_contain_text("written")
    with closing(sqlite3.connect(folder / "served.sqlite")) as database:
        asked = "select written_at, entered_at from check_ins where key = ?"
        written, entered = database.execute(asked, (key,)).fetchone()
    assert written and written < entered


@pytest.mark.asvs("14.3.3")
def test_nobody_reads_in_the_browsers_storage_what_waits(phone, ada, tmp_path):
    """Rule: an opaque id, whose it is by a mark, when it ends, and what is sealed; not a word of an answer."""
    note, key = keep(ada, safety="yes_talk")
    ((names, _, owner),) = waiting(ada, 1)
    assert names == ["expires", "id", "iv", "owner", "sealed"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{16}", owner)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", key)
    assert ada.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == []
    held = {re.sub(r"\?.*|^http://[^/]*", "", url) for url in ada.evaluate(CACHED)}
    files = ("app.js", "offline.js", "portal.css", "icons.svg")
    assert held == {"/offline", *(f"/static/{name}" for name in files)}
    assert ada.evaluate(OWNERS) == [[False, ["here", "key", "owner"]]]
    phone.close()
    assert readable(tmp_path / "profile", note) == []


def test_two_tabs_send_it_once(phone, ada, sent):
    """Rule: one tab sends, the others wait for it; and the page on which it was kept hears of it."""
    posts = []
    phone.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    other = phone.new_page()
    other.goto("/schedule/")
    _, key = keep(ada)
    posts.clear()
    third = phone.new_page()
    third.goto("/check-ins/")
    phone.set_offline(False)
    for page in (other, third, ada):
        page.evaluate("dispatchEvent(new Event('online'))")
    arrive(ada, "**/saved")
    other.goto("/today")
    expect(waits(other)).to_be_empty()
    assert sent(key) == 1
    assert [url.rpartition("/check-ins/")[2] for url in posts if url.endswith("/check-ins/")] == [""]


def test_another_person_on_that_device_neither_sees_nor_sends_it(phone, ada, sent):
    """Rule: a queue is one account's; who signs in after has another mark, and no key to what waits."""
    _, key = keep(ada)
    phone.clear_cookies()  # first: online it would be sent at once
    phone.set_offline(False)
    sign_in(ada, "ben")
    for path in ("/today", "/check-ins/new", "/account"):
        ada.goto(path)
        expect(ada.get_by_role("heading", level=1)).to_be_visible()
        settle(ada)
        assert waits(ada).count() == 0
    phone.set_offline(True)
    ada.goto("/check-ins/new")
    expect(ada.get_by_text("Nothing is lost.")).to_be_visible()
    expect(ada.locator("#offline-ask")).to_be_hidden()
    assert waits(ada).count() == 0
    back_online(ada)
    expect(ada.get_by_role("heading", level=1)).not_to_have_text("No connection")
    choose(ada)  # and not either when he, too, says that it is his own
    for path in ("/today", "/check-ins/new"):
        ada.goto(path)
        expect(waits(ada)).to_be_attached()
        settle(ada)
        expect(waits(ada)).to_be_empty()
    assert sent(key) == 0
    phone.clear_cookies()
    sign_in(ada, "ada")
    expect(waits(ada)).to_contain_text("Your check-in was sent.")
    assert sent(key) == 1


def test_a_page_that_stayed_open_sends_nothing_under_the_next_session(phone, ada, sent):
    other = phone.new_page()
    other.goto("/today")
    _, key = keep(ada)
    ada.goto("about:blank")
    phone.clear_cookies()
    phone.set_offline(False)
    expect(waits(other)).to_contain_text("Sign in to send it.")
    sign_in(ada, "ben")
    other.evaluate("dispatchEvent(new Event('online'))")
    settle(other)
    assert sent(key) == 0


def test_without_signal_the_form_itself_comes_up_and_takes_a_check_in(phone, ada, sent):
    phone.set_offline(True)
    ada.goto("/check-ins/new")
    ada.get_by_role("button", name="Keep check-in").click()
    expect(ada.get_by_text("It is the only question we need.")).to_be_visible()
    write(ada)
    ada.get_by_role("button", name="Keep check-in").click()
    expect(ada.get_by_text(KEPT_HERE)).to_be_visible()
    expect(waits(ada)).to_contain_text("1 check-in waits to be sent.")
    expect(ada.locator("#offline-reach")).to_be_hidden()
    (_, key, _), *_ = waiting(ada, 1)
    back_online(ada)
    arrive(ada, f"**/check-ins/{key}/saved")
    assert sent(key) == 1


def test_on_the_kept_page_an_answer_can_be_taken_back(phone, ada):
    phone.set_offline(True)
    ada.goto("/check-ins/new")
    write(ada)
    for name in ("anxiety", "sleep_hours-tap", "safety"):
        ada.locator(f"label:has(input[name='{name}'])").first.click()
        ada.locator(f"label.clear:has(input[name='{name}'])").click()
    ada.get_by_role("button", name="Keep check-in").click()
    expect(ada.get_by_text(KEPT_HERE)).to_be_visible()
    expect(ada.locator("#offline-reach")).to_be_hidden()
    back_online(ada)
    arrive(ada, "**/saved")
    for name in ("Anxiety", "Sleep", "Safety question"):
        expect(ada.locator(f"dt:text-is('{name}') + dd")).to_have_text("Skipped")


@pytest.mark.parametrize("waiting", [True, False], ids=["one waits", "nothing waits"])
def test_with_signal_again_the_kept_page_gives_way(phone, ada, sent, waiting):
    """The words "No connection" go where there is one: what was sent is shown, or the page that was asked for."""
    key = keep(ada)[1] if waiting else ""
    phone.set_offline(True)
    ada.goto("/schedule/")
    expect(ada.get_by_role("heading", level=1)).to_have_text("No connection")
    expect(waits(ada)).to_have_count(1)
    settle(ada)
    back_online(ada)
    arrive(ada, f"**/check-ins/{key}/saved" if waiting else "**/schedule/")
    expect(ada.get_by_role("heading", level=1)).not_to_have_text("No connection")
    assert not waiting or sent(key) == 1


@pytest.mark.parametrize("waiting", [True, False], ids=["one waits", "nothing waits"])
def test_but_not_under_somebody_who_is_writing(phone, ada, waiting):
    if waiting:
        keep(ada)
    phone.set_offline(True)
    ada.goto("/check-ins/new")
    note = write(ada)
    back_online(ada)
    if waiting:
        expect(waits(ada)).to_contain_text("Your check-in was sent.")
    settle(ada)
    expect(ada.locator("textarea[name=note]")).to_have_value(note)
    ada.get_by_role("button", name="Keep check-in").click()
    arrive(ada, "**/saved")
    expect(ada.get_by_text(note)).to_be_visible()


def test_for_somebody_else_it_gives_way_too(phone, ada):
    phone.clear_cookies()
    sign_in(ada, "ben")
    phone.set_offline(True)
    ada.goto("/schedule/")
    expect(ada.get_by_role("heading", level=1)).to_have_text("No connection")
    settle(ada)
    back_online(ada)
    expect(ada.get_by_role("heading", level=1)).not_to_have_text("No connection")


def test_while_the_server_is_away_it_stands_still(phone, ada):
    """The phone has a signal, and yet no page comes: the kept page is not loaded over and over."""
    loads = []
    phone.set_offline(True)
    ada.goto("/schedule/")
    expect(ada.get_by_role("heading", level=1)).to_have_text("No connection")
    ada.route("**/offline/token", lambda route: route.abort())
    ada.on("load", lambda: loads.append(1))
    with ada.expect_event("requestfailed"):
        back_online(ada)
    settle(ada)
    assert loads == []
    expect(ada.get_by_role("heading", level=1)).to_have_text("No connection")


@pytest.mark.parametrize("page", ["the form", "the kept page"])
def test_a_yes_to_the_safety_question_gets_people_first(phone, ada, page):
    if page == "the form":
        keep(ada, safety="yes_safe")
    else:
        phone.set_offline(True)
        ada.goto("/check-ins/new")
        write(ada, safety="yes_talk")
        ada.get_by_role("button", name="Keep check-in").click()
    reach = ada.locator("#offline-reach")
    expect(reach).to_be_visible()
    expect(reach).to_contain_text("Nobody on your team has this yet. It is sent when there is a signal")
    assert {"tel:988", "sms:988", "tel:911"} <= {a.get_attribute("href") for a in reach.locator("a").all()}
    expect(ada.locator("#reach-heading")).to_be_focused()
    assert lies_above(reach, ada.locator("#offline-kept"))
    ada.goto("/today")
    expect(ada.get_by_text("Nothing is lost.")).to_be_visible()
    expect(ada.locator("#offline-reach")).to_be_hidden()  # who holds the phone next is not told


def test_an_answer_that_got_lost_on_its_way_makes_no_second_one(phone, ada, sent):
    """Rule: what is sent again has the key that it had, so that twice is once."""
    before = sent()

    def lose(route):
        route.fetch()
        route.abort()

    ada.goto("/check-ins/new")
    key = ada.locator("input[name=key]").input_value()
    write(ada)
    ada.route("**/check-ins/", lose)
    ada.get_by_role("button", name="Save check-in").click()
    expect(ada.get_by_text(KEPT_HERE)).to_be_visible()
    assert sent(key) == 1
    ada.unroute("**/check-ins/")
    ada.goto("/today")
    expect(waits(ada)).to_contain_text("Your check-in was sent.")
    assert (sent(key), sent() - before) == (1, 1)


def test_one_that_the_server_refuses_stays_and_opens_with_all_that_was_typed(phone, ada, sent):
    ada.goto("/check-ins/new")
    note = write(ada)
    ada.evaluate("document.querySelector('textarea[name=note]').removeAttribute('maxlength')")
    ada.fill("textarea[name=note]", f"{note} {'long ' * 500}")
    phone.set_offline(True)
    ada.get_by_role("button", name="Save check-in").click()
    expect(ada.get_by_text(KEPT_HERE)).to_be_visible()
    (_, key, _), *_ = waiting(ada, 1)
    phone.set_offline(False)
    waits(ada).get_by_role("button", name="Open it").click()
    expect(ada.locator("#errors")).to_be_visible()
    assert ada.locator("textarea[name=note]").input_value().startswith(note)
    assert sent(key) == 0
    ada.fill("textarea[name=note]", note)
    ada.get_by_role("button", name="Save check-in").click()
    arrive(ada, f"**/check-ins/{key}/saved")
    ada.goto("/today")
    expect(waits(ada)).to_be_empty()
    assert sent(key) == 1


def test_a_mistake_with_signal_is_shown_beside_its_field_as_ever(ada):
    ada.goto("/check-ins/new")
    ada.get_by_role("button", name="Save check-in").click()
    expect(ada.locator("#errors")).to_contain_text("It is the only question we need.")


def test_a_session_that_ended_meanwhile_loses_nothing(phone, ada, sent):
    ada.goto("/check-ins/new")
    key = ada.locator("input[name=key]").input_value()
    write(ada)
    phone.clear_cookies()
    ada.get_by_role("button", name="Save check-in").click()
    arrive(ada, "**/sign-in?**")
    sign_in(ada, "ada")
    expect(waits(ada)).to_contain_text("Your check-in was sent.")
    assert sent(key) == 1


@pytest.mark.parametrize(("days", "day"), [(8, r"\w+ \d+(, \d{4})?"), (400, r"\w+ \d+, \d{4}")])
def test_after_seven_days_it_is_removed_with_a_notice(phone, ada, sent, days, day):
    """Rule: its day is said with the year where it is not this year."""
    _, key = keep(ada)
    ada.evaluate(OLDER, days)
    ada.goto("about:blank")
    phone.set_offline(False)
    for _ in range(2):  # until she says that she has seen it
        ada.goto("/today")
        expect(waits(ada)).to_be_visible()
    expect(waits(ada)).to_contain_text(re.compile(rf"A check-in of {day} could not be sent in time and was removed\."))
    assert waiting(ada, 1) == [[["expires", "id", "owner"], key, ada.evaluate("exit.elements.whose.value")]]
    waits(ada).get_by_role("button", name="OK").click()
    expect(waits(ada)).to_be_empty()
    assert waiting(ada, 0) == []
    assert sent(key) == 0


def test_it_can_be_deleted_after_a_question(phone, ada):
    keep(ada)
    waits(ada).get_by_role("button", name="Delete it").click()
    waits(ada).get_by_role("button", name="Keep").click()
    expect(waits(ada)).to_contain_text("1 check-in waits to be sent.")
    waits(ada).get_by_role("button", name="Delete it").click()
    waits(ada).get_by_role("button", name="Yes, delete it").click()
    expect(waits(ada)).to_contain_text("Deleted.")
    assert waiting(ada, 0) == []


@pytest.mark.asvs("14.3.1")
def test_signing_out_asks_first_and_leaves_nothing(phone, ada, sent):
    """Rule: sign-out deletes what waits, the keys, the kept page and the worker, after a question."""
    _, key = keep(ada)
    ada.route("**/offline/token", lambda route: route.abort())  # nothing is sent meanwhile
    phone.set_offline(False)
    ada.goto("/today")
    expect(waits(ada)).to_contain_text("1 check-in waits to be sent.")
    ada.get_by_role("button", name="Sign out").click()
    expect(waits(ada)).to_contain_text("1 check-in has not been sent.")
    waits(ada).get_by_role("button", name="Stay").click()
    waiting(ada, 1)
    ada.get_by_role("button", name="Sign out").click()
    waits(ada).get_by_role("button", name="Sign out and delete it").click()
    arrive(ada, "**/sign-in")
    nothing_is_left(ada)
    sign_in(ada, "ada")
    nothing_is_left(ada)
    assert sent(key) == 0


def test_signing_out_with_nothing_waiting_does_not_ask(ada):
    ada.goto("/today")
    expect(waits(ada)).to_be_attached()
    ada.get_by_role("button", name="Sign out").click()
    arrive(ada, "**/sign-in")
    nothing_is_left(ada)


@pytest.mark.asvs("14.3.1")
@pytest.mark.parametrize("signal", [True, False], ids=["with signal", "without"])
def test_quick_exit_does_not_ask_and_leaves_nothing(phone, ada, sent, signal):
    """Rule: at once, and nothing stays behind; without a network too, where the server cannot say so."""
    phone.route("https://www.weather.gov/**", lambda route: route.fulfill(body="<title>Weather</title>Sunny."))
    _, key = keep(ada)
    if signal:
        ada.route("**/offline/token", lambda route: route.abort())
        phone.set_offline(False)
        ada.goto("/today")
        expect(waits(ada)).to_contain_text("1 check-in waits")
    ada.get_by_role("button", name="Quick exit").click()
    expect(ada).not_to_have_url(re.compile("localhost"))
    phone.set_offline(False)
    ada.goto("/help-now")
    nothing_is_left(ada)
    assert sent(key) == 0


def test_on_a_shared_device_it_is_never_offered_and_nothing_waits(device):
    page = device().pages[0]
    page.goto("/sign-in")
    page.check("input[name=shared]", force=True)
    sign_in_here(page)
    page.goto("/account")
    assert page.get_by_role("button", name="This is my own device").count() == 0
    nothing_is_left(page)


def test_a_shared_session_on_ones_own_device_sees_nothing_of_it(phone, ada, sent):
    _, key = keep(ada)
    phone.clear_cookies()
    phone.set_offline(False)
    ada.goto("/sign-in")
    ada.check("input[name=shared]", force=True)
    sign_in_here(ada)
    for path in ("/today", "/check-ins/new"):
        ada.goto(path)
        settle(ada)
        assert waits(ada).count() == 0
    phone.set_offline(True)
    ada.goto("/check-ins/new")
    expect(ada.get_by_text("Nothing is lost.")).to_be_visible()
    expect(ada.locator("#offline-ask")).to_be_hidden()
    assert sent(key) == 0


def test_without_the_choice_nothing_is_different(device):
    context = device()
    page, loaded = context.pages[0], []
    context.on("request", lambda request: loaded.append(request.url))
    sign_in(page, "ada")
    for path in ("/today", "/check-ins/new", "/check-ins/"):
        page.goto(path)
        settle(page)
        assert page.evaluate(KEPT) == ""
        nothing_is_left(page)
    assert not [url for url in loaded if "offline" in url or "sw.js" in url]
    page.goto("/check-ins/new")
    write(page)
    page.get_by_role("button", name="Save check-in").click()
    arrive(page, "**/saved")


def test_the_choice_can_be_taken_back(ada):
    ada.goto("/account")
    ada.get_by_role("button", name="Stop keeping them here").click()
    expect(ada.get_by_text("Nothing is kept here now.")).to_be_visible()
    expect(ada.get_by_role("button", name="This is my own device")).to_be_focused()
    nothing_is_left(ada)


def test_the_kept_page_is_as_good_as_every_other(phone, ada):
    found = Findings()
    ada.goto("/offline")
    for part in ("reach", "kept", "ask"):
        ada.evaluate(f"document.querySelector('#offline-{part}').hidden = false")
    look(ada, "/offline", found)
    keep(ada)
    ada.goto("/today")
    look(ada, "/today, with one that waits", found)
    assert found.axe == []
    assert found.wide == []
