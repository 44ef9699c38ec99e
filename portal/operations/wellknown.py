"""The word of this site to machines: where to report a weakness, and how a phone may call it."""

from datetime import datetime, timedelta
from typing import Any

from portal import clock

VALID_FOR = timedelta(days=335)  # RFC 9116 asks for less than a year; it counts from the first of the month


def security(contact: str, site: str, now: datetime) -> str:
    """The text of /.well-known/security.txt (RFC 9116); `contact` is a mailto:, https: or tel: address."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = {
        "Contact": contact,
        "Expires": clock.stamp(first + VALID_FOR),
        "Preferred-Languages": "en",
        "Canonical": f"{site.rstrip('/')}/.well-known/security.txt",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def manifest(shown_as: str, icon: str) -> dict[str, Any]:
    """The web app manifest: how the portal is called on a phone's home screen, which is all that it says."""
    return {
        "name": shown_as,
        "short_name": shown_as,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f5f1",
        "theme_color": "#fbeeda",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml"}],
    }
