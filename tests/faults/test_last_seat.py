"""Many want the last seat at once: exactly one gets it, and all others are told, on whichever database the run uses."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import delete, func, insert, select

from portal import clock, program
from portal.db import db
from portal.people import PERSON, Person
from portal.people.contacts import new_account
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.models import Seat, Session, TrackEnrollment
from portal.schedule.seats import holds
from portal.schedule.seats.models import SeatHold
from tests.browser import Browser
from tests.conftest import PASSWORD
from tests.schedule.timetable import ZONE, track

TAKEN, REFUSED = "taken", "not free"


def crowd(app, cast, people: int, rounds: int, password_hash: str = "-") -> tuple[list[Person], str, list[str]]:
    """So many people who all miss one cancelled session, its key, and those of sessions with one free seat each."""
    with app.app_context():
        told = {"role": "participant", "zone": ZONE, "created_at": clock.now(), "joined_at": clock.now()}
        accounts = [
            new_account(
                f"person{number}@example.org",
                name=f"Person {number}",
                called="You",
                password_hash=password_hash,
                **told,
            )
            for number in range(people)
        ]
        db.session.add_all(accounts)
        db.session.flush()
        theirs = select(*PERSON).where(PERSON[0].in_([account.id for account in accounts])).order_by(PERSON[0])
        them = [Person(*row) for row in db.session.execute(theirs)]
        missed = track(cast.cho, first_at=datetime(2026, 2, 5, 6), rule="FREQ=WEEKLY;BYDAY=TH", minutes=30)
        places = [{"track_id": missed.id, "participant_id": one.id, "starts_on": date(2026, 2, 2)} for one in them]
        db.session.execute(insert(TrackEnrollment), places)
        off = db.session.scalar(select(Session.key).where(Session.occurrence == datetime(2026, 3, 12, 6)))
        sessions.cancel(cast.kit, staff_meetings.called(cast.kit, off), "Snow.", clock.now())
        wanted: list[str] = []
        for hour in range(7, 7 + (rounds + 9) // 10):  # each track has more than ten sessions within two weeks
            first = datetime(2026, 2, 2, hour)
            group = track(cast.dee, cast.cleo, first_at=first, rule="FREQ=DAILY", minutes=30, capacity=2)
            ahead = select(Session.key).where(Session.track_id == group.id, Session.local_day > date(2026, 3, 12))
            wanted += db.session.scalars(ahead.order_by(Session.local_day).limit(min(10, rounds - len(wanted))))
        db.session.commit()
    return them, off, wanted


def at_once(app, them: list, verb, off: str, keys: list[str]) -> Counter:
    """What comes of it when everybody wants a seat at the same moment, each in a request of their own."""
    ready = threading.Barrier(len(them), timeout=60)

    def one(person: Person, key: str) -> str:
        with app.app_context():
            ready.wait()
            try:
                verb(person, program.current(), own_meetings.called(person, off), key, clock.now())
                db.session.commit()
                return TAKEN
            except holds.NotFree as refused:
                assert not refused.choice.has(key)
                return REFUSED
            except Exception as error:  # what nobody may get is counted, too
                db.session.rollback()
                return f"{type(error).__name__}: {error}"

    with ThreadPoolExecutor(len(them)) as pool:
        return Counter(pool.map(one, them, keys))


def sitting(key: str) -> int | None:
    """How many make-up seats were given in the session called `key`."""
    found = select(func.count()).select_from(Seat).join(Session, Session.id == Seat.session_id)
    return db.session.scalar(found.where(Session.key == key, Seat.instead_of_id.is_not(None)))


@pytest.mark.parametrize(("people", "rounds"), [(24, 3), pytest.param(200, 50, marks=pytest.mark.full)])
@pytest.mark.asvs("2.3.4")
def test_of_all_who_take_the_last_seat_at_once_exactly_one_gets_it(app, cast, people, rounds):
    """Rule: no seat is given twice, however many want it, and nobody is answered with an error."""
    them, off, wanted = crowd(app, cast, people, rounds)
    assert len(wanted) == rounds
    for key in wanted:
        assert at_once(app, them, holds.take_seat, off, [key] * people) == {TAKEN: 1, REFUSED: people - 1}
        with app.app_context():
            assert sitting(key) == 1
            db.session.execute(delete(Seat).where(Seat.instead_of_id.is_not(None)))  # for the next round
            db.session.commit()


@pytest.mark.asvs("2.3.4")
def test_of_all_who_hold_the_last_seat_at_once_exactly_one_holds_it(app, cast):
    them, off, [key] = crowd(app, cast, 24, 1)
    assert at_once(app, them, holds.hold_seat, off, [key] * 24) == {TAKEN: 1, REFUSED: 23}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SeatHold)) == 1


def test_a_hold_keeps_the_seat_from_a_crowd_until_it_is_over(app, cast, at):
    them, off, [key] = crowd(app, cast, 13, 1)
    holder, others = them[0], them[1:]
    assert at_once(app, [holder], holds.hold_seat, off, [key]) == {TAKEN: 1}
    assert at_once(app, others, holds.take_seat, off, [key] * 12) == {REFUSED: 12}
    at.later(minutes=10)
    assert at_once(app, others, holds.take_seat, off, [key] * 12) == {TAKEN: 1, REFUSED: 11}
    assert at_once(app, [holder], holds.take_seat, off, [key]) == {REFUSED: 1}


def test_one_person_on_many_pages_at_once_takes_one_seat(app, cast):
    """Rule: two pages of one person, with different seats on them, take one seat instead of one missed session."""
    [person], off, wanted = crowd(app, cast, 1, 10)
    assert at_once(app, [person] * 10, holds.take_seat, off, wanted) == {TAKEN: 1, REFUSED: 9}
    with app.app_context():
        assert sum(sitting(key) or 0 for key in wanted) == 1


def test_the_rest_get_a_page_that_says_what_is_still_free(app, cast, password_hash):
    them, off, [key, other] = crowd(app, cast, 8, 2, password_hash)
    browsers = [Browser(app, address=f"127.0.1.{number}") for number in range(len(them))]
    for number, browser in enumerate(browsers):
        browser.sign_in(f"person{number}@example.org", PASSWORD, "participant")
        browser.get(f"/sessions/{off}/seats")
        browser.close()
    ready = threading.Barrier(len(browsers), timeout=60)

    def take(browser: Browser) -> tuple[int, str]:
        ready.wait()
        form = {"csrf_token": browser.token}
        answer = browser.client.post(f"/sessions/{off}/seats/{key}/take", data=form)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(take, browsers))
    assert Counter(status for status, _ in answers) == {303: 1, 409: len(browsers) - 1}
    for status, page in answers:
        if status == 409:
            assert "That seat is no longer free. Here is what still is." in page
            assert f"/sessions/{off}/seats/{other}/hold" in page and f"/sessions/{off}/seats/{key}/hold" not in page
