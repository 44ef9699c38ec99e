"""The name of a browser in a list of devices: its maker's name and the system, and nothing that tells it apart."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def name(user_agent: str | None) -> str:
    """ "Firefox on Android"; "A browser" for one that does not say."""
    sent = user_agent or ""
    browser = next((called for mark, called in BROWSERS if mark in sent), "A browser")
    system = next((called for mark, called in SYSTEMS if mark in sent), None)
    return f"{browser} on {system}" if system else browser
