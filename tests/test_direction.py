"""Words of people go in their own direction: a name in Hebrew or Arabic does not turn the sentence around it."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import String, true, update

from portal.db import db
from portal.people.models import Account
from portal.program.models import Program
from portal.schedule.models import Session, SessionChange, Track
from tests import world
from tests.page import Page
from tests.test_matrix import addresses, arrive, ask

HEBREW = "שלום"
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")  # by portal.words.isolated
WRITTEN = (
    "note",
    "reply",
    "flag",
    "answer",
    "plan",
    "reflection",
    "draft",
    "glass",
    "passkey",
    "absence",
    "target",
    "goal",
)
COLUMNS = {  # what staff write of people, places and sessions, beside what is sealed
    Account: ("name", "called"),
    Program: ("directions",),
    Session: ("title", "topic", "room", "bring", "note"),
    SessionChange: ("reason",),
    Track: ("title", "discreet_title", "room", "bring"),
}


@pytest.fixture
def in_hebrew(app, fill_clinic, monkeypatch):
    """`in_hebrew()` makes a row of every kind about Ada, in which every text of people begins in Hebrew."""

    def fill_it():
        for name in WRITTEN:
            monkeypatch.setitem(world.MARKS, name, f"{HEBREW} {world.MARKS[name]}")
        clinic = fill_clinic()
        with app.app_context():
            for table, columns in COLUMNS.items():
                for name in columns:
                    column = getattr(table, name)
                    assert isinstance(column.type, String), f"{name} is sealed: give it to the clinic in Hebrew"
                    said = HEBREW if table is Program else HEBREW + " " + column
                    db.session.execute(
                        update(table).where(true() if table is Program else column != "").values({name: said})
                    )
            db.session.commit()
        return clinic

    return fill_it


@pytest.mark.parametrize("who", ["ada", "cho", "dee", "kit"])
def test_what_people_wrote_goes_in_its_own_direction(app, cast, in_hebrew, browser, who):
    """Rule: their words stand in an element with dir="auto", or inside a sentence of ours in a <bdi> or isolated."""
    person, clinic = arrive(app, cast, browser, who), in_hebrew()
    faults, shown = set(), 0
    for row, path in addresses(app, cast, clinic):
        if row.method != "GET":
            continue
        answer = ask(person, row, path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Page(answer.text)
            shown += HEBREW in answer.text
            faults |= {f"{path.replace(cast.ada.key, 'ADA')}: {fault}" for fault in turned_around(page)}
    assert shown > 1
    assert not faults, "\n".join(sorted(faults))


def turned_around(page: Page) -> Iterator[str]:
    """Each element with words of people that has no direction of its own."""
    for element in page.tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("title", "script"):
            continue
        own = [element.text or "", *(child.tail or "" for child in element)]
        own += [element.get("value", "")] if element.tag == "input" and element.get("type") == "text" else []
        if any(HEBREW in ISOLATED.sub("", text) for text in own) and not _has_direction(element, page):
            yield f"<{element.tag}> {' '.join(own).strip()[:90]}"


def _has_direction(element: Element | None, page: Page) -> bool:
    while element is not None:
        if element.tag == "bdi" or element.get("dir") == "auto":
            return True
        element = page.parents.get(element)
    return False
