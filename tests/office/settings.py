"""One setting of the Program page, changed as a coordinator does it: what it changes is shown first, and then saved."""

from portal.db import db
from portal.program.models import Program
from tests.browser import words


def column(app, name):
    with app.app_context():
        return getattr(db.session.get(Program, 1), name)


def give(app, **columns):
    """Let columns of the program be these, as if they had always been."""
    with app.app_context():
        for name, value in columns.items():
            setattr(db.session.get(Program, 1), name, value)
        db.session.commit()


def show(person, setting, **typed):
    """Send the form of a setting from the page, once; the sentences that say what it would change."""
    person.get("/program")
    page = person.submit(f"/program/{setting}", typed, 200)
    [preview] = page.all("div", id=f"{setting}-preview")
    return words(preview)


def save(person, setting, **typed):
    """Send it, look at what it changes, and send it again; the sentences."""
    said = show(person, setting, **typed)
    person.submit(f"/program/{setting}")
    return said


def refused(person, setting, **typed):
    """Send it where it is refused; the page."""
    person.get("/program")
    return person.submit(f"/program/{setting}", typed, 422)
