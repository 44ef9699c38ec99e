"""Today's own fixture: the timetable of the schedule's tests."""

from tests.schedule.timetable import timetable as timetable
