"""Times as a calendar file writes them: with a zone, in UTC, or with neither; days; and how long something lasts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal import clock
from portal.schedule.calendar.importing.components import Component, Property, Unreadable
from portal.schedule.calendar.importing.zones import Zones


@dataclass(frozen=True, slots=True)
class Times:
    """Reads the times of one file. `zone` is that of times in UTC, and of those that name none."""

    zones: Zones
    zone: str

    def zone_of(self, prop: Property) -> str:
        """The IANA zone that a time is meant in; raises Unreadable, naming one that nobody knows."""
        return self.zone if self.is_utc(prop) else self._named(prop)

    def _named(self, prop: Property) -> str:
        if "TZID" not in prop.parameters:
            return self.zone
        try:
            return self.zones.named(prop.parameters["TZID"])
        except ValueError as error:
            raise Unreadable(prop.line, str(error)) from None

    def is_utc(self, prop: Property) -> bool:
        """Whether a time is written in UTC."""
        return prop.value.strip().upper().endswith("Z") or ("TZID" in prop.parameters and self._named(prop) == "UTC")

    def wall(self, prop: Property, zone: str, value: str | None = None) -> datetime:
        """A time as the clocks of `zone` show it, without seconds."""
        moment, own = self.moment(prop, value), self.zone_of(prop)
        try:
            instant = moment if moment.tzinfo else clock.at_wall(moment, own)
            wall = moment if moment.tzinfo is None and own == zone else clock.local(instant, zone)
        except (ValueError, OverflowError) as error:
            said = str(error) if isinstance(error, clock.SkippedHour) else f"{prop.value[:40]!r} is not a time"
            raise Unreadable(prop.line, f"{said}.") from None
        return wall.replace(tzinfo=None, second=0, microsecond=0, fold=0)

    def moment(self, prop: Property, value: str | None = None) -> datetime:
        """A time as it is written: aware in UTC, otherwise naive."""
        from icalendar.prop import vDatetime

        text = (prop.value if value is None else value).strip().upper()
        try:
            moment: datetime = vDatetime.from_ical(text)
        except (ValueError, OverflowError):
            raise Unreadable(prop.line, f"{text[:40]!r} is not a time.") from None
        utc = moment.tzinfo or ("TZID" in prop.parameters and self._named(prop) == "UTC")
        return moment.replace(tzinfo=UTC if utc else None)

    def _instant(self, prop: Property) -> datetime:
        zone = self.zone_of(prop)
        try:
            return clock.at_wall(self.wall(prop, zone), zone)
        except (clock.SkippedHour, OverflowError) as error:
            raise Unreadable(prop.line, f"{error}.") from None

    def is_all_day(self, event: Component, start: Property) -> bool:
        """Whether an event is of whole days: without a time, or from one midnight to another, as Exchange writes it."""
        end = event.first("DTEND")
        if is_day(start) or end is None or is_day(end):
            return is_day(start)
        zone = self.zone_of(start)
        first, last = self.wall(start, zone), self.wall(end, zone)
        return first < last and first.time() == last.time() == time.min

    def minutes(self, event: Component, start: Property) -> int:
        """The minutes that an event lasts; raises Unreadable for what no session has, and where it does not say."""
        from icalendar.prop import vDuration

        end, lasts = event.first("DTEND"), event.first("DURATION")
        if end and not is_day(end):
            span: timedelta = self._instant(end) - self._instant(start)
        elif lasts:
            try:
                span = vDuration.from_ical(lasts.value.strip())
            except (ValueError, OverflowError):
                raise Unreadable(lasts.line, f"{lasts.value[:40]!r} is not a length of time.") from None
        else:
            raise Unreadable(event.line, "the event does not say how long it lasts (DTEND or DURATION).")
        minutes = int(span.total_seconds() // 60)
        if not 5 <= minutes <= 720:
            where = end or lasts or start
            raise Unreadable(where.line, f"it lasts {minutes} minutes; a session has from 5 to 720.")
        return minutes


def is_day(prop: Property, value: str | None = None) -> bool:
    """Whether a value names a day and no time."""
    text = (prop.value if value is None else value).strip()
    return prop.parameters.get("VALUE", "").upper() == "DATE" or (len(text) == 8 and text.isdigit())


def day_in(prop: Property, value: str) -> date:
    """The day that a value names; raises Unreadable."""
    try:
        return datetime.strptime(value.strip()[:8], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        raise Unreadable(prop.line, f"{value[:40]!r} is not a day.") from None
