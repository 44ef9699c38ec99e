"""A calendar file as lines and events: each property with the line it stands on, and nothing that nobody needs."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 1_000_000
LONGEST_LINE = 20_000  # characters, before it is joined with those that go on with it
MOST = {"VEVENT": 1_000, "VTIMEZONE": 50}  # of each in one file
DEEPEST = 3  # a calendar, an event in it, an alarm in that
NO_CALENDAR = "this is not a calendar file; it should begin with BEGIN:VCALENDAR."
READ = {  # of an event; who is invited and what it says about them is never looked at
    *("UID", "SUMMARY", "LOCATION", "STATUS", "DTSTART", "DTEND", "DURATION"),
    *("RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
}
MANY = {"RDATE", "EXDATE"}


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
    """One event or one time zone: the properties that are read, by name, and the lines of a time zone as they are."""

    line: int
    kind: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        held = self.properties.get(name)
        return held[0] if held else None


def components(content: bytes) -> list[Component]:
    """The events and time zones of a calendar file, in order. Raises Unreadable for no such file, or too much."""
    found: list[Component] = []
    stack: list[str] = []
    for number, text in _unfolded(_decoded(content)):
        name, value = (part.strip().upper() for part in text.partition(":")[::2])
        goes_on = _is_inside(stack)
        if name == "BEGIN":
            _begin(number, value, stack, found)
        elif name == "END":
            _end(number, value, stack)
        elif not stack:
            raise Unreadable(number, NO_CALENDAR)
        if goes_on or _is_inside(stack):
            _take(found[-1], number, text, len(stack))
    if stack:
        raise Unreadable(0, f"The file breaks off: {stack[-1][:40]} has no end.")
    if not any(one.kind == "VEVENT" for one in found):
        raise Unreadable(0, "There are no events in this file.")
    return found


def _is_inside(stack: list[str]) -> bool:
    """Whether what stands here is a part of an event or of a time zone."""
    return len(stack) > 1 and stack[1] in MOST


def _begin(number: int, kind: str, stack: list[str], found: list[Component]) -> None:
    """Go into a component, which is kept if it is an event or a time zone."""
    if not stack and kind != "VCALENDAR":
        raise Unreadable(number, NO_CALENDAR)
    if len(stack) >= DEEPEST:
        raise Unreadable(number, f"{kind[:40]} is too deep inside other things.")
    if stack and (kind == "VCALENDAR" or (kind in MOST and len(stack) != 1)):
        raise Unreadable(number, f"{kind} is inside {stack[-1][:40]}.")
    stack.append(kind)
    if len(stack) == 2 and kind in MOST:
        found.append(Component(number, kind))
        if sum(one.kind == kind for one in found) > MOST[kind]:
            raise Unreadable(number, f"there are more than {MOST['VEVENT']:,} events; export a shorter period.")


def _end(number: int, kind: str, stack: list[str]) -> None:
    if not stack or stack.pop() != kind:
        raise Unreadable(number, f"END:{kind[:40]} has no beginning.")


def _take(inside: Component, number: int, text: str, depth: int) -> None:
    """Keep one line of a component: all of a time zone, and of an event itself what is read."""
    if inside.kind == "VTIMEZONE":
        inside.text.append(text)
    if depth != 2:
        return
    name = text.split(":", 1)[0].split(";", 1)[0].upper()
    if name not in READ and not (inside.kind == "VTIMEZONE" and name in ("TZID", "X-LIC-LOCATION")):
        return
    held = inside.properties.setdefault(name, [])
    if held and name not in MANY:
        raise Unreadable(number, f"{name} appears twice in one event.")
    held.append(_property(number, name, text))


def _property(number: int, name: str, text: str) -> Property:
    from icalendar.parser import Contentline

    try:
        _, parameters, value = Contentline(text).raw_parts()
    except ValueError:
        raise Unreadable(number, f"{name} is not written as a calendar file has it.") from None
    texts = {key.upper(): str(each) for key, each in parameters.items() if isinstance(each, str)}
    return Property(number, name, texts, value)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Unreadable(0, f"The file is larger than {MOST_BYTES // 1_000_000} MB; export a shorter period.")
    if not content.strip():
        raise Unreadable(0, "The file is empty.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(1, "this is UTF-16 text; save the file as UTF-8.")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise Unreadable(
            line, "there is a character that does not belong in text; the file is damaged, or is not a calendar file."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "there is a character that is not UTF-8; save the file as UTF-8.") from None


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines, each with the number of its first, and those joined that go on after a space or a tab."""
    parts: list[str] = []
    began = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise Unreadable(number, f"this line has more than {LONGEST_LINE:,} characters.")
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield began, "".join(parts)
        parts, began = ([line], number) if line.strip() else ([], number)
    if parts:
        yield began, "".join(parts)
