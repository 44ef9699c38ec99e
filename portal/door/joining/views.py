"""Pages of joining and coming back, for whoever holds a link or a code; and of one account, for coordinators."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from portal import audit, clock, program, web
from portal.access import accepts, anyone, coordinators, form_on, rules
from portal.db import db
from portal.door import browsers, factors, joining, sign_in_steps
from portal.door.factors import passkeys
from portal.door.joining import account_status, invitations, letters, password_reset
from portal.door.joining.account_status import AccountStatus
from portal.door.joining.forms import CodeForm, InvitationForm, JoinForm, ProofForm, ResetForm
from portal.door.joining.invitations import InvitationClosed, OneUse, OpenInvitation
from portal.fields import Refused, refuse
from portal.people import care, directory

blueprint = Blueprint("joining", __name__)

# In the signed cookie: the key of the invitation that this browser has opened, never its token; and when it did.
HELD, SINCE = "invitation", "invitation_since"
DONE = {
    "off": "Switched off. They are signed out everywhere.",
    "on": "Switched on. They sign in as before.",
    "added": "Added to the care team. The record is open to them.",
    "ended": "Ended. The record is closed to them.",
}
HELD_FOR = timedelta(minutes=15)  # then the link, or the code, has to be at hand again: others may use this browser


@blueprint.get("/join/<token>")
@anyone
@rules("link")
def follow(token: str) -> ResponseReturnValue:
    """Remember what the link opens, and go on to an address without it. A program that looks at links uses none up."""
    return _hold(invitations.find_by_link(token, clock.now()))


@blueprint.post("/join/code")
@anyone
@rules("link", limit="10 per 5 minutes")
@form_on("joining.join_new")
def code_create() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate():
        if invitation := invitations.find_by_code(form.code.data, clock.now()):
            return _hold(invitation)
        form.code.errors = ["This code opens nothing. Check each letter; if it is right, it was used or is too old."]
    return web.render("door/joining/closed.html", status=422, form=form)


def _hold(invitation: OpenInvitation | None) -> ResponseReturnValue:
    _let_go()
    if invitation:
        session[HELD], session[SINCE] = invitation.key, int(clock.now().timestamp())
    return redirect(url_for(".join_new"), 303)


def _held(now: datetime) -> OpenInvitation | None:
    """The invitation that this browser has opened lately; one that it opened longer ago it holds no more."""
    if now.timestamp() - session.get(SINCE, 0) > HELD_FOR.total_seconds():
        _let_go()
    return invitations.find_by_key(session.get(HELD), now)


def _let_go() -> None:
    session.pop(HELD, None)
    session.pop(SINCE, None)


@blueprint.get("/join")
@anyone
@rules("link")
def join_new() -> ResponseReturnValue:
    invitation = _held(clock.now())
    if invitation is None:
        if current_user.is_authenticated:
            return redirect(url_for("door.home"), 303)
        return web.render("door/joining/closed.html", form=CodeForm())
    return _join_page(_form_of(invitation))


@blueprint.post("/join")
@anyone
@rules(
    "link", "account.join", "account.return", "factor.add", "factor.codes", "session.start", limit="30 per 5 minutes"
)
def join_create() -> ResponseReturnValue:
    now = clock.now()
    invitation = _held(now)
    if invitation is None:
        return redirect(url_for(".join_new"), 303)
    form = _form_of(invitation)
    if not form.validate():
        return _join_page(form, 422)
    try:
        codes = _accept(form, now)
    except InvitationClosed:
        return redirect(url_for(".join_new"), 303)
    except Refused as refused:
        refuse(form, Refused("", refused.words))
        return _join_page(form, 422)
    answer = sign_in_steps.show_codes_first(codes, _let_in(form))
    db.session.commit()
    return answer


def _form_of(invitation: OpenInvitation) -> ProofForm:
    kind = JoinForm if invitation.purpose == "join" else ProofForm
    return kind(invitation, program.current())


def _join_page(form: ProofForm, status: int = 200) -> ResponseReturnValue:
    options = None
    if form.takes_passkey:
        options = passkeys.creation_options(form.invitation.person, form.facts.shown_as, clock.now())
    return web.render(
        "door/joining/join.html",
        status=status,
        form=form,
        invitation=form.invitation,
        creation_options=options,
    )


def _accept(form: ProofForm, now: datetime) -> list[str]:
    device = browsers.name(request.user_agent.string)
    proof = joining.Proof(None if form.passkey else form.password.data, form.passkey, device)
    if isinstance(form, JoinForm):
        return joining.join(form.invitation, now, proof, called=form.called.data, mail_ok=form.mail_ok.data)
    return joining.come_back(form.invitation, now, proof)


def _let_in(form: ProofForm) -> Response:
    """A passkey made just now has proved both things at once; after a password the second factor may be asked for."""
    person = form.invitation.person
    if form.passkey:
        return sign_in_steps.enter(person, "passkey")
    stage = factors.stage_after(person, form.facts)
    return sign_in_steps.enter(person, "link") if stage == "full" else sign_in_steps.pause(person, stage, "link")


@blueprint.get("/reset")
@anyone
@rules("nothing")
def reset_new() -> ResponseReturnValue:
    return web.render("door/joining/reset.html", form=ResetForm(), asked=request.args.get("asked"))


@blueprint.post("/reset")
@anyone
@rules("link", "account.ask", limit="5 per 15 minutes")
def reset_create() -> ResponseReturnValue:
    form = ResetForm()
    if not form.validate():
        return web.render("door/joining/reset.html", status=422, form=form, asked=None)
    if facts := program.if_known():
        password_reset.ask(form.email.data, facts, clock.now())
        db.session.commit()
    return redirect(url_for(".reset_new", asked=form.asks), 303)


@blueprint.get("/people/new")
@coordinators
@rules("program", fresh=True)
def new() -> ResponseReturnValue:
    return _new_page(_invitation_form())


@blueprint.post("/people/")
@coordinators
@rules("program", "account.invite", "care.add", fresh=True)
@accepts(InvitationForm, on="joining.new")
def create() -> ResponseReturnValue:
    now, form = clock.now(), _invitation_form()
    if not form.validate():
        return _new_page(form, 422)
    try:
        key, one_use = _invite(form, now)
    except Refused as refused:
        refuse(form, refused)
        return _new_page(form, 422)
    db.session.commit()
    return _given(key, one_use)


def _invite(form: InvitationForm, now: datetime) -> tuple[str, OneUse]:
    who = form.name.data, form.called.data, form.email.data, form.role.data
    treating = form.therapists.get(form.therapist.data), form.therapists.get(form.covering.data)
    person, one_use = joining.invite(current_user, *who, *treating, now, printed=form.is_printed)
    if not one_use.printed:
        letters.send_link(person, form.email.data, one_use, current_user.program)
    return person.key, one_use


def _invitation_form() -> InvitationForm:
    return InvitationForm(therapists=directory.therapists(current_user))


def _new_page(form: InvitationForm, status: int = 200) -> ResponseReturnValue:
    return web.render("door/joining/new.html", status=status, form=form)


def _given(key: str, one_use: OneUse) -> ResponseReturnValue:
    """The page of the account again; but a code is shown once, here and now, for it is kept nowhere."""
    if not one_use.printed:
        return redirect(url_for(".show", key=key, sent=one_use.purpose), 303)
    status = account_status.status_of(current_user, key, clock.now())
    return web.render("door/joining/code.html", one_use=one_use, key=key, account=status, join_page=letters.join_page())


@blueprint.get("/people/<key>")
@coordinators
@rules("program", "account.view")
def show(key: str) -> ResponseReturnValue:
    now = clock.now()
    status = account_status.status_of(current_user, key, now)
    audit.record(current_user, "account.view", status.participant, key)
    db.session.commit()
    return _account_page(status)


@blueprint.post("/people/<key>/invitation")
@coordinators
@rules("program", "account.invite", fresh=True)
@form_on("joining.show")
def invite(key: str) -> ResponseReturnValue:
    return _give(key, "join")


@blueprint.post("/people/<key>/reset")
@coordinators
@rules("program", "account.reset", fresh=True)
@form_on("joining.show")
def reset(key: str) -> ResponseReturnValue:
    return _give(key, "reset")


@blueprint.post("/people/<key>/restore")
@coordinators
@rules("program", "account.restore", fresh=True)
@form_on("joining.show")
def restore(key: str) -> ResponseReturnValue:
    return _give(key, "restore")


def _give(key: str, purpose: str) -> ResponseReturnValue:
    now = clock.now()
    status = account_status.status_of(current_user, key, now)
    printed = request.form.get("way") != "mail"
    try:
        one_use = account_status.issue(current_user, status, purpose, printed, current_user.program, now)
    except Refused as refused:
        return _account_page(status, 409, refused=refused.words)
    db.session.commit()
    return _given(key, one_use)


@blueprint.post("/people/<key>/disable")
@coordinators
@rules("program", "account.disable", fresh=True)
@form_on("joining.show")
def disable(key: str) -> ResponseReturnValue:
    now = clock.now()
    status = account_status.status_of(current_user, key, now)
    try:
        account_status.disable(current_user, status, now)
    except Refused as refused:
        return _account_page(status, 409, refused=refused.words)
    db.session.commit()
    return redirect(url_for(".show", key=key, done="off"), 303)


@blueprint.post("/people/<key>/enable")
@coordinators
@rules("program", "account.enable", fresh=True)
@form_on("joining.show")
def enable(key: str) -> ResponseReturnValue:
    account_status.enable(current_user, account_status.status_of(current_user, key, clock.now()))
    db.session.commit()
    return redirect(url_for(".show", key=key, done="on"), 303)


def _account_page(account: AccountStatus, status: int = 200, *, refused: str | None = None) -> ResponseReturnValue:
    return web.render(
        "door/joining/show.html",
        status=status,
        account=account,
        person=account.person,
        team=care.team_of(current_user, account.person.key),
        sent=request.args.get("sent"),
        done=DONE.get(request.args.get("done", "")),
        refused=refused,
        now=clock.now(),
    )
