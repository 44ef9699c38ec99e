"""Passkeys (WebAuthn): the browser and the device prove who it is, and no secret of theirs ever comes here."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from portal.db import add_once, db, new_key, write
from portal.door.factors import challenges
from portal.door.forms import one_line
from portal.door.models import Passkey
from portal.fields import Refused
from portal.people import PERSON, Person, person_in
from portal.people.models import Account

ENTER, CONFIRM, CREATE = "enter", "confirm", "create"  # what a challenge is for
ALGORITHMS = (-8, -7, -257)  # EdDSA, ES256, RS256: what every maker of passkeys knows one of
LONGEST_NAME = 60
WENT_BACK = (
    "This passkey’s counter went back, so there may be a copy of it. Use another way. Then, under Account, remove this"
    " passkey and add a new one. If you have no other way, call us."
)
NOT_TAKEN = "That passkey did not work here. Try again, or use another way."


@dataclass(frozen=True, slots=True)
class Site:
    """The portal as a browser knows it: passkeys belong to its host `name`, and answers must come from `origin`."""

    name: str
    origin: str


def site() -> Site:
    """The site at PORTAL_URL."""
    url = urlsplit(current_app.config["URL"])
    usual = {"https": 443, "http": 80}[url.scheme]
    name = url.hostname or ""
    return Site(name, f"{url.scheme}://{name}" + (f":{url.port}" if url.port not in (None, usual) else ""))


def request_options(purpose: str, person: Person | None, now: datetime) -> str:
    """Ask a browser for a passkey: the JSON that a page hands to navigator.credentials.get.

    No passkey is named: the browser finds those of this site, and tells nobody who has one.
    """
    challenge = challenges.new(purpose, person.key if person else "", now)
    asked = {"challenge": _text(challenge), "rpId": site().name, "allowCredentials": []}
    return json.dumps(asked | {"userVerification": "required", "timeout": _milliseconds()})


def creation_options(person: Person, shown_as: str, now: datetime) -> str:
    """Ask a browser to make a passkey for `person`: the JSON that a page hands to navigator.credentials.create."""
    held = db.session.scalars(select(Passkey.credential_id).where(Passkey.account_id == person.id))
    asked = {
        "challenge": _text(challenges.new(CREATE, person.key, now)),
        "rp": {"id": site().name, "name": shown_as},
        "user": {"id": _text(person.key.encode()), "name": person.called, "displayName": person.called},
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": _text(credential_id)} for credential_id in held],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        "timeout": _milliseconds(),
    }
    return json.dumps(asked)


def add_passkey(person: Person, credential_json: str, name: str, now: datetime) -> Passkey:
    """Keep the passkey that the browser of `person` has made; raises Refused."""
    from webauthn import verify_registration_response  # here, since it is slow to import
    from webauthn.helpers import parse_registration_credential_json

    with _strangers_bytes():
        credential = parse_registration_credential_json(credential_json)
        challenge = _challenge_of(credential, CREATE, person.key, now)
        made = verify_registration_response(credential=credential, **_expected(challenge))
    challenges.spend(challenge, now)
    passkey = Passkey(
        key=new_key(),
        account_id=person.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=(one_line(name) or "A passkey")[:LONGEST_NAME],
        made_at=now,
    )
    if not add_once(passkey):
        raise Refused("answer", "This passkey is already in use.")
    return passkey


def person_of(credential_json: str, now: datetime) -> Person:
    """The person who signs in with this answer of a browser; raises Refused, which does not tell whose it might be."""
    return _use(credential_json, ENTER, None, now)


def prove(person: Person, credential_json: str, now: datetime) -> None:
    """Take the answer of a browser as the proof that it is `person`; raises Refused."""
    _use(credential_json, CONFIRM, person, now)


def end(person: Person, key: str) -> bool:
    """Take away the passkey `key` of `person`; False when they have none of that key."""
    gone = delete(Passkey).where(Passkey.account_id == person.id, Passkey.key == key)
    return write(gone) == 1


def _use(credential_json: str, purpose: str, person: Person | None, now: datetime) -> Person:
    """The owner of the passkey, who must be `person` where one is given; the answer is spent, its count noted."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    with _strangers_bytes():
        credential = parse_authentication_credential_json(credential_json)
        challenge = _challenge_of(credential, purpose, person.key if person else "", now)
        kept = db.session.execute(
            select(*PERSON, Passkey.id.label("passkey_id"), Passkey.public_key, Passkey.sign_count)
            .join(Account, Account.id == Passkey.account_id)
            .where(Passkey.credential_id == credential.raw_id, Account.disabled_at.is_(None))
        ).first()
        if kept is None:
            raise Refused("answer", NOT_TAKEN)
        if credential.response.user_handle != kept.key.encode() or (person and person.id != kept.id):
            raise Refused("answer", NOT_TAKEN)
        used = verify_authentication_response(
            credential=credential,
            credential_public_key=kept.public_key,
            credential_current_sign_count=0,  # looked at below, in words and as it is written
            **_expected(challenge),
        )
    challenges.spend(challenge, now)
    count = used.new_sign_count
    # Asked again as it is written: of two answers at once with one count, one comes from a copy of the device.
    grows = Passkey.sign_count < count if count else Passkey.sign_count == 0
    note = update(Passkey).where(Passkey.id == kept.passkey_id, grows).values(sign_count=count, last_used_at=now)
    if write(note) != 1:
        raise Refused("answer", WENT_BACK)
    return person_in(kept)


def _challenge_of(credential: Any, purpose: str, account_key: str, now: datetime) -> bytes:
    """The challenge that was answered, if it is one of ours; raises Refused."""
    from webauthn.helpers import parse_client_data_json

    challenge = parse_client_data_json(credential.response.client_data_json).challenge
    challenges.check(challenge, purpose, account_key, now)
    return challenge


def _expected(challenge: bytes) -> dict[str, Any]:
    at = site()
    return {
        "expected_challenge": challenge,
        "expected_rp_id": at.name,
        "expected_origin": at.origin,
        "require_user_verification": True,
    }


@contextmanager
def _strangers_bytes() -> Iterator[None]:
    """Turn whatever a stranger's bytes set off in the parsers of three formats into one refusal."""
    try:
        yield
    except (Refused, DBAPIError):
        raise
    except Exception as error:
        raise Refused("answer", NOT_TAKEN) from error


def _text(value: bytes) -> str:
    """Bytes as WebAuthn writes them in JSON."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def _milliseconds() -> int:
    return int(challenges.LIFE.total_seconds() * 1000)
