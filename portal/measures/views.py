"""Pages of measures for participants: what is due, the questions, and what is said and shown after an answer."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, measures
from portal.access import accepts, form_on, participants, rules
from portal.db import db, new_key
from portal.fields import refusals_on
from portal.flags import branch
from portal.flags.forms import SafeNowForm
from portal.measures import comparison, due, measure_entries, phrases
from portal.measures.forms import MeasureForm, form_of
from portal.measures.instrument import Instrument
from portal.measures.measure_entries import MeasureVersion
from portal.web import render

blueprint = Blueprint("measures", __name__, url_prefix="/measures")

JUST_NOW = timedelta(hours=1)


@blueprint.get("/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    now = clock.now()
    return render(
        "measures/index.html",
        due=due.due(current_user, current_user.program, now),
        answered=measure_entries.history(current_user)[::-1],
        totals=measures.TOTALS,
        today=clock.day_of(now, current_user.zone),
    )


@blueprint.get("/<slug>")
@participants
@rules("self")
def show(slug: str) -> ResponseReturnValue:
    """The questions, with what was answered to them today, or what was typed before a session ran out.

    While safety is not asked about, the address of an instrument that would leads to the one that stands in for it.
    """
    asked = _served(slug)
    entry = measure_entries.answered_on(current_user, slug, clock.day_of(clock.now(), current_user.zone))
    form = form_of(asked)(data={**entry.answers, "event": entry.event} if entry else None)
    form.key.data = entry.key if entry else new_key()  # a draft may be older than the day
    return _page(asked, form, change=entry)


@blueprint.post("/<slug>")
@participants
@rules("self", "measure.keep", "measure.change")
@accepts(MeasureForm)
def create(slug: str) -> ResponseReturnValue:
    """Keep the answers; those of a page that was opened before safety was switched off are kept like any."""
    asked = measures.free_to_ask(current_user.program).get(slug) or abort(404)
    form = form_of(asked)()
    if not form.validate():
        return _page(asked, form, 422)
    now = clock.now()
    seconds = form.opened.seconds(now)
    with refusals_on(form):
        entry = measure_entries.keep(current_user, asked, form.answers, form.key.data, now, seconds, form.event_named)
        db.session.commit()
        return redirect(url_for(".saved", slug=slug, key=entry.key), 303)
    return _page(asked, form, 422)


def _served(slug: str) -> Instrument:
    may_be_asked = measures.served(current_user.program)
    if slug not in may_be_asked and (known := measures.INSTRUMENTS.get(slug)) and known.stand_in in may_be_asked:
        abort(redirect(url_for(".show", slug=known.stand_in), 303))
    return may_be_asked.get(slug) or abort(404)


def _is_of_today(entry: MeasureVersion) -> bool:
    return entry.mode == "self" and entry.for_day == clock.day_of(clock.now(), current_user.zone)


def _page(asked: Instrument, form: MeasureForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    context = {"change": None} | more
    today = clock.day_of(clock.now(), current_user.zone)
    return render("measures/show.html", status=status, asked=asked, form=form, phrases=phrases, today=today, **context)


@blueprint.get("/<slug>/<key>")
@participants
@rules("self")
def saved(slug: str, key: str) -> ResponseReturnValue:
    return _saved(slug, key, SafeNowForm())


def _saved(slug: str, key: str, form: SafeNowForm, status: int = 200) -> ResponseReturnValue:
    now, history = clock.now(), measure_entries.history(current_user, slug)
    asked = measures.INSTRUMENTS.get(slug) or abort(404)
    entry = next((one for one in history if one.key == key), None) or abort(404)
    help_first = _branch(entry, now)
    shown: dict[str, Any] = {
        "entry": entry,
        "asked": asked,
        "phrases": phrases,
        "today": clock.day_of(now, current_user.zone),
        "can_change": _is_of_today(entry) and slug in measures.served(current_user.program),
    }
    if help_first:
        return render("measures/after_yes.html", status=status, form=form, branch=help_first, **shown)
    return render(
        "measures/saved.html",
        history=[one for one in history if one.for_day <= entry.for_day],
        later=next((one for one in reversed(history) if one.for_day > entry.for_day), None),
        score=entry.score(),
        compared=comparison.compare(entry, history),
        one_to_one=due.next_one_to_one(current_user, now),
        fresh=now - entry.entered_at < JUST_NOW,
        **shown,
    )


def _branch(entry: MeasureVersion, now: datetime) -> branch.SafetyBranch | None:
    """The help that stands first, after an answer that asks for it; None for all others."""
    return branch.branch_after(current_user, current_user.program, entry, now, measure_key=entry.key)


@blueprint.post("/<slug>/<key>/safe-now")
@participants
@rules("self", "safety.answer")
@form_on("measures.saved")
def safe_now(slug: str, key: str) -> ResponseReturnValue:
    form = SafeNowForm()
    if not form.validate():
        return _saved(slug, key, form, 422)
    entry = _asked(slug, key)
    kept = branch.answer(current_user, str(form.safe_now.data), entry, clock.now(), measure_key=key)
    db.session.commit()
    return redirect(url_for(".saved", slug=slug, key=key, saved=None if kept else 1, _anchor=form.place), 303)


@blueprint.post("/<slug>/<key>/call-me")
@participants
@rules("self", "safety.call_me")
@form_on("measures.saved")
def call_me(slug: str, key: str) -> ResponseReturnValue:
    entry = _asked(slug, key)
    branch.ask_for_call(current_user, entry, clock.now(), measure_key=key)
    db.session.commit()
    return redirect(url_for(".saved", slug=slug, key=key), 303)


def _asked(slug: str, key: str) -> MeasureVersion:
    """The entry after which the questions about safety are asked; 404 for any other."""
    entry = measure_entries.find(current_user, key)
    asks = entry.slug == slug and branch.asks_after(current_user, current_user.program, entry, measure_key=key)
    return entry if asks else abort(404)
