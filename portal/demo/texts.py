"""The texts of the demo clinic, all invented: the files of texts/, read once into records and checked at start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from frontmatter import YAMLHandler

from portal import content
from portal.content import ContentError, Record

FOLDER = Path(__file__).with_name("texts")
Made = TypeVar("Made")


def read(name: str, kind: type[Record]) -> Record:
    """The file texts/`name`.yaml as one `kind`; raises ContentError where it does not fit."""
    return _build(name, lambda values: content.record(kind, values))


def read_each(name: str, kind: type[Record]) -> dict[str, Record]:
    """The entries of the file texts/`name`.yaml, each as a `kind`; raises ContentError where one does not fit."""
    return _build(name, lambda values: {key: content.record(kind, entry) for key, entry in values.items()})


def _build(name: str, build: Callable[[dict[str, Any]], Made]) -> Made:
    path = FOLDER / f"{name}.yaml"
    try:
        return build(YAMLHandler().load(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ContentError(f"demo/texts/{path.name}: {error}") from error
