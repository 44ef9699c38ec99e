"""House rules about templates: each function takes a source tree and says in words what breaks the rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import html5lib
from jinja2 import Environment
from jinja2 import nodes as jinja

from tests.critic import enhancement_faults
from tests.house.source import calls, modules

MACROS = re.compile(r"\{%-?\s*macro\b.*?\bendmacro\s*-?%\}", re.S)
SAFE_ALLOWED = re.compile(r"\bcontent\.html\(|\.html\s*\|\s*safe")


@dataclass(frozen=True)
class Template:
    path: Path
    name: str  # "door/sign_in.html"

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> jinja.Template:
        return Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(self.source)

    @property
    def is_partial(self) -> bool:
        return "/" in self.name and self.path.name.startswith("_") and not self.is_macros

    @property
    def is_page(self) -> bool:
        return self.name == "error.html" or ("/" in self.name and not self.path.name.startswith("_"))

    @cached_property
    def is_macros(self) -> bool:
        blank = (jinja.Macro, jinja.Import, jinja.FromImport, jinja.Assign)
        return any(isinstance(node, jinja.Macro) for node in self.tree.body) and all(
            isinstance(node, blank) or (isinstance(node, jinja.Output) and not _written(node))
            for node in self.tree.body
        )

    @cached_property
    def skeleton(self) -> str:
        return as_html(self.source)


def as_html(source: str) -> str:
    """A template as HTML: statements and comments gone, each expression a word that stands for it."""
    html = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", source, flags=re.S)
    return re.sub(r"\{\{(.*?)\}\}", lambda found: _word(found[1]), html, flags=re.S)


def _written(node: jinja.Output) -> str:
    return "".join(part.data for part in node.nodes if isinstance(part, jinja.TemplateData)).strip()


def _word(expression: str) -> str:
    return "x" + re.sub(r"\W+", "_", expression.strip(" -")) + "x"


def templates(root: Path) -> Iterator[Template]:
    folder = root / "templates"
    for path in sorted(folder.rglob("*.html")):
        yield Template(path, str(path.relative_to(folder)))


def pages_outside_the_layout(root: Path) -> list[str]:
    faults = []
    for template in templates(root):
        parents = [node.template.value for node in template.tree.find_all(jinja.Extends)]
        if template.is_page and parents != ["layout.html"]:
            faults.append(f"{template.name} does not extend layout.html")
        if not template.is_page and parents:
            faults.append(f"{template.name} extends {parents[0]}")
        included = list(template.tree.find_all(jinja.Include))
        if template.is_page and len(included) > 2:
            faults.append(f"{template.name} includes {len(included)} partials")
    return faults


def partials_without_one_root(root: Path) -> list[str]:
    """A partial has one root element, its id is the noun (`_care_team.html`: `care-team`) and maybe a key."""
    faults = []
    for template in templates(root):
        if not template.is_partial:
            continue
        tree = html5lib.parseFragment(as_html(MACROS.sub("", template.source)), namespaceHTMLElements=False)
        roots, noun = list(tree), template.path.stem.strip("_").replace("_", "-")
        loose = (tree.text or "") + "".join(root.tail or "" for root in roots)
        held = roots[0].get("id") or "" if roots else ""
        if len(roots) != 1 or loose.strip() or not (held == noun or held.startswith(f"{noun}-")):
            faults.append(f"{template.name}: {len(roots)} roots, id {held!r}, beside them {loose.strip()[:40]!r}")
    return faults


def enhanced_only(root: Path) -> list[str]:
    """`data-hx-*` anywhere but on a link or form that does the same by itself, at the same address."""
    return [
        f"{template.name}: {fault}"
        for template in templates(root)
        for tag, attributes in _tags(template.skeleton)
        for fault in enhancement_faults(tag, attributes)
    ]


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attributes}))


def _tags(html: str) -> list[tuple[str, dict[str, str]]]:
    return _Tags(html).found


def enhanced_without_htmx(root: Path) -> list[str]:
    """Pages that hold `data-hx-*`, themselves or through what they include, and do not load htmx."""
    known = {template.name: template for template in templates(root)}
    faults = []
    for template in known.values():
        if not template.is_page:
            continue
        parts = [template.source]
        parts += [known[name].source for name in _included(template.tree) if name in known]
        if any("data-hx-" in part for part in parts) and "htmx(" not in template.source:
            faults.append(template.name)
    return faults


def _included(tree: jinja.Template) -> Iterator[str]:
    for kind in (jinja.Include, jinja.Import, jinja.FromImport):
        for node in tree.find_all(kind):
            if isinstance(node.template, jinja.Const) and node.template.value != "_form.html":
                yield node.template.value


def inline(root: Path) -> list[str]:
    faults = []
    for template in templates(root):
        for tag, attributes in _tags(template.skeleton):
            bad = [name for name in attributes if name == "style" or re.fullmatch(r"on[a-z]+", name)]
            if tag == "style" or (tag == "script" and "src" not in attributes) or bad:
                faults.append(f"{template.name}: <{tag} {' '.join(bad)}>")
            faults += [
                f"{template.name}: {name}={value[:30]}"
                for name, value in attributes.items()
                if value.strip().lower().startswith(("javascript:", "data:"))
            ]
    return faults


def unescaped(root: Path) -> list[str]:
    """What passes text to the page as HTML, but for the shipped content that content.html has rendered."""
    faults = []
    for template in templates(root):
        for number, line in enumerate(template.source.splitlines(), 1):
            if re.search(r"\|\s*safe\b|autoescape\s+false", line) and not SAFE_ALLOWED.search(line):
                faults.append(f"{template.name}:{number} {line.strip()[:80]}")
    for module in modules(root):
        for call, name in calls(module.tree):
            if name.split(".")[-1] in ("Markup", "render_template_string", "from_string"):
                faults.append(f"{module.at(call)} calls {name}")
    return faults


def open_passwords(root: Path) -> list[str]:
    """Fields called password, or filled in as one, that show what is typed."""
    return [
        f"{template.name}: {attributes}"
        for template in templates(root)
        for tag, attributes in _tags(template.skeleton)
        if tag == "input" and attributes.get("type") != "password"
        if attributes.get("name") == "password" or (attributes.get("autocomplete") or "").endswith("-password")
    ]
