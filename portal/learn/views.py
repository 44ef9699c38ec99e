"""Pages of Learn: what is due, where somebody stopped, the topics, and what a search finds."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, exercises, homework, learn, library, people
from portal.access import form_on, members, rules, staff, therapists
from portal.exercises.forms import practice_form
from portal.exercises.steps import steps_of
from portal.fields import searched
from portal.homework.pieces import piece_called
from portal.learn import search
from portal.library import ReadingProgress
from portal.web import page_of, render

blueprint = Blueprint("learn", __name__, url_prefix="/library")


def _progress() -> dict[str, ReadingProgress]:
    return library.readings(current_user) if current_user.role == "participant" else {}


@blueprint.get("/")
@members
@rules("self")
def index() -> ResponseReturnValue:
    return _page("")


@blueprint.post("/search")
@members
@rules("self")
@form_on("learn.index")
def find() -> ResponseReturnValue:
    """The same page with what was found: what was typed comes in no address, and nothing of it is kept."""
    return _page(searched(request.form.get("words"))[: search.LONGEST])


def _page(asked: str) -> ResponseReturnValue:
    progress, now, is_participant = _progress(), clock.now(), current_user.role == "participant"
    return render(
        "learn/index.html",
        fragment="learn/_found.html",
        asked=asked,
        found=search.find(asked),
        due=homework.due_now(current_user, now) if is_participant and not asked else [],
        stopped=learn.stopped_reading(progress),
        topics=learn.topics(progress),
        exercises=len(exercises.EXERCISES),
        today=clock.day_of(now, current_user.zone),
    )


@blueprint.get("/topics/<slug>")
@members
@rules("self")
def topic(slug: str) -> ResponseReturnValue:
    progress = _progress()
    shown = learn.topic_called(slug, progress) or abort(404)
    return render("learn/topic.html", topic=shown, progress=progress)


@blueprint.get("/exercises/<slug>")
@staff
@rules("nothing")
def exercise(slug: str) -> ResponseReturnValue:
    """An exercise as participants see it, with nothing to send."""
    shown = exercises.EXERCISES.get(slug) or abort(404)
    parts = steps_of(shown)
    return render(
        "learn/exercise.html", exercise=shown, form=practice_form(shown)(), parts=parts, added=None, seen=True
    )


@blueprint.get("/give/<kind>/<slug>")
@therapists
@rules("care")
def give(kind: str, slug: str) -> ResponseReturnValue:
    """The therapist's own people, each a tap from the form that gives this to them."""
    piece = (kind in learn.ROWS_OF and piece_called(kind, slug)) or abort(404)
    now = clock.now()
    own = [person for person, _ in people.participants_of(current_user, now)]
    return render(
        "learn/give.html",
        piece=piece,
        begun=learn.number_who_began(kind, slug),
        own=page_of(sorted(own, key=lambda one: one.name), request.args.get("page")),
    )
