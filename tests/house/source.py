"""House rules about Python: each function takes a source tree and says in words what breaks the rule."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "base", "manager", "extensions", "misc"}
WALL_CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("time", "ctime"),
    ("func", "now"),
    ("func", "current_timestamp"),
    ("func", "current_date"),
}
COPIED = {"portal.clock": {"now"}, "time": {"time", "time_ns"}}  # a copy is out of a frozen clock's reach
CALLED_BY_A_LIBRARY = {"get_id", "get_expiry"}  # names that Flask-Login and limits ask for
LONGEST_VIEW = 16  # lines, below the docstring
LONGEST_FILE = 350
MOST_COMPLEX = 15  # cognitive complexity, as complexipy counts it


@dataclass(frozen=True)
class Module:
    path: Path
    name: str  # below portal: "people.views"; "" is the factory

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def top(self) -> str:
        return self.name.split(".")[0]

    def at(self, node: ast.AST) -> str:
        return f"{self.name.replace('.', '/') or '__init__'}.py:{getattr(node, 'lineno', 1)}"


def modules(root: Path) -> Iterator[Module]:
    """Every module of `root`/portal but the schema's own history."""
    portal = root / "portal"
    for path in sorted(portal.rglob("*.py")):
        parts = path.relative_to(portal).with_suffix("").parts
        if parts[0] != "migrations":
            yield Module(path, ".".join(part for part in parts if part != "__init__"))


