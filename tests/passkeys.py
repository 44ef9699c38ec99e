"""A passkey made of software: it answers the options of a page as a phone does, with whatever lies a test wants."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
_KEY = ec.generate_private_key(ec.SECP256R1())


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def from_text(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Passkey:
    """One passkey of the account `owner` (its key). Its lies: `origin`, `site`, `flags`, `count`, `owner`, `secret`."""

    owner: str
    name: str = "phone"
    origin: str = ORIGIN
    site: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: _KEY, repr=False)

    @property
    def id(self) -> bytes:
        return hashlib.sha256(f"{self.owner} {self.name}".encode()).digest()

    @property
    def public_key(self) -> bytes:
        """The public half, as COSE writes it."""
        at = self.secret.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32), -3: at.y.to_bytes(32)})

    def made(self, options: str, **more: Any) -> str:
        """What a browser sends after navigator.credentials.create."""
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + self.public_key
        about = self._about(self.flags | ATTESTED) + attested
        said = {"clientDataJSON": self._said("webauthn.create", options, more)}
        said["attestationObject"] = text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about}))
        return self._answer(said)

    def used(self, options: str, **more: Any) -> str:
        """What a browser sends after navigator.credentials.get."""
        client, about = self._said("webauthn.get", options, more), self._about(self.flags)
        signed = about + hashlib.sha256(from_text(client)).digest()
        signature = self.secret.sign(signed, ec.ECDSA(hashes.SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": text(about), "signature": text(signature)}
        return self._answer(said | {"userHandle": text(self.owner.encode())})

    def _about(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _said(self, kind: str, options: str, more: dict[str, Any]) -> str:
        said = {
            "type": kind,
            "challenge": json.loads(options)["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return text(json.dumps(said | more).encode())

    def _answer(self, said: dict[str, str]) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": said})


def kept(account: Any, **more: Any) -> Any:
    """The row of a passkey that the portal keeps for `account`, not added yet."""
    from portal.door.models import Passkey as Row

    held = Passkey(account.key)
    row = {"account_id": account.id, "credential_id": held.id, "public_key": held.public_key, "sign_count": 0}
    return Row(**row | {"name": "The phone of the tests", "made_at": account.created_at} | more)
