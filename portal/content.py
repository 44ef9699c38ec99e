"""Content as files: Markdown with front matter, loaded once into frozen records and checked at start."""

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt

Record = TypeVar("Record")

TOPICS = {  # of readings and exercises, in the order in which they are shown
    "start": "Getting started",
    "urges": "Urges and cravings",
    "calm": "Calm and sleep",
    "thoughts": "Thoughts and moods",
    "fears": "Facing fears",
    "people": "Other people",
    "days": "Days and plans",
}
ABOVE = 2  # the line of dashes above the front matter, and lines are counted from 1

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})


class ContentError(RuntimeError):
    """A content file that cannot be served; the message names the file and says why."""


class ContentFault(ValueError):
    """A mistake in a content file, and the line of the file in which it stands; 0 where that is not known."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


class _Mapping(dict[Hashable, Any]):
    """A mapping of a file that knows its line, and those of its keys."""

    line: int = 0
    lines: Mapping[Hashable, int] = {}


class _Loader(yaml.SafeLoader):
    """YAML whose mappings know their lines, and in which no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> _Mapping:
        made = _Mapping()
        made.line, made.lines = node.start_mark.line + ABOVE, {}
        for name, value in node.value:
            key, line = self.construct_object(name, deep=True), name.start_mark.line + ABOVE
            if not isinstance(key, Hashable):
                raise ContentFault(f"{key!r} cannot be a name", line)
            if key in made:
                raise ContentFault(f"{key} stands twice", line)
            made[key], made.lines[key] = self._value(value, line), line
        return made

    def _value(self, node: yaml.Node, line: int) -> Any:
        try:
            return self.construct_object(node, deep=True)
        except ContentFault:
            raise
        except ValueError as error:  # a day that no month has
            raise ContentFault(str(error), line) from error


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_mapping)


def html(markdown: str) -> str:
    """Markdown as HTML. Raw HTML in the source is shown as text, never passed on."""
    return _markdown.render(markdown)


def load(folder: Path, build: Callable[[str, dict[str, Any], str], Record]) -> dict[str, Record]:
    """Every *.md file of `folder` as {slug: record}; the file's name is its slug and so its address.

    `build(slug, front_matter, body)` returns the frozen record and may raise ValueError, TypeError or KeyError;
    whatever it raises stops the start as a ContentError that names the file and the line: the first for what is wrong
    with the file as a whole.
    """
    records = {}
    for path in sorted(folder.glob("*.md")):
        try:
            front, body = front_matter(path.read_text(encoding="utf-8"))
            records[path.stem] = build(path.stem, front, body)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            line = getattr(error, "line", 0) or 1
            raise ContentError(f"{folder.name}/{path.name}: line {line}: {error}") from error
    return records


def front_matter(text: str) -> tuple[dict[Any, Any], str]:
    """The front matter of a content file, and the text below it; raises ContentFault."""
    handler = YAMLHandler()
    if not handler.detect(text):
        raise ContentFault("should begin with front matter between two lines of ---", 1)
    front, body = handler.split(text)
    try:
        front = yaml.load(front, Loader=_Loader)  # noqa: S506  # it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ContentFault(error.problem or str(error), mark.line + ABOVE if mark else 0) from error
    except yaml.reader.ReaderError as error:
        raise ContentFault(
            "has a character that cannot be shown", front[: error.position].count("\n") + ABOVE
        ) from error
    except yaml.YAMLError as error:
        raise ContentFault(str(error), 1) from error
    if not isinstance(front, _Mapping):
        raise ContentFault("should begin with fields, each as name: value", 1)
    return front, body.strip()


def title(folder: Path, slug: str, kind: str) -> str:
    """The title of the file of `folder` at this address; raises ValueError, with `kind`, where there is none."""
    path = folder / f"{slug}.md"
    if not path.exists():
        raise ValueError(f"no {kind} is called {slug!r}")
    return str(front_matter(path.read_text(encoding="utf-8"))[0]["title"])


def record(kind: type[Record], values: Mapping[str, Any], **own: Any) -> Record:
    """`values` as a frozen dataclass `kind`: an unknown, missing or mistyped field raises ContentFault.

    Lists become tuples, and what a field takes that is a dataclass itself is made in the same way. Plain types (str,
    int, bool, date) are checked against the dataclass's annotations. `own` are fields that no file may give. A `line`
    of the dataclass is the one that it begins with in its file.
    """
    if not isinstance(values, Mapping):
        raise ContentFault(f"{values!r} has no fields")
    line, lines = getattr(values, "line", 0), getattr(values, "lines", {})
    fields, kinds = {field.name: field for field in dataclasses.fields(kind)}, get_type_hints(kind)  # type: ignore[arg-type]
    own = {**own, "line": line} if "line" in fields else own
    if unknown := sorted(set(values) - set(fields) | set(values) & set(own)):
        raise ContentFault(f"unknown field {', '.join(unknown)}", lines.get(unknown[0], line))
    without = dataclasses.MISSING
    needed = {name for name, field in fields.items() if field.default is field.default_factory is without}
    if missing := sorted(needed - set(values) - set(own)):
        raise ContentFault(f"missing field {', '.join(missing)}", line)
    made = {}
    for name, value in values.items():
        try:
            made[name] = _value(kinds[name], value, name)
        except ContentFault as fault:
            raise ContentFault(str(fault), fault.line or lines.get(name, line)) from fault
    return kind(**made, **own)


def without(values: Mapping[Any, Any], name: str) -> Mapping[Any, Any]:
    """The fields of a file but the one called `name`; their lines stay known."""
    rest = _Mapping({key: value for key, value in values.items() if key != name})
    rest.line, rest.lines = getattr(values, "line", 0), getattr(values, "lines", {})
    return rest


def _value(wanted: Any, value: Any, name: str) -> Any:
    """The value that a file gives for the field called `name`, as its annotation `wanted` has it."""
    kinds = get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
    if value is None and NoneType in kinds:
        return None
    kind = kinds[0]
    if dataclasses.is_dataclass(kind):
        try:
            return record(kind, value)  # type: ignore[arg-type]
        except ContentFault as fault:
            raise ContentFault(f"{name}: {fault}", fault.line) from fault
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ContentFault(f"{name} should be a list, not {value!r}")
        inner, one = get_args(kind)[0], name.removesuffix("s")
        return tuple(_value(inner, each, f"{one} {number}") for number, each in enumerate(value, 1))
    if kind in (str, int, bool, date) and type(value) is not kind:
        raise ContentFault(f"{name} should be {kind.__name__}, not {value!r}")
    return value


Rules = Mapping[str, Callable[[Any], Any]]


def check(thing: Any, rules: Rules, where: str = "") -> None:
    """Raise ContentFault, in its words after `where`, for the first of these rules that `thing` does not keep.

    The words say what is wrong and may name a part of the thing, as "{0.low} is no number"; the function is true of
    what keeps the rule, and is asked only of what keeps those before it.
    """
    for words, keeps in rules.items():
        if not keeps(thing):
            raise ContentFault(where + words.format(thing), getattr(thing, "line", 0))


def once(what: str, names: Sequence[str | int]) -> None:
    """Raise ValueError for a name that stands twice among these names of a `what`."""
    if doubled := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ValueError(f"the same {what} twice: {', '.join(doubled)}")
