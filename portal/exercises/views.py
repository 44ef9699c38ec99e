"""Pages of exercises: all of them, a practice to fill in and to read back, and the safety plan."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, drafts, exercises
from portal.access import form_on, participants, rules
from portal.db import db
from portal.exercises import Exercise, phones
from portal.exercises.forms import add_row, given_answers, is_valid, practice_form
from portal.web import render

blueprint = Blueprint("exercises", __name__)


def _today() -> date:
    return clock.day_of(clock.now(), current_user.zone)


def _form_page(exercise: Exercise, form: object, status: int = 200, **context: Any) -> ResponseReturnValue:
    page = "exercises/edit_safety_plan.html" if exercise.living else "exercises/show.html"
    context = {"draft": None, "kept_at": None, "added": None} | context
    return render(
        page,
        status=status,
        exercise=exercise,
        form=form,
        action=request.path,
        today=_today(),
        **context,
    )


@blueprint.get("/exercises/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    return render(
        "exercises/index.html",
        exercises=[exercise for exercise in exercises.EXERCISES.values() if not exercise.living],
        drafts=exercises.practice_drafts(current_user),
        practiced=exercises.last_practiced(current_user),
        today=_today(),
    )


@blueprint.get("/exercises/<slug>")
@participants
@rules("self")
def show(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    draft = exercises.practice_draft(current_user, exercise)
    typed, kept_at = drafts.kept(current_user, request.path)
    form = practice_form(exercise)(formdata=typed, data={**draft.answers, "key": draft.key} if draft else None)
    return _form_page(exercise, form, draft=draft, kept_at=kept_at if typed else None)


@blueprint.post("/exercises/<slug>")
@participants
@rules("self", "practice.draft", "practice.finish")
def create(slug: str) -> ResponseReturnValue:
    return _keep_practice(exercises.exercise_called(slug))


def _keep_practice(exercise: Exercise) -> ResponseReturnValue:
    """One more row, a draft, or the end of a practice: whichever button was pressed."""
    form, action = practice_form(exercise)(), request.form.get("action", "finish")
    if action.startswith("add-"):
        add_row(form, action.removeprefix("add-"))
        return _form_page(exercise, form, added=action.removeprefix("add-"))
    if not is_valid(exercise, form, whole=action != "draft"):
        return _form_page(exercise, form, 422)
    key, answers, now = str(form.key.data), given_answers(exercise, form), clock.now()
    drafts.drop(current_user, request.path)
    if action == "draft":
        exercises.save_draft(current_user, exercise, key, answers, now)
    else:
        key = exercises.finish(current_user, exercise, key, answers, now)
    db.session.commit()
    return redirect(_after(exercise, action, key), 303)


def _after(exercise: Exercise, action: str, key: str) -> str:
    """Where a practice leads that was kept."""
    if exercise.living:
        return url_for(".safety_plan")
    return url_for(".index") if action == "draft" else url_for(".practice", slug=exercise.slug, key=key)


@blueprint.post("/exercises/<slug>/drafts/drop")
@participants
@rules("self", "practice.drop")
@form_on("exercises.show")
def drop(slug: str) -> ResponseReturnValue:
    exercises.drop_draft(current_user, exercises.exercise_called(slug))
    drafts.drop(current_user, url_for(".show", slug=slug))
    db.session.commit()
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.get("/exercises/<slug>/history")
@participants
@rules("self")
def history(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    practices = exercises.history(current_user, exercise)
    return render("exercises/history.html", exercise=exercise, practices=practices, today=_today())


@blueprint.get("/exercises/<slug>/practices/<key>")
@participants
@rules("self")
def practice(slug: str, key: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    return render(
        "exercises/practice.html",
        exercise=exercise,
        practice=exercises.practice(current_user, exercise, key),
        today=_today(),
    )


@blueprint.get("/safety-plan")
@participants
@rules("self")
def safety_plan() -> ResponseReturnValue:
    return render(
        "exercises/safety_plan.html",
        exercise=exercises.EXERCISES[exercises.SAFETY_PLAN],
        kept=exercises.safety_plan(current_user),
        phones=phones.split,
        today=_today(),
    )


@blueprint.get("/safety-plan/edit")
@participants
@rules("self")
def edit_safety_plan() -> ResponseReturnValue:
    exercise, current = exercises.EXERCISES[exercises.SAFETY_PLAN], exercises.safety_plan(current_user)
    typed, kept_at = drafts.kept(current_user, request.path)
    form = practice_form(exercise)(formdata=typed, data=current.answers if current else None)
    return _form_page(exercise, form, kept_at=kept_at)


@blueprint.post("/safety-plan/edit")
@participants
@rules("self", "practice.draft", "plan.save")
@form_on("exercises.edit_safety_plan")
def save_safety_plan() -> ResponseReturnValue:
    return _keep_practice(exercises.EXERCISES[exercises.SAFETY_PLAN])
