"""Challenges for passkeys: nothing is kept of one until it is answered, and no answer works twice."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from portal import seal
from portal.db import db
from portal.door.models import SpentChallenge

LIFE = timedelta(minutes=5)
NONCE, STAMP, MAC = 16, 8, 32  # bytes


class Refused(ValueError):
    """A proof that is not taken; the message is one plain sentence for whoever sent it."""


def new(purpose: str, account_key: str, now: datetime) -> bytes:
    """A challenge that only this portal can have made, good for one `purpose`, one account ("" for any) and LIFE."""
    begin = secrets.token_bytes(NONCE) + int(now.timestamp()).to_bytes(STAMP)
    return begin + _mac(begin, purpose, account_key)


def check(challenge: bytes, purpose: str, account_key: str, now: datetime) -> None:
    """Raise Refused unless `new` made this challenge for that purpose and account not longer than LIFE ago."""
    begin, mac = challenge[: NONCE + STAMP], challenge[NONCE + STAMP :]
    if len(mac) != MAC or not hmac.compare_digest(mac, _mac(begin, purpose, account_key)):
        raise Refused("That answer belongs to another page. Try again on this one.")
    if now.timestamp() - int.from_bytes(begin[NONCE:]) > LIFE.total_seconds():
        raise Refused("This page was open for too long. Try again now.")


def spend(challenge: bytes, now: datetime) -> None:
    """Note that the challenge was answered, in the caller's transaction; raises Refused the second time."""
    db.session.execute(delete(SpentChallenge).where(SpentChallenge.at < now - 2 * LIFE))
    try:
        with db.session.begin_nested():
            db.session.add(SpentChallenge(challenge_hash=hashlib.sha256(challenge).hexdigest(), at=now))
    except IntegrityError:
        raise Refused("That was sent twice, and counted once. Try again if you still need to.") from None


def _mac(begin: bytes, purpose: str, account_key: str) -> bytes:
    return bytes.fromhex(seal.index(f"challenge:{purpose}:{account_key}:{begin.hex()}"))
