"""What is wrong with a page, in words: every HTML answer of every test is shown to this."""

import re
from collections import Counter
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from tests.page import Page, words

POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
SENTENCES = ("p", "small", "dd", "h1", "h2", "h3")
CAPITAL = re.compile(r"[a-z,] (?:Today|Yesterday|Tomorrow), \d")
LOADERS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


_faultless: set[int] = set()


def faults_of(page: Page, names: set[str]) -> list[str]:
    """Everything that is wrong with this HTML; `names` are the people whom no title may name.

    A page without a fault is not looked at again when only its tokens differ.
    """
    look = hash((page.html.replace(page.token or "\0", ""), frozenset(names)))
    faults = [] if look in _faultless else _faults_of(page, names)
    if not faults:
        _faultless.add(look)
    return faults


def _faults_of(page: Page, names: set[str]) -> list[str]:
    checks = [_whole_page, _help, _controls, _writing, _sentences, _forms, _buttons, _ids, _inline, _foreign, _enhanced]
    faults = [fault for check in checks for fault in check(page)]
    if page.whole and (named := names & set(re.findall(r"\w+", page.title))):
        faults.append(f"the title names {', '.join(sorted(named))}")
    return faults


def _whole_page(page: Page) -> list[str]:
    if not page.whole:
        return []
    faults = [] if len(page.all("h1")) == 1 else [f"{len(page.all('h1'))} <h1>"]
    headings = [e.tag for e in page.tree.iter() if e.tag in ("h1", "h2", "h3", "h4")]
    if headings and headings[0] != "h1":
        faults.append(f"an <{headings[0]}> stands before the <h1>")
    if not (page.all("title") and words(page.all("title")[0])):
        faults.append("no title")
    if not page.tree.get("lang"):
        faults.append("<html> has no lang")
    return faults


def _help(page: Page) -> list[str]:
    """Whoever is not signed in, on whatever page, has help in the header: a sign-in, an error, a link that is over."""
    links = [a for header in page.all("header", class_="top") for a in header.iter("a")]
    if not links or any(a.get("href") == "/account" or words(a) == "Help now" for a in links):
        return []
    return ["no way to help in the header of a signed-out page"]


def _name_of(element: Element, page: Page) -> str:
    """The accessible name that the markup gives an element."""
    by_id = {e.get("id"): e for e in page.tree.iter() if isinstance(e.tag, str)}
    if reference := element.get("aria-labelledby"):
        return " ".join(words(by_id[name]) for name in reference.split() if name in by_id)
    if label := element.get("aria-label"):
        return label
    labels = [e for e in page.all("label") if e.get("for") and e.get("for") == element.get("id")]
    ancestor = page.parents.get(element)
    while ancestor is not None:
        if ancestor.tag == "label":
            labels.append(ancestor)
        ancestor = page.parents.get(ancestor)
    return " ".join(words(label) for label in labels)


def _controls(page: Page) -> list[str]:
    controls = [e for e in page.tree.iter() if e.tag in ("input", "select", "textarea")]
    return [
        f"<{e.tag} name={e.get('name')}> has no label"
        for e in controls
        if not (e.tag == "input" and e.get("type") in UNLABELLED) and not _name_of(e, page).strip()
    ]


def _writing(page: Page) -> list[str]:
    """What people write is counted and refused in words, never cut, and goes in its own direction."""
    faults = [f"<{e.tag} name={e.get('name')}> cuts what is too long" for e in page.tree.iter() if e.get("maxlength")]
    for area in page.all("textarea"):
        if area.get("dir") != "auto":
            faults.append(f"<textarea name={area.get('name')}> has one direction for everybody")
        if area.get("readonly") is None and not area.get("data-most"):
            faults.append(f"<textarea name={area.get('name')}> does not say how much fits")
    return faults


def _sentences(page: Page) -> list[str]:
    """A day or moment inside a sentence has no capital: "Saved yesterday, 9:02 pm"."""
    said = (words(e) for tag in SENTENCES for e in page.all(tag))
    return [f"a capital inside a sentence: {found[0]!r}" for text in said for found in CAPITAL.finditer(text)]


