"""The page on which a coordinator says which measures everyone is asked."""

from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import drafts, program
from portal.access import coordinators, rules
from portal.db import db
from portal.measures.asking import offers
from portal.measures.asking.forms import AskingForm, form_for
from portal.web import render

blueprint = Blueprint("asking", __name__)


@blueprint.get("/program/measures")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    typed, kept_at = drafts.kept(current_user, request.path)
    accepted = sorted(current_user.program.turned_on)
    return _page(form_for(offers(current_user.program))(typed, data={"accepted": accepted}), kept_at=kept_at)


@blueprint.post("/program/measures")
@coordinators
@rules("program", "program.change")
def update() -> ResponseReturnValue:
    form = form_for(offers(current_user.program))()
    if not form.validate():
        return _page(form, 422)
    program.set_measures(current_user, form.turned_on, form.every)
    drafts.drop(current_user, request.path)
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


def _page(form: AskingForm, status: int = 200, kept_at: datetime | None = None) -> ResponseReturnValue:
    saved = request.args.get("saved")
    return render("measures/asking/show.html", status=status, form=form, kept_at=kept_at, saved=saved)
