"""The first hour of a new coordinator: a track of three evenings with twelve people, and what goes wrong with it."""

from datetime import date, datetime

from sqlalchemy import func, select

from portal.db import db
from portal.schedule.models import SessionChange, TrackEnrollment
from tests.schedule import plans
from tests.schedule.plans import evening, sessions


def test_a_coordinator_sets_up_an_evening_track_with_twelve_people_and_changes_four_of_its_sessions(
    app, cast, planner, at
):
    people, kit = plans.newcomers(app, at, 12), planner()
    kit.get("/schedule/")
    assert kit.page.all("a", href="/tracks/")
    assert kit.get("/tracks/").all("a", href="/tracks/new")
    plans.open_track(kit, evening(cast))
    track = kit.get(kit.location)
    join = next(f.get("action") for f in track.all("form") if (f.get("action") or "").endswith("/people"))
    kit.submit(join, {"people": people, "starts_on": "2026-03-16", "ends_on": "2026-05-08"})
    page = kit.get("/schedule/?week=2026-03-16")
    assert page.text.count("12 of 12 seats") == 3
    monday, wednesday, thursday = sessions(app, "Evening group")[:3]
    act(kit, monday.key, "move", {"move-day": "2026-03-17", "move-reason": "The building is closed on Monday."})
    act(kit, wednesday.key, "cancel", {"cancel-reason": "Dr Dee is ill."})
    act(kit, thursday.key, "substitute", {"substitute-leader": cast.oduya.key, "substitute-reason": "Dr Dee is ill."})
    act(kit, thursday.key, "place", {"place-room": "Room 3", "place-reason": "Room 12 is painted."})
    text = kit.get("/schedule/?week=2026-03-16").text
    assert "Moved was Mon, Mar 16, 6:00 pm" in text
    assert text.count("12 have not seen this") == 3
    held = sessions(app, "Evening group")
    assert [s.status for s in held[:3]] == ["planned", "cancelled", "planned"]
    assert held[0].wall_at == datetime(2026, 3, 17, 18)
    assert (held[2].facilitator_id, held[2].room) == (cast.oduya.id, "Room 3")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SessionChange)) == 4
        assert set(db.session.scalars(select(TrackEnrollment.ends_on))) == {date(2026, 5, 8)}


def act(kit, key: str, name: str, typed: dict) -> None:
    kit.get(f"/sessions/{key}/plan")
    kit.submit(f"/sessions/{key}/{name}", typed)
    kit.get(kit.location)
