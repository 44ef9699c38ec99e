"""Content as files: Markdown with front matter, loaded once into frozen records and checked at start."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import frontmatter
import yaml
from markdown_it import MarkdownIt

Record = TypeVar("Record")

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})


class ContentError(RuntimeError):
    """A content file that cannot be served; the message names the file and says why."""


def html(markdown: str) -> str:
    """Markdown as HTML. Raw HTML in the source is shown as text, never passed on."""
    return _markdown.render(markdown)


def load(folder: Path, build: Callable[[str, dict[str, Any], str], Record]) -> dict[str, Record]:
    """Every *.md file of `folder` as {slug: record}; the file's name is its slug and so its address.

    `build(slug, front_matter, body)` returns the frozen record and may raise ValueError, TypeError or KeyError;
    whatever it raises stops the start as a ContentError that names the file.
    """
    records = {}
    for path in sorted(folder.glob("*.md")):
        try:
            page = frontmatter.loads(path.read_text(encoding="utf-8"))
            records[path.stem] = build(path.stem, dict(page.metadata), page.content.strip())
        except (ValueError, TypeError, KeyError, yaml.YAMLError) as error:
            raise ContentError(f"{folder.name}/{path.name}: {error}") from error
    return records


def record(kind: type[Record], values: Mapping[str, Any], **own: Any) -> Record:
    """`values` as a frozen dataclass `kind`: an unknown, missing or mistyped field raises ValueError.

    Lists become tuples, and what a field takes that is a dataclass itself is made in the same way. Plain types (str,
    int, bool, date) are checked against the dataclass's annotations. `own` are fields that no file may give.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{values!r} has no fields")
    fields, kinds = {field.name: field for field in dataclasses.fields(kind)}, get_type_hints(kind)  # type: ignore[arg-type]
    if unknown := sorted(set(values) - set(fields) | set(values) & set(own)):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    without = dataclasses.MISSING
    needed = {name for name, field in fields.items() if field.default is field.default_factory is without}
    if missing := sorted(needed - set(values) - set(own)):
        raise ValueError(f"missing field {', '.join(missing)}")
    return kind(**{name: _value(kinds[name], value, name) for name, value in values.items()}, **own)


def _value(wanted: Any, value: Any, name: str) -> Any:
    """The value that a file gives for the field called `name`, as its annotation `wanted` has it."""
    kinds = get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
    if value is None and NoneType in kinds:
        return None
    kind = kinds[0]
    if dataclasses.is_dataclass(kind):
        try:
            return record(kind, value)  # type: ignore[arg-type]
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} should be a list, not {value!r}")
        inner, one = get_args(kind)[0], name.removesuffix("s")
        return tuple(_value(inner, each, f"{one} {number}") for number, each in enumerate(value, 1))
    if kind in (str, int, bool, date) and type(value) is not kind:
        raise ValueError(f"{name} should be {kind.__name__}, not {value!r}")
    return value


Rules = Mapping[str, Callable[[Any], Any]]


def check(thing: Any, rules: Rules, where: str = "") -> None:
    """Raise ValueError, in its words after `where`, for the first of these rules that `thing` does not keep.

    The words say what is wrong and may name a part of the thing, as "{0.low} is no number"; the function is true of
    what keeps the rule, and is asked only of what keeps those before it.
    """
    for words, keeps in rules.items():
        if not keeps(thing):
            raise ValueError(where + words.format(thing))


def once(what: str, names: Sequence[str | int]) -> None:
    """Raise ValueError for a name that stands twice among these names of a `what`."""
    if doubled := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ValueError(f"the same {what} twice: {', '.join(doubled)}")
