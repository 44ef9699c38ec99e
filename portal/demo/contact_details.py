"""The contact details of the demo clinic's participants: most have said all, some little, and one nothing."""

from dataclasses import asdict, dataclass

from portal.db import db
from portal.demo import texts
from portal.demo.cast import CAST, Clinic
from portal.people.contact_details import SEALED, seal_texts
from portal.people.models import ContactDetails


@dataclass(frozen=True, slots=True)
class SaidDetails:
    """The contact details of one participant, each None where they left it out."""

    phone: str | None = None
    may_leave_message: bool | None = None
    emergency_name: str | None = None
    emergency_phone: str | None = None
    emergency_tie: str | None = None
    video_place: str | None = None
    clinic_number: str | None = None


SAID = texts.read("contact_details", SaidDetails)


def fill(clinic: Clinic) -> None:
    """Add what each participant said when they joined."""
    for member in CAST:
        if said := SAID.get(member.sign_in):
            account = clinic.accounts[member.sign_in]
            details = ContactDetails(
                participant_id=account.id,
                may_leave_message=said.may_leave_message,
                confirmed_at=clinic.at(clinic.day(member.started), 9.25),
                **seal_texts(account, {name: text for name, text in asdict(said).items() if name in SEALED}),
            )
            db.session.add(details)
