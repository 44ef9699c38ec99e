"""In random states of care, absence, accounts, hours and phones, no sentence of the table lies."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import render_template_string
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from portal import clock, program
from portal.db import db, new_key
from portal.door import sign_ins
from portal.flags import branch
from portal.flags.owners import owners
from portal.flags.raising import raise_flag
from portal.people import contact_details
from portal.people.care.reach import reach_of
from portal.people.contact_details import OWN
from portal.people.models import Account, CareRelationship, OnCall, TimeAway

NEW_YORK = ZoneInfo("America/New_York")
THERAPISTS = ("cho", "dee", "oduya")
DAY = date(2026, 3, 11)
MACRO = '{% import "people/care/_parts.html" as care with context %}<p>{{ care.who_reads() }}</p>'

MOMENTS = st.datetimes(datetime(2026, 3, 6), datetime(2026, 3, 17)).map(
    lambda wall: wall.replace(tzinfo=NEW_YORK, fold=0)
)
STATES = st.fixed_dictionaries(
    {
        "now": MOMENTS,
        "care": st.dictionaries(
            st.sampled_from(THERAPISTS), st.sampled_from(["primary", "covering", "on_call"]), max_size=3
        ),
        "starts": st.sampled_from([DAY - timedelta(days=30), DAY, DAY + timedelta(days=9)]),
        "ended": st.sets(st.sampled_from(THERAPISTS), max_size=1),
        "away": st.sets(st.sampled_from(THERAPISTS)),
        "off": st.sets(st.sampled_from(THERAPISTS)),
        "listed": st.sets(st.sampled_from(THERAPISTS)),
        "open_days": st.lists(st.integers(0, 6), max_size=7, unique=True).map(sorted),
        "hours": st.sampled_from([(8, 17), (0, 23), (13, 14)]),
        "holidays": st.lists(st.sampled_from([DAY + timedelta(days=n) for n in range(-3, 4)]), max_size=2, unique=True),
        "phone": st.sampled_from([None, "(212) 555-0171"]),
        "zone": st.sampled_from(["America/New_York", "Pacific/Honolulu", "Asia/Tokyo"]),
        "code": st.sampled_from(["yes_talk", "yes_safe", "call_me", None]),
        "minutes_later": st.integers(0, 1600),
    }
)


def one_primary(care):
    """At most one primary therapist, as the database sees to."""
    first = next((name for name, role in care.items() if role == "primary"), None)
    return {name: role if role != "primary" or name == first else "covering" for name, role in care.items()}


def make(cast, state):
    ada, care = cast.ada, one_primary(state["care"])
    db.session.execute(delete(CareRelationship).where(CareRelationship.participant_id == ada.id))
    db.session.execute(delete(OnCall))
    for name, role in care.items():
        row = {
            "participant_id": ada.id,
            "therapist_id": getattr(cast, name).id,
            "role": role,
            "starts_on": state["starts"],
        }
        db.session.add(CareRelationship(**row, ended_at=state["now"] if name in state["ended"] else None))
    for name in sorted(state["away"]):
        days = {"first_day": DAY - timedelta(days=1), "last_day": DAY + timedelta(days=1), "entered_at": state["now"]}
        cover = next(each for each in THERAPISTS if each != name)
        db.session.add(
            TimeAway(key=new_key(), therapist_id=getattr(cast, name).id, covered_by_id=getattr(cast, cover).id, **days)
        )
    off = [getattr(cast, name).id for name in state["off"]]
    db.session.execute(update(Account).where(Account.id.in_(off)).values(disabled_at=state["now"]))
    db.session.add_all(
        OnCall(therapist_id=getattr(cast, name).id, since=state["now"]) for name in sorted(state["listed"])
    )
    opens, closes = (time(hour) for hour in state["hours"])
    holidays = [day.isoformat() for day in state["holidays"]]
    values = {"open_days": state["open_days"], "opens": opens, "closes": closes, "holidays": holidays}
    program.change_settings(None, **values)
    contact_details.keep(ada, dict.fromkeys(OWN) | {"phone": state["phone"]}, None, state["now"])
    db.session.flush()
    return care


def there(state, care, role, now):
    """The names of those in `role` who can be said to be there at `now`, worked out without the portal."""
    today = now.astimezone(NEW_YORK).date()
    is_away = abs((today - DAY).days) <= 1
    in_role = {"listed": state["listed"]}.get(role) or {name for name, theirs in care.items() if theirs == role}
    if role == "listed":
        in_role = state["listed"]
    elif today < state["starts"]:
        return set()
    else:
        in_role = in_role - state["ended"]
    gone = state["off"] | (state["away"] if is_away else set())
    return {f"Dr {name.title()}" for name in in_role - gone}


def is_open(state, wall):
    opens, closes = state["hours"]
    return wall.weekday() in state["open_days"] and wall.date() not in state["holidays"] and opens <= wall.hour < closes


def minutes_left(state, wall):
    """The open minutes of the day of `wall` from then on, on the clock at the wall."""
    end = datetime.combine(wall.date(), time(23, 59), NEW_YORK)
    opens, closes = state["hours"]
    if wall.weekday() not in state["open_days"] or wall.date() in state["holidays"]:
        return 0
    first = max(wall, datetime.combine(wall.date(), time(opens), NEW_YORK))
    last = min(end, datetime.combine(wall.date(), time(closes), NEW_YORK))
    return (last - first).total_seconds() / 60


def is_true(app, cast, state, at):
    now = at(state["now"])
    care = make(cast, state)
    ada = replace(cast.ada, zone=state["zone"])
    told_at = now
    if state["code"]:
        raise_flag(ada, state["code"], "k" * 22, told_at)
        db.session.flush()
    now = at.later(minutes=state["minutes_later"])
    facts, wall = program.current(), now.astimezone(NEW_YORK)
    reach = reach_of(ada, facts, now)
    primary, covering, listed = (there(state, care, role, now) for role in ("primary", "covering", "listed"))

    assert set(reach.readers) == (primary or covering)
    assert set(reach.called_first) == (primary or covering or listed)
    owned = owners([ada.id], facts, now)[ada.id]
    if reach.called_first:
        assert {one.name for one in owned.now} == set(reach.called_first), "the page names whom the flag is with"

    token = sign_ins.start(cast.ada, now)
    me = sign_ins.visitor(token, now)
    assert ({me.reader} if me.reader else set()) <= (primary or covering) and bool(me.reader) is bool(
        primary or covering
    )
    line = words_of(render_template_string(MACRO, me=me, program=facts))
    assert ("not right away" in line) is bool(me.reader and state["open_days"])
    assert ("We are closed today." in line) is bool(
        me.reader
        and state["open_days"]
        and (wall.weekday() not in state["open_days"] or wall.date() in state["holidays"])
    )

    entry = SimpleNamespace(key="k" * 22, entered_at=told_at, brings_help=True)
    shown = branch.branch_after(ada, facts, entry, now, check_in_key=entry.key)
    assert shown.phone == state["phone"]
    assert shown.hours.startswith("Open now") is is_open(state, wall), shown.hours
    assert ("Your answer is with" not in shown.outlook) or bool(state["code"] and (primary or covering or listed))
    if "We will call you today." in shown.outlook:
        assert state["code"] in ("yes_talk", "call_me") and state["phone"] and (primary or covering or listed)
        assert clock.day_of(told_at, ada.zone) == clock.day_of(now, ada.zone), "today is the reader's own day"
        assert (
            told_at.astimezone(NEW_YORK).date() == wall.date()
            and minutes_left(state, told_at.astimezone(NEW_YORK)) >= 30
        )
    db.session.rollback()


def words_of(html):
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.full)])
def test_no_sentence_lies_in_any_state(app, cast, at, count):
    @settings(max_examples=count, deadline=None, database=None, derandomize=True)
    @given(state=STATES)
    def is_true_of(state):
        is_true(app, cast, state, at)

    with app.test_request_context():
        is_true_of()
