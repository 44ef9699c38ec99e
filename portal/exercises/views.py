"""What exercises show: the list, a practice to fill in and to read back, and the plan that is kept."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import FieldList

from portal import clock, exercises, library
from portal.access import form_on, participants
from portal.db import db, new_key
from portal.exercises import Exercise
from portal.exercises.forms import form_of, given
from portal.people import drafts
from portal.web import render

blueprint = Blueprint("exercises", __name__)


def _today() -> object:
    return clock.day_of(clock.now(), current_user.zone)


def _form_page(exercise: Exercise, form: object, status: int = 200, **context: object) -> ResponseReturnValue:
    page = "exercises/edit_plan.html" if exercise.living else "exercises/show.html"
    context = {"draft": None, "kept_at": None, "added": None} | context
    return render(
        page,
        fragment="exercises/_practice.html",
        status=status,
        exercise=exercise,
        form=form,
        action=request.path,
        materials=[library.MATERIALS[name] for name in exercise.related],
        today=_today(),
        **context,
    )


@blueprint.get("/exercises/")
@participants
def index() -> ResponseReturnValue:
    return render(
        "exercises/index.html",
        exercises=[exercise for exercise in exercises.EXERCISES.values() if not exercise.living],
        drafts=[draft for draft in exercises.drafts_of(current_user) if not draft.exercise.living],
        done=exercises.last_done(current_user),
        today=_today(),
    )


@blueprint.get("/exercises/<slug>")
@participants
def show(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    draft = exercises.open_draft(current_user, exercise)
    typed, kept_at = drafts.kept(current_user, request.path)
    answers = {"key": new_key()} | ({**draft.answers, "key": draft.key} if draft else {})
    form = form_of(exercise)(formdata=typed, data=answers)
    return _form_page(exercise, form, draft=draft, kept_at=kept_at)


@blueprint.post("/exercises/<slug>")
@participants
def create(slug: str) -> ResponseReturnValue:
    return _take(exercises.exercise_called(slug), url_for(".index"))


def _take(exercise: Exercise, after_draft: str) -> ResponseReturnValue:
    """One more row, a draft, or the end of a practice: whichever button was pressed."""
    form = form_of(exercise)()
    action = request.form.get("action", "finish")
    if action.startswith("add-"):
        rows = form._fields.get(action[4:])
        if isinstance(rows, FieldList) and len(rows) < rows.max_entries:
            rows.append_entry()
        return _form_page(exercise, form, added=action[4:])
    if not form.validate():
        return _form_page(exercise, form, 422)
    key, answers, now = form.key.data or new_key(), given(exercise, form), clock.now()
    drafts.drop(current_user, request.path)
    if action == "draft":
        exercises.save_draft(current_user, exercise, key, answers, now)
        target = after_draft
    else:
        key = exercises.finish(current_user, exercise, key, answers, now)
        target = url_for(".plan") if exercise.living else url_for(".practice", slug=exercise.slug, key=key)
    db.session.commit()
    return redirect(target, 303)


@blueprint.post("/exercises/<slug>/drafts/drop")
@participants
def drop(slug: str) -> ResponseReturnValue:
    exercises.drop_draft(current_user, exercises.exercise_called(slug))
    drafts.drop(current_user, url_for(".show", slug=slug))
    db.session.commit()
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.get("/exercises/<slug>/history")
@participants
def history(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    practised = exercises.history(current_user, exercise)
    return render("exercises/history.html", exercise=exercise, practised=practised, today=_today())


@blueprint.get("/exercises/<slug>/practices/<key>")
@participants
def practice(slug: str, key: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    practised = exercises.practice(current_user, exercise, key)
    return render(
        "exercises/practice.html", exercise=exercise, practised=practised, words=exercises.in_words, today=_today()
    )


@blueprint.get("/safety-plan")
@participants
def plan() -> ResponseReturnValue:
    return render(
        "exercises/plan.html",
        exercise=exercises.EXERCISES[exercises.PLAN],
        kept=exercises.living_plan(current_user),
        today=_today(),
    )


@blueprint.get("/safety-plan/edit")
@participants
def edit_plan() -> ResponseReturnValue:
    exercise, current = exercises.EXERCISES[exercises.PLAN], exercises.living_plan(current_user)
    typed, kept_at = drafts.kept(current_user, request.path)
    answers = {**(current.answers if current else {}), "key": new_key()}
    form = form_of(exercise)(formdata=typed, data=answers)
    return _form_page(exercise, form, kept_at=kept_at)


@blueprint.post("/safety-plan/edit")
@participants
@form_on("exercises.edit_plan")
def save_plan() -> ResponseReturnValue:
    return _take(exercises.EXERCISES[exercises.PLAN], url_for(".plan"))
