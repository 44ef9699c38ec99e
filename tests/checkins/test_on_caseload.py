"""The days of a caseload: read as plain columns, they are what a slow reading of whole check-ins finds."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from portal import checkins
from portal.checkins.models import CheckIn, Review
from portal.checkins.on_caseload import UNREAD_DAYS, recent_days
from portal.checkins.sets import SETS
from portal.checkins.usual_range import ITEMS
from portal.db import db, new_key

TODAY = date(2026, 3, 11)
COUNT = 42
NAMED = ("substance_use", "medication")
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)

number = st.none() | st.integers(0, 10)
check_in = st.fixed_dictionaries(
    {
        "days_ago": st.integers(-1, COUNT + 1),
        "minute": st.integers(0, 3),
        "set": st.sampled_from(sorted(SETS)),
        "mood": st.integers(0, 10),
        "anxiety": number,
        "urges": number,
        "sleep_hours": st.none() | st.integers(0, 28).map(lambda halves: halves / 2),
        "medication": st.sampled_from([None, "no", "no", "yes"]),
        "substance_use": st.sampled_from([None, "no", "yes", "not_say"]),
        "acted": st.sampled_from([None, "no", "yes", "not_say"]),
        "versions": st.integers(1, 2),
        "read": st.sampled_from([None, 1, 2]),
    }
)


def write(person, numbered):
    """Keep these check-ins of `person`: what the set does not ask is left out, and each earlier version differs."""
    for number, one in numbered:
        asked, key = SETS[*one["set"]].by_id, f"check-in-{number:03}"
        values = {item: one[item] if item in asked else None for item in (*ITEMS, *NAMED)}
        acted = {"acted": one["acted"]} if "acted" in asked and one["acted"] else {}
        for version in range(1, one["versions"] + 1):
            is_last = version == one["versions"]
            row = values if is_last else dict.fromkeys(values) | {"mood": 10 - one["mood"]}
            db.session.execute(
                insert(CheckIn).values(
                    participant_id=person.id,
                    for_day=TODAY - timedelta(days=one["days_ago"]),
                    key=key,
                    version=version,
                    question_set=one["set"][0],
                    question_set_version=one["set"][1],
                    answers=acted if is_last else {},
                    entered_at=MIDNIGHT + timedelta(minutes=one["minute"], seconds=number),
                    zone=person.zone,
                    **row,
                )
            )
        if one["read"]:
            review = {"check_in_key": key, "check_in_version": min(one["read"], one["versions"]), "at": MIDNIGHT}
            db.session.add(Review(key=new_key(), participant_id=person.id, by_id=person.id, **review))
    db.session.flush()


def slowly(person, today):
    """From whole check-ins: (values, whether it was missed) of each day, how many unread, the latest, and floors."""
    first = today - timedelta(days=COUNT - 1)
    held = checkins.between([person.id], first, today)
    days = []
    for day in (first + timedelta(days=n) for n in range(COUNT)):
        own = [entry for entry in held if entry.for_day == day]
        last = {
            item: next((given for entry in reversed(own) if (given := entry.given(item)) is not None), None)
            for item in ITEMS
        }
        days.append((last, not own))
    reviews = checkins.reviews_of(person, [entry.key for entry in held])
    unread = sum(
        entry.for_day > today - timedelta(days=UNREAD_DAYS)
        and not any((r.check_in_key, r.check_in_version) == (entry.key, entry.version) for r in reviews)
        for entry in held
    )
    read = {(r.check_in_key, r.check_in_version) for r in reviews}
    floors = [
        (one.key, rule)
        for n, one in enumerate(held)
        for rule in _slow_floors(one, [e for e in held[:n] if e.for_day < one.for_day])
        if (one.key, one.version) not in read or one.for_day == held[-1].for_day
    ]
    return days, unread, (held[-1].for_day, held[-1].entered_at, held[-1].safety) if held else None, sorted(floors)


def _slow_floors(one, before):
    """The rules that hold for one check-in, of which these came on days before it."""
    sleep = [each.sleep_hours for each in (*before, one) if each.sleep_hours is not None][-2:]
    medicine = [each.medication for each in (*before, one) if each.medication is not None][-2:]
    yield from ["substance_use"] * (one.substance_use == "yes") + ["acted"] * (one.given("acted") == "yes")
    yield from (
        ["mood"] * (one.mood <= 2) + ["urges"] * ((one.urges or 0) >= 8) + ["anxiety"] * ((one.anxiety or 0) >= 9)
    )
    if one.sleep_hours is not None and len(sleep) == 2 and max(sleep) < 4:
        yield "sleep_hours"
    if one.medication == "no" and medicine == ["no", "no"]:
        yield "medication"


@given(st.lists(check_in, max_size=24), st.lists(check_in, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_quick_reading_and_the_slow_one_agree(app, cast, adas, bens):
    with app.app_context():
        todays = {cast.ada.id: TODAY, cast.ben.id: TODAY - timedelta(days=1)}  # it is yesterday still where Ben is
        for person, own in ((cast.ada, adas), (cast.ben, bens)):
            write(person, enumerate(own))
        read = recent_days(todays, COUNT)
        for person in (cast.ada, cast.ben):
            found, (days, unread, latest, floors) = read[person.id], slowly(person, todays[person.id])
            assert [{item: found.series[item][n] for item in ITEMS} for n in range(COUNT)] == [one for one, _ in days]
            assert found.missed == [missed for _, missed in days]
            assert found.unread == unread
            last = found.latest
            assert (last and (last.for_day, last.entered_at, last.safety)) == latest
            assert sorted((one.check_in_key, one.rule) for one in found.floors) == floors
        db.session.rollback()


def test_zero_skipped_and_missed_are_three_different_things(app, cast):
    with app.app_context():
        one = {"minute": 0, "set": ("daily", 1), "anxiety": 3, "sleep_hours": 0, "substance_use": None, "acted": None}
        one |= {"medication": None}
        one |= {"versions": 1, "read": None}
        write(
            cast.ada,
            [(0, one | {"days_ago": 2, "mood": 0, "urges": 0}), (1, one | {"days_ago": 1, "mood": 4, "urges": None})],
        )
        days = recent_days({cast.ada.id: TODAY}, 3)[cast.ada.id]
        assert (days.series["urges"], days.missed) == ([0, None, None], [False, False, True])
        assert days.series["mood"] == [0, 4, None]
