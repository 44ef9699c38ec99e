"""Contact details: how a participant is reached, whom to call for them, and the place from which they join by video."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, phones, seal
from portal.audit import HasId
from portal.db import add_once, db, reader, write
from portal.fields import Refused
from portal.people.contact_details.phrases import MESSAGE
from portal.people.models import ContactDetails

OWN = ("phone", "emergency_name", "emergency_phone", "emergency_tie", "video_place")  # sealed, and the participant's
SEALED = (*OWN, "clinic_number")


@dataclass(frozen=True, slots=True)
class KeptContactDetails:
    """The contact details of one participant; each is None where nobody has said it, and all where there is no row."""

    participant_id: int | None
    may_leave_message: bool | None
    confirmed_at: datetime | None
    sealed_phone: bytes | None = field(repr=False)
    sealed_clinic_number: bytes | None = field(repr=False)
    sealed_emergency_name: bytes | None = field(repr=False)
    sealed_emergency_phone: bytes | None = field(repr=False)
    sealed_emergency_tie: bytes | None = field(repr=False)
    sealed_video_place: bytes | None = field(repr=False)

    def _opened(self, name: str) -> str | None:
        sealed = getattr(self, f"sealed_{name}")
        return seal.open(getattr(ContactDetails, name), sealed, self.participant_id) if sealed else None

    @property
    def phone(self) -> str | None:
        """The number to call them at, as it is shown: "(212) 555-0142"."""
        return self._opened("phone")

    @property
    def dial(self) -> str | None:
        """The same as a tel: link takes it: "+12125550142"."""
        return phones.dial(self.phone) if self.phone else None

    @property
    def message_words(self) -> str:
        """Whether a message may be left there, in words."""
        return MESSAGE[self.may_leave_message]

    @property
    def clinic_number(self) -> str | None:
        """The clinic's own number for them: what its other papers call them by, and no phone number."""
        return self._opened("clinic_number")

    @property
    def phone_digits(self) -> str:
        """The digits of the phone number, without its extension; "" where there is none."""
        return (self.dial or "").partition(",")[0].lstrip("+")

    @property
    def number(self) -> str:
        """The number that tells them from others of their name: "LC 1644", else "ends in 7702"; "" for neither."""
        return self.clinic_number or (f"ends in {self.phone_digits[-4:]}" if self.phone else "")

    @property
    def emergency_name(self) -> str | None:
        return self._opened("emergency_name")

    @property
    def emergency_phone(self) -> str | None:
        return self._opened("emergency_phone")

    @property
    def emergency_dial(self) -> str | None:
        return phones.dial(self.emergency_phone) if self.emergency_phone else None

    @property
    def emergency_tie(self) -> str | None:
        """The way in which the participant and the emergency contact know each other."""
        return self._opened("emergency_tie")

    @property
    def video_place(self) -> str | None:
        """The place from which they join by video."""
        return self._opened("video_place")


NONE = KeptContactDetails(None, None, None, None, None, None, None, None, None)


def columns(within: str = "") -> list[Any]:
    """The columns that make KeptContactDetails, labeled with its names after `within`.

    Whoever reads them beside a person joins ContactDetails from outside: not everybody has a row.
    """
    plain = [ContactDetails.participant_id, ContactDetails.may_leave_message, ContactDetails.confirmed_at]
    sealed = [getattr(ContactDetails, name).label(f"{within}sealed_{name}") for name in SEALED]
    return [*(column.label(within + column.key) for column in plain), *sealed]


_DETAILS = select(*columns())
_read_details = reader(KeptContactDetails, _DETAILS)


def details_by_person(ids: Collection[int]) -> dict[int, KeptContactDetails]:
    """The contact details of each of these participants, by their id, in one read; of somebody without any, NONE."""
    rows = db.session.execute(_DETAILS.where(ContactDetails.participant_id.in_(ids))) if ids else ()
    return dict.fromkeys(ids, NONE) | {row.participant_id: _read_details(row) for row in rows}


def details_of(participant: HasId) -> KeptContactDetails:
    """The contact details of `participant`, in one read."""
    return details_by_person([participant.id])[participant.id]


def keep(participant: HasId, said: Mapping[str, str | None], may_leave_message: bool | None, now: datetime) -> None:
    """Keep what `participant` says of OWN, each None where it is left out, and whether a message may be left.

    Each thing that is another than before goes on record by its name, without what it says. Where there is no phone
    nothing is kept about messages.
    """
    before = details_of(participant)
    message = may_leave_message if said["phone"] else None
    others = [name for name in OWN if said[name] != getattr(before, name)]
    others += ["may_leave_message"] if message != before.may_leave_message else []
    sealed = seal_texts(participant, {name: said[name] for name in OWN})
    _write(participant, sealed | {"may_leave_message": message, "confirmed_at": now})
    if not others:
        audit.record(participant, "contact_details.keep", participant)
    for name in others:
        audit.record(participant, "contact_details.keep", participant, name)


def number(coordinator: HasId, participant: HasId, clinic_number: str | None) -> None:
    """Let `clinic_number` be the clinic's own number for `participant`, None for none; Refused if it is another's."""
    try:
        with db.session.begin_nested():
            _write(participant, seal_texts(participant, {"clinic_number": clinic_number}))
    except IntegrityError:
        raise Refused("clinic_number", "Another participant has this number. Check both.") from None
    audit.record(coordinator, "contact_details.number", participant)


def seal_texts(participant: HasId, texts: Mapping[str, str | None]) -> dict[str, Any]:
    """Texts by name of column as the row of `participant` keeps them; a clinic number with its hash beside it.

    By the hash it is one person's, however it is spaced and in whatever case.
    """
    values: dict[str, Any] = {
        name: seal.close(getattr(ContactDetails, name), text, participant.id) if text else None
        for name, text in texts.items()
    }
    if "clinic_number" in texts:
        plain = "".join((texts["clinic_number"] or "").casefold().split())
        values["clinic_number_hash"] = seal.index(f"clinic number:{plain}") if plain else None
    return values


def _write(participant: HasId, values: Mapping[str, Any]) -> None:
    """Write `values` into the row of `participant`, which is made where there is none yet."""
    mine = update(ContactDetails).where(ContactDetails.participant_id == participant.id).values(values)
    if not write(mine):
        add_once(ContactDetails(participant_id=participant.id))
        write(mine)
