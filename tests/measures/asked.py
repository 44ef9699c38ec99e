"""What tests of measures share: what the program asks, and answers sent through the real form."""

from sqlalchemy import update

from portal.db import db
from portal.measures import INSTRUMENTS
from portal.program.models import Program


def program_asks(app, *turned_on, **every):
    """The program asks everyone these ({slug with underscores: how often}), and accepted the terms of `turned_on`."""
    with app.app_context():
        asked = {slug.replace("_", "-"): how for slug, how in every.items()}
        db.session.execute(update(Program).values(measures=asked, turned_on=list(turned_on)))
        db.session.commit()


def safety_off(app):
    """The program does not ask about safety any more."""
    with app.app_context():
        db.session.execute(update(Program).values(asks_safety=False))
        db.session.commit()


def answers_of(slug, value=1, **other):
    """Every item of an instrument with the same answer, but for `other`; None leaves an item out."""
    given = dict.fromkeys(INSTRUMENTS[slug].by_id, value) | other
    return {item: str(value) for item, value in given.items() if value is not None}


def answered(person, slug, value=1, **other):
    """Answer through the form; the address of the page that comes of it."""
    person.get(f"/measures/{slug}")
    person.submit(f"/measures/{slug}", answers_of(slug, value, **other))
    return person.location


def answer(person, slug, value=1, **other):
    """Answer through the form; the page that comes of it."""
    return person.get(answered(person, slug, value, **other))
