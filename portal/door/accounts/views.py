"""The pages of one account, for coordinators: inviting, helping back in, switching off and on."""

from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, web
from portal.access import accepts, coordinators, form_on, rules
from portal.db import db
from portal.door import accounts, sign_in_steps
from portal.door.accounts import AccountStatus
from portal.door.accounts.forms import InvitationForm
from portal.door.joining import letters
from portal.door.joining.invitations import OneUse
from portal.fields import Refused, refusals_on
from portal.people import care, contact_details, directory
from portal.people.care.forms import MemberForm

blueprint = Blueprint("accounts", __name__)

DONE = {
    "off": "Switched off. They cannot sign in.",
    "on": "Switched on. They sign in as before.",
    "handed": "Handed over. Their new therapists can open the records.",
    "number": "Saved.",
    "added": "Added to the care team. The record is open to them.",
    "ended": "Ended. The record is closed to them.",
}


@blueprint.get("/people/new")
@coordinators
@rules("program", fresh=True)
def new() -> ResponseReturnValue:
    return web.render("door/accounts/new.html", form=InvitationForm(therapists=directory.therapists(current_user)))


@blueprint.post("/people/")
@coordinators
@rules("program", "account.invite", "care.add", fresh="Invite them")
@accepts(InvitationForm, on="accounts.new")
def create() -> ResponseReturnValue:
    now, form = clock.now(), InvitationForm(therapists=directory.therapists(current_user))
    if form.validate():
        with refusals_on(form):
            key, one_use = _invite(form, now)
            db.session.commit()
            return _given(key, one_use)
    return web.render("door/accounts/new.html", status=422, form=form)


def _invite(form: InvitationForm, now: datetime) -> tuple[str, OneUse]:
    who = form.name.data, form.called.data, form.email.data, form.role.data
    treating = form.therapists.get(form.therapist.data), form.therapists.get(form.covering.data)
    person, one_use = accounts.invite(current_user, *who, *treating, now, printed=form.is_printed)
    if not one_use.printed:
        letters.send_link(person, form.email.data, one_use, current_user.program)
    return person.key, one_use


def _given(key: str, one_use: OneUse) -> ResponseReturnValue:
    """The page of the account again; but a code is shown once, here and now, for it is kept nowhere."""
    if not one_use.printed:
        return redirect(url_for(".show", key=key, sent=one_use.purpose), 303)
    status = accounts.status_of(current_user, key, clock.now())
    return web.render(
        "door/accounts/code.html", one_use=one_use, key=key, account=status, join_page=letters.join_page()
    )


@blueprint.get("/people/<key>")
@coordinators
@rules("program", "account.view")
def show(key: str) -> ResponseReturnValue:
    now = clock.now()
    status = accounts.status_of(current_user, key, now)
    audit.record(current_user, "account.view", status.person.as_participant, key)
    db.session.commit()
    return _account_page(status)


@blueprint.post("/people/<key>/invitation")
@coordinators
@rules("program", "account.invite", fresh="Give a new invitation")
@form_on("accounts.show")
def invite(key: str) -> ResponseReturnValue:
    return _give(key, "join")


@blueprint.post("/people/<key>/reset")
@coordinators
@rules("program", "account.reset", fresh="Let them set a new password")
@form_on("accounts.show")
def reset(key: str) -> ResponseReturnValue:
    return _give(key, "reset")


@blueprint.post("/people/<key>/restore")
@coordinators
@rules("program", "account.restore", fresh="Let them in again")
@form_on("accounts.show")
def restore(key: str) -> ResponseReturnValue:
    return _give(key, "restore")


def _give(key: str, purpose: str) -> ResponseReturnValue:
    now = clock.now()
    status = accounts.status_of(current_user, key, now)
    printed = request.form.get("way") != "mail"
    try:
        one_use = accounts.issue(current_user, status, purpose, printed, current_user.program, now)
    except Refused as refused:
        return _account_page(status, 409, refused=refused.words)
    db.session.commit()
    return _given(key, one_use)


@blueprint.post("/people/<key>/disable")
@coordinators
@rules("program", "account.disable", fresh="Switch the account off")
@form_on("accounts.show")
def disable(key: str) -> ResponseReturnValue:
    """Switch it off; of a therapist, who takes over is settled on the page on which they leave."""
    status = accounts.status_of(current_user, key, clock.now())
    if status.person.role == "therapist":
        return redirect(url_for("leaving.show", key=key), 303)
    try:
        ended = accounts.disable(current_user, status, clock.now())
    except Refused as refused:
        return _account_page(status, 409, refused=refused.words)
    db.session.commit()
    return sign_in_steps.go_and_say_what_ended(url_for(".show", key=key, done="off"), ended)


@blueprint.post("/people/<key>/enable")
@coordinators
@rules("program", "account.enable", fresh="Switch the account on")
@form_on("accounts.show")
def enable(key: str) -> ResponseReturnValue:
    now = clock.now()
    accounts.enable(current_user, accounts.status_of(current_user, key, now), now)
    db.session.commit()
    return redirect(url_for(".show", key=key, done="on"), 303)


def _account_page(account: AccountStatus, status: int = 200, *, refused: str | None = None) -> ResponseReturnValue:
    person = account.person
    team = care.team_of(current_user, person.key) if person.role == "participant" else None
    treats = care.own_participants(person) if person.role == "therapist" else []
    return web.render(
        "door/accounts/show.html",
        status=status,
        account=account,
        person=person,
        team=team,
        treats=len(treats),
        details=contact_details.details_of(person) if person.role == "participant" else None,
        member_form=MemberForm(team.therapists) if team else None,
        sent=request.args.get("sent"),
        done=DONE.get(request.args.get("done", "")),
        ended=sign_in_steps.what_ended(),
        refused=refused,
        now=clock.now(),
    )
