"""Sealed text for rows that a test makes before there is an app context: with the keys of every test's portal."""

import json
from typing import Any

from portal import seal
from portal.seal.keys import read_keys
from tests.conftest import SEAL_KEYS


def sealed(column: Any, text: Any, *row: Any) -> bytes:
    """`text` (anything but a text as JSON) as the sealed `column` of the row that `row` names keeps it."""
    place = seal.place_of(column.class_.__tablename__, column.key, *row)
    return read_keys(SEAL_KEYS).close(place, text if isinstance(text, str) else json.dumps(text))
