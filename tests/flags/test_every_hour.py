"""For each hour of a week with a holiday: what is shown, whose flag it is, when it is due; only its owner is told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update

from portal import flags, program
from portal.db import db
from portal.flags import acts
from portal.flags.owners import owners
from portal.mail import Mail
from portal.people import contact_details
from portal.people.contact_details import OWN
from portal.program.models import Program
from tests.measures.asked import answers_of
from tests.page import words

ZONE, HOLIDAY = "America/New_York", date(2026, 3, 6)
MONDAY = datetime(2026, 3, 2)  # the Sunday of this week has 23 hours
HOURS = [MONDAY + timedelta(hours=hour, minutes=hour % 60) for hour in range(7 * 24)]
CHECK_IN = {"yes_safe": "same_day", "yes_talk": "urgent"}
MINUTES = {"urgent": 30, "same_day": 120}
ITEM_9 = {1: "same_day", 2: "urgent", 3: "urgent"}
ANSWERS = [*CHECK_IN.items(), *ITEM_9.items()]


def is_open(wall):
    return wall.weekday() < 5 and wall.date() != HOLIDAY and 8 <= wall.hour < 17


def due(wall, tier):
    """The open minutes of the tier after `wall`, counted one by one on the clock at the wall."""
    left = MINUTES[tier]
    while left:
        left, wall = left - is_open(wall), wall + timedelta(minutes=1)
    return wall


def opening(wall):
    while not is_open(wall):
        wall += timedelta(minutes=1)
    return wall


def sent(ada, answer):
    """Ada gives the answer through the real form; the section that is first on the page after it."""
    if answer in CHECK_IN:
        ada.get("/check-ins/new")
        ada.submit("/check-ins/", {"mood": "3", "safety": answer})
    else:
        ada.get("/measures/phq-9")
        ada.submit("/measures/phq-9", answers_of("phq-9", 0, phq9_9=answer))
    return ada.get(ada.location).one("div", id="safety")


def hours_now(wall):
    """The hours beside the number, as they are at `wall`."""
    opens = opening(wall)
    if opens == wall:
        return "Open now, until 5:00 pm today"
    ahead = (opens.date() - wall.date()).days
    day = {0: "today", 1: "tomorrow"}.get(ahead, f"on {opens:%A, %B} {opens.day}")
    return f"Closed now. Open {day} at 8:00 am"


def is_true(app, cast, browser, at, wall, answer, tier):
    at(wall.replace(tzinfo=ZoneInfo(ZONE)))
    shown = sent(browser("ada"), answer)
    text = words(shown)
    assert {"tel:988", "sms:988", "tel:911", "tel:+12125550142", "/safety-plan"} <= {
        a.get("href") for a in shown.iter("a")
    }
    assert "Are you safe right now?" in text and f"Call us: (212) 555-0142 {hours_now(wall)}" in text, text
    assert "We would call (212) 555-0171 . Your answer is with Dr Cho." in text
    can_call = due(wall, "urgent").date() == wall.date()
    assert ("We will call you today." in text) is (can_call and answer == "yes_talk"), text
    assert ("We cannot promise that someone calls you today." in text) is not can_call
    assert ("988 is open at every hour." in text) is not can_call
    with app.app_context():
        flag, facts = flags.open_flags([cast.ada.id])[cast.ada.id], program.current()
        assert flag.tier == tier
        assert flag.due_at(facts) == due(wall, tier).replace(tzinfo=ZoneInfo(ZONE))
        owned = owners([cast.ada.id], facts, at.now)[cast.ada.id]
        assert (owned.now, owned.later) == ((cast.cho,), (cast.oduya,))
        assert flag.passed_on_at(facts, at.now) is None
        acts.act(cast.cho, cast.ada, flag.key, "contacted", None, at.now)
        db.session.execute(delete(Mail).where(Mail.account_id == cast.cho.id))  # the one letter that told Dr Cho
        assert db.session.scalar(select(func.count()).select_from(Mail)) == 0
        db.session.commit()


@pytest.fixture(autouse=True)
def _holiday(app, cast):
    with app.app_context():
        db.session.execute(update(Program).values(holidays=[HOLIDAY.isoformat()]))
        contact_details.keep(cast.ada, dict.fromkeys(OWN) | {"phone": "(212) 555-0171"}, None, datetime.now(UTC))
        db.session.commit()


SAMPLE = [(wall, *ANSWERS[place % len(ANSWERS)]) for place, wall in enumerate(HOURS[::9])]


@pytest.mark.parametrize(("wall", "answer", "tier"), SAMPLE, ids=[f"{wall:%a-%H:%M}-{a}" for wall, a, _ in SAMPLE])
def test_what_is_shown_and_raised_is_true_for_the_hour(app, cast, browser, at, wall, answer, tier):
    is_true(app, cast, browser, at, wall, answer, tier)


@pytest.mark.full
@pytest.mark.parametrize(("answer", "tier"), ANSWERS)
def test_for_every_hour_of_the_week(app, cast, browser, at, answer, tier):
    for wall in HOURS:
        is_true(app, cast, browser, at, wall, answer, tier)
