"""The report as a file: every value comes back as it was, and no cell is a formula."""

import csv
import io
from datetime import date, datetime

import pytest

from portal import spreadsheet
from portal.schedule.attendance.report import ReportLine, WeekReport, draw_table

MONDAY = date(2026, 11, 23)
MARKS = {"present": 3, "late": 1, "left_early": 0, "excused": 2, "missed": 1}


def line(name: str = "Ada Moreno", **other) -> ReportLine:
    return ReportLine(
        **{
            "name": name,
            "care": "Intensive outpatient",
            "target": 540,
            "attended": 455,
            "planned": 90,
            "marks": MARKS,
            "unmarked": 2,
            "services": (1, 0, 2, 0, 4, 0, 0),
        }
        | other
    )


def written(*lines: ReportLine) -> str:
    return spreadsheet.csv_text(*draw_table(WeekReport(MONDAY, datetime(2026, 11, 26, 12), (), lines, (), (), ())))


def read(*lines: ReportLine) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(*lines).removeprefix(spreadsheet.BYTE_ORDER_MARK), newline="")))


def test_a_person_is_a_line_with_everything_in_its_column():
    assert read(line()) == [
        {
            "Name": "Ada Moreno",
            "Level of care": "Intensive outpatient",
            "Target hours": "9",
            "Attended minutes": "455",
            "Planned minutes": "90",
            "Came": "3",
            "Came late": "1",
            "Left early": "0",
            "Excused": "2",
            "Missed": "1",
            "Not marked yet": "2",
            "Services Monday": "1",
            "Services Tuesday": "0",
            "Services Wednesday": "2",
            "Services Thursday": "0",
            "Services Friday": "4",
            "Services Saturday": "0",
            "Services Sunday": "0",
        }
    ]


def test_an_empty_week_is_a_line_of_names_alone():
    assert written().count("\r\n") == 1
    assert read() == []


def test_no_target_is_blank_and_a_target_of_zero_is_not():
    rows = read(line(target=None, care=None), line(target=0))
    assert [(row["Target hours"], row["Level of care"]) for row in rows] == [("", ""), ("0", "Intensive outpatient")]


@pytest.mark.parametrize("name", ["Moreno, Ada", 'Ada "Dee" Moreno', "Ada\nMoreno", "Añe O’Brien 李", "  Ada ", "a;b"])
def test_a_name_comes_back_as_it_was(name):
    assert read(line(name))[0]["Name"] == name


@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(name):
    [row] = read(line(name, care=name))
    assert (row["Name"], row["Level of care"]) == (f"'{name}", f"'{name}")


def test_lines_end_as_the_standard_says_and_only_the_mark_of_utf_8_stands_before_the_first():
    text = written(line(), line("Ben"))
    assert text.startswith("\ufeffName,") and text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == 3
