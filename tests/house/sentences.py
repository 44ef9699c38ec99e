"""House rules about what people read: each function takes a source tree and says where a sentence breaks the rule."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.markup import as_html, templates

NEVER_SAID: dict[str, dict[str, str]] = {  # why: what is never said where people read it, and what is said instead
    "one name for one thing": {
        r"\bmail\b(?! server)|\bmail(s|ed|ing)\b": "email",
        r"\blog[- ]?(in|out|on)\b": "sign in, sign out",
        r"\btelephone\b": "phone",
        r"\bYour questions\b": "Your questionnaires",
        r"\bAnother seat\b": "Make-up seat",
        r"\b([Gg]o(es)?|[Ww]ent) further\b": "is passed on",
    },
    "American English": {
        r"\benrol(s|ment)?\b": "enroll, enrollment",
        r"\bpractis(e|ed|es|ing)\b": "practice",
        r"\bcancel(ed|ing)\b": "cancelled",
        r"\b(colour|favourite|centre|programme|behaviour|licence|neighbour|learnt|whilst)\b": "the American word",
        r"\b(organ|recogn|real|summar|apolog|priorit|sanit|normal|author)is(e|ed|ing|ation)\b": "-ize, -ization",
    },
    "nobody says it aloud": {
        r"\b(mend|mended|mends)\b": "fix",
        r"\b([Ss]ome|[Aa]ny|[Ee]very)body\b(?! waits)": "someone, anyone, everyone",  # but the name of that page
        r"(?<!\{)\b[Ww]hom\b": "who",
        r"\b(anew|afresh|nowhere|till|upon|hence|thus|whereby|shall)\b": "the plain word",
        r"\bany more\b(?! than)": "no longer",
        r"\b(with|by|to|but|of) who (is|covers)\b": "whoever is, the covering therapist",
        r"\balready\.": "already before the verb",
        r"\bof (yours|theirs|ours)\b": "your, their, our",
        r"\bGo on\b|: go on\b|\bto go on\.": "Continue",
        r"\bCan you not\b": "Can’t ... ?",
        r"\bThey wrote\b": "the name of who wrote",
        r"\bis no (calendar|day|time|length|norm|sign)\b": "is not a",
        r"\bdays that there are not\b": "days that do not exist",
        r"\b(someone) else than\b": "someone other than",
    },
    "things do not stand, lie or wait to be looked at": {
        r"\bstands? (above|below|under|here|there|inside|in one|for itself)\b|\bstands? too\b": "is, appears",
        r"\b(sessions|leader) stand here\b": "appear here",
        r"\blies open\b": "is unlocked",
        r"\b(lie|lies) (in|above|below|sealed)\b": "is, are",
    },
    "a riddle": {
        r"\bLet it go\b|\bYou let the seat go\b": "Don’t take this seat",
        r"\bShow that it is you\b": "Confirm it’s you",
        r"\bquiet minutes\b": "minutes without use",
        r"\bkept nowhere\b": "not kept anywhere",
        r"\bone choice away\b": "where to find it",
    },
    "a sentence begins with a capital letter": {
        r"\b(Hello|Hi|Welcome|Good (morning|afternoon|evening))\b[^.!?\n]{0,30},\s+[a-z]": "a new sentence",
    },
    "nobody is called by an illness or a fault": {
        r"\b(relapse|addict|abuse|non-?compliant)\b": "return to use; see the words of the house",
    },
}
TEXTS = ("portal/library/materials", "portal/exercises/definitions", "portal/checkins/sets", "portal/demo/texts")
READ_FIRST = ("README.md", "CHANGELOG.md", "SECURITY.md")


def never_said(root: Path) -> list[str]:
    return [
        f"{place}: “{found[0]}”; say: {instead} ({why})"
        for place, text in _sentences(root)
        for why, never in NEVER_SAID.items()
        for said, instead in never.items()
        if (found := re.search(said, text))
    ]


def _sentences(root: Path) -> Iterator[tuple[str, str]]:
    for template in templates(root):
        html = re.sub(r"<(?:script|svg).*?</(?:script|svg)>", " ", as_html(template.source), flags=re.S)
        named = re.findall(r'(?:aria-label|placeholder|alt)="([^"]*)"', html)
        yield template.name, " ".join([re.sub(r"<[^>]*>", " ", html), *named])
        yield template.name, " ".join(_quoted(" ".join(re.findall(r"\{[{%].*?[%}]\}", template.source, re.S))))
    for path in sorted((root / "portal").rglob("*.py")):
        name = str(path.relative_to(root))
        if "migrations" not in path.parts:
            yield name, "\n".join(_strings(path.read_text(encoding="utf-8")))
    for folder in TEXTS:
        for path in sorted((root / folder).glob("*.*")):
            if path.suffix in (".md", ".yaml", ".txt"):
                yield f"{folder}/{path.name}", path.read_text(encoding="utf-8")
    for name in READ_FIRST:
        path = root / name
        yield (
            name,
            re.sub(r"```.*?```|`[^`]*`", " ", path.read_text(encoding="utf-8"), flags=re.S) if path.exists() else "",
        )
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


SOMEBODY = (
    r"(?:x\w+x|x|we|us|team|therapist|coordinators?|staff|someone|somebody|nobody|anyone|others|who|they|people|person"
    r"|participants?|leader)"
)
PROMISE = re.compile(  # somebody other than the reader, and a few words on a verb of attention
    rf"\b{SOMEBODY}\b[^.!?:;]{{0,60}}?\b(?:reads?|sees?|seen|calls? you|answers (?:you|right|our)|told|gets an? email"
    r"|goes to)\b|\bon (?:its|the) way\b|\bwill (?:call|answer|reply|read|see)\b|\bwould call\b|\banswer is with\b",
    re.I,
)
TO_OPERATORS = (
    "commands.py",
    "instrument_rules.py",
    "set_rules.py",
    "authenticator.py",
)  # errors of files and settings


BLOCK = (
    r"</?(?:p|li|ul|ol|h[1-6]|dt|dd|td|th|tr|div|section|article|small|summary|label|legend|button|option|blockquote"
    r"|br)\b"
)


def promises(root: Path) -> Iterator[tuple[str, str]]:
    """Each sentence of pages and of Python that says that somebody reads, sees, calls, answers or is told: (place, it).

    Readings and exercises are reviewed as pieces, and what they say of staff is tried by its own test.
    """
    for place, text in _pieces(root):
        for sentence in re.split(r"(?<=[.!?])\s+", re.sub(r"\s+", " ", text)):
            if " " in sentence.strip() and PROMISE.search(sentence):
                yield place, sentence.strip()


def _pieces(root: Path) -> Iterator[tuple[str, str]]:
    """What is read in one go: the text between two tags that begin or end a line, and each text of a module."""
    for template in templates(root):
        html = re.sub(r"<(?:script|svg).*?</(?:script|svg)>", " ", as_html(template.source), flags=re.S)
        for piece in re.split(BLOCK, html):
            yield template.name, re.sub(r"^[^<>]*>|<[^>]*>", " ", piece)
        for statement in re.findall(r"\{[{%].*?[%}]\}", template.source, re.S):
            yield from ((template.name, text) for text in _quoted(statement))
    for path in sorted((root / "portal").rglob("*.py")):
        name = str(path.relative_to(root))
        if "migrations" not in path.parts and not name.endswith(TO_OPERATORS):
            yield from ((name, text) for text in _strings(path.read_text(encoding="utf-8")))
