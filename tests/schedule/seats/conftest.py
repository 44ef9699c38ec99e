"""What the tests of seats share: the timetable, and an evening group that takes people in."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.db import db
from portal.schedule.models import Session
from tests.schedule.timetable import timetable as timetable
from tests.schedule.timetable import track as track


@pytest.fixture
def evening(app, cast, timetable) -> SimpleNamespace:
    """Dr Dee's group on Tuesdays and Thursdays, 6 to 7 pm, for two: Cleo has one seat. Keys by day ("17", "19")."""
    with app.app_context():
        group = track(
            cast.dee,
            cast.cleo,
            title="Evening group",
            first_at=datetime(2026, 2, 3, 18),
            rule="FREQ=WEEKLY;BYDAY=TU,TH",
            minutes=60,
            capacity=2,
            takes_make_ups=True,
            room="Room 9",
            video_url="",
            bring="A pen",
        )
        db.session.commit()
        rows = db.session.execute(select(Session.local_day, Session.key).where(Session.track_id == group.id))
        keys = {f"{day:%d}": key for day, key in rows if (day.year, day.month) == (2026, 3)}
        return SimpleNamespace(track_id=group.id, **{f"on_{day}": key for day, key in keys.items()})
