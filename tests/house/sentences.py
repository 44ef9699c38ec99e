"""House rules about what people read: each function takes a source tree and says where a sentence breaks the rule."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.markup import as_html, templates

NEVER_SAID = {  # in a sentence that people read; and what is said instead
    r"\bmail\b(?! server)|\bmail(s|ed|ing)\b": "email",
    r"\blog[- ]?(in|out|on)\b": "sign in, sign out",
    r"\btelephone\b": "phone",
    r"\benrol(s|ment)?\b": "enroll, enrollment",
    r"\bpractis(e|ed|es|ing)\b": "practice",
    r"\bauthoris(e|ed|ation)\b": "authorize",
    r"\bcancel(ed|ing)\b": "cancelled",
    r"\b(colour|favourite|centre|programme|behaviour|whilst)\b": "the American word",
    r"\b(mend|mended|mends)\b": "fix",
    r"\bany more\b(?! than)": "no longer",
    r"\bafresh\b": "over",
    r"\b(somebody|someone) else than\b": "someone other than",
    r"\bstands? above\b": "is already on the list",
    r"\b(sessions|leader) stand here\b": "appear here",
    r"\blies open\b": "is unlocked",
    r"\bLet it go\b": "Don’t take this seat",
    r"\bAnother seat\b": "Make-up seat",
    r"\bShow that it is you\b": "Confirm it’s you",
    r"\bCan you not\b": "Can’t ... ?",
    r"\bYour questions\b": "Your questionnaires",
    r"\b(Hello|Hi|Welcome|Good (morning|afternoon|evening))[^.!?\n]{0,30},\s+[a-z]": "a new sentence after a greeting",
    r"\b(relapse|addict|abuse|non-?compliant)\b": "return to use; see the words of the house",
}
TEXTS = ("portal/library/materials", "portal/exercises/definitions", "portal/checkins/sets", "portal/demo/texts")
OPERATORS = ("portal/config.py", "portal/mail/smtp.py")  # whoever sets up a server reads these


def never_said(root: Path) -> list[str]:
    return [
        f"{place}: “{found[0]}”; say: {instead}"
        for place, text in _sentences(root)
        for word, instead in NEVER_SAID.items()
        if (found := re.search(word, text))
    ]


def _sentences(root: Path) -> Iterator[tuple[str, str]]:
    for template in templates(root):
        html = re.sub(r"<(?:script|svg).*?</(?:script|svg)>", " ", as_html(template.source), flags=re.S)
        named = re.findall(r'(?:aria-label|placeholder|alt)="([^"]*)"', html)
        yield template.name, " ".join([re.sub(r"<[^>]*>", " ", html), *named])
        yield template.name, " ".join(_quoted(" ".join(re.findall(r"\{[{%].*?[%}]\}", template.source, re.S))))
    for path in sorted((root / "portal").rglob("*.py")):
        name = str(path.relative_to(root))
        if "migrations" not in path.parts and name not in OPERATORS:
            yield name, "\n".join(_strings(path.read_text(encoding="utf-8")))
    for folder in TEXTS:
        for path in sorted((root / folder).glob("*.*")):
            if path.suffix in (".md", ".yaml", ".txt"):
                yield f"{folder}/{path.name}", path.read_text(encoding="utf-8")
    for path in sorted((root / "static").glob("*.js")):
        if not path.name.startswith("htmx"):
            yield path.name, " ".join(_quoted(re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.M)))


def _quoted(code: str) -> Iterator[str]:
    """The texts of at least two words in quotation marks."""
    return (found[2] for found in re.finditer(r"""(["'`])((?:(?!\1).)*)\1""", code) if " " in found[2])


def _strings(source: str) -> Iterator[str]:
    """The texts of at least two words in a module, but for those that explain it."""
    tree = ast.parse(source)
    explaining = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    } | {
        id(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("doc", "comment")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            yield node.value if " " in node.value else ""
