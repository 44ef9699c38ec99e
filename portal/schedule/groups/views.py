"""Pages of group tracks: all of them, one, planning one anew or from a day on, its people, and its end."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock
from portal.access import accepts, coordinators, form_on, rules
from portal.db import db
from portal.fields import Refused
from portal.people.directory import participants, therapists
from portal.schedule.groups import enrollment, overview, tracks
from portal.schedule.groups.fields import READINGS, WORKSHEETS
from portal.schedule.groups.forms import (
    ZONES,
    LeaveForm,
    NewTrackForm,
    TrackChangeForm,
    TrackEndForm,
    TrackForm,
    TrackPeopleForm,
    said_of,
)
from portal.schedule.models import Track
from portal.web import render

blueprint = Blueprint("groups", __name__)


@blueprint.get("/tracks/")
@coordinators
@rules("program")
def index() -> ResponseReturnValue:
    lines = overview.track_lines(current_user, clock.now())
    return render("schedule/groups/index.html", tracks=lines)


@blueprint.get("/tracks/new")
@coordinators
@rules("program")
def new() -> ResponseReturnValue:
    return _edit(_new_form(), None)


@blueprint.post("/tracks/")
@coordinators
@rules("program", "track.open")
@accepts(NewTrackForm, on="groups.new")
def create() -> ResponseReturnValue:
    form = _new_form()
    if not form.keep(current_user, current_user.program, clock.now()):
        return _edit(form, None, form.status)
    target = url_for(".show", key=form.track.key, saved="opened")
    db.session.commit()
    return redirect(target, 303)


def _new_form() -> NewTrackForm:
    suggested = {"zone": current_user.program.zone, "discreet_title": "Appointment"}
    return NewTrackForm(therapists(current_user), data=suggested)


@blueprint.get("/tracks/<key>")
@coordinators
@rules("program", "roster.view")
def show(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    form = TrackPeopleForm(participants(current_user))
    answer = _track(track, form)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return answer


@blueprint.post("/tracks/<key>/people")
@coordinators
@rules("program", "track.enroll")
@accepts(TrackPeopleForm, on="groups.show")
def join(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    form = TrackPeopleForm(participants(current_user))
    if not form.keep(current_user, track, clock.now()):
        return _track(track, form, form.status)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="joined"), 303)


@blueprint.post("/tracks/<key>/people/<person>/leave")
@coordinators
@rules("program", "track.leave")
@form_on("groups.show")
def leave(key: str, person: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    people, form = participants(current_user), LeaveForm()
    participant = people.get(person) or abort(404)
    if not form.validate():
        return _track(track, TrackPeopleForm(people), 422, leave=form, leaving=person)
    enrollment.leave(current_user, track, participant, form.last_day.data)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="left"), 303)


@blueprint.get("/tracks/<key>/edit")
@coordinators
@rules("program")
def edit(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    return _edit(_change_form(track), track)


@blueprint.post("/tracks/<key>/edit")
@coordinators
@rules("program", "track.change")
@accepts(TrackChangeForm)
def update(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    form = _change_form(track)
    if not form.keep(current_user, current_user.program, clock.now()):
        return _edit(form, track, form.status)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="changed"), 303)


def _change_form(track: Track) -> TrackChangeForm:
    leaders, since = therapists(current_user), clock.parse_day(request.args.get("from"))
    said = said_of(track, leaders, since, clock.day_of(clock.now(), track.zone))
    return TrackChangeForm(track, leaders, said)


@blueprint.get("/tracks/<key>/end")
@coordinators
@rules("program")
def ending(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    return render("schedule/groups/end.html", form=TrackEndForm(), track=track)


@blueprint.post("/tracks/<key>/end")
@coordinators
@rules("program", "track.end")
@accepts(TrackEndForm)
def stop(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    form = TrackEndForm()
    if not form.keep(current_user, track, clock.now()):
        return render("schedule/groups/end.html", status=form.status, form=form, track=track)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="ended"), 303)


@blueprint.get("/tracks/<key>/remove")
@coordinators
@rules("program")
def removing(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    return _removing(track, tracks.is_removable(track))


@blueprint.post("/tracks/<key>/remove")
@coordinators
@rules("program", "track.remove")
def take_away(key: str) -> ResponseReturnValue:
    track = tracks.track_for(current_user, key)
    try:
        tracks.remove_track(current_user, track)
    except Refused:
        return _removing(track, False, 422)
    db.session.commit()
    return redirect(url_for(".index", saved="removed"), 303)


def _removing(track: Track, removable: bool, status: int = 200) -> ResponseReturnValue:
    page = "schedule/groups/remove.html"
    return render(page, status=status, track=track, removable=removable, why_not=tracks.IN_USE)


def _edit(form: TrackForm, track: Track | None, status: int = 200) -> ResponseReturnValue:
    page = "schedule/groups/edit.html" if track else "schedule/groups/new.html"
    lists: dict[str, Any] = {"zones": ZONES, "readings": READINGS, "worksheets": WORKSHEETS}
    return render(page, status=status, form=form, track=track, **lists)


def _track(track: Track, form: TrackPeopleForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    now = clock.now()
    today, coming = clock.day_of(now, track.zone), overview.to_come(track, now)
    enrolled = enrollment.enrollments_of(track, now)
    form.offer(enrollment.staying(enrolled), overview.busy(track, coming), overview.next_day(coming, today))
    return render(
        "schedule/groups/show.html",
        status=status,
        track=track,
        plan=tracks.plan_of(track),
        when=overview.meets(track, coming, today),
        names={leader.id: leader.name for leader in therapists(current_user).values()},
        readings=READINGS,
        worksheets=WORKSHEETS,
        enrolled=enrolled,
        places=enrollment.places(enrolled, today),
        coming=coming[: overview.NEXT],
        today=today,
        form=form,
        **{"leave": LeaveForm(formdata=None), "leaving": None, **more},
    )
