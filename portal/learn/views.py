"""Pages of Learn: what is due, where somebody stopped, the topics, and what a search finds."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, exercises, homework, learn, library
from portal.access import form_on, members, rules
from portal.fields import searched
from portal.learn import search
from portal.library import ReadingProgress
from portal.web import render

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
    progress, now = _progress(), clock.now()
    return render(
        "learn/index.html",
        fragment="learn/_found.html",
        asked=asked,
        found=search.find(asked),
        due=homework.due_now(current_user, now) if current_user.role == "participant" else [],
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