def views(root: Path) -> Iterator[tuple[Module, ast.FunctionDef, str]]:
    """Every view function of the features, with what its first route decorator is called ("get", "post")."""
    for module in modules(root):
        if module.path.name != "views.py":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    call = decorator.func if isinstance(decorator, ast.Call) else None
                    if isinstance(call, ast.Attribute) and dotted(call.value) == "blueprint":
                        yield module, node, call.attr
                        break


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(node: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            yield inner, dotted(inner.func)


def architecture() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def tiers() -> list[set[str]]:
    """The packages of each line of ARCHITECTURE.md's imports: one knows those of its own line and of those above."""
    block = architecture().partition("```imports\n")[2].partition("```")[0]
    lines = [set(line.split()) for line in block.splitlines()]
    return [*lines[:-1], lines[-1] | {""}]  # the factory may know everything


def rooms_off_the_map(root: Path) -> list[str]:
    """Packages and modules at portal's top that are missing on ARCHITECTURE.md's map, or in its imports."""
    mapped = {name.rstrip("/") for name in re.findall(r"^\| `([a-z_]+/?)` \|", architecture(), re.MULTILINE)}
    placed = set().union(*tiers())
    tops = {module.top for module in modules(root)} - {""}
    return sorted(tops - mapped | tops - placed)


def reads_the_clock(root: Path) -> list[str]:
    faults = []
    for module in modules(root):
        if module.name == "clock":
            continue
        for call, name in calls(module.tree):
            if tuple(name.split(".")[-2:]) in WALL_CLOCK:
                faults.append(f"{module.at(call)} calls {name}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and _names(node) & COPIED.get(node.module, set()):
                faults.append(f"{module.at(node)} copies {node.module}'s clock")
    return faults


def _names(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def _imported(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """The first name below portal of everything that `module` imports from it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "portal":
            yield from ((node, name) for name in _names(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal."):
            yield node, node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from ((node, name.split(".")[1]) for name in _names(node) if name.startswith("portal."))
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield node, "a relative address"


@cache
def _ranks() -> dict[str, int]:
    return {name: number for number, tier in enumerate(tiers()) for name in tier}


def may_import(importer: str, imported: str) -> bool:
    """Whether the package `importer` may know the package `imported`."""
    return _ranks().get(imported, len(_ranks())) <= _ranks().get(importer, -1)


def circles(root: Path) -> list[str]:
    """The first circle of packages and the first circle of modules, if there is one; the factory stands above both."""
    names = {module.name for module in modules(root)} - {""}
    packages: dict[str, set[str]] = {}
    files: dict[str, set[str]] = {}
    for module in (module for module in modules(root) if module.name):
        for name in _imported_names(module):
            target = name if name in names else name.rpartition(".")[0]
            packages.setdefault(module.top, set()).update({target.split(".")[0]} - {module.top, ""})
            if (
                target in names
                and not target.startswith(f"{module.name}.")
                and not module.name.startswith(f"{target}.")
            ):
                files.setdefault(module.name, set()).add(target)
    return [circle for graph in (packages, files) if (circle := _circle(graph))]


def _imported_names(module: Module) -> Iterator[str]:
    """All that `module` imports from the portal, as names below it: "people.models.Account"."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "portal":
            yield from (f"{node.module}.{name}".partition(".")[2] for name in _names(node))


def _circle(graph: dict[str, set[str]]) -> str:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1])
    return ""


def imports_against_the_stream(root: Path) -> list[str]:
    return [
        f"{module.at(node)}: {module.top or 'the factory'} imports {imported}"
        for module in modules(root)
        for node, imported in _imported(module)
        if not may_import(module.top, imported)
    ]


def forbidden_names(root: Path) -> list[str]:
    paths = [*(root / "portal").rglob("*"), *(root / "tests").rglob("*")]
    return [str(path.relative_to(root)) for path in sorted(paths) if path.stem.strip("_") in FORBIDDEN_NAMES]


def long_files(root: Path) -> list[str]:
    return [
        f"{module.at(module.tree)} has {length} lines"
        for module in modules(root)
        if (length := len(module.path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]


def modules_without_a_line(root: Path) -> list[str]:
    return [
        f"{module.at(module.tree)} does not say what it is"
        for module in modules(root)
        if module.tree.body and not ast.get_docstring(module.tree)
    ]


def getters(root: Path) -> list[str]:
    return [
        f"{module.at(node)} {node.name}"
        for module in modules(root)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("get_") and node.name not in CALLED_BY_A_LIBRARY
    ]


def views_that_query(root: Path) -> list[str]:
    faults = []
    for module in modules(root):
        if module.path.name != "views.py":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                source = getattr(node, "module", None) or " ".join(_names(node))
                if source.startswith("sqlalchemy"):
                    faults.append(f"{module.at(node)} imports from {source}")
            elif isinstance(node, ast.Attribute) and dotted(node).startswith("db."):
                if dotted(node) not in ("db.session", "db.session.commit"):
                    faults.append(f"{module.at(node)} uses {dotted(node)}")
            elif isinstance(node, ast.Name) and node.id in ("select", "insert", "update", "delete", "text"):
                faults.append(f"{module.at(node)} builds a query with {node.id}")
    return faults


def long_views(root: Path) -> list[str]:
    faults = []
    for module, view, _ in views(root):
        body = view.body[1:] if ast.get_docstring(view) else view.body
        if (length := view.end_lineno - body[0].lineno + 1) > LONGEST_VIEW:
            faults.append(f"{module.at(view)} {view.name} has {length} lines")
    return faults


def tangled_functions(root: Path) -> list[str]:
    """Functions that hold more decisions than a reader can; asks complexipy."""
    from complexipy import file_complexity

    return [
        f"{module.name} {function.name}: {function.complexity}"
        for module in modules(root)
        for function in file_complexity(str(module.path)).functions
        if function.complexity > MOST_COMPLEX
    ]


def commits_below_the_views(root: Path) -> list[str]:
    allowed = tiers()[-1] | {"seal"}  # which keeps a new database's secrets when the portal starts
    return [
        f"{module.at(call)} commits"
        for module in modules(root)
        if module.path.name not in ("views.py", "commands.py", "guard.py") and module.top not in allowed
        for call, name in calls(module.tree)
        if name.endswith("session.commit")
    ]


def readers_that_write(root: Path) -> list[str]:
    """GET views that commit without an audit row: the only thing that reading may add."""
    faults = []
    for module, view, verb in views(root):
        names = {name for _, name in calls(view)}
        if verb == "get" and "db.session.commit" in names and "audit.record" not in names:
            faults.append(f"{module.at(view)} {view.name}")
    return faults


def tables_on_today(root: Path) -> list[str]:
    """Places in today/ that name a feature's tables, and not what the feature offers for the day."""
    return [
        f"{module.at(node)} names tables"
        for module in modules(root)
        if module.top == "today"
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.ImportFrom) and ("models" in _names(node) or (node.module or "").endswith(".models")))
        or (isinstance(node, ast.Attribute) and node.attr == "__table__")
    ]
