"""The report as a table for spreadsheets, with a line for each participant."""

from collections.abc import Iterator

from portal.schedule.attendance.report import ReportLine, WeekReport
from portal.schedule.models import ATTENDANCE
from portal.spreadsheet import Cell

COLUMNS = (
    "Name",
    "Level of care",
    "Target hours",
    "Attended minutes",
    "Planned minutes",
    *ATTENDANCE.values(),
    "Not marked yet",
)


def draw_table(report: WeekReport) -> tuple[list[str], Iterator[list[Cell]]]:
    """The names of the columns, and a row for each participant."""
    return [*COLUMNS, *(f"Services {day:%A}" for day in report.days)], (_cells(line) for line in report.lines)


def _cells(line: ReportLine) -> list[Cell]:
    return [
        line.name,
        line.care or "",
        "" if line.target is None else line.target // 60,
        line.attended,
        line.planned,
        *line.marks.values(),
        line.unmarked,
        *line.services,
    ]
