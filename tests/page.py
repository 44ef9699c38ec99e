"""One HTML answer as the tests read it: a tree that had to parse, its words, and its forms."""

import re
from collections.abc import Iterator
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib

TOKEN = re.compile(r'<input type="hidden" name="csrf_token" value="([^"]+)">')


class Page:
    """One HTML answer as a tree. Elements are html5lib's, without a namespace for HTML."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.whole = html.lstrip().lower().startswith("<!doctype")

    @cached_property
    def tree(self) -> Element:
        """ParseError where the HTML is not as it should be."""
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        return parser.parse(self.html) if self.whole else parser.parseFragment(self.html)

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.tree.iter() for child in parent}

    @property
    def token(self) -> str | None:
        """The CSRF token of its forms, if it has any."""
        found = TOKEN.search(self.html)
        return found and found[1]

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every `tag` with these attributes, in document order; `class_="x"` asks for one class."""
        return [e for e in self.tree.iter(tag) if all(_has(e, *pair) for pair in attributes.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only `tag` with these attributes; AssertionError when there are none or several."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} <{tag}> with {attributes} where one was expected"
        return found[0]

    @property
    def title(self) -> str:
        return words(self.one("title"))

    @property
    def heading(self) -> str:
        return words(self.one("h1"))

    @property
    def text(self) -> str:
        """All the words of the page's body, with single spaces."""
        body = self.tree.find("body") if self.whole else self.tree
        return words(body if body is not None else self.tree)

    def form(self, action: str) -> Element:
        """The form that posts to `action`, with or without what follows its question mark."""
        found = [f for f in self.all("form") if (f.get("action") or "").split("?")[0] == action]
        assert found, f"no form posts to {action}"
        return found[0]

    def fields(self, action: str) -> dict[str, list[str]]:
        """What the form that posts to `action` would send as it stands: {name: values}."""
        sent: dict[str, list[str]] = {}
        for control in self.form(action).iter():
            name = control.get("name")
            if not name or control.tag == "button":
                continue
            for value in _values(control):
                sent.setdefault(name, []).append(value)
        return sent


def words(element: Element) -> str:
    """The text of an element with single spaces; a <bdi> is a part of its sentence."""
    return re.sub(r"\s+", " ", " ".join(_texts(element))).strip()


def _texts(element: Element) -> Iterator[str]:
    text = element.text or ""
    for child in element:
        if child.tag == "bdi":
            text += "".join(child.itertext())
        elif isinstance(child.tag, str):
            yield text
            yield from _texts(child)
            text = ""
        text += child.tail or ""
    yield text


def _has(element: Element, name: str, value: str) -> bool:
    held = element.get(name.rstrip("_").replace("_", "-"))
    return held is not None and (value in held.split() if name == "class_" else held == value)


def _values(control: Element) -> list[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        return ["".join(control.itertext())]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        return [o.get("value", words(o)) for o in chosen]
    if control.tag != "input" or kind == "submit":
        return []
    if kind in ("radio", "checkbox"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]
