"""Pages of an import of group times: choose a file, look at what it would do, and say yes."""

from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.formparser import FormDataParser

from portal import clock
from portal.access import coordinators, form_on, rules
from portal.db import db
from portal.schedule.calendar.importing import steps
from portal.schedule.calendar.importing.components import MOST_BYTES
from portal.schedule.calendar.importing.forms import FileForm, ImportForm
from portal.web import render

blueprint = Blueprint("importing", __name__)
FORM_BESIDE_THE_FILE = 64 * 1024
SAVED = {
    "new": "Imported. The new groups are on the schedule: give people a place in them next.",
    "changed": "Imported. What changed is on the schedule, and those who come see it on Today.",
    "same": "There was nothing to do: the schedule is as the file has it.",
    "none": "Nothing was imported.",
}


class InMemory(FormDataParser):
    """A parser of forms that holds a file in memory: it is never on the disk."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"stream_factory": lambda *_, **__: BytesIO()})


@blueprint.url_value_preprocessor
def take_a_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let the one form with a file be larger than others, before anything reads the form.

    A file that is larger still is refused by its stated length.
    """
    if endpoint == "importing.preview":
        request.max_content_length = MOST_BYTES + FORM_BESIDE_THE_FILE
        request.form_data_parser_class = InMemory


@blueprint.get("/schedule/import")
@coordinators
@rules("program")
def new() -> ResponseReturnValue:
    return _new(FileForm())


@blueprint.post("/schedule/import")
@coordinators
@rules("program", limit="60 per hour")
@form_on("importing.new")
def preview() -> ResponseReturnValue:
    chosen, form, now = FileForm(), ImportForm(formdata=None), clock.now()
    if not chosen.validate():
        return _new(chosen, 422)
    form.carry(current_user, chosen, now)
    if form.show(current_user, current_user.program, now):
        return render("schedule/calendar/importing/preview.html", form=form)
    chosen.file.errors = [_trouble(form)]
    return _new(chosen, 422)


@blueprint.post("/schedule/import/confirm")
@coordinators
@rules("program", "track.import", "track.open", "track.change", "track.end")
@form_on("importing.new")
def confirm() -> ResponseReturnValue:
    form, now = ImportForm(), clock.now()
    if form.keep(current_user, current_user.program, now):
        db.session.commit()
        return redirect(url_for(".new", saved=form.saved), 303)
    if form.preview or form.show(current_user, current_user.program, now):
        return render("schedule/calendar/importing/preview.html", status=form.status, form=form)
    return _new(FileForm(formdata=None), 422, trouble=_trouble(form))


def _trouble(form: ImportForm) -> str:
    return f"Nothing was imported. {form.file.errors[0]}"


def _new(form: FileForm, status: int = 200, trouble: str | None = None) -> ResponseReturnValue:
    saved = SAVED.get(request.args.get("saved", ""))
    empty = steps.empty(current_user) if saved == SAVED["new"] else []
    return render(
        "schedule/calendar/importing/new.html", status=status, form=form, trouble=trouble, saved=saved, empty=empty
    )
