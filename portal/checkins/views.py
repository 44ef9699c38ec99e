"""Pages of check-ins: the form, the page after it, and a participant's own history."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import checkins, clock, drafts, exercises, web
from portal.access import accepts, form_on, participants, rules
from portal.checkins import feedback, history, looking_back, phrases, replies
from portal.checkins.check_in_versions import CheckInVersion
from portal.checkins.forms import CheckInForm, MoodForm, form_of
from portal.checkins.opening import FORM, as_sent, to_change, to_write
from portal.checkins.question_plans import QuestionPlan
from portal.checkins.suggestions import suggestion
from portal.db import db, new_key
from portal.exercises.worked import worked_exercises
from portal.fields import number_sent, refusals_on
from portal.flags import branch
from portal.flags.forms import SafeNowForm
from portal.schedule import own_meetings

blueprint = Blueprint("checkins", __name__, url_prefix="/check-ins")

JUST_NOW = timedelta(hours=1)
LARGEST_FORM = 8 * 1024 * 1024  # bytes; a note of a million letters that take three each is refused in words


@blueprint.url_value_preprocessor
def room_to_refuse(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A note that is far too long is refused beside its field, with all that was typed, and not as a request."""
    if endpoint == "checkins.create":
        request.max_content_length = request.max_form_memory_size = LARGEST_FORM


def _page(form: CheckInForm, status: int = 200, **context: Any) -> ResponseReturnValue:
    plan = exercises.safety_plan_in_short(current_user)
    shown = {"kept_at": None, "earlier": None, "change": None, "from_today": False} | context
    return web.render("checkins/new.html", status=status, form=form, FOR_DAY=phrases.FOR_DAY, plan=plan, **shown)


@blueprint.get("/new")
@participants
@rules("self")
def new() -> ResponseReturnValue:
    """An empty form; or what was started on Today, or typed and not sent; or, with `change`, a kept one."""
    now, change = clock.now(), request.args.get("change")
    day = clock.parse_day(request.args.get("for_day"))
    if change:
        opening = to_change(current_user, current_user.program, change, clock.day_of(now, current_user.zone))
    else:
        opening = to_write(current_user, current_user.program, request.args.get("set", ""), day, now)
    form = _form(opening.plan, now, draft=opening.draft, data=opening.values, is_folded=opening.is_folded)
    shown = ("kept_at", "earlier", "change", "from_today")
    return _page(form, **{name: getattr(opening, name) for name in shown})


def _form(plan: QuestionPlan, now: datetime, **more: Any) -> CheckInForm:
    return form_of(plan, now=now, zone=current_user.zone, asks_safety=current_user.program.asks_safety, **more)


@blueprint.post("/")
@participants
@rules("self", "check_in.log", "check_in.change")
@accepts(CheckInForm, on="checkins.new")
def create() -> ResponseReturnValue:
    plan, is_whole = as_sent(current_user, current_user.program, request.form)
    form = _form(plan, now := clock.now(), damaged=not is_whole)
    if form.validate():
        with refusals_on(form):
            entry = checkins.log(current_user, now=now, **form.check_in)
            db.session.commit()
            return redirect(url_for(".saved", key=entry.key), 303)
    return _page(form, 422)


@blueprint.post("/drafts")
@participants
@rules("self")
@form_on("checkins.new", starts="checkins.create")
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
@form_on("checkins.new", clears="checkins.create")
def start_over() -> ResponseReturnValue:
    db.session.commit()
    return redirect(url_for(".new"), 303)


@blueprint.get("/<key>/saved")
@participants
@rules("self")
def saved(key: str) -> ResponseReturnValue:
    return _saved(key, SafeNowForm())


