"""Content as files: Markdown with front matter, loaded once into frozen records and checked at start."""

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

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


def record(kind: type[Record], values: dict[str, Any]) -> Record:
    """`values` as a frozen dataclass `kind`: an unknown, missing or mistyped field raises ValueError.

    Lists become tuples. Plain types (str, int, bool, date) are checked against the dataclass's annotations.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(values) - set(fields)):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    needed = [
        n for n, f in fields.items() if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing := sorted(set(needed) - set(values)):
        raise ValueError(f"missing field {', '.join(missing)}")
    for name, value in values.items():
        wanted = fields[name].type
        if wanted in (str, int, bool, date) and type(value) is not wanted:
            raise ValueError(f"{name} should be {wanted.__name__}, not {value!r}")
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})
