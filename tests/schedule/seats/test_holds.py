"""A seat is held, taken, let go and given up: once, by one person, for as long as it was promised."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from portal import clock, program
from portal.db import db
from portal.people.models import Account
from portal.schedule import own_meetings, sessions, staff_meetings
from portal.schedule.attendance import roster
from portal.schedule.groups import enrollment
from portal.schedule.models import Seat, Session, Track
from portal.schedule.seats import absences, holds, offers
from portal.schedule.seats.models import SeatHold
from tests.browser import words
from tests.on_record import told
from tests.schedule.timetable import track

EVENTS = ("seat.hold", "seat.take", "seat.let_go", "seat.give_up")


def sat(app) -> list[tuple[int, str]]:
    """Everybody's make-up seats: who, and in which session."""
    with app.app_context():
        rows = db.session.execute(
            select(Seat.participant_id, Session.key)
            .join(Session, Session.id == Seat.session_id)
            .where(Seat.instead_of_id.is_not(None))
        )
        return [tuple(row) for row in rows]


def held(app) -> list[tuple]:
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(SeatHold.participant_id, SeatHold.expires_at))]


@pytest.fixture
def seats(timetable, evening):
    """The addresses of Ada's Friday and of the seat on the 17th."""
    return f"/sessions/{timetable.friday}/seats", f"/sessions/{timetable.friday}/seats/{evening.on_17}"


def one_seat(app, evening) -> None:
    """Leave one seat on the evenings, beside Cleo's."""
    with app.app_context():
        db.session.execute(update(Track).where(Track.id == evening.track_id).values(capacity=2))
        db.session.commit()


def test_a_seat_is_kept_for_ten_minutes_and_then_taken(app, cast, timetable, evening, seats, browser):
    index, seat = seats
    ada = browser("ada")
    ada.get(index)
    ada.submit(f"{seat}/hold")
    assert ada.location == seat
    page = ada.get(seat)
    assert words(page.one("p", role="status")) == "This seat is held for you until 11:02 am."
    assert (page.title, page.heading) == ("Make-up seat | Foothold", "Evening group")
    assert "Time 6:00 to 7:00 pm With Dr Dee Where Room 9 Bring A pen Instead of Skills group, Friday" in page.text
    ada.submit(f"{seat}/take")
    assert ada.location == f"/sessions/{evening.on_17}?saved=taken"
    page = ada.get(ada.location)
    assert "The seat is yours." in page.text
    assert "You come here instead of Skills group, Fri, Mar 13 ." in page.text
    assert sat(app) == [(cast.ada.id, evening.on_17)] and held(app) == []
    assert told(app, *EVENTS) == [
        ("seat.hold", cast.ada.id, cast.ada.id, evening.on_17),
        ("seat.take", cast.ada.id, cast.ada.id, evening.on_17),
    ]


