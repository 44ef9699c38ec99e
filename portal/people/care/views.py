"""The pages of a care team, of time away, of breaking the glass, and of its review."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, people
from portal.access import accepts, coordinators, form_on, rules, staff, therapists
from portal.db import db
from portal.fields import Refused, refusals_on
from portal.people import care, directory
from portal.people.care import glass, phrases, reviews, time_away
from portal.people.care.forms import FindingForm, GlassForm, MemberForm, TimeAwayForm
from portal.web import render

blueprint = Blueprint("care", __name__)


@blueprint.post("/people/<key>/care")
@coordinators
@rules("program", "care.add", "care.end", fresh="Add to the care team")
@accepts(MemberForm, on="accounts.show")
def team_create(key: str) -> ResponseReturnValue:
    team = care.found_team(current_user, key)
    form = MemberForm(team.therapists)
    with refusals_on(form):
        if form.validate():
            therapist = care.therapist_called(form.therapist.data)
            care.add(current_user, team.participant, therapist, form.role.data, clock.now())
            db.session.commit()
            return redirect(url_for("accounts.show", key=key, done="added"), 303)
    return render("people/care/team.html", status=422, team=team, member_form=form, end_form=None)


@blueprint.get("/time-away")
@staff
@rules("self")
def away_index() -> ResponseReturnValue:
    return _away(_away_form())


@blueprint.post("/time-away")
@staff
@rules("self", "time_away.enter", "care.cover", "on_call.begin", fresh="Enter the time away")
@accepts(TimeAwayForm)
def away_create() -> ResponseReturnValue:
    form = _away_form()
    with refusals_on(form):
        if form.validate():
            days = form.first_day.data, form.last_day.data
            time_away.enter_time_away(current_user, form.leaving, form.covering, *days, clock.now(), form.called)
            db.session.commit()
            return redirect(url_for(".away_index", saved="entered"), 303)
    return _away(form, 422)


@blueprint.post("/time-away/<key>/end")
@staff
@rules("self", "time_away.end")
@form_on("care.away_index")
def away_cancel(key: str) -> ResponseReturnValue:
    time_away.end_time_away(current_user, key, clock.now())
    db.session.commit()
    return redirect(url_for(".away_index", saved="ended"), 303)


def _away_form() -> TimeAwayForm:
    return TimeAwayForm(current_user, directory.open_therapists())


def _away(form: TimeAwayForm, status: int = 200) -> ResponseReturnValue:
    today = clock.day_of(clock.now(), current_user.program.zone)
    listed = time_away.times_away_seen_by(current_user, today)
    return render("people/care/time_away.html", status=status, form=form, listed=listed, today=today)


@blueprint.get("/break-glass")
@therapists
@rules("care", fresh=True)
def glass_new() -> ResponseReturnValue:
    return _glass(GlassForm())


@blueprint.post("/break-glass")
@therapists
@rules("care", "glass.break", "glass.miss", limit="10 per hour", fresh="Open the record")
@accepts(GlassForm)
def glass_create() -> ResponseReturnValue:
    form, opened = GlassForm(), None
    if form.validate():
        with refusals_on(form):
            opened = glass.break_for(current_user, form.who.data, form.reason.data, clock.now())
        db.session.commit()
    if opened is None:
        return _glass(form, 422)
    return redirect(url_for("caseload.show", key=opened.key), 303)


def _glass(form: GlassForm, status: int = 200) -> ResponseReturnValue:
    _, opened = people.within_reach_of(current_user, clock.now())
    return render("people/care/glass.html", status=status, form=form, opened=opened)


@blueprint.get("/break-glass/reviews")
@coordinators
@rules("program", "glass.list")
def reviews_index() -> ResponseReturnValue:
    asked = request.args.get("key")
    return _reviews(form=FindingForm(asked) if asked else None, asked=asked)


@blueprint.post("/break-glass/reviews/<key>")
@coordinators
@rules("program", "glass.review", fresh="Sign the review")
@accepts(FindingForm, on="care.reviews_index")
def reviews_create(key: str) -> ResponseReturnValue:
    form = FindingForm(key)
    if not form.validate():
        return _reviews(422, asked=key, form=form)
    try:
        reviews.review(current_user, key, form.finding.data, clock.now())
    except Refused as refused:
        return _reviews(409, refused=refused.words)
    db.session.commit()
    return redirect(url_for(".reviews_index"), 303)


def _reviews(status: int = 200, **more: Any) -> ResponseReturnValue:
    now = clock.now()
    waiting, past = reviews.queue(current_user, now)
    audit.record(current_user, "glass.list")
    db.session.commit()
    return render(
        "people/care/reviews.html",
        status=status,
        waiting=waiting,
        past=past,
        now=now,
        phrases=phrases,
        findings=reviews.FINDINGS,
        **{"asked": None, "form": None, "refused": None, **more},
    )
