"""A walk through every page that a person can reach by links, and what is looked at on each of them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

ALIKE = 1  # pages that differ by a key, a slug or a number only: so many of them are opened
KEY = re.compile(r"/[A-Za-z0-9_-]{22}(?=/|$)")
AXE = Axe()
FAULTS = {"resultTypes": ["violations", "incomplete"]}  # of what is fine, axe need not say where
DOWNLOADS = (".csv", ".ics")  # files, not pages
COVERED = {"bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring", "imgNode"}
NARROW = ({"width": 360, "height": 740}, {"width": 320, "height": 640})
# Over a gradient axe says "incomplete" and not "pass". So everything is looked at flat and at rest: each gradient
# becomes its one shade that is hardest to read the element's own text on.
FLATTEN = """
() => {
  document.querySelectorAll("[style]").forEach((element) => element.removeAttribute("style"));
  document.getAnimations().forEach((animation) => animation.finish());
  const light = (shade) => {
    const [r, g, b] = shade.match(/[\\d.]+/g).map((part) => (part / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of document.querySelectorAll("body, body *")) {
    const { backgroundImage, backgroundColor, color } = getComputedStyle(element);
    if (!backgroundImage.includes("gradient")) continue;
    const near = (shade) => Math.abs(light(shade) - light(color));
    const shades = backgroundImage.match(/rgb\\([^)]*\\)/g) ?? [backgroundColor];
    element.style.background = shades.reduce((worst, shade) => (near(shade) < near(worst) ? shade : worst));
  }
}
"""
WIDE = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return "";
  const all = [...document.querySelectorAll("body *")];
  const over = all.find((element) => element.getBoundingClientRect().right > wide + 1);
  return over ? over.outerHTML.slice(0, 120) : "the page";
}
"""


@dataclass
class Findings:
    """What a walk saw: the HTML of each page by address, and the faults, each with its address.

    Of the pages it comes to it looks at one in `of`, the first among them.
    """

    of: int = 1
    come_to: int = 0
    html: dict[str, str] = field(default_factory=dict)
    axe: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def alike(address: str) -> str:
    """The address with keys, slugs and numbers left out: pages that share it are made by one template."""
    parts = urlsplit(address)
    path = KEY.sub("/*", parts.path)
    path = re.sub(r"^/(library|exercises|measures)/[^/]+", r"/\1/*", path)
    return f"{path}?{re.sub('=[^&]*', '=*', parts.query)}"


def pages(page: Page, home: str, *also: str) -> Iterator[tuple[str, str]]:
    """Open in turn each page that links lead to from `home` and `also`; gives its path and its HTML."""
    waiting, seen, count = [home, *also], set(), Counter()
    while waiting:
        path = waiting.pop(0)
        if path in seen or count[alike(path)] == ALIKE:
            continue
        seen.add(path)
        count[alike(path)] += 1
        answer = page.goto(path)
        assert answer.status in (200, 404), f"{path}: {answer.status}"
        landed = urlsplit(page.url)._replace(scheme="", netloc="", fragment="").geturl()
        if landed != path and (landed in seen or landed in waiting):
            continue
        html = answer.text()
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        for link in links:
            parts = urlsplit(urljoin(page.url, link))
            here = parts.netloc == urlsplit(page.url).netloc and parts.scheme in ("http", "https")
            if here and not parts.path.endswith(DOWNLOADS):
                waiting.append(parts._replace(scheme="", netloc="", fragment="").geturl())
        yield path, html


KEPT = """
async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await caches.keys()),
  ...(await indexedDB.databases()).map((database) => database.name), document.cookie,
].filter(Boolean).join(", ")
"""


def look(page: Page, path: str, findings: Findings) -> None:
    """Look at the page that is open: with axe in light and in dark, and at its width on two small phones."""
    findings.come_to += 1
    if (findings.come_to - 1) % findings.of:
        return
    size = page.viewport_size
    if kept := page.evaluate(KEPT):
        findings.kept.append(f"{path}: {kept}")
    page.emulate_media(color_scheme="light")
    findings.axe += _axe(page, path, "light", FAULTS)
    page.emulate_media(color_scheme="dark")
    findings.axe += _axe(page, path, "dark", FAULTS | {"runOnly": ["color-contrast"]})
    for small in NARROW:
        page.set_viewport_size(small)
        if over := page.evaluate(WIDE):
            findings.wide.append(f"{path} at {small['width']}: {over}")
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="light")


def _axe(page: Page, path: str, scheme: str, options: dict) -> list[str]:
    page.evaluate(FLATTEN)
    found = AXE.run(page, options=options).response
    unsure = [check for check in found["incomplete"] if check["id"] == "color-contrast"]
    return [
        f"{path} ({scheme}): {check['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for check in found["violations"] + unsure
        for node in check["nodes"]
        if not _covered(node)
    ]


def _covered(node: dict) -> bool:
    """Whether axe could not tell because of what lies over or under the words: a drawing, or the edge of a table."""
    return any((reason.get("data") or {}).get("messageKey") in COVERED for reason in node["any"])