def _forms(page: Page) -> list[str]:
    faults = []
    for form in page.all("form"):
        token = [e for e in form.iter("input") if e.get("name") == "csrf_token" and e.get("value")]
        action = form.get("action") or ""
        if form.get("method", "get").lower() == "post" and not urlsplit(action).netloc:
            faults += [] if len(token) == 1 else [f"the form to {action} has {len(token)} CSRF tokens"]
        elif token:
            faults.append(f"the form to {action} lets its CSRF token out into an address")
    return faults


def _buttons(page: Page) -> list[str]:
    faults = []
    for button in page.all("button"):
        name = button.get("aria-label") or words(button)
        if button.get("type") not in ("submit", "button", "reset"):
            faults.append(f"the button {name!r} does not say its type")
        if not name:
            faults.append("a button without words")
    return faults + ["a link without words" for a in page.all("a") if not (a.get("aria-label") or words(a))]


def _ids(page: Page) -> list[str]:
    ids = [e.get("id") for e in page.tree.iter() if e.get("id") is not None]
    faults = [f"id {name!r} stands {times} times" for name, times in Counter(ids).items() if times > 1]
    if page.whole:
        for element in page.tree.iter():
            wanted = {name for attribute in POINTERS for name in (element.get(attribute) or "").split()}
            if element.tag == "a" and (element.get("href") or "").startswith("#"):
                wanted.add(element.get("href")[1:])
            missing = sorted(wanted - set(ids))
            faults += [f"<{element.tag}> points at #{name}, which is not there" for name in missing]
    return faults


def _inline(page: Page) -> list[str]:
    faults = [f"<{tag}> inside the page" for tag in ("style",) for _ in page.all(tag)]
    faults += ["a script inside the page" for e in page.all("script") if not e.get("src") or words(e)]
    for element in page.tree.iter():
        for attribute, value in element.attrib.items():
            if attribute == "style" or str(attribute).startswith("on"):
                faults.append(f"<{element.tag} {attribute}=...>")
            if str(value).strip().lower().startswith(("javascript:", "data:text", "vbscript:")):
                faults.append(f"<{element.tag} {attribute}={value[:30]!r}>")
    return faults


def _foreign(page: Page) -> list[str]:
    return [
        f"<{e.tag}> loads {e.get(LOADERS[e.tag])} from another host"
        for e in page.tree.iter()
        if e.tag in LOADERS and urlsplit(e.get(LOADERS[e.tag]) or "").netloc
    ]


def _enhanced(page: Page) -> list[str]:
    faults, enhanced = [], False
    for element in page.tree.iter():
        attributes = {str(name): value for name, value in element.attrib.items()}
        faults += enhancement_faults(str(element.tag), attributes)
        enhanced = enhanced or any(name.startswith("data-hx-") for name in attributes)
    if enhanced and page.whole and not any("htmx" in (e.get("src") or "") for e in page.all("script")):
        faults.append("data-hx-* on a page that does not load htmx")
    return faults


def enhancement_faults(tag: str, attributes: dict[str, str]) -> list[str]:
    """Whatever htmx does with an element, the element does without it, at the same address."""
    wishes = {name[8:]: value for name, value in attributes.items() if name.startswith("data-hx-")}
    faults = [f"<{tag} {name}> should begin with data-" for name in attributes if name.startswith("hx-")]
    if not wishes:
        return faults
    method = "get" if tag == "a" else attributes.get("method", "get").lower()
    plain = attributes.get("href" if tag == "a" else "action")
    asked = {verb: wishes[verb] for verb in ("get", "post", "put", "patch", "delete") if verb in wishes}
    if tag not in ("a", "form") or asked != {method: plain}:
        faults.append(f"<{tag}> asks htmx for {asked}, but is {method} {plain} by itself")
    if not {"target", "swap"} <= set(wishes):
        faults.append(f"<{tag} data-hx-...> does not say its target and swap itself")
    for name, value in wishes.items():
        filtered = name == "trigger" and "[" in value
        if filtered or re.search(r"[:.]", name) or name in ("on", "boost") or value.startswith("js:"):
            faults.append(f"<{tag} data-hx-{name}={value!r}> inherits, boosts or runs script")
    return faults
