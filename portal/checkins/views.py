"""What checking in shows: the form, the page after it, and a participant's own history."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import checkins, clock, exercises, flags, web
from portal.access import form_on, participants, rules
from portal.checkins import afterwards, words
from portal.checkins.days import each_day, journal
from portal.checkins.forms import CheckInForm, MoodForm, SafeNowForm
from portal.db import db, new_key
from portal.people import drafts
from portal.program import hours

blueprint = Blueprint("checkins", __name__, url_prefix="/check-ins")

FORM = "/check-ins/new"
CHART_DAYS = 14
HISTORY_DAYS = 28
EARLIEST = date(2000, 1, 1)
JUST_NOW = timedelta(hours=1)


def _page(form: CheckInForm, status: int = 200, **context: Any) -> ResponseReturnValue:
    return web.render(
        "checkins/new.html",
        status=status,
        form=form,
        words=words,
        plan=exercises.plan_lines(current_user),
        **context,
    )


@blueprint.get("/new")
@participants
@rules("self")
def new() -> ResponseReturnValue:
    """An empty form; or what was started on Today, or typed before a session ran out; or, with `change`, a kept one."""
    today = clock.day_of(clock.now(), current_user.zone)
    change = request.args.get("change")
    typed, kept_at = (None, None) if change else drafts.kept(current_user, FORM)
    started = typed is not None and set(typed) == {"mood", "key"}
    if started and kept_at and clock.day_of(kept_at, current_user.zone) != today:
        typed, kept_at, started = None, None, False
    entry = checkins.of(current_user, change) if change else None
    if entry and entry.for_day < today - timedelta(days=1):
        abort(404)
    form = CheckInForm(
        formdata=typed,
        obj=entry,
        data={"for_day": clock.parse_day(request.args.get("for_day"))},
        today=today,
        asks_safety=current_user.program.asks_safety,
    )
    earlier = [] if entry or typed else checkins.on_day(current_user, today)
    return _page(form, kept_at=None if started else kept_at, earlier=earlier, change=entry, today=today)


@blueprint.post("/")
@participants
@rules("self", "check_in.log", "check_in.change")
@form_on("checkins.new")
def create() -> ResponseReturnValue:
    now = clock.now()
    today = clock.day_of(now, current_user.zone)
    form = CheckInForm(today=today, asks_safety=current_user.program.asks_safety)
    if not form.validate():
        return _page(form, 422, kept_at=None, earlier=[], change=None, today=today)
    entry = checkins.log(current_user, form.answers, form.key.data, now, form.seconds_taken())
    drafts.drop(current_user, FORM)
    db.session.commit()
    return redirect(url_for(".saved", key=entry.key), 303)


@blueprint.post("/drafts")
@participants
@rules("self")
@form_on("checkins.new")
def start() -> ResponseReturnValue:
    """The number tapped on Today starts a draft; it stays out of the address."""
    form = MoodForm()
    if form.validate() and form.mood.data is not None:
        drafts.keep(current_user, FORM, MultiDict({"mood": str(form.mood.data), "key": new_key()}), asked=True)
        db.session.commit()
    return redirect(url_for(".new"), 303)


@blueprint.post("/drafts/drop")
@participants
@rules("self")
@form_on("checkins.new")
def start_over() -> ResponseReturnValue:
    drafts.drop(current_user, FORM)
    db.session.commit()
    return redirect(url_for(".new"), 303)


@blueprint.get("/<key>/saved")
@participants
@rules("self")
def saved(key: str) -> ResponseReturnValue:
    return _saved(key, SafeNowForm())


def _saved(key: str, form: SafeNowForm, status: int = 200) -> ResponseReturnValue:
    now = clock.now()
    today = clock.day_of(now, current_user.zone)
    first = today - timedelta(days=CHART_DAYS - 1)
    entry, entries = checkins.around(current_user, key, first, today)
    days = each_day(entries, first, today)
    return web.render(
        "checkins/saved.html",
        status=status,
        form=form,
        entry=entry,
        days=days,
        today=today,
        words=words,
        reviews=checkins.reviews_of(current_user, [key]),
        sentence=afterwards.sentence(entry, days, today),
        suggestion=afterwards.suggestion(entry),
        exercise=exercises.EXERCISES[afterwards.suggestion(entry).slug],
        told=flags.told_in(current_user, key),
        promise=bool(current_user.therapist)
        and entry.entered_on == today
        and hours.can_call_today(current_user.program, entry.entered_at),
        opens=hours.next_opening(current_user.program, now),
        now=now,
        fresh=now - entry.entered_at < JUST_NOW,
    )


@blueprint.post("/<key>/safe-now")
@participants
@rules("self", "safety.answer")
@form_on("checkins.saved")
def safe_now(key: str) -> ResponseReturnValue:
    form = SafeNowForm()
    if not form.validate():
        return _saved(key, form, 422)
    entry = checkins.of(current_user, key)
    if not (entry.positive or flags.told_in(current_user, key).reasons):
        abort(404)
    checkins.answer_safe_now(current_user, entry, str(form.safe_now.data), clock.now())
    db.session.commit()
    return redirect(url_for(".saved", key=key), 303)


@blueprint.post("/<key>/call-me")
@participants
@rules("self", "safety.call_me")
@form_on("checkins.saved")
def call_me(key: str) -> ResponseReturnValue:
    entry = checkins.of(current_user, key)
    if not (entry.positive or flags.told_in(current_user, key).reasons):
        abort(404)
    checkins.ask_for_call(current_user, entry, clock.now())
    db.session.commit()
    return redirect(url_for(".saved", key=key), 303)


@blueprint.get("/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    today = clock.day_of(clock.now(), current_user.zone)
    asked = clock.parse_day(request.args.get("until")) or today
    last = asked if EARLIEST <= asked <= today else today
    first = last - timedelta(days=HISTORY_DAYS - 1)
    entries = checkins.between([current_user.id], first, last)
    days = each_day(entries, first, last)
    return web.render(
        "checkins/index.html",
        fragment="checkins/_journal.html",
        days=days,
        journal=journal(days),
        reviews=checkins.reviews_of(current_user, [entry.key for entry in entries]),
        words=words,
        today=today,
        first=first,
        last=last,
        earlier=first - timedelta(days=1),
        yesterday=today - timedelta(days=1),
    )
