"""Pages of exercises: all of them, a practice to fill in and to read back, and the safety plan."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, exercises
from portal.access import accepts, form_on, participants, rules
from portal.db import db
from portal.exercises import Exercise, KeptPractice, handing_over, living_plans, sharing, worked
from portal.exercises.definition import SAFETY_PLAN
from portal.exercises.forms import PracticeForm, practice_form
from portal.exercises.stepped import SteppedPractice, stepped_practice
from portal.exercises.steps import step_to_open, steps_of
from portal.web import render

blueprint = Blueprint("exercises", __name__)


def _form_page(form: PracticeForm, status: int = 200, **context: Any) -> ResponseReturnValue:
    page = "exercises/edit_living_plan.html" if form.exercise.living else "exercises/show.html"
    shown = {"draft": None, "added": None, "parts": steps_of(form.exercise)} | context
    return render(page, status=status, exercise=form.exercise, form=form, action=request.path, **shown)


@blueprint.get("/exercises/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    return render(
        "exercises/index.html",
        topics=exercises.by_topic(),
        drafts=exercises.practice_drafts(current_user),
        practiced=exercises.last_practiced(current_user),
        worked=worked.worked_exercises(current_user),
        rule=worked.RULE,
        uses_in_words=worked.days_in_words,
    )


@blueprint.post("/exercises/<slug>/choice")
@participants
@rules("self", "practice.choose")
@form_on("exercises.index")
def choose(slug: str) -> ResponseReturnValue:
    exercise, choice = exercises.exercise_called(slug), request.form.get("choice") or None
    if choice not in (None, *worked.CHOICES):
        abort(400)
    worked.choose(current_user, exercise, choice, clock.now())
    db.session.commit()
    return redirect(url_for(".index", _anchor="worked"), 303)


@blueprint.get("/exercises/<slug>")
@participants
@rules("self")
def show(slug: str) -> ResponseReturnValue:
    if slug in exercises.LIVING:
        return _show_living_plan(exercises.EXERCISES[slug])
    exercise = exercises.exercise_called(slug)
    draft = exercises.practice_draft(current_user, exercise)
    if exercise.by_step:
        number = step_to_open(exercise, draft.answers if draft else {}).number
        return redirect(url_for(".step", slug=slug, step=number), 303)
    if exercise.caution and request.args.get("ready") != "1":
        return render(
            "exercises/caution.html", exercise=exercise, instead=exercises.EXERCISES[exercise.caution.instead]
        )
    return _form_page(_draft_form(exercise, draft), draft=draft)


def _draft_form(exercise: Exercise, draft: KeptPractice | None) -> PracticeForm:
    """The form that goes on with a draft, or begins a practice."""
    answers = {field.name: draft.answers.get(field.name, field.setting) for field in exercise.asked} if draft else {}
    form = practice_form(exercise)(data=answers | {"key": draft.key} if draft else None)
    sharing.draw_choices(current_user, form)
    return form


@blueprint.post("/exercises/<slug>")
@participants
@rules("self", "practice.draft", "practice.finish")
@accepts(PracticeForm)
def create(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    draft = exercises.practice_draft(current_user, exercise)
    begun_elsewhere = draft and draft.key != request.form.get("key")  # to finish beside it leaves it as it is
    finishes = request.form.get("action", "finish") == "finish"
    return _keep_practice(_draft_form(exercise, None if begun_elsewhere and finishes else draft))


def _keep_practice(form: PracticeForm) -> ResponseReturnValue:
    """One more row, a draft, or the end of a practice: whichever button was pressed."""
    action = request.form.get("action", "finish")
    if form.changes_rows(action):
        return _form_page(form, added=form.add_row(action))
    if not (form.validate() if action == "draft" else form.is_whole()):
        return _form_page(form, 422)
    keep = exercises.save_draft if action == "draft" else exercises.finish
    key = keep(current_user, form.exercise, str(form.key.data), form.answers, clock.now())
    db.session.commit()
    if form.exercise.living:
        return redirect(form.exercise.address, 303)
    after = url_for(".index") if action == "draft" else url_for(".practice", slug=form.exercise.slug, key=key)
    return redirect(after, 303)


@blueprint.get("/exercises/<slug>/steps/<step>")
@participants
@rules("self")
def step(slug: str, step: str) -> ResponseReturnValue:
    stepped = stepped_practice(current_user, exercises.exercise_called(slug), step)
    handing_over.put_into(stepped.form, handing_over.handed_over(current_user, stepped.exercise, request.args))
    return _step_page(stepped)


def _step_page(stepped: SteppedPractice, status: int = 200, **context: Any) -> ResponseReturnValue:
    page = {"added": None, "action": request.path, "draft": stepped.draft, "steps": stepped.steps} | context
    return render("exercises/step.html", status=status, exercise=stepped.exercise, form=stepped.form, **page)


@blueprint.post("/exercises/<slug>/steps/<step>")
@participants
@rules("self", "practice.draft", "practice.finish")
@accepts(PracticeForm)
def save_step(slug: str, step: str) -> ResponseReturnValue:
    stepped, action = (
        stepped_practice(current_user, exercises.exercise_called(slug), step),
        request.form.get("action", "next"),
    )
    if stepped.form.changes_rows(action):
        return _step_page(stepped, added=stepped.form.add_row(action))
    if not stepped.can(action):
        return _step_page(stepped, 422)
    key = stepped.save(current_user, action, clock.now())
    db.session.commit()
    if action == "finish":
        return redirect(url_for(".practice", slug=slug, key=key), 303)
    after = stepped.after
    return redirect(url_for(".step", slug=slug, step=after) if action == "next" and after else url_for(".index"), 303)


@blueprint.post("/exercises/<slug>/drafts/drop")
@participants
@rules("self", "practice.drop")
@form_on("exercises.show", clears="exercises.create")
def drop(slug: str) -> ResponseReturnValue:
    exercises.drop_draft(current_user, exercises.exercise_called(slug))
    db.session.commit()
    return redirect(url_for(".show", slug=slug), 303)


@blueprint.get("/exercises/<slug>/history")
@participants
@rules("self")
def history(slug: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    practices = exercises.finished_practices(current_user, exercise)
    return render("exercises/history.html", exercise=exercise, practices=practices)


@blueprint.get("/exercises/<slug>/practices/<key>")
@participants
@rules("self")
def practice(slug: str, key: str) -> ResponseReturnValue:
    exercise = exercises.exercise_called(slug)
    practice = exercises.practice(current_user, exercise, key)
    then = [exercises.EXERCISES[name] for name in exercise.next]
    shared = sharing.shared_since(practice)
    handed = handing_over.texts_to_hand_over(practice)
    return render(
        "exercises/practice.html", exercise=exercise, practice=practice, then=then, shared=shared, handed=handed
    )


@blueprint.get("/safety-plan", defaults={"slug": SAFETY_PLAN})
@participants
@rules("self")
def living_plan(slug: str) -> ResponseReturnValue:
    return _show_living_plan(exercises.living_plan_called(slug))


def _show_living_plan(plan: Exercise) -> ResponseReturnValue:
    found = living_plans.page_of_versions(current_user, plan)
    clinic = current_user.program.dial
    people = living_plans.people_to_call(found.newest.answers, clinic) if found.newest else []
    shared = sharing.shared_since(found.newest) if found.newest else None
    return _plan_page("living_plan", plan, kept=found.newest, found=found, people=people, shared=shared)


def _plan_page(name: str, plan: Exercise, **context: Any) -> ResponseReturnValue:
    context |= {"is_safety_plan": plan.slug == SAFETY_PLAN, "now": clock.now()}
    return render(f"exercises/{name}.html", exercise=plan, **context)


@blueprint.get("/safety-plan/versions", defaults={"slug": SAFETY_PLAN})
@blueprint.get("/exercises/<slug>/versions")
@participants
@rules("self")
def living_plan_versions(slug: str) -> ResponseReturnValue:
    plan = exercises.living_plan_called(slug)
    number = min(max(request.args.get("page", 1, type=int), 1), living_plans.LAST_PAGE)
    found = living_plans.page_of_versions(current_user, plan, number)
    return _plan_page("living_plan_versions", plan, found=found, number=number)


@blueprint.get("/safety-plan/versions/<key>", defaults={"slug": SAFETY_PLAN})
@blueprint.get("/exercises/<slug>/versions/<key>")
@participants
@rules("self")
def living_plan_version(slug: str, key: str) -> ResponseReturnValue:
    plan = exercises.living_plan_called(slug)
    kept, newest = exercises.practice(current_user, plan, key), exercises.living_plan(current_user, plan)
    if newest and newest.key == key:
        return redirect(plan.address, 303)
    return _plan_page("living_plan_version", plan, kept=kept)


@blueprint.get("/safety-plan/edit", defaults={"slug": SAFETY_PLAN})
@blueprint.get("/exercises/<slug>/edit")
@participants
@rules("self")
def edit_living_plan(slug: str) -> ResponseReturnValue:
    plan = exercises.living_plan_called(slug)
    form = _living_plan_form(plan)
    handing_over.put_into(form, handing_over.handed_over(current_user, plan, request.args))
    return _form_page(form)


def _living_plan_form(plan: Exercise) -> PracticeForm:
    current = exercises.living_plan(current_user, plan)
    answers = current.answers if current else {}
    return practice_form(plan)(data={field.name: answers.get(field.name) for field in plan.asked})


@blueprint.post("/safety-plan/edit", defaults={"slug": SAFETY_PLAN})
@blueprint.post("/exercises/<slug>/edit")
@participants
@rules("self", "practice.draft", "plan.save")
@accepts(PracticeForm)
def save_living_plan(slug: str) -> ResponseReturnValue:
    return _keep_practice(_living_plan_form(exercises.living_plan_called(slug)))
