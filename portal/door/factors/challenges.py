"""Challenges for passkeys: nothing is kept of one until it is answered, and no answer works twice."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from portal import tokens
from portal.db import add_once, db
from portal.door.models import SpentChallenge
from portal.fields import Refused

LIFE = timedelta(minutes=5)
NONCE, STAMP, MAC = 22, 8, 32  # bytes


def new(purpose: str, account_key: str, now: datetime) -> bytes:
    """A challenge that only this portal can have made, good for one `purpose`, one account ("" for any) and LIFE."""
    begin = tokens.make(16).encode() + int(now.timestamp()).to_bytes(STAMP)
    return begin + bytes.fromhex(_mac(begin, purpose, account_key))


def check(challenge: bytes, purpose: str, account_key: str, now: datetime) -> None:
    """Raise Refused unless `new` made this challenge for that purpose and account not longer than LIFE ago."""
    begin, mac = challenge[: NONCE + STAMP], challenge[NONCE + STAMP :]
    if len(mac) != MAC or not tokens.same(mac.hex(), _mac(begin, purpose, account_key)):
        raise Refused("answer", "That answer belongs to another page. Try again on this one.")
    if now.timestamp() - int.from_bytes(begin[NONCE:]) > LIFE.total_seconds():
        raise Refused("answer", "This page was open for too long. Try again now.")


def spend(challenge: bytes, now: datetime) -> None:
    """Note that the challenge was answered, in the caller's transaction; raises Refused the second time."""
    db.session.execute(delete(SpentChallenge).where(SpentChallenge.at < now - 2 * LIFE))
    spent = SpentChallenge(challenge_hash=tokens.hash_of("spent challenge", challenge.hex()), at=now)
    if not add_once(spent):
        raise Refused("answer", "That was sent twice, and counted once. Try again if you still need to.")


def _mac(begin: bytes, purpose: str, account_key: str) -> str:
    return tokens.hash_of(f"challenge:{purpose}:{account_key}", begin.hex())
