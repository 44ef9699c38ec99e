"""The page on which a therapist leaves, or hands over some of their people."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import clock
from portal.access import accepts, coordinators, rules
from portal.db import db
from portal.door import accounts, sign_in_steps
from portal.office.people.leaving import Leaver
from portal.office.people.leaving.forms import LeavingForm, leaving_form
from portal.people import care, directory
from portal.web import render

blueprint = Blueprint("leaving", __name__)


@blueprint.get("/people/<key>/leaving")
@coordinators
@rules("program", fresh=True)
def show(key: str) -> ResponseReturnValue:
    return _page(leaving_form(_leaver(key)))


@blueprint.post("/people/<key>/leaving")
@coordinators
@rules("program", "care.add", "care.end", "account.disable", fresh="Hand over their people")
@accepts(LeavingForm)
def create(key: str) -> ResponseReturnValue:
    form = leaving_form(_leaver(key))
    if form.keep(current_user, clock.now()):
        db.session.commit()
        if form.then.data == "off":
            return sign_in_steps.go_and_say_what_ended(url_for("accounts.show", key=key, done="off"), form.ended)
        return redirect(url_for("accounts.show", key=key, done="handed"), 303)
    return _page(form, form.status)


def _leaver(key: str) -> Leaver:
    account = accounts.status_of(current_user, key, clock.now())
    if account.person.role != "therapist" or account.disabled_at:
        raise NotFound
    participants = sorted(care.own_participants(account.person), key=lambda one: (one.name, one.id))
    return Leaver(account, participants, directory.therapists(current_user))


def _page(form: LeavingForm, status: int = 200) -> ResponseReturnValue:
    return render("office/people/leaving/show.html", status=status, form=form, leaver=form.leaver)
