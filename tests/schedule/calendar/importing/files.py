"""Calendar files for the tests: those kept beside this, and small ones made of lines."""

from pathlib import Path

HERE = Path(__file__).parent
WEEKLY = (
    "UID:weekly@invented.example",
    "DTSTART;TZID=America/New_York:20260302T130000",
    "DTEND;TZID=America/New_York:20260302T143000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20",
    "SUMMARY:Skills group",
    "LOCATION:Room 9",
)


def kept(name: str) -> bytes:
    return (HERE / f"{name}.ics").read_bytes()


def event(*lines: str, **instead: str | None) -> list[str]:
    """One event: WEEKLY with some lines `instead` (by property; None takes one away), and `lines` beyond it."""
    body = {line.split(":")[0].split(";")[0]: line for line in WEEKLY}
    body |= {name.replace("_", "-").upper(): line for name, line in instead.items()}
    return ["BEGIN:VEVENT", *(line for line in body.values() if line), *lines, "END:VEVENT"]


def file(*events: list[str], also: list[str] = ()) -> bytes:
    """A calendar file that holds `events`, and other lines before them; the first stands in line 4."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tests//EN", *also]
    for each in events:
        lines += each
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
