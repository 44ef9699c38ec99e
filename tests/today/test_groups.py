"""Today says that somebody joins a group, until their first day is over, and when their last day in one is."""

from datetime import date

import pytest
from sqlalchemy import delete, select, update

from portal import clock
from portal.db import db
from portal.schedule import sessions, staff_meetings
from portal.schedule.models import Session, TrackEnrollment
from tests.schedule.timetable import track
from tests.today.test_show import section

JOINED = "You now come to Evening group, from "
LEFT = "Your last Evening group is on "


@pytest.fixture
def evening(app, cast, timetable):
    """`evening(*(first day, last day))`: Ada's enrollments in a group on Tuesdays and Thursdays."""
    with app.app_context():
        rule = "FREQ=WEEKLY;BYDAY=TU,TH"
        made = track(cast.dee, cast.cleo, title="Evening group", rule=rule, minutes=60)
        db.session.commit()
        track_id = made.id

    def enrolled(*spans: tuple[str, str | None]) -> int:
        with app.app_context():
            mine = (TrackEnrollment.participant_id == cast.ada.id, TrackEnrollment.track_id == track_id)
            db.session.execute(delete(TrackEnrollment).where(*mine))
            for first, last in spans:
                days = {"starts_on": date.fromisoformat(first), "ends_on": date.fromisoformat(last) if last else None}
                db.session.add(TrackEnrollment(track_id=track_id, participant_id=cast.ada.id, **days))
            db.session.commit()
        return track_id

    return enrolled


def said(browser, who: str = "ada") -> str:
    return section(browser(who).get("/today"), "New for you")


@pytest.mark.parametrize(
    ("starts", "there"),
    [
        ("2026-03-04", ""),  # the first evening, a Thursday, is over
        ("2026-03-11", "Thu, Mar 12"),  # on the day itself nobody meets
        ("2026-03-12", "Thu, Mar 12"),
        ("2026-03-25", "Thu, Mar 26"),
        ("2026-03-26", ""),
    ],
)
def test_who_joins_is_told_from_when(evening, browser, starts, there):
    evening((starts, None))
    told = said(browser)
    assert (f"{JOINED}{there} ." in told) if there else (JOINED not in told)
    assert LEFT not in told and JOINED not in said(browser, "cleo")


def test_it_is_said_until_the_first_day_is_over(evening, browser, at):
    evening(("2026-03-10", None))
    for moment, there in (("2026-03-10T23:59", True), ("2026-03-11T00:00", False)):
        at(moment)
        assert (JOINED in said(browser)) == there


def test_a_first_day_that_is_cancelled_is_not_the_first(app, cast, evening, browser):
    track_id = evening(("2026-03-12", None))
    with app.app_context():
        first = (Session.track_id == track_id, Session.local_day == date(2026, 3, 12))
        group = staff_meetings.called(cast.kit, db.session.scalar(select(Session.key).where(*first)))
        sessions.cancel(cast.kit, group, "Snow.", clock.now())
        db.session.commit()
    assert f"{JOINED}Tue, Mar 17 ." in said(browser)


@pytest.mark.parametrize(
    ("ends", "there"),
    [
        ("2026-03-10", ""),  # over
        ("2026-03-11", ""),  # the last evening was yesterday
        ("2026-03-12", "Thu, Mar 12"),
        ("2026-03-25", "Tue, Mar 24"),
        ("2026-03-26", ""),
    ],
)
def test_who_leaves_is_told_which_day_is_the_last(evening, browser, ends, there):
    evening(("2026-02-03", ends))
    told = said(browser)
    assert (f"{LEFT}{there} ." in told) if there else (LEFT not in told)
    assert JOINED not in told


def test_a_place_that_goes_on_in_the_next_is_neither_joined_nor_left(evening, browser):
    for last, first in (("2026-03-12", "2026-03-13"), ("2026-03-03", "2026-03-04")):
        evening(("2026-02-03", last), (first, None))
        assert "Evening group" not in said(browser)
    evening(("2026-02-03", "2026-03-12"), ("2026-03-17", None))
    assert f"{JOINED}Tue, Mar 17" in said(browser) and f"{LEFT}Thu, Mar 12" in said(browser)


def test_a_group_without_sessions_is_not_named(app, evening, browser):
    track_id = evening(("2026-03-12", None))
    with app.app_context():
        db.session.execute(update(Session).where(Session.track_id == track_id).values(status="cancelled"))
        db.session.commit()
    assert "Evening group" not in said(browser)


def test_a_new_group_takes_no_read_of_its_own(evening, browser):
    evening(("2026-03-12", None))
    ada = browser("ada")
    assert JOINED in section(ada.get("/today"), "New for you")
    assert len(ada.selects) == 3
