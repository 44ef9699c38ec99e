"""Recovery codes: ten codes for the day a phone is lost. Each works once; only keyed hashes are kept."""

from datetime import datetime

from sqlalchemy import delete, update

from portal import tokens
from portal.db import db, write
from portal.door.models import RecoveryCode
from portal.people import Person

COUNT = 10
LENGTH = 10  # characters of 5 bits: 50 bits
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U: what is read as one of them is taken for 1 and 0
READ_AS = str.maketrans("ILO", "110")


def new_codes(person: Person) -> list[str]:
    """Ten codes in place of the ones before, as they are shown once ("K7QM4-TXR9W")."""
    codes = [tokens.make_code(ALPHABET, LENGTH) for _ in range(COUNT)]
    end(person)
    db.session.add_all(RecoveryCode(account_id=person.id, code_hash=_hash(person, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def spend(person: Person, typed: str, now: datetime) -> bool:
    """Whether `typed` is a code of `person` that was not used before; from now on it is."""
    if not looks_like_one(typed):
        return False
    code = tidy(typed).translate(READ_AS)
    unused = RecoveryCode.account_id == person.id, RecoveryCode.used_at.is_(None)
    spent = update(RecoveryCode).where(*unused, RecoveryCode.code_hash == _hash(person, code)).values(used_at=now)
    return write(spent) == 1


def end(person: Person) -> None:
    """Take every code of `person` away."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == person.id))


def looks_like_one(typed: str) -> bool:
    """Whether `typed` has the length of a code, without the spaces and hyphens."""
    return len(tidy(typed)) == LENGTH


def tidy(typed: str) -> str:
    """A code without the spaces and hyphens that people put in, in capitals."""
    return "".join(c for c in typed.upper() if c.isalnum())


def _hash(person: Person, code: str) -> str:
    return tokens.hash_of(f"recovery:{person.id}", code)
