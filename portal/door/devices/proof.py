"""Proving again that it is you, while signed in: by password or passkey, which a borrowed phone does not give."""

from dataclasses import dataclass
from datetime import datetime

from portal.door import factors, sign_in
from portal.door.devices import Own
from portal.door.factors import changes, passkeys


class NotProved(ValueError):
    """What was sent does not prove who sent it; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What a person can prove it with.

    Whoever holds the unlocked phone holds the authenticator app and perhaps the printed codes, too. So a code counts
    only for someone without a password, who would have no way left once a passkey is lost.
    """

    password: bool
    code: bool
    passkey: bool


def ways(own: Own) -> Ways:
    """How somebody who signs in like this can prove that it is they."""
    alone = own.password_hash is None
    return Ways(not alone, alone and own.has_second_factor, own.has_passkey)


def by_code(own: Own, password: str, code: str, passkey: str) -> bool:
    """Whether `shown` will look at the code, of what was sent."""
    return not passkey and not own.password_hash


def shown(visitor: sign_in.Visitor, own: Own, password: str, code: str, passkey: str, now: datetime) -> str:
    """How `visitor` has proved it, as SignIn.how says it; raises NotProved."""
    if passkey:
        try:
            passkeys.prove(visitor, passkey, now)
        except ValueError as refused:
            raise NotProved(str(refused)) from None
        return "passkey"
    if not by_code(own, password, code, passkey):
        if sign_in.matches(own.password_hash, password):
            return "password"
        raise NotProved("This is not your password. Check it, then try again.")
    how = factors.check_code(visitor, code, now)
    if how == "recovery":
        changes.code_spent(visitor, now)
    if how:
        return how
    raise NotProved("This code does not work. Wait for the next one, or use a recovery code.")
