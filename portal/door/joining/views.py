"""The pages of joining and coming back, for whoever holds a link or a code."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from portal import clock, program, web
from portal.access import anyone, form_on, rules
from portal.db import db
from portal.door import browsers, factors, joining, sign_in_steps
from portal.door.factors import passkeys
from portal.door.joining import invitations, password_reset
from portal.door.joining.forms import CodeForm, JoinForm, ProofForm, ResetForm
from portal.door.joining.invitations import InvitationClosed, OpenInvitation
from portal.fields import Refused, refuse

blueprint = Blueprint("joining", __name__)

# In the signed cookie: the key of the invitation that this browser has opened, never its token; and when it did.
HELD, SINCE = "invitation", "invitation_since"
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
        form.code.errors = [
            "This code does not work. Check each letter. If it is right, the code was used before or has expired."
        ]
    return web.render("door/joining/closed.html", status=422, form=form)


def _hold(invitation: OpenInvitation | None) -> ResponseReturnValue:
    _let_go()
    if invitation:
        session[HELD], session[SINCE] = invitation.key, int(clock.now().timestamp())
    return redirect(url_for(".join_new"), 303)


def _held() -> OpenInvitation | None:
    """The invitation that this browser has opened lately; one that it opened longer ago it holds no more."""
    now = clock.now()
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
    invitation = _held()
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
    now, invitation = clock.now(), _held()
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
    proof = {"passkey": form.passkey, "device": device} if form.passkey else {"password": form.password.data}
    if isinstance(form, JoinForm):
        return joining.join(form.invitation, now, called=form.called.data, mail_ok=form.mail_ok.data, **proof)
    codes, ended = joining.come_back(form.invitation, now, **proof)
    sign_in_steps.note_what_ended(url_for("devices.show", done="returned"), ended)
    return codes


def _let_in(form: ProofForm) -> Response:
    """A passkey made just now has proved both things at once; after a password the second factor may be asked for.

    A participant who joins is asked next how we reach them. Who comes back is told what ended.
    """
    person = form.invitation.person
    target = url_for("contact_details.edit", next="/") if person.role == "participant" else None
    if form.invitation.purpose != "join":
        target = url_for("devices.show", done="returned")
    how, stage = ("passkey", "full") if form.passkey else ("link", factors.stage_after(person, form.facts))
    if stage == "full":
        return sign_in_steps.enter(person, how, target)
    return sign_in_steps.pause(person, stage, how, target)


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
