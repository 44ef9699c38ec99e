"""The report as a file for spreadsheets: RFC 4180, in UTF-8, with a line for each participant."""

import csv
import io

from portal.schedule.models import ATTENDANCE
from portal.schedule.report import Line, Report

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")  # what begins so, a spreadsheet would reckon out
COLUMNS = (
    "Name",
    "Level of care",
    "Target hours",
    "Attended minutes",
    "Planned minutes",
    *ATTENDANCE.values(),
    "Not marked yet",
)


def written(report: Report) -> str:
    """The whole file: a line of names, then a line for each participant, each ended by CR LF."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *(f"Services {day:%A}" for day in report.days)])
    writer.writerows(_cells(line) for line in report.lines)
    return file.getvalue()


def _cells(line: Line) -> list[str | int]:
    return [
        plain(line.name),
        plain(line.care or ""),
        "" if line.target is None else line.target // 60,
        line.attended,
        line.planned,
        *line.marks.values(),
        line.unmarked,
        *line.services,
    ]


def plain(text: str) -> str:
    """The text so that a spreadsheet takes it for text: with a quote before what would be a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text
