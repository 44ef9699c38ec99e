"""A counter of rooms: how many files of portal/ one request goes through, and how often it crosses from one to another.

A room is a file of portal/. A crossing is a Python call into a room whose caller stands in another file, be it a room,
a template or a library. Run it with: python -m tests.bench.rooms (-v lists the busiest crossings, and the rooms)
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import select

from portal import clock, create_app, demo, seal
from portal.db import db
from portal.people.models import Account
from tests.page import Page

PORTAL = str(Path(sys.modules["portal"].__file__ or "").parent) + "/"
PASSWORD = "foothold-demo"


@dataclass
class Walk:
    """The rooms that were visited, and by (from, to) how often a call crossed from one to another."""

    rooms: set[str] = field(default_factory=set)
    crossings: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        return self.crossings.total()


def walk(act: Callable[[], Any]) -> tuple[Walk, Any]:
    """What `act` walks through, and what it returns."""
    walked = Walk()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        place = frame.f_code.co_filename
        if event != "call" or not place.startswith(PORTAL):
            return
        walked.rooms.add(place.removeprefix(PORTAL))
        came_from = frame.f_back.f_code.co_filename if frame.f_back else place
        if came_from != place:
            walked.crossings[came_from.removeprefix(PORTAL), place.removeprefix(PORTAL)] += 1

    sys.setprofile(note)
    try:
        returned = act()
    finally:
        sys.setprofile(None)
    return walked, returned


def client_of(app: Any, email: str) -> Any:
    """A test client that has signed in through the real view."""
    client = app.test_client()
    token = Page(client.get("/sign-in").text).token
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303, answer.status
    return client


def move_next_session(app: Any) -> Walk:
    """The walk of the request with which Kit moves the next session of Ada an hour on, once it was looked at."""
    ada, kit = client_of(app, "ada@demo.example"), client_of(app, "kit@demo.example")
    keys = re.findall(r"/sessions/([\w-]{22})", ada.get("/today").text + ada.get("/schedule/").text)
    address = next(f"/sessions/{key}" for key in keys if "/move" in kit.get(f"/sessions/{key}/plan").text)
    page = Page(kit.get(f"{address}/plan").text)
    fields = page.fields(f"{address}/move")
    fields["move-reason"] = "The room is being painted."
    starts = datetime.strptime(fields["move-starts"][0], "%H:%M") + timedelta(hours=1)
    fields |= {"move-starts": f"{starts:%H:%M}", "move-until": "", "csrf_token": page.token}
    walked, answer = walk(lambda: kit.post(f"{address}/move", data=fields))
    if answer.status_code != 303:
        fields |= {"move-confirm": Page(answer.text).fields(f"{address}/move")["move-confirm"]}
        fields |= {"move-clash_reason": "There is no other hour."}
        walked, answer = walk(lambda: kit.post(f"{address}/move", data=fields))
    assert answer.status_code == 303, answer.status
    return walked


def read_history(app: Any) -> Walk:
    """The walk of one GET of Ada's history, by Dr Cho; a first one has made what is made once."""
    cho = client_of(app, "cho@demo.example")
    with app.app_context():
        key = db.session.scalar(select(Account.key).where(Account.name == "Ada Moreno"))
    assert cho.get(f"/caseload/{key}").status_code == 200
    walked, answer = walk(lambda: cho.get(f"/caseload/{key}"))
    assert answer.status_code == 200, answer.status
    return walked


def demo_clinic(folder: str) -> Any:
    """A portal with the demo clinic as of now, in a database in `folder`."""
    import flask_migrate

    url = f"sqlite:///{folder}/rooms.sqlite"
    app = create_app(DEMO=True, SECRET_KEY="rooms" * 8, URL="http://localhost:8000", DATABASE_URL=url)
    with app.app_context():
        flask_migrate.upgrade()
        seal.prepare()
        demo.make(clock.now())
        db.session.commit()
    return app


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = demo_clinic(folder)
        for name, one in (("history", read_history(app)), ("move", move_next_session(app))):
            print(f"{name}: {len(one.rooms)} rooms, {one.calls} calls between them")
            if "-v" in sys.argv:
                for (came_from, room), count in one.crossings.most_common(12):
                    print(f"  {count:5} {came_from} -> {room}")
                print(f"  {' '.join(sorted(one.rooms))}")
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main()
