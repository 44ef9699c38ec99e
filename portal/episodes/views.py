"""The page on which the part of somebody of a care team ends, once what that comes to was shown."""

from functools import partial

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import coordinators, form_on, rules
from portal.db import db
from portal.episodes import succession
from portal.people import care
from portal.people.care.forms import EndForm
from portal.web import render

blueprint = Blueprint("succession", __name__)


@blueprint.post("/people/<key>/care/<therapist_key>/<role>/end")
@coordinators
@rules("program", "care.end", "care.add", fresh="End it")
@form_on("accounts.show")
def create(key: str, therapist_key: str, role: str) -> ResponseReturnValue:
    team, therapist = care.found_team(current_user, key), care.therapist_called(therapist_key)
    end = partial(succession.end_care, current_user, team.participant, therapist, role, clock.now())
    form = EndForm(therapist_key, role, team.therapists, end)
    if form.keep():
        db.session.commit()
        return redirect(url_for("accounts.show", key=key, done="ended"), 303)
    return render("people/care/team.html", status=form.status, team=team, member_form=None, end_form=form)
