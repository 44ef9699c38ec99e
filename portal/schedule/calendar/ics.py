"""Appointments as an iCalendar file (RFC 5545): discreet, and the same from one reading to the next."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from portal.schedule.calendar.appointments import Appointment

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Portal//Appointments//EN"  # stands in the file, and says nothing of what the portal is for
DESCRIPTION = "Sign in for details."
HOURLY = timedelta(hours=1)


def write(appointments: Sequence[Appointment], name: str, host: str) -> bytes:
    """The file that holds `appointments`, called `name` in a list of calendars; `host` makes their UIDs worldwide ones.

    The same appointments give the same bytes.
    """
    from icalendar import Calendar  # slow to import, and nothing else needs it

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", HOURLY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for appointment in appointments:
        calendar.add_component(_event(appointment, host))
    if appointments:  # whole years, so that the zones in the file do not change from day to day
        first, last = (pick(a.time.start for a in appointments).year for pick in (min, max))
        calendar.add_missing_timezones(first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1))
    return calendar.to_ical()


def _event(appointment: Appointment, host: str) -> "Event":
    from icalendar import Event

    begins, ends = appointment.time.local_start, appointment.time.local_end
    if ends.fold:
        # A file can only mean the first pass of a doubled hour, and programs add the length to the wall time.
        begins, ends = begins.astimezone(UTC), ends.astimezone(UTC)
    event = Event()
    event.add("uid", f"{appointment.key}@{host}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("last-modified", appointment.changed_at)
    event.add("dtstart", begins)
    event.add("dtend", ends)
    # In words too: not every calendar shows what the status says.
    off = appointment.status == "cancelled"
    event.add("summary", f"Cancelled: {appointment.title}" if off else appointment.title)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    if appointment.room:
        event.add("location", appointment.room)
    event.add("description", DESCRIPTION)
    event.add("class", "PRIVATE")
    return event
