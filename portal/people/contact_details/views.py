"""The pages of contact details: a participant's own, and for coordinators the clinic's number of somebody."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import accepts, coordinators, participants, rules
from portal.db import db
from portal.fields import refusals_on
from portal.people import Person, contact_details, directory
from portal.people.contact_details.forms import ClinicNumberForm, ContactDetailsForm
from portal.web import render

blueprint = Blueprint("contact_details", __name__)


@blueprint.get("/account/contact-details")
@participants
@rules("self")
def edit() -> ResponseReturnValue:
    """The form; with `next`, on the way to another page, which a button to leave it leads to."""
    return _page(ContactDetailsForm(contact_details.details_of(current_user), next=request.args.get("next")))


@blueprint.post("/account/contact-details")
@participants
@rules("self", "contact_details.keep")
@accepts(ContactDetailsForm)
def update() -> ResponseReturnValue:
    form = ContactDetailsForm(contact_details.details_of(current_user))
    if not form.validate():
        return _page(form, 422)
    contact_details.keep(current_user, form.said, form.leave_message, clock.now())
    db.session.commit()
    return redirect(form.next.data or url_for("devices.show", done="contact-details"), 303)


def _page(form: ContactDetailsForm, status: int = 200) -> ResponseReturnValue:
    return render("people/contact_details/edit.html", status=status, form=form)


@blueprint.get("/people/<key>/clinic-number")
@coordinators
@rules("program", fresh=True)
def edit_clinic_number(key: str) -> ResponseReturnValue:
    participant = directory.participant_called(current_user, key)
    return _number_page(participant, ClinicNumberForm(contact_details.details_of(participant)))


@blueprint.post("/people/<key>/clinic-number")
@coordinators
@rules("program", "contact_details.number", fresh="Save the clinic’s number")
@accepts(ClinicNumberForm)
def update_clinic_number(key: str) -> ResponseReturnValue:
    participant = directory.participant_called(current_user, key)
    form = ClinicNumberForm(contact_details.details_of(participant))
    with refusals_on(form):
        if form.validate():
            contact_details.number(current_user, participant, form.clinic_number.data or None)
            db.session.commit()
            return redirect(url_for("accounts.show", key=key, done="number"), 303)
    return _number_page(participant, form, 422)


def _number_page(participant: Person, form: ClinicNumberForm, status: int = 200) -> ResponseReturnValue:
    return render("people/contact_details/clinic_number.html", status=status, person=participant, form=form)
