"""A calendar file as lines and events: each property with the line it stands on, and nothing that nobody needs."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 1_000_000
LONGEST_LINE = 20_000  # characters of a property that is read, before it is joined with those that go on with it
MOST = {"VEVENT": 1_000, "VTIMEZONE": 50}  # of each in one file
IN_WORDS = {"VEVENT": "events", "VTIMEZONE": "time zones"}
DEEPEST = 3  # a calendar, an event in it, an alarm in that
NO_CALENDAR = "this is not a calendar file; it should begin with BEGIN:VCALENDAR."
TIMES = {"DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"}
ONE = {"UID", "STATUS", "SEQUENCE", "DURATION", "RRULE", "EXRULE", *TIMES} - {"RDATE", "EXDATE"}
LINKS = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK", "URL")
READ = {
    "VCALENDAR": {"METHOD", "X-WR-TIMEZONE"},
    "VTIMEZONE": {"TZID", "X-LIC-LOCATION"},
    # What is written about an event is never looked at; of who is invited only whether they lead groups here.
    "VEVENT": {"SUMMARY", "LOCATION", "RDATE", "EXDATE", "CONFERENCE", "ORGANIZER", "ATTENDEE", *ONE, *LINKS},
}
PARTS = re.compile(r'(?:[^;"]|"[^"]*")+')


class Unreadable(ValueError):
    """A part of the file that cannot be taken over, and the line it stands on; 0 is the file itself."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line}: {reason}" if line else reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True)
