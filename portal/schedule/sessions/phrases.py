"""Sentences of one session: what was changed in it, and the question about a move that is far."""

from datetime import date, timedelta

from portal import words

FAR = timedelta(weeks=8)  # beyond which a move is asked about
CHANGES = {
    "moved": "Moved",
    "cancelled": "Cancelled",
    "restored": "Takes place again",
    "led": "Led by someone else",
    "placed": "Another place",
    "lasts": "Another length",
}


def far(was: date, becomes: date, today: date) -> str:
    """The question about a move to a day that is far from the one it `was`, or only in another year."""
    if abs(becomes - was) <= FAR:
        return f"{words.full_day(becomes)}, is in another year. Move it there?"
    weeks, way = round(abs((becomes - was).days) / 7), "later" if becomes > was else "earlier"
    return f"{words.weekday(becomes, today)}, is {weeks} weeks {way}. Move it there?"
