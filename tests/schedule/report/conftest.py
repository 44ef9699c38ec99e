"""The report's own fixture: the timetable."""

from tests.schedule.timetable import timetable  # noqa: F401
