"""The room and the video link that an event names."""

import re

from portal.schedule.calendar.importing.components import LINKS, Component, Property

LONGEST_ROOM, LONGEST_LINK = 60, 300  # of the columns
SPACE, ESCAPED = re.compile(r"\s+"), re.compile(r"\\(.)")
LINK = re.compile(r"https://[^\s<>\"|]+", re.IGNORECASE)
BETWEEN = " ,;|-–—/()<>:"  # what stands between a room and a link
NO_ROOM = re.compile(
    r"(microsoft )?teams( meeting)?|zoom( meeting)?|google meet|webex|video|online|virtual", re.IGNORECASE
)
SERVICES = ("zoom.us", "teams.microsoft.com", "teams.live.com", "meet.google.com", "webex.com", "doxy.me")


def plain(prop: Property | None) -> str:
    """The text of a property in one line."""
    said = ESCAPED.sub(lambda held: " " if held[1] in "nN" else held[1], prop.value) if prop else ""
    return SPACE.sub(" ", said).strip()


def place_of(event: Component) -> tuple[str, str]:
    """(room, video link): LOCATION may name both; calendars put the link into fields of their own, too."""
    said = plain(event.first("LOCATION"))
    link = LINK.search(said)
    video = link[0].rstrip(".,;)") if link else _link_beside(event)
    room = (said[: link.start()] + " " + said[link.start() + len(video) :] if link else said).strip(BETWEEN)
    if video:
        room = "; ".join(part for part in map(str.strip, room.split(";")) if not NO_ROOM.fullmatch(part))
    return SPACE.sub(" ", room), video


def names_a_place(event: Component) -> bool:
    return bool(event.first("LOCATION") or _link_beside(event))


def _link_beside(event: Component) -> str:
    """The link that stands in a field for it. A URL may be any page, so it counts only at a service for video."""
    conferences = sorted(event.properties.get("CONFERENCE", []), key=lambda one: "VIDEO" not in str(one.parameters))
    for prop in (*conferences, *filter(None, map(event.first, LINKS))):
        link = plain(prop)
        host = link[8:].partition("/")[0].lower()
        known = any(host == one or host.endswith(f".{one}") for one in SERVICES)
        if LINK.fullmatch(link) and (known or prop.name != "URL"):
            return link
    return ""