class Property:
    """One property as it stands in the file, its parameters by name in capitals."""

    line: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """A calendar, an event or a time zone: the properties that are read, by name, and a time zone's lines as they are.

    `inside` is the calendar that an event is in, `fault` is what makes the event unreadable, if anything does.
    """

    line: int
    kind: str
    inside: "Component | None" = None
    properties: dict[str, list[Property]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    fault: Unreadable | None = None

    def first(self, name: str) -> Property | None:
        held = self.properties.get(name)
        return held[0] if held else None

    def word(self, name: str) -> str:
        """The value of a property that is one word, in capitals; "" where it has none."""
        held = self.first(name)
        return held.value.strip().upper() if held else ""


def components(content: bytes) -> list[Component]:
    """The calendars, events and time zones of a calendar file, in order.

    Raises Unreadable for no such file, or too much; what is wrong in one event is the `fault` of that event.
    """
    nest = _Nest()
    for number, raw in _unfolded(_checked(content)):
        text = raw.decode("utf-8", "replace")
        name, value = (part.strip().upper() for part in text.partition(":")[::2])
        inside = nest.inside
        if name == "BEGIN":
            nest.begin(number, value)
            inside = nest.inside
        elif name == "END":
            nest.end(number, value)
        elif not nest.stack:
            raise Unreadable(number, NO_CALENDAR)
        if inside:
            _take(inside, number, raw, text, len(nest.stack))
    if nest.stack:
        raise Unreadable(0, f"The file breaks off: {nest.stack[-1][:40]} has no end.")
    if not nest.counts["VEVENT"]:
        raise Unreadable(0, "There are no events in this file.")
    return nest.found


class _Nest:
    """The components that a reader has gone into, and what it found in them."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.found: list[Component] = []
        self.calendar: Component | None = None
        self.counts: Counter[str] = Counter()

    @property
    def inside(self) -> Component | None:
        """The component that a line stands in; None for one that nobody reads."""
        if len(self.stack) == 1:
            return self.calendar
        return self.found[-1] if len(self.stack) > 1 and self.stack[1] in MOST else None

    def begin(self, number: int, kind: str) -> None:
        """Go into a component, which is kept if it is read."""
        if not self.stack and kind != "VCALENDAR":
            raise Unreadable(number, NO_CALENDAR)
        if len(self.stack) >= DEEPEST:
            raise Unreadable(number, f"{kind[:40]} is too deep inside other things.")
        if self.stack and (kind == "VCALENDAR" or (kind in MOST and len(self.stack) != 1)):
            raise Unreadable(number, f"{kind} is inside {self.stack[-1][:40]}.")
        self.stack.append(kind)
        if len(self.stack) == 1:
            self.calendar = Component(number, kind)
            self.found.append(self.calendar)
        elif len(self.stack) == 2 and kind in MOST:
            self.found.append(Component(number, kind, self.calendar))
            self.counts[kind] += 1
            if self.counts[kind] > MOST[kind]:
                most = f"{MOST[kind]:,} {IN_WORDS[kind]}"
                raise Unreadable(number, f"there are more than {most}; export a shorter period.")

    def end(self, number: int, kind: str) -> None:
        if not self.stack or self.stack.pop() != kind:
            raise Unreadable(number, f"END:{kind[:40]} has no beginning.")


def _take(inside: Component, number: int, raw: bytes, text: str, depth: int) -> None:
    """Keep one line of a component: all of a time zone, and of the others what is read."""
    if inside.kind == "VTIMEZONE":
        inside.text.append(text)
    if depth != (1 if inside.kind == "VCALENDAR" else 2):
        return
    name = re.split("[:;]", text, maxsplit=1)[0].strip().upper()
    if name not in READ[inside.kind]:
        return
    try:
        _check(number, raw, text)
        _hold(inside, _property(number, name, text))
    except Unreadable as fault:
        if name in ONE or name in ("SUMMARY", "RDATE", "EXDATE"):
            inside.fault = inside.fault or fault


def _hold(inside: Component, prop: Property) -> None:
    """Keep one property; the same again is no other, and of what matters less the first counts."""
    held = inside.properties.setdefault(prop.name, [])
    if any((one.parameters, one.value) == (prop.parameters, prop.value) for one in held):
        return
    if held and prop.name == "RRULE":
        raise Unreadable(prop.line, "a second rule for repeating cannot be imported; make it an event of its own.")
    if held and prop.name in ONE:
        raise Unreadable(prop.line, f"{prop.name} appears twice in one event.")
    held.append(prop)


def _property(number: int, name: str, text: str) -> Property:
    """A line in its parts. A zone's name may have commas, and a colon without quotes: "(UTC-05:00) Eastern Time"."""
    wrong = Unreadable(number, f"{name} is not written as a calendar file has it.")
    quoted, colons = False, []
    for mark in re.finditer('[":]', text):
        quoted ^= mark[0] == '"'
        if mark[0] == ":" and not quoted:
            colons.append(mark.start())
    if not colons or (quoted and name in TIMES):
        raise wrong
    at = colons[-1 if name in TIMES else 0]
    parameters = {}
    for part in PARTS.findall(text[:at])[1:]:
        key, equals, said = part.partition("=")
        if not (key.strip() and equals):
            raise wrong
        parameters[key.strip().upper()] = said.strip().strip('"').strip()
    return Property(number, name, parameters, text[at + 1 :])


def _check(number: int, raw: bytes, text: str) -> None:
    if len(text) > LONGEST_LINE:
        raise Unreadable(number, f"this line has more than {LONGEST_LINE:,} characters.")
    if b"\0" in raw:
        raise Unreadable(number, "there is a character that does not belong in text; the file is damaged.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(number, "there is a character that is not UTF-8; save the file as UTF-8.") from None


def _checked(content: bytes) -> bytes:
    """The bytes of a file without their mark; raises Unreadable for what is no text of this kind at all."""
    if len(content) > MOST_BYTES:
        raise Unreadable(0, f"The file is larger than {MOST_BYTES // 1_000_000} MB; export a shorter period.")
    if not content.strip():
        raise Unreadable(0, "The file is empty.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(1, "this is UTF-16 text; save the file as UTF-8.")
    if b"\0" in content[:100]:
        raise Unreadable(
            1, "there is a character that does not belong in text; the file is damaged, or is not a calendar file."
        )
    return content.removeprefix(codecs.BOM_UTF8)


def _unfolded(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines, each with the number of its first, and those joined that go on after a space or a tab.

    They are bytes, since a line may be broken within a letter.
    """
    parts: list[bytes] = []
    began = 0
    for number, line in enumerate(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        if line[:1] in (b" ", b"\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield began, b"".join(parts)
        parts, began = ([line], number) if line.strip() else ([], number)
    if parts:
        yield began, b"".join(parts)
