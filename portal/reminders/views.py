"""Pages of reminders: what one wants to be emailed about, the one click that ends it, and mail that does not arrive."""

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import access, audit, clock, reminders
from portal.access import accepts, anyone, coordinators, rules
from portal.db import db
from portal.flags.email_status import email_status
from portal.reminders import letters, undelivered
from portal.reminders.forms import ReminderForm, fields_of
from portal.web import render

blueprint = Blueprint("reminders", __name__)
participants_and_therapists = access.audience("participant", "therapist")


@blueprint.get("/reminders")
@participants_and_therapists
@rules("self")
def show() -> ResponseReturnValue:
    own = reminders.settings_of(current_user)
    return _page(own, ReminderForm(data=fields_of(own.chosen)))


@blueprint.post("/reminders")
@participants_and_therapists
@rules("self", "reminder.choose")
@accepts(ReminderForm)
def update() -> ResponseReturnValue:
    own = reminders.settings_of(current_user)
    form = ReminderForm(data=fields_of(own.chosen))
    if not form.validate() or not own.reached:
        return _page(own, form, 422)
    reminders.choose(current_user, form.chosen, clock.now())
    db.session.commit()
    return redirect(url_for(".show", saved=1), 303)


def _page(own: reminders.ReminderSettings, form: ReminderForm, status: int = 200) -> ResponseReturnValue:
    return render(
        "reminders/show.html",
        status=status,
        own=own,
        form=form,
        examples=letters.examples(current_user.program, clock.now()),
        sender=current_app.config["MAIL_FROM"],
    )


@blueprint.get("/stop/<token>")
@anyone
@rules("link", limit="60 per 5 minutes")
def stop_new(token: str) -> ResponseReturnValue:
    """A page with a button. Programs that look into mail open every link of it, and must not stop anything."""
    found = reminders.recipient_of(token)
    return render("reminders/stop.html", token=token, stopped=not found.chosen.anything)


@blueprint.post("/stop/<token>")
@anyone
@rules("link", "reminder.stop", limit="60 per 5 minutes")
def stop_create(token: str) -> ResponseReturnValue:
    """The one writing view that takes a form without a token of ours: a mail program sends it, by RFC 8058.

    The secret in the address is its leave. It answers with the page itself, since no mail program follows a redirect.
    """
    reminders.stop(token, clock.now())
    db.session.commit()
    return render("reminders/stop.html", token=token, stopped=True)


@blueprint.get("/program/undelivered")
@coordinators
@rules("program", "mail.view")
def mail_index() -> ResponseReturnValue:
    now = clock.now()
    found, email = undelivered.undelivered(current_user, now), email_status(current_user.program, now)
    audit.record(current_user, "mail.view")
    db.session.commit()
    return render("reminders/undelivered.html", found=found, most=undelivered.SHOWN, email=email, now=now)
