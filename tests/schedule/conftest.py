"""What the tests of the schedule share: the timetable."""

from tests.schedule.timetable import timetable as timetable
