"""A new proof, while signed in, that it is you: by password or passkey, which a borrowed phone does not give."""

from dataclasses import dataclass
from datetime import datetime

from portal.door import passwords
from portal.door.devices import OwnAccount
from portal.door.factors import factor_changes, passkeys
from portal.door.sign_ins import Visitor
from portal.fields import Refused


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in which a person can prove it.

    Whoever holds the unlocked phone holds the authenticator app and perhaps the printed codes, too. So a code counts
    only for someone without a password, who would have no way left once a passkey is lost.
    """

    password: bool
    code: bool
    passkey: bool


def ways(own: OwnAccount) -> Ways:
    """The ways of somebody who signs in like this."""
    alone = own.password_hash is None
    return Ways(not alone, alone and own.has_second_factor, own.has_passkey)


def is_by_code(own: OwnAccount, password: str, code: str, passkey: str) -> bool:
    """Whether `check` will look at the code, of what was sent."""
    return not passkey and not own.password_hash


def check(visitor: Visitor, own: OwnAccount, password: str, code: str, passkey: str, now: datetime) -> str:
    """The way in which `visitor` has proved it, as SignIn.how says it; raises Refused."""
    if passkey:
        passkeys.prove(visitor, passkey, now)
        return "passkey"
    if not is_by_code(own, password, code, passkey):
        if passwords.matches(own.password_hash, password):
            return "password"
        raise Refused("password", "This is not your password. Check it, then try again.")
    if how := factor_changes.take_code(visitor, code, now):
        return how
    raise Refused("code", "This code does not work. Wait for the next one, or use a recovery code.")
