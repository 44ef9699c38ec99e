"""The table of OWASP ASVS 5.0.0 in SECURITY.md: python -m tests.asvs.table writes it from the tests' own markers."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from tests.house.source import ROOT, dotted

BEGIN, END = "<!-- asvs -->", "<!-- /asvs -->"
MARKER = "mark.asvs"
PENDING, NOT_MET = "pending", "Not met"
SHOWN = 3  # so many tests of one requirement are named
VERDICTS = ("by a test", "by a reason", "not met", "pending")
CHAPTERS = (
    "Encoding and sanitization",
    "Validation and business logic",
    "Web frontend",
    "API and web service",
    "File handling",
    "Authentication",
    "Session management",
    "Authorization",
    "Self-contained tokens",
    "OAuth and OpenID Connect",
    "Cryptography",
    "Secure communication",
    "Configuration",
    "Data protection",
    "Secure coding and architecture",
    "Logging and error handling",
    "WebRTC",
)


@dataclass(frozen=True)
class Requirement:
    """One requirement, with the tests that carry its id: "people/test_sign_in.py::test_x", below tests/."""

    id: str
    level: int
    about: str
    reason: str = ""
    tests: tuple[str, ...] = ()

    @property
    def chapter(self) -> int:
        return int(self.id.split(".")[0])

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(map(int, self.id.split(".")))

    @property
    def verdict(self) -> str:
        """One of VERDICTS; "" for a requirement with neither a test nor a reason."""
        if self.reason.startswith(NOT_MET):
            return "not met"
        if self.tests:
            return "by a test"
        return "pending" if self.reason == PENDING else "by a reason" if self.reason else ""

    @property
    def shown(self) -> str:
        """The last cell of its row: tests first, and then a reason that says more."""
        more = len(self.tests) - SHOWN
        names = ", ".join(f"`{test}`" for test in self.tests[:SHOWN]) + (f" + {more}" if more > 0 else "")
        said = "" if self.reason == PENDING and self.tests else self.reason
        return ". ".join(filter(None, [names, said])).replace("|", "\\|")


@dataclass(frozen=True)
class Markers:
    """What the markers under a tests folder say: (id, test) pairs in the order of the files, and what is unread."""

    pairs: list[tuple[str, str]]
    unread: list[str]


def markers(root: Path) -> Markers:
    """Read `@pytest.mark.asvs("6.2.1")` on tests and their classes, and `pytestmark` of modules; import nothing."""
    files = [
        _in_file(path.relative_to(root / "tests").as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((root / "tests").rglob("*.py"))
    ]
    return Markers([pair for one in files for pair in one.pairs], [place for one in files for place in one.unread])


@cache
def _in_file(name: str, text: str) -> Markers:
    tree, pairs, read = ast.parse(text), [], set()
    for test, expression in _marked(tree, name) if Path(name).name.startswith("test_") else ():
        ids = _ids(expression)
        if ids:
            pairs += [(one, test) for one in ids]
            read.add(expression.func)
    stray = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and dotted(node).endswith(MARKER)]
    return Markers(pairs, [f"tests/{name}:{node.lineno}" for node in stray if node not in read])


def _marked(tree: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Every expression that may be a marker, with the test it stands on; a module's own stands for its file."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [dotted(target) for target in node.targets] == ["pytestmark"]:
            held = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            yield from ((name, expression) for expression in held)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from ((f"{name}::{node.name}", expression) for expression in node.decorator_list)
            yield from _marked(node, f"{name}::{node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield from ((f"{name}::{node.name}", expression) for expression in node.decorator_list)


def _ids(expression: ast.expr) -> list[str]:
    """The ids of a marker; none for another expression, and for a marker that does not spell them out."""
    if not (isinstance(expression, ast.Call) and dotted(expression.func).endswith(MARKER)) or expression.keywords:
        return []
    ids = [argument.value if isinstance(argument, ast.Constant) else None for argument in expression.args]
    return [] if None in ids else [str(one) for one in ids]


def requirements(root: Path) -> list[Requirement]:
    """The requirements of `root`/tests/asvs/requirements.toml, each with its tests."""
    held = tomllib.loads((root / "tests" / "asvs" / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
    tests: dict[str, dict[str, None]] = {}
    for one, test in markers(root).pairs:
        tests.setdefault(one, {})[test] = None
    return [Requirement(**values, tests=tuple(tests.get(values["id"], ()))) for values in held]


def unread_markers(root: Path) -> list[str]:
    """Markers that the table cannot see: on no test, in a variable, or with an id that is not spelled out."""
    return [f"{place} holds a marker that the table does not read" for place in markers(root).unread]


def unknown_ids(root: Path) -> list[str]:
    known = {one.id for one in requirements(root)}
    return [
        f"{test} names {one}, which is no requirement here" for one, test in markers(root).pairs if one not in known
    ]


def unanswered(root: Path) -> list[str]:
    return [f"{one.id} has neither a test nor a reason" for one in requirements(root) if not one.verdict]


def contradicted(root: Path) -> list[str]:
    """Requirements that have a test and are said not to be met, or to wait for one."""
    return [
        f"{one.id} has {one.tests[0]}: take its reason {one.reason!r} out, or the marker"
        for one in requirements(root)
        if one.tests and (one.reason == PENDING or one.reason.startswith(NOT_MET))
    ]


def badly_written(root: Path) -> list[str]:
    """Requirements out of order or twice, described in more than ten words, or with a reason that is no sentence."""
    found = requirements(root)
    faults = [f"{after.id} after {before.id}" for before, after in pairwise(found) if before.order >= after.order]
    faults += [f"{one.id} is described in more than ten words" for one in found if len(one.about.split()) > 10]
    return faults + [
        f"the reason of {one.id} is no sentence"
        for one in found
        if one.reason not in ("", PENDING) and not one.reason.endswith(".")
    ]


def counts(found: list[Requirement]) -> str:
    """How many of each level are met, and how, on one line."""
    said = []
    for level in (1, 2, 3):
        verdicts = Counter(one.verdict for one in found if one.level == level)
        parts = [f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS if verdicts[verdict] or verdict != "pending"]
        said.append(f"L{level}{' (chosen)' if level == 3 else ''}, {verdicts.total()}: {', '.join(parts)}.")
    return " ".join(said)


def table(root: Path) -> str:
    """What stands between the two marks of SECURITY.md."""
    found = requirements(root)
    lines = ["", counts(found)]
    for number, chapter in enumerate(CHAPTERS, 1):
        lines += ["", f"### V{number} {chapter}", "", "| | level | what it asks | what shows it |", "|---|---|---|---|"]
        lines += [f"| {one.id} | L{one.level} | {one.about} | {one.shown} |" for one in found if one.chapter == number]
    return "\n".join([*lines, "", ""])


def split(text: str) -> tuple[str, str, str]:
    """`text` up to the first mark, what stands between the marks, and the rest; ValueError without them."""
    head, _, rest = text.partition(BEGIN)
    between, mark, tail = rest.partition(END)
    if not mark:
        raise ValueError(f"SECURITY.md has no {BEGIN} before an {END}")
    return head + BEGIN, between, END + tail


def stale(root: Path) -> list[str]:
    """The lines in which SECURITY.md is not what would be written now."""
    _, held, _ = split((root / "SECURITY.md").read_text(encoding="utf-8"))
    if held == table(root):
        return []
    old, new = held.splitlines(), table(root).splitlines()
    faults = [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]
    return faults or ["the lines stand in another order"]


def main() -> None:
    document = ROOT / "SECURITY.md"
    new = table(ROOT)
    head, _, tail = split(document.read_text(encoding="utf-8"))
    document.write_text(head + new + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
