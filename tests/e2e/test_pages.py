"""Every page of everybody, looked at by a browser, by axe and by an HTML validator."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import DESK, PHONE, sign_in
from tests.e2e.served import ROOT
from tests.e2e.walk import Findings, look, pages

HOME = {None: "/sign-in", "ada": "/today", "cho": "/caseload/", "kit": "/people/"}
WITHOUT_LINKS = ("/no-such-page", "/help-now")
VALIDATOR = ROOT / ".venv" / "node_tools" / "node_modules" / ".bin" / "html-validate"


@pytest.fixture(scope="module", params=HOME, ids=lambda who: who or "stranger")
def findings(request, people_of_module, quiet_portal, sample) -> Findings:
    """What a walk through all pages of one person finds."""
    who = request.param
    page = people_of_module(quiet_portal, who, viewport=PHONE if who in (None, "ada") else DESK)
    found = Findings(of=sample)
    for path, html in pages(page, HOME[who], *WITHOUT_LINKS):
        found.html[path] = html
        look(page, path, found)
    return found


def test_the_walk_saw_all_the_pages(findings):
    assert len(findings.html) >= 3


def test_axe_finds_nothing_in_light_or_dark(findings):
    assert findings.axe == []


def test_no_page_scrolls_sideways_on_a_small_phone(findings):
    """Rule: neither at 360 nor at 320 px, which is also a page of 1280 px at 400 %."""
    assert findings.wide == []


@pytest.mark.asvs("14.3.3")
def test_no_page_keeps_anything_in_the_browser_that_a_script_can_read(findings):
    """Rule: no storage, no cache of a script's, no database, and no cookie but those that scripts cannot see."""
    assert findings.kept == []


def test_the_validator_finds_nothing(findings, tmp_path):
    assert validate(findings.html, tmp_path) == []


def test_pages_that_only_an_answer_shows_are_as_good(people, portal, sample, tmp_path):
    """A refused sign-in, a form with a mistake, what a safety answer opens, and the flag it raises."""
    found, ada, cho = Findings(of=sample), people(portal), people(portal, "cho")

    def shows(page, name, press):
        with page.expect_navigation() as arrival:
            page.locator("main").get_by_role("button", name=press).first.click()
        found.html[name] = arrival.value.text()
        look(page, name, found)
        return page

    ada.goto("/sign-in")
    ada.fill("input[name=email]", "ada@demo.example")
    ada.fill("input[name=password]", "wrong")
    shows(ada, "refused sign-in", "Sign in")
    sign_in(ada, "ada")
    ada.goto("/check-ins/new")
    shows(ada, "check-in without a mood", "Save check-in")
    ada.check("input[name=mood][value='2']", force=True)
    ada.check("input[name=safety][value=yes_talk]", force=True)
    shows(ada, "saved, with help first", "Save check-in")
    shows(ada, "an answer to the second question", "Not sure")
    cho.goto("/caseload/")
    cho.get_by_role("link", name="Review Ada").click()
    cho.locator("a[href*='/flags/']").first.click()
    shows(cho, "flag without an act", re.compile("^Save$"))
    assert found.axe == []
    assert found.wide == []
    assert validate(found.html, tmp_path) == []


def validate(html: dict[str, str], folder: Path) -> list[str]:
    """What html-validate says about pages, each message with the address of its page."""
    if not VALIDATOR.exists():
        pytest.skip("html-validate is not installed: run make test with node and npm present")
    files = {}
    for number, (path, text) in enumerate(html.items()):
        file = folder / f"{number}.html"
        file.write_text(text, encoding="utf-8")
        files[str(file)] = path
    report_file, config = folder / "report.json", Path(__file__).with_name("htmlvalidate.json")
    done = subprocess.run(
        [VALIDATOR, "--config", config, "--formatter", f"json={report_file}", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return [
        f"{files[report['filePath']]}: {message['ruleId']} at line {message['line']}: {message['message']}"
        for report in json.loads(report_file.read_text(encoding="utf-8"))
        for message in report["messages"]
    ]
