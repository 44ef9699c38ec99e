"""Calendar files of the kinds that programs write, each with what it means."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.schedule.calendar.importing.files import event, file

NOW = datetime(2026, 3, 11, 14, 52, tzinfo=UTC)
NEW_YORK = "America/New_York"
ONES = ("03-11 13:00", "03-16 13:00", "03-18 13:00")  # of WEEKLY
TUESDAYS = ("03-17 20:00", "03-24 20:00")
MEET = "https://meet.invented.example/abc"
ZOOM = "https://us02web.zoom.us/j/123?pwd=x"


@dataclass(frozen=True)
class Kind:
    """A file with one group: its next times, its place, and what the preview has to say of it.

    `known` is whether the independent reader knows this kind, or reads it otherwise on purpose.
    """

    content: bytes
    first: tuple[str, ...] = ONES
    zone: str = NEW_YORK
    room: str = "Room 9"
    video: str = ""
    note: str = ""
    refused: str = ""
    known: bool = True


def zone(
    name: str, offsets: tuple[str, str], rules: tuple[str, str] = ("1SU;BYMONTH=11", "2SU;BYMONTH=3")
) -> list[str]:
    """The lines of a VTIMEZONE: its standard and its summer time."""
    (standard, summer), (ends, begins) = offsets, rules
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", "BEGIN:STANDARD", "DTSTART:16011104T020000"]
    lines += [f"RRULE:FREQ=YEARLY;BYDAY={ends}", f"TZOFFSETFROM:{summer}", f"TZOFFSETTO:{standard}", "END:STANDARD"]
    lines += ["BEGIN:DAYLIGHT", "DTSTART:16010311T020000", f"RRULE:FREQ=YEARLY;BYDAY={begins}"]
    return [*lines, f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{summer}", "END:DAYLIGHT", "END:VTIMEZONE"]


EASTERN, CENTRAL = ("-0500", "-0400"), ("-0600", "-0500")
TZID = ";TZID=America/New_York:"
LASTS = {"dtend": "DURATION:PT90M"}


def at(tzid: str) -> dict[str, str]:
    return {"dtstart": f"DTSTART;TZID={tzid}:20260302T130000"} | LASTS


def at_first(day: str) -> dict[str, str]:
    return {"dtstart": f"DTSTART{TZID}2026{day}T130000"} | LASTS


def weekly(rule: str) -> bytes:
    return file(event(rrule=f"RRULE:{rule}"))


def utc(start: str, rule: str, *lines: str) -> bytes:
    return file(event(*lines, **{"dtstart": f"DTSTART:{start}Z", "rrule": f"RRULE:{rule}"} | LASTS))


def placed(location: str, *lines: str) -> bytes:
    return file(event(*lines, location=f"LOCATION:{location}" if location else None))


def changed(
    *lines: str, named: str = "RECURRENCE-ID;TZID=America/New_York:20260316T130000", **instead: str
) -> list[str]:
    start = {"dtstart": "DTSTART;TZID=America/New_York:20260316T130000"} | LASTS
    return event(*lines, **{"rrule": None, "recurrence_id": named} | start | instead)


UTC_NOTE = "Its times are in UTC in the file."
KINDS = {
    "utc, days in utc": Kind(
        utc("20260304T010000", "FREQ=WEEKLY;BYDAY=WE"), TUESDAYS, note="Here they are Tuesdays.", known=False
    ),
    "utc, days here": Kind(
        utc("20260304T010000", "FREQ=WEEKLY;BYDAY=TU"), TUESDAYS, note="Its days are read as days here", known=False
    ),
    "utc, several days in utc": Kind(
        utc("20260304T010000", "FREQ=WEEKLY;BYDAY=WE,FR"),
        ("03-12 20:00", "03-17 20:00", "03-19 20:00"),
        note="Here they are Tuesdays and Thursdays.",
        known=False,
    ),
    "utc, no days": Kind(utc("20260304T010000", "FREQ=WEEKLY"), TUESDAYS, note=UTC_NOTE, known=False),
    "utc, by day": Kind(utc("20260302T180000", "FREQ=WEEKLY;BYDAY=MO,WE"), note=UTC_NOTE, known=False),
    "utc, a day without as the rule has it": Kind(
        utc("20260302T180000", "FREQ=WEEKLY;BYDAY=MO,WE", "EXDATE:20260316T180000Z"),
        ("03-11 13:00", "03-18 13:00"),
        note=UTC_NOTE,
        known=False,
    ),
    "utc, the end in winter": Kind(
        utc("20260302T180000", "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260316T180000Z"), ONES[:2], note=UTC_NOTE, known=False
    ),
    "utc, by the day of a month": Kind(
        utc("20260304T010000", "FREQ=MONTHLY;BYDAY=1WE"),
        refused="8: it repeats by the day of a month, written in UTC; write it in your own time zone.",
    ),
    "utc, neither day": Kind(
        utc("20260304T010000", "FREQ=WEEKLY;BYDAY=SA"), refused="8: its first day does not fit its rule for repeating."
    ),
    "utc, under a name": Kind(
        file(event(**at("UTC") | {"dtstart": "DTSTART;TZID=UTC:20260302T180000"})), note=UTC_NOTE, known=False
    ),
    "the calendar's own zone": Kind(
        file(event(**{"dtstart": "DTSTART:20260302T190000Z"} | LASTS), also=["X-WR-TIMEZONE:America/Chicago"]),
        zone="America/Chicago",
        note=UTC_NOTE,
    ),
    "the calendar's own zone for times without one": Kind(
        file(event(**{"dtstart": "DTSTART:20260302T130000"} | LASTS), also=["X-WR-TIMEZONE:America/Chicago"]),
        zone="America/Chicago",
    ),
    "a calendar's own zone that nobody knows": Kind(
        file(event(**{"dtstart": "DTSTART:20260302T130000"} | LASTS), also=["X-WR-TIMEZONE:Mars/Olympus"]), known=False
    ),
    "a zone described otherwise than named": Kind(
        file(event(**at(NEW_YORK)), also=zone(NEW_YORK, CENTRAL)),
        zone="America/Chicago",
        note="describes it as America/Chicago. We go by what it describes.",
        known=False,
    ),
    "a zone described as it is named": Kind(file(event(**at(NEW_YORK)), also=zone(NEW_YORK, EASTERN))),
    "a zone described as none, but named": Kind(
        file(event(**at(NEW_YORK)), also=zone(NEW_YORK, ("-0517", "-0417"))),
        note="as none that we know. We go by its name.",
    ),
    "a zone that is only described": Kind(file(event(**at("Ours")), also=zone("Ours", EASTERN))),
    "a zone described as none": Kind(
        file(event(**at("Ours")), also=zone("Ours", ("-0517", "-0417"))),
        refused="21: 'Ours' is not a time zone that we know.",
    ),
    "Windows": Kind(file(event(**at("Eastern Standard Time")))),
    "Exchange, quoted": Kind(file(event(**at('"(UTC-05:00) Eastern Time (US & Canada)"'))), known=False),
    "Exchange, not quoted": Kind(file(event(**at("(UTC-05:00) Eastern Time (US & Canada)"))), known=False),
    "Exchange, described": Kind(
        file(
            event(**at('"(UTC-05:00) Eastern Time (US & Canada)"')),
            also=zone("(UTC-05:00) Eastern Time (US & Canada)", EASTERN),
        ),
        known=False,
    ),
    "Exchange, with commas": Kind(
        file(event(**at("(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"))),
        ("03-16 13:00",),
        zone="Europe/Berlin",
        known=False,
    ),
    "Exchange, with commas, quoted": Kind(
        file(event(**at('"Dublin, Edinburgh, Lisbon, London"'))), ("03-16 13:00",), zone="Europe/London", known=False
    ),
    "the same rule twice": Kind(file(event("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20"))),
    "two rules": Kind(
        file(event("RRULE:FREQ=WEEKLY;BYDAY=FR")),
        refused="11: a second rule for repeating cannot be imported; make it an event of its own.",
    ),
    "a semicolon at the end": Kind(weekly("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20;")),
    "a space between days": Kind(weekly("FREQ=WEEKLY;BYDAY=MO, WE;COUNT=20"), known=False),
    "the hour said again": Kind(weekly("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=13;BYMINUTE=0;BYSECOND=0")),
    "two hours of a day": Kind(
        weekly("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=13,17"),
        refused="8: the rule repeats within a day; make each time of the day an event of its own.",
    ),
    "a link as the place": Kind(placed(MEET), room="", video=MEET),
    "a room and a link": Kind(placed(f"Room 9\\; {ZOOM}"), video=ZOOM),
    "a link and words": Kind(placed(f"Zoom meeting ({ZOOM})"), room="", video=ZOOM),
    "Google's link": Kind(placed("", f"X-GOOGLE-CONFERENCE:{MEET}"), room="", video=MEET),
    "Teams' link": Kind(
        placed("Microsoft Teams Meeting", f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{MEET}"), room="", video=MEET
    ),
    "the standard's link": Kind(
        placed(
            "Room 9", "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1-555-0100", f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{MEET}"
        ),
        video=MEET,
    ),
    "a URL for video": Kind(placed("Room 9", f"URL:{ZOOM}"), video=ZOOM),
    "a URL of a page": Kind(placed("Room 9", "URL:https://clinic.invented.example/groups")),
    "a link that is too long": Kind(
        placed(f"https://meet.invented.example/{'x' * 300}"),
        room="",
        note="Its video link is longer than 300 characters",
    ),
    "one session longer": Kind(file(event(), changed(dtend="DURATION:PT3H"))),
    "one session called off": Kind(file(event(), changed("STATUS:CANCELLED")), ("03-11 13:00", "03-18 13:00")),
    "one session moved": Kind(
        file(event(), changed(dtstart="DTSTART;TZID=America/New_York:20260317T090000")), ("03-11 13:00", "03-17 09:00")
    ),
    "one session changed twice": Kind(
        file(
            event(),
            changed("SEQUENCE:1", dtstart="DTSTART;TZID=America/New_York:20260317T090000"),
            changed("SEQUENCE:2", dtstart="DTSTART;TZID=America/New_York:20260317T100000"),
        ),
        ("03-11 13:00", "03-17 10:00"),
    ),
    "Teams' link and a room": Kind(
        placed("Microsoft Teams Meeting\\; Room 9", f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{MEET}"), video=MEET
    ),
    "Outlook, a day without at midnight": Kind(
        file(event("EXDATE;TZID=America/New_York:20260316T000000")), ("03-11 13:00", "03-18 13:00"), known=False
    ),
    "Outlook, one session changed at midnight": Kind(
        file(
            event(),
            changed(
                named="RECURRENCE-ID;TZID=America/New_York:20260316T000000",
                dtstart="DTSTART;TZID=America/New_York:20260317T090000",
            ),
        ),
        ("03-11 13:00", "03-17 09:00", "03-18 13:00"),
        known=False,
    ),
    "a day without, at midnight of a group at midnight": Kind(
        file(
            event(
                "EXDATE;TZID=America/New_York:20260316T000000", **LASTS | {"dtstart": f"DTSTART{TZID}20260302T000000"}
            )
        ),
        ("03-18 00:00",),
    ),
    "over midnight": Kind(
        file(event(dtstart=f"DTSTART{TZID}20260302T223000", dtend=f"DTEND{TZID}20260303T000000")),
        ("03-11 22:30", "03-16 22:30"),
    ),
    "every other week, from Sunday": Kind(
        file(event(**at_first("0303"), rrule="RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU")),
        ("03-15 13:00", "03-17 13:00", "03-29 13:00"),
    ),
    "every other week, from Monday": Kind(
        file(event(**at_first("0303"), rrule="RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU")),
        ("03-17 13:00", "03-22 13:00", "03-31 13:00"),
    ),
    "the first weekday of a month": Kind(
        file(event(**at_first("0302"), rrule="RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1")),
        ("04-01 13:00", "05-01 13:00", "06-01 13:00"),
    ),
    "the last Friday of a month": Kind(
        file(event(**at_first("0227"), rrule="RRULE:FREQ=MONTHLY;BYDAY=-1FR")), ("03-27 13:00", "04-24 13:00")
    ),
    "single days and no rule": Kind(
        file(event(f"RDATE{TZID}20260320T130000,20260327T130000", rrule=None)), ("03-20 13:00", "03-27 13:00")
    ),
    "Apple, with the time to travel and an alarm": Kind(
        file(
            event(
                "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M",
                'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Annex: 1, Street":geo:1,2',
                *["BEGIN:VALARM", "UID:alarm", "SUMMARY:Alarm", "DURATION:PT5M", "TRIGGER:-PT15M", "END:VALARM"],
            )
        )
    ),
    "lines that end as on Unix": Kind(file(event()).replace(b"\r\n", b"\n")),
    "lines that end as on old Macs": Kind(file(event()).replace(b"\r\n", b"\r"), known=False),
    "a mark before the first line": Kind(b"\xef\xbb\xbf" + file(event()), known=False),
    "a calendar with tasks and journals": Kind(
        file(["BEGIN:VTODO", "UID:task", "SUMMARY:Task", "END:VTODO"], event(), ["BEGIN:VFREEBUSY", "END:VFREEBUSY"])
    ),
    "folded within a letter": Kind(
        file(event()).replace(b"SUMMARY:Skills group", "SUMMARY:Caf\u00e9".encode()[:12] + b"\r\n " + b"\xa9 group")
    ),
}
