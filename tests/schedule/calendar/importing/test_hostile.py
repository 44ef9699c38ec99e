"""Files that are damaged, endless, or made to do harm: refused with the line and the reason, within a second or two."""

from datetime import UTC, datetime
from time import process_time

import pytest

from portal.schedule.calendar.importing import series
from portal.schedule.calendar.importing.components import Unreadable
from tests.schedule.calendar.importing.files import event, file

NOW = datetime(2026, 3, 11, 14, 52, tzinfo=UTC)
START = "DTSTART;TZID=Odd:20260302T130000"
SECONDLY = ["BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY"]
SECONDLY += ["TZOFFSETFROM:-0500", "TZOFFSETTO:-0500", "END:STANDARD", "END:VTIMEZONE"]
OFTEN = {"dtstart": "DTSTART:20220302T130000", "dtend": "DURATION:PT1H", "rrule": "RRULE:FREQ=DAILY"}
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"


def many(count: int, **instead: str) -> bytes:
    return file(*(event(uid=f"UID:{n}@invented.example", **instead) for n in range(count)))


HOSTILE = {
    "empty": (b"", "The file is empty."),
    "blank": (b"\r\n \r\n", "The file is empty."),
    "no calendar": (b"<html></html>", "Line 1: this is not a calendar file"),
    "no VCALENDAR": (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "Line 1: this is not a calendar file"),
    "no events": (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "There are no events"),
    "cut off": (file(event())[:-40], "The file breaks off"),
    "wrong end": (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "Line 2: END:VEVENT has no beginning"),
    "10 MB": (b"BEGIN:VCALENDAR\r\n" + b"X" * 10_000_000, "larger than 1 MB"),
    "UTF-16": (file(event()).decode().encode("utf-16"), "Line 1: this is UTF-16"),
    "UTF-16 unmarked": (file(event()).decode().encode("utf-16-le"), "Line 1: there is a character that does not"),
    "event in event": (file(event(*event())), "Line 11: VEVENT is inside VEVENT"),
    "calendar in calendar": (file(["BEGIN:VCALENDAR", "END:VCALENDAR"]), "Line 4: VCALENDAR is inside"),
    "deep": (file([*["BEGIN:X"] * 100_000]), "Line 6: X is too deep"),
    "too many events": (many(1001), "Line 8004: there are more than 1,000 events"),
    "too many groups": (many(201), "more than 200 groups"),
    "often": (many(200, **OFTEN), "repeat too often"),
}  # fmt: skip


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_as_a_whole_with_its_line(name):
    content, reason = HOSTILE[name]
    began = process_time()
    with pytest.raises(Unreadable, match=reason):
        series.read(content, "America/New_York", NOW)
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "content",
    [
        file(event(dtstart=START, dtend="DURATION:PT1H"), also=SECONDLY),
        file(event(dtstart=START, dtend="DURATION:PT1H"), also=[*SECONDLY[:2], *["X-A:1"] * 900, "END:VTIMEZONE"]),
        file(event(dtstart=START, dtend="DURATION:PT1H"), also=["BEGIN:VTIMEZONE", "TZID:Odd", "END:VTIMEZONE"]),
        file(event(rrule="RRULE:FREQ=DAILY;COUNT=1000000")),
        file(event(rrule="RRULE:FREQ=DAILY;INTERVAL=99999999999999;COUNT=2")),
        file(event(rrule=NEVER)),
        file(event(f"EXDATE:{','.join(['20260316T130000Z'] * 1000)}", "EXDATE:x")),
        file(event(*[f"RDATE:20260316T13{n // 60:02}{n % 60:02}Z" for n in range(200)])),
        file(event(uid=f"UID:{'u' * 300}")),
        file(event(dtend="DURATION:P99999999999999999D")),
        file(event(dtstart="DTSTART;TZID=America/New_York:00010101T000000")),
    ],
)
def test_a_hostile_event_is_refused_with_its_line(content):
    began = process_time()
    found = series.read(content, "America/New_York", NOW)
    assert len(found.refused) == 1 and found.refused[0].line > 3 and not found.series
    assert process_time() - began < 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (file(event(summary="SUMMARY:Caf~")).replace(b"~", b"\xe9"), "9: there is a character that is not UTF-8"),
        (file(event(summary="SUMMARY:Skills\0")), "9: there is a character that does not belong in text"),
        (file(event(summary=f"SUMMARY:{'x' * 900_000}")), "9: this line has more than 20,000"),
        (file(event("DTSTART:20260302T140000")), "11: DTSTART appears twice in one event"),
        (file(event(dtstart='DTSTART;TZID="Odd:20260302T130000')), "6: DTSTART is not written"),
        (file(event(dtstart="DTSTART;=:20260302T130000")), "6: DTSTART is not written"),
    ],
)
def test_what_is_wrong_in_one_event_is_refused_with_its_line_and_refuses_no_other(content, reason):
    other = file(event(uid="UID:other")).split(b"\r\n", 3)[3]
    content = content.replace(b"END:VCALENDAR\r\n", other)
    found = series.read(content, "America/New_York", NOW)
    [refused] = found.refused
    assert f"{refused.line}: {refused.reason}".startswith(reason)
    assert [one.uid for one in found.series] == ["other"]


@pytest.mark.parametrize("line", [f"X-LONG:{'x' * 900_000}", f"DESCRIPTION:{'x' * 30_000}", "DESCRIPTION:Caf\udce9"])
def test_what_nobody_reads_may_be_of_any_length_and_damaged(line):
    content = file(event("X-A:1")).replace(b"X-A:1", line.encode("utf-8", "surrogateescape"))
    found = series.read(content, "America/New_York", NOW)
    assert len(found.series) == 1 and not found.refused


@pytest.mark.parametrize("rule", ["RRULE:FREQ=SECONDLY", NEVER])
def test_hundreds_that_cannot_be_read_are_each_named_soon(rule):
    began = process_time()
    found = series.read(many(900, rrule=rule), "America/New_York", NOW)
    assert len(found.refused) == 900 and not found.series
    assert process_time() - began < 3


def test_no_damage_to_a_good_file_breaks_the_reader():
    """Every cut and every flipped byte of a whole file is read or refused, never anything else."""
    good = file(event("EXDATE:20260316T170000Z", "RDATE:20260320T170000Z"))
    damaged = [good[:end] for end in range(len(good))]
    damaged += [
        good[:at] + bytes([byte]) + good[at + 1 :] for at in range(0, len(good), 3) for byte in b"\0:;=\xff9Z\n"
    ]
    for content in damaged:
        try:
            series.read(content, "America/New_York", NOW)
        except Unreadable as refused:
            assert refused.reason
