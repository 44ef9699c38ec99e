"""A table as a file for spreadsheets: RFC 4180, in UTF-8 with its byte order mark, and no text in it is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Response

from portal import clock

BYTE_ORDER_MARK = "\ufeff"  # without it the most used spreadsheet takes every letter beyond ASCII for two others
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")  # what begins so, a spreadsheet would reckon out

Cell = str | int | float | None


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The whole file: a line of names, then the rows, each line ended by CR LF; None is an empty cell."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([plain(name) for name in head])
    writer.writerows([plain(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return BYTE_ORDER_MARK + file.getvalue()


def plain(text: str) -> str:
    """The text so that a spreadsheet takes it for text: with a quote before what would be a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def moment(instant: datetime, zone: str) -> str:
    """An instant on the clock of `zone`, as spreadsheets read it; in an hour that comes twice also which one it is.

    "2026-11-01 01:30-04:00" is the first half past one of that night, and "2026-11-01 01:30-05:00" the second.
    """
    wall = clock.local(instant, zone)
    plain_wall = wall.replace(tzinfo=None, fold=0)
    return (wall if clock.is_doubled(plain_wall, zone) else plain_wall).isoformat(sep=" ", timespec="minutes")


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The file as an answer that is saved under `name`, which says nothing of anybody."""
    answer = Response(csv_text(head, rows), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer
