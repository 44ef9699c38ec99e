"""The forms of contact details: a participant's own, and the clinic's number for them."""

from typing import Any

from wtforms import HiddenField

from portal import web
from portal.drafts.forms import Form
from portal.fields import Choice, PhoneField, text
from portal.people.contact_details import OWN, KeptContactDetails

YES_OR_NO = {"yes": "Yes", "no": "No"}


class ContactDetailsForm(Form):
    """`next` is the page to go on to, for whoever came here on the way to it."""

    phone = PhoneField("Your phone number")
    may_leave_message = Choice("May we leave a message there?", choices=YES_OR_NO)
    emergency_name = text("Their name", 80)
    emergency_phone = PhoneField("Their phone number")
    emergency_tie = text("How do you know each other?", 80)
    video_place = text("Where are you when you join by video?", 200)
    next = HiddenField(filters=[web.safe_next])

    def __init__(self, details: KeptContactDetails, **more: Any) -> None:
        stands = {name: getattr(details, name) for name in OWN}
        message = {True: "yes", False: "no", None: None}[details.may_leave_message]
        super().__init__(data=stands | {"may_leave_message": message} | more)

    @property
    def said(self) -> dict[str, str | None]:
        """The answers by name of column, None for what was left out."""
        return {name: self[name].data or None for name in OWN}

    @property
    def leave_message(self) -> bool | None:
        """Whether a message may be left; None where that was left out."""
        answer: str | None = self.may_leave_message.data
        return None if answer is None else answer == "yes"


class ClinicNumberForm(Form):
    clinic_number = text("The clinic’s number for them", 40)

    def __init__(self, details: KeptContactDetails) -> None:
        super().__init__(data={"clinic_number": details.clinic_number})