def test_a_taken_seat_is_in_the_week_and_the_leader_sees_a_visitor(app, cast, timetable, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    assert "Evening group" in ada.get("/schedule/?week=2026-03-17").text
    page = ada.get(f"/sessions/{timetable.friday}")
    assert "You have a seat instead: Tue, Mar 17, 6:00 pm : Evening group ." in page.text
    assert not page.all("a", href=f"/sessions/{timetable.friday}/seats")
    with app.app_context():
        [visitor] = [r for r in roster.read_roster(staff_meetings.called(cast.dee, evening.on_17)) if r.visits]
        assert visitor.name == "Ada Moreno"
        assert db.session.scalar(select(Session.sequence).where(Session.key == evening.on_17)) == 0


def test_the_week_says_where_they_go_instead_and_what_is_made_up_for(cast, timetable, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    missed = words(ada.get("/schedule/").one("div", id=f"s-{timetable.friday}"))
    assert "You have a seat instead: Tue, Mar 17, 6:00 pm : Evening group" in missed
    assert "Find a make-up seat" not in missed
    page = ada.get("/schedule/?week=2026-03-17")
    assert "Make-up instead of Skills group, Fri, Mar 13" in words(page.one("div", id=f"s-{evening.on_17}"))
    assert page.all("a", href=f"/sessions/{timetable.friday}")
    assert "Make-up" not in browser("cleo").get("/schedule/?week=2026-03-17").text


def test_the_page_of_a_seat_asks_once_before_it_is_given_up(app, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    page = ada.get(f"/sessions/{evening.on_17}")
    assert "I can't make it" not in page.text and not page.all("a", href=f"/sessions/{evening.on_17}/absence")
    [asked] = page.all("details", class_="sure")
    assert words(asked.find("summary")) == "Give up this seat" and asked.get("open") is None
    ada.submit(f"{seats[1]}/give-up")
    assert sat(app) == []


def test_pressed_twice_each_is_done_once(app, cast, evening, seats, browser, at):
    ada = browser("ada")
    for _ in range(2):
        ada.post(f"{seats[1]}/hold")
        assert ada.location == seats[1]
        at.later(minutes=4)
    [(_, until)] = held(app)
    assert until == clock.now().replace(hour=15, minute=2, second=0)  # of the first time: 11:02 in New York
    for _ in range(2):
        ada.post(f"{seats[1]}/take")
        assert ada.location.endswith("saved=taken")
    assert len(sat(app)) == 1
    assert [row[0] for row in told(app, *EVENTS)] == ["seat.hold", "seat.take"]
    ada.get(seats[1], 303)  # Back
    assert ada.location == f"/sessions/{evening.on_17}"
    for week in ("week=2026-03-17&", ""):  # whose seat it is now is not told
        ada.post(f"{seats[1]}/give-up")
        assert ada.location == f"/schedule/?{week}saved=given-up"
        [said] = ada.get(ada.location).all("p", role="status")
        assert said.get("class") == "note leaf" and "You gave the seat up" in words(said)
    assert sat(app) == []
    assert [row[0] for row in told(app, "seat.give_up")] == ["seat.give_up"]


def test_a_hold_blocks_others_until_it_is_over(app, cast, evening, seats, browser, at):
    one_seat(app, evening)
    ada, ben = browser("ada"), browser("ben")
    ada.post(f"{seats[1]}/hold")
    page = ben.post(f"{seats[1]}/hold", status=409)
    assert words(page.one("p", role="alert")) == "That seat is no longer free. Here is what still is."
    assert "Thu, Mar 19" in page.text and "Tue, Mar 17" not in page.text
    ben.post(f"{seats[1]}/take", status=409)
    at.later(minutes=9, seconds=59)
    ben.post(f"{seats[1]}/hold", status=409)
    at.later(seconds=1)
    ben.post(f"{seats[1]}/hold")
    assert [who for who, _ in held(app)] == [cast.ben.id]
    page = ada.post(f"{seats[1]}/take", status=409)
    assert "Thu, Mar 19" in page.text and sat(app) == []


def test_a_hold_that_ran_out_is_no_obstacle_while_the_seat_is_free(app, cast, evening, seats, browser, at):
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    at.later(minutes=10)
    page = ada.get(seats[1])
    assert words(page.one("p", role="status")) == "The ten minutes are over. The seat may still be free."
    ada.submit(f"{seats[1]}/take")
    assert sat(app) == [(cast.ada.id, evening.on_17)]


def test_what_was_promised_is_kept_though_an_absence_was_taken_back(app, cast, evening, seats, browser):
    with app.app_context():
        db.session.execute(update(Track).where(Track.id == evening.track_id).values(capacity=1))
        cleos = own_meetings.called(cast.cleo, evening.on_17)
        absences.say(cast.cleo, cleos, "", clock.now())
        db.session.commit()
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    with app.app_context():
        absences.withdraw(cast.cleo, cleos, clock.now())
        db.session.commit()
    ada.post(f"{seats[1]}/take")
    assert sat(app) == [(cast.ada.id, evening.on_17)]


def test_another_choice_lets_the_first_go(app, timetable, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    page = ada.get(seats[0])
    assert "A seat is held for you until 11:02 am" in page.text
    assert "Choose this one : Evening group, Tue, Mar 17" not in page.text
    ada.submit(f"{seats[0]}/{evening.on_19}/hold")
    assert len(held(app)) == 1
    ada.get(seats[1], 303)
    assert ada.location == seats[0]


def test_a_seat_can_be_let_go(app, evening, seats, browser):
    one_seat(app, evening)
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    ada.get(seats[1])
    for _ in range(2):
        ada.post(f"{seats[1]}/let-go")
        assert ada.location == f"{seats[0]}?saved=let-go"
    assert "You did not take the seat." in ada.get(ada.location).text
    assert held(app) == [] and len(told(app, "seat.let_go")) == 1
    browser("ben").post(f"{seats[1]}/take")


def test_one_missed_session_is_made_up_once(app, cast, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    page = ada.get(seats[0])
    assert "You have a seat Evening group" in page.text and "Choose this one" not in page.text
    for verb in ("hold", "take"):
        page = ada.post(f"{seats[0]}/{evening.on_19}/{verb}", status=409)
        assert "You already have one." in page.text
    ada.get(seats[0])
    ada.submit(f"{seats[1]}/give-up")
    ada.post(f"{seats[0]}/{evening.on_19}/take")
    assert sat(app) == [(cast.ada.id, evening.on_19)]


def test_a_seat_in_a_session_that_was_cancelled_is_made_up_anew(app, cast, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    with app.app_context():
        sessions.cancel(cast.kit, staff_meetings.called(cast.kit, evening.on_17), "Snow.", clock.now())
        db.session.commit()
    ada.post(f"{seats[0]}/{evening.on_19}/take")
    assert len(sat(app)) == 2


def test_a_seat_held_for_one_session_is_in_the_way_of_another(app, cast, timetable, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    with app.app_context():
        missed = own_meetings.called(cast.ada, timetable.wednesday)
        absences.say(cast.ada, missed, "", clock.now())
        missed = own_meetings.called(cast.ada, timetable.wednesday)
        choice = offers.offer_seats(cast.ada, program.current(), missed, clock.now())
        assert evening.on_17 not in [offer.key for offer in choice.offers]
        db.session.commit()
    ada.post(f"/sessions/{timetable.wednesday}/seats/{evening.on_17}/take", status=409)


def test_a_session_that_is_not_on_offer_is_not_to_be_had(app, cast, timetable, evening, seats, browser):
    ada = browser("ada")
    for key in (timetable.cleos, timetable.alone, timetable.wednesday, evening.on_12, evening.on_10, "no-such-key"):
        for verb in ("hold", "take"):
            ada.post(f"{seats[0]}/{key}/{verb}", status=409)
    assert sat(app) == [] and held(app) == []


def test_nothing_is_to_be_had_instead_of_what_one_comes_to(app, timetable, evening, browser):
    ada = browser("ada")
    for verb in ("hold", "take"):
        page = ada.post(f"/sessions/{timetable.wednesday}/seats/{evening.on_17}/{verb}", status=409)
        assert "You have your place in this one." in page.text
    assert sat(app) == [] and held(app) == []


def test_a_seat_is_given_up_before_it_begins(app, cast, evening, seats, browser, at):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    at("2026-03-17T18:00")
    ada = browser("ada")
    assert "Give up this seat" not in ada.get(f"/sessions/{evening.on_17}").text
    ada.post(f"{seats[1]}/give-up")
    assert "It has begun, so the seat stays yours." in ada.get(ada.location).text
    assert sat(app) == [(cast.ada.id, evening.on_17)]


def test_a_seat_that_is_given_up_takes_its_absence_along(app, cast, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    ada.post(f"/sessions/{evening.on_17}/absence", {"reason": ""})
    ada.post(f"{seats[1]}/give-up")
    with app.app_context():
        assert staff_meetings.called(cast.dee, evening.on_17).absent == 0


def test_a_seat_is_given_up_even_when_the_missed_session_is_theirs_no_more(
    app, cast, timetable, evening, seats, browser
):
    ada = browser("ada")
    ada.post(f"{seats[1]}/take")
    with app.app_context():
        group = db.session.get(Track, timetable.track_id)
        enrollment.leave(cast.kit, group, cast.ada, date(2026, 3, 10))
        db.session.commit()
    ada.post(f"{seats[1]}/give-up")
    assert sat(app) == []
    ada.post(f"{seats[1]}/give-up", status=404)


@pytest.mark.asvs("8.2.2")
def test_nobody_touches_the_seats_of_another(app, cast, timetable, evening, seats, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    before = held(app)
    for who in ("cleo", "cho", "kit"):
        person = browser(who)
        person.get(seats[1], 404)
        for verb in ("hold", "take", "let-go", "give-up"):
            person.post(f"{seats[1]}/{verb}", status=404)
    ben = browser("ben")  # Friday is his, too: what he lets go and gives up is his own
    ben.get(seats[1], 303)
    ben.post(f"{seats[1]}/let-go")
    ben.post(f"{seats[1]}/give-up")
    assert held(app) == before
    ada.post(f"{seats[1]}/take")
    ben.post(f"{seats[1]}/give-up")
    assert sat(app) == [(cast.ada.id, evening.on_17)]


def test_who_waited_in_line_with_an_old_clock_gets_no_seat_that_was_given(app, cast, timetable, evening, at):
    """Rule: a hold is alive by the clock of whoever comes first: the one who waits does not take it for alive again."""
    one_seat(app, evening)
    with app.app_context():
        facts, before = program.current(), clock.now()
        mine, bens = (own_meetings.called(p, timetable.friday) for p in (cast.ada, cast.ben))
        holds.hold_seat(cast.ada, facts, mine, evening.on_17, before)
        db.session.commit()
        almost, after = at.later(minutes=9, seconds=59), at.later(seconds=2)
        holds.take_seat(cast.ben, facts, bens, evening.on_17, after)
        db.session.commit()
        with pytest.raises(holds.NotFree):
            holds.take_seat(cast.ada, facts, mine, evening.on_17, almost)


def test_the_times_of_a_hold_are_on_the_readers_clock(app, cast, seats, browser):
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(zone="America/Chicago"))
        db.session.commit()
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    page = ada.get(seats[1])
    assert "held for you until 10:02 am" in page.text and "6:00 to 7:00 pm (New York time)" in page.text


def test_a_seat_that_fell_out_of_the_first_eight_can_be_taken(app, cast, seats, evening, browser):
    ada = browser("ada")
    ada.post(f"{seats[1]}/hold")
    with app.app_context():
        track(
            cast.dee,
            cast.cleo,
            title="Early group",
            takes_make_ups=True,
            first_at=datetime(2026, 2, 2, 7),
            rule="FREQ=DAILY",
            minutes=45,
        )
        db.session.commit()
    ada.post(f"{seats[1]}/take")
    assert sat(app) == [(cast.ada.id, evening.on_17)]


def test_somebody_elses_missed_session_raises_not_found(app, cast, timetable, evening):
    with app.app_context(), pytest.raises(NotFound):
        holds.give_up_seat(cast.cleo, timetable.friday, evening.on_17, clock.now())