def _saved(key: str, form: SafeNowForm, status: int = 200) -> ResponseReturnValue:
    now = clock.now()
    after = feedback.feedback_on(current_user, key, today := clock.day_of(now, current_user.zone))
    shown: dict[str, Any] = {"entry": after.entry, "today": today}
    if after.brings_help:
        help_first = _branch(after.entry, now)
        return web.render("checkins/after_yes.html", status=status, form=form, branch=help_first, **shown)
    fresh = now - after.entry.entered_at < JUST_NOW
    worked = worked_exercises(current_user) if fresh and not after.reviewed else []
    return web.render(
        "checkins/saved.html",
        after=after,
        suggestion=suggestion(after.entry, today, after.skill, worked),
        exercises=exercises.EXERCISES,
        reviews=checkins.reviews_of(current_user, [key]) if after.reviewed else [],
        coming=own_meetings.next_meeting(current_user, now),
        now=now,
        fresh=fresh,
        can_look_back=looking_back.can_look_back(after.entry),
        **shown,
    )


def _branch(entry: CheckInVersion, now: datetime) -> branch.SafetyBranch | None:
    """The help that stands first, after an answer that asks for it; None for all others."""
    return branch.branch_after(current_user, current_user.program, entry, now, check_in_key=entry.key)


def _asked(key: str) -> CheckInVersion:
    """The check-in after which the questions about safety are asked; 404 for any other."""
    entry = checkins.find(current_user, key)
    return entry if branch.asks_after(current_user, current_user.program, entry, check_in_key=key) else abort(404)


@blueprint.post("/<key>/look-back")
@participants
@rules("self", "practice.draft")
@form_on("checkins.saved")
def look_back(key: str) -> ResponseReturnValue:
    """A chain analysis that begins with the answers of that day; one that is begun already goes on as it is."""
    now, entry, chain = clock.now(), checkins.find(current_user, key), exercises.EXERCISES[looking_back.CHAIN]
    if not looking_back.can_look_back(entry):
        abort(404)
    if not exercises.practice_draft(current_user, chain):
        answers = looking_back.first_answers(entry, clock.day_of(now, current_user.zone))
        exercises.save_draft(current_user, chain, new_key(), answers, now)
        db.session.commit()
    return redirect(url_for("exercises.step", slug=chain.slug, step=1), 303)


@blueprint.post("/<key>/safe-now")
@participants
@rules("self", "safety.answer")
@form_on("checkins.saved")
def safe_now(key: str) -> ResponseReturnValue:
    form = SafeNowForm()
    if not form.validate():
        return _saved(key, form, 422)
    entry = _asked(key)
    kept = branch.answer(current_user, str(form.safe_now.data), entry, clock.now(), check_in_key=key)
    db.session.commit()
    return redirect(url_for(".saved", key=key, saved=None if kept else 1, _anchor=form.place), 303)


@blueprint.post("/<key>/call-me")
@participants
@rules("self", "safety.call_me")
@form_on("checkins.saved")
def call_me(key: str) -> ResponseReturnValue:
    branch.ask_for_call(current_user, _asked(key), clock.now(), check_in_key=key)
    db.session.commit()
    return redirect(url_for(".saved", key=key), 303)


@blueprint.post("/<key>/replies/<reply>/seen")
@participants
@rules("self", "check_in.see_reply")
@form_on("checkins.saved")
def see_reply(key: str, reply: str) -> ResponseReturnValue:
    """The participant says that they have seen what the page showed, which may have been changed since."""
    found = replies.find(current_user, key, reply)
    changes = number_sent(request.form.get("changes")) or 0
    is_seen = replies.see(current_user, found, changes, clock.now())
    db.session.commit()
    page, saved = request.form.get("page"), "seen" if is_seen else "changed"
    if page == "saved":
        return redirect(url_for(".saved", key=key, saved=saved, _anchor="read-heading"), 303)
    until = clock.parse_day(request.args.get("until"))
    return redirect(url_for(".index", until=until, saved=saved, _anchor=f"entry-{key}"), 303)


@blueprint.get("/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    today = clock.day_of(clock.now(), current_user.zone)
    until, length = clock.parse_day(request.args.get("until")), request.args.get("days", "")
    shown = history.history_of(current_user, current_user.program, today, until, length)
    return web.render("checkins/index.html", fragment="checkins/_journal.html", history=shown)
