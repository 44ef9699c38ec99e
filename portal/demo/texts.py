"""The texts of the demo clinic, all invented: the files of texts/, read once and checked at start."""

from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from frontmatter import YAMLHandler
from yaml import YAMLError

from portal import content
from portal.content import ContentError

FOLDER = Path(__file__).with_name("texts")
Entry = TypeVar("Entry")


def read(name: str, kind: type[Entry]) -> dict[str, Entry]:
    """The entries of the file texts/`name`.yaml, each a `kind`: a frozen dataclass, a list of texts, or a text.

    Raises ContentError, which names the file, for one that does not fit.
    """
    path = FOLDER / f"{name}.yaml"
    try:
        entries = YAMLHandler().load(path.read_text(encoding="utf-8"))
        return {key: _entry(kind, entry) for key, entry in entries.items()}
    except (ValueError, AttributeError, YAMLError) as error:
        raise ContentError(f"demo/texts/{path.name}: {error}") from error


def _entry(kind: type[Entry], entry: Any) -> Entry:
    if is_dataclass(kind):
        return content.record(kind, entry)
    if not isinstance(entry, kind):
        raise ValueError(f"{entry!r} should be a {kind.__name__}")
    return entry
