"""Importing group times: choose a file, look at what it would do, and say yes."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import coordinators, form_on, rules
from portal.db import db
from portal.schedule.calendar.importing import carrying, parse, plan
from portal.schedule.calendar.importing.carrying import Carried
from portal.schedule.calendar.importing.forms import FileForm, PlanForm
from portal.schedule.calendar.importing.lines import MOST_BYTES
from portal.schedule.groups import tracks
from portal.schedule.sessions import phrases
from portal.web import render

blueprint = Blueprint("importing", __name__)
FORM_BESIDE_THE_FILE = 64 * 1024
SAVED = {
    "new": "Imported. The new groups are on the schedule: give people a place in them next.",
    "changed": "Imported. What changed is on the schedule, and those who come are told.",
    "same": "There was nothing to do: the schedule is as the file has it.",
}


@blueprint.url_value_preprocessor
def take_a_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let the one form with a file be larger than others, and hold the file in memory: it is never on the disk.

    This runs before anything reads the form; what is larger is refused by its stated length.
    """
    if endpoint == "importing.preview":
        request.max_content_length = MOST_BYTES + FORM_BESIDE_THE_FILE
        request._get_file_stream = lambda *_, **__: BytesIO()  # type: ignore[method-assign]


@blueprint.get("/schedule/import")
@coordinators
@rules("program")
def new() -> ResponseReturnValue:
    return _new(FileForm())


@blueprint.post("/schedule/import")
@coordinators
@rules("program", limit="60 per hour")
@form_on("importing.new")
def preview() -> ResponseReturnValue:
    form, now = FileForm(), clock.now()
    if not form.validate():
        return _new(form, 422)
    try:
        found = parse.read(form.content, current_user.program.zone, now)
        carried = Carried(found, form.leader.data, form.capacity.data)
        done = plan.preview(*_asked(carried, now))
        return _shown(PlanForm(formdata=None, plan=carrying.packed(current_user, carried, now)), carried, done)
    except ValueError as error:
        form.file.errors = [f"Nothing was imported. {error}"]
    return _new(form, 422)


@blueprint.post("/schedule/import/confirm")
@coordinators
@rules("program", "track.import", "track.open", "track.change", "session.move", "session.cancel", "session.place")
@form_on("importing.new")
def confirm() -> ResponseReturnValue:
    form, now = PlanForm(), clock.now()
    try:
        carried = carrying.unpacked(current_user, form.plan.data or "", now)
        done = plan.preview(*_asked(carried, now))
        if not form.validate() or not form.demand(bool(done.clashes), bool(carried.found.refused)):
            return _shown(form, carried, done, 422)
        plan.take_over(*_asked(carried, now, form.clash_reason.data or ""))
    except ValueError as error:
        return _new(FileForm(formdata=None), 422, trouble=f"Nothing was imported. {error}")
    db.session.commit()
    return redirect(url_for(".new", saved=done.what), 303)


def _asked(carried: Carried, now: datetime, clash_reason: str = "") -> tuple[Any, ...]:
    """The arguments of take_over. Raises ValueError where the leader can lead no more."""
    leader = next((id_ for id_, key, _ in tracks.leaders() if key == carried.leader), None)
    if leader is None:
        raise ValueError("Whoever was to lead these groups can lead none any more.")
    series, program = carried.found.series, current_user.program
    return current_user, series, leader, carried.capacity, clash_reason, program, now


def _shown(form: PlanForm, carried: Carried, done: plan.Done, status: int = 200) -> ResponseReturnValue:
    return render(
        "schedule/calendar/importing/preview.html",
        status=status,
        form=form,
        done=done,
        clashes=phrases.folded(done.clashes, clock.day_of(clock.now(), current_user.program.zone)),
        found=carried.found,
        leader=next(name for _, key, name in tracks.leaders() if key == carried.leader),
        capacity=carried.capacity,
    )


def _new(form: FileForm, status: int = 200, trouble: str | None = None) -> ResponseReturnValue:
    saved = SAVED.get(request.args.get("saved", ""))
    empty = plan.empty(current_user) if saved == SAVED["new"] else []
    return render(
        "schedule/calendar/importing/new.html", status=status, form=form, trouble=trouble, saved=saved, empty=empty
    )
