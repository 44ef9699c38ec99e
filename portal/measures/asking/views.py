"""The page on which a coordinator says which measures everyone is asked."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import program
from portal.access import accepts, coordinators, rules
from portal.db import db
from portal.measures.asking.forms import AskingForm, asking_form
from portal.web import render

blueprint = Blueprint("asking", __name__)


@blueprint.get("/program/measures")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    return render("measures/asking/show.html", form=asking_form(current_user.program))


@blueprint.post("/program/measures")
@coordinators
@rules("program", "program.change")
@accepts(AskingForm)
def update() -> ResponseReturnValue:
    form = asking_form(current_user.program)
    if not form.validate():
        return render("measures/asking/show.html", status=422, form=form)
    program.change_settings(current_user, turned_on=form.turned_on, measures=form.every)
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)
