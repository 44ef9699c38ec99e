"""The sealing keys, which are kept outside the database: read from the setting, they seal and open a text."""

import base64
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NAME = re.compile(r"[a-z0-9-]{1,16}")
NONCE = 12


class SealError(ValueError):
    """Keys that are missing or wrong, or a text that was changed or moved; the message is one sentence."""


@dataclass(frozen=True)
class Keys:
    """The keys outside the database by name, in the order of the setting: the first seals, all of them open."""

    named: dict[str, bytes] = field(repr=False)

    @property
    def current(self) -> str:
        return next(iter(self.named))

    @cached_property
    def ciphers(self) -> dict[str, AESGCM]:
        return {name: AESGCM(key) for name, key in self.named.items()}

    def close(self, place: str, text: str) -> bytes:
        """`text` sealed for `place`: the key's name, a colon, the nonce and what AES-GCM made of it."""
        nonce = secrets.token_bytes(NONCE)
        sealed = self.ciphers[self.current].encrypt(nonce, text.encode(), place.encode())
        return self.current.encode() + b":" + nonce + sealed

    def open(self, place: str, sealed: bytes) -> str:
        """The text that was sealed for `place`; raises SealError for any other place, a change, or a missing key."""
        name, _, rest = bytes(sealed).partition(b":")
        cipher = self.ciphers.get(name.decode("ascii", "replace"))
        if cipher is None:
            raise SealError(f"PORTAL_SEAL_KEYS does not hold the key {name[:16].decode('ascii', 'replace')!r}.")
        try:
            return cipher.decrypt(rest[:NONCE], rest[NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError):  # the latter for what is too short to have been sealed at all
            raise SealError(f"What is kept at {place.split(chr(0))[0]} was changed, or moved there.") from None


def read_keys(setting: str | None) -> Keys:
    """The keys in "name:base64,name:base64"; raises SealError with one sentence."""
    named: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in str(setting or "").split(","))):
        name, _, text = part.partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if not NAME.fullmatch(name) or len(key) != 32 or name in named:
            raise SealError(
                "PORTAL_SEAL_KEYS must be name:key pairs with a comma between them, each key 32 bytes in base64"
                " and each name used once."
            )
        named[name] = key
    if not named:
        raise SealError(
            "Set PORTAL_SEAL_KEYS to the key that seals what people write; make one with: python3 -c"
            " \"import base64, secrets; print('k1:' + base64.b64encode(secrets.token_bytes(32)).decode())\""
        )
    return Keys(named)
