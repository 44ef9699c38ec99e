"""What the tests of the list of people share: the timetable."""

from tests.schedule.timetable import timetable as timetable
