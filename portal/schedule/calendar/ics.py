"""Appointments as an iCalendar file (RFC 5545): discreet, and the same from one reading to the next."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from portal import clock
from portal.schedule.calendar import zone_rules
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
    if appointments:  # whole years, so that the zones in the file do not change from day to day
        first, last = (pick(a.time.start for a in appointments).year for pick in (min, max))
        for zone in sorted({appointment.time.zone for appointment in appointments}):
            calendar.add_component(zone_rules.spell_out(zone, first - 1, last + 1))
    for appointment in appointments:
        calendar.add_component(_event(appointment, host))
    return calendar.to_ical()


def _event(appointment: Appointment, host: str) -> "Event":
    from icalendar import Event

    begins, ends = appointment.time.local_start, appointment.time.local_end
    if any(clock.is_doubled(wall.replace(tzinfo=None), appointment.time.zone) for wall in (begins, ends)):
        # Of a doubled hour a file means the first pass, and some programs take it for the second.
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
