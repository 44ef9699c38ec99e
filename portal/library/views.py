"""Pages of one reading: one part at a time, the end, and a place for one's own words."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, library
from portal.access import accepts, form_on, members, participants, rules
from portal.db import db
from portal.library.forms import ReflectionForm
from portal.web import render

blueprint = Blueprint("library", __name__, url_prefix="/library")


def _material(slug: str) -> library.Material:
    return library.MATERIALS.get(slug) or abort(404)


def _readings() -> dict[str, library.ReadingProgress]:
    return library.readings(current_user) if current_user.role == "participant" else {}


@blueprint.get("/<slug>")
@members
@rules("self")
def show(slug: str) -> ResponseReturnValue:
    material = _material(slug)
    part = request.args.get("part")
    if part == "all":
        return render("library/whole.html", material=material)
    progress = _readings().get(slug, library.UNREAD)
    number = progress.next_part(material) if part is None else material.number(part) or abort(404)
    return render("library/show.html", material=material, number=number, progress=progress)


@blueprint.post("/<slug>/parts/<part>")
@participants
@rules("self", "material.read")
@form_on("library.show")
def read(slug: str, part: str) -> ResponseReturnValue:
    material = _material(slug)
    number = material.number(part) or abort(404)
    library.read_part(current_user, material, number, clock.now())
    db.session.commit()
    if number == len(material.parts):
        return redirect(url_for("library.finished", slug=slug), 303)
    return redirect(url_for("library.show", slug=slug, part=number + 1), 303)


@blueprint.get("/<slug>/done")
@members
@rules("self")
def finished(slug: str) -> ResponseReturnValue:
    material = _material(slug)
    progress = _readings().get(slug, library.UNREAD)
    return _finished_page(material, progress, ReflectionForm(mine=progress.reflection))


@blueprint.post("/<slug>/reflection")
@participants
@rules("self", "material.reflect")
@accepts(ReflectionForm, on="library.finished")
def reflect(slug: str) -> ResponseReturnValue:
    material = _material(slug)
    if material.reflect is None:
        abort(404)
    progress = _readings().get(slug, library.UNREAD)
    form = ReflectionForm(mine=progress.reflection)
    if not form.validate():
        return _finished_page(material, progress, form, status=422)
    library.reflect(current_user, material, form.mine.data, clock.now())
    db.session.commit()
    return redirect(url_for("library.finished", slug=slug), 303)


def _finished_page(
    material: library.Material, progress: library.ReadingProgress, form: ReflectionForm, status: int = 200
) -> ResponseReturnValue:
    return render(
        "library/finished.html",
        fragment="library/_reflection.html",
        status=status,
        material=material,
        progress=progress,
        form=form,
        materials=library.MATERIALS,
    )
