"""One-use secrets, and others that whoever holds them may use: made, hashed and compared in one way."""

import hmac
import secrets

from portal import seal


def make(size: int = 32) -> str:
    """Make a token for a cookie, a link or an address: `size` random bytes as text that an address takes.

    32 bytes are 256 bits in 43 characters, which nobody guesses.
    """
    return secrets.token_urlsafe(size)


def make_code(letters: str, length: int) -> str:
    """Make a code that a person reads and types: `length` of the `letters`, each drawn at random."""
    return "".join(secrets.choice(letters) for _ in range(length))


def hash_of(purpose: str, secret: str) -> str:
    """The hash that is kept instead of a secret, and by which it is found again: 64 hexadecimal digits.

    It is keyed, since a code is short enough to be found from a plain hash by trying; and a secret made for one
    `purpose` never passes for one of another. Raises SealError for a database that has no keys yet.
    """
    return seal.index(f"{purpose}:{secret}")


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same. The time it takes does not tell how much of them agrees."""
    return hmac.compare_digest(one.encode(), other.encode())
