"""Saves pictures of all pages, at phone and desk width, in light and dark: python -m tests.e2e.pictures [folder]."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import ARGUMENTS, DESK, PHONE, sign_in
from tests.e2e.served import demo_clinic, served
from tests.e2e.walk import pages

HOME = {None: "/sign-in", "ada": "/today", "cho": "/caseload/", "kit": "/people/"}
ALSO = ("/help-now", "/no-such-page")
README = Path(__file__).with_name("pictures")
CHOSEN = {  # the four pages of the README: who, page, size
    "today": ("ada", "/today", PHONE),
    "check-in": ("ada", "/check-ins/new", PHONE),
    "week": ("ada", "/schedule/", PHONE),
    "caseload": ("cho", "/caseload/", DESK),
}


def all_pages(chromium: Browser, address: str, folder: Path) -> None:
    """Every page of everybody, as <who>-<page>-<width>-<scheme>.png."""
    for who, home in HOME.items():
        for scheme in ("light", "dark"):
            context = chromium.new_context(base_url=address, viewport=PHONE, color_scheme=scheme)
            page = context.new_page()
            if who:
                sign_in(page, who)
            for path, _ in pages(page, home, *ALSO):
                for size in (PHONE, DESK):
                    page.set_viewport_size(size)
                    name = re.sub(r"[^\w=]+", "-", path).strip("-")[:80] or "home"
                    page.screenshot(
                        path=folder / f"{who or 'stranger'}-{name}-{size['width']}-{scheme}.png", full_page=True
                    )
            context.close()


def for_the_readme(chromium: Browser, address: str) -> None:
    """The four pages of the README, small."""
    README.mkdir(exist_ok=True)
    for name, (who, path, size) in CHOSEN.items():
        context = chromium.new_context(base_url=address, viewport=size, color_scheme="light")
        page = context.new_page()
        sign_in(page, who)
        page.goto(path)
        page.screenshot(path=README / f"{name}.png")
        context.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        with served(demo_clinic(Path(place)), Path(place)) as address:
            all_pages(chromium, address, folder)
            for_the_readme(chromium, address)
        chromium.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/foothold-pictures"))
