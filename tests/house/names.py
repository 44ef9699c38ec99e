"""House rules about names: of functions, classes and modules, and how docstrings open. As tests/house/source.py."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.house.source import architecture, modules

QUESTIONS = {"What", "Who", "Whom", "Whose", "Which", "Where", "When", "Why", "How"}
MOST_HOMES = 2  # modules in which one class name may stand


def never_bare() -> set[str]:
    """The words that ARCHITECTURE.md's glossary splits, in the singular."""
    table = architecture().partition("| never bare |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return {word.strip() for cell in cells for word in cell.split(",")}


def bare_words(root: Path) -> list[str]:
    """Modules, classes and functions of a module, private ones aside, that are called by a split word and no more."""
    split, faults = never_bare(), []
    for module in modules(root):
        top = [node for node in module.tree.body if isinstance(node, ast.FunctionDef)]
        named = [(module.tree, module.name.rpartition(".")[2]), *((node, node.name) for node in top)]
        named += [(node, node.name) for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
        faults += [f"{module.at(node)} {name}" for node, name in named if _singular(name.lower()) in split]
    return faults


def _singular(name: str) -> str:
    return re.sub("ies$", "y", name).removesuffix("s")


def crowded_class_names(root: Path) -> list[str]:
    """Class names that stand in more modules than a reader can tell apart."""
    homes: dict[str, set[str]] = defaultdict(set)
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].add(module.name)
    return [f"{name}: {', '.join(sorted(where))}" for name, where in homes.items() if len(where) > MOST_HOMES]


def questions_for_a_line(root: Path) -> list[str]:
    """Modules, classes and functions whose docstring opens with a question word and not with a statement."""
    return [
        f"{module.at(node)} {text.splitlines()[0]}"
        for module in modules(root)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and (text := ast.get_docstring(node))
        and re.split(r"\W", text, maxsplit=1)[0] in QUESTIONS
    ]


def filled_by_position(root: Path) -> list[str]:
    """Values made of a row in the order of its columns, `Shape(*row)`: a swap of two texts would be silent."""
    return [
        f"{module.at(node)} {node.func.id}(*...)"
        for module in modules(root)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id[:1].isupper()
        and any(isinstance(argument, ast.Starred) for argument in node.args)
    ]
