"""Authenticator apps (TOTP): a shared secret, six digits for each half minute, and no code that works twice."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, update

from portal import seal, tokens
from portal.db import add_once, write
from portal.door.models import Authenticator
from portal.people import Person
from portal.seal.keys import SealError

STEP = 30  # seconds
EITHER_SIDE = 1  # steps that a phone's clock may be off
DIGITS = re.compile(r"[0-9]{6}")
CLOCK = "If no code works, check that your phone sets its clock by itself."
QUIET = 4  # modules of white around a QR code


@dataclass(frozen=True, slots=True)
class Setup:
    """A secret that is being put on a phone. Nothing of it is kept yet: the form carries it, `sealed` for its owner.

    `drawn` is the path of the QR code's dark modules in a square of `size` modules.
    """

    sealed: str = field(repr=False)
    secret: str = field(repr=False)
    link: str = field(repr=False)
    size: int
    drawn: str = field(repr=False)

    @property
    def grouped(self) -> str:
        """The secret as one types it: "ABCD EFGH ..."."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def setup_for(person: Person, shown_as: str, sealed: str | None = None) -> Setup:
    """The setup that a form of `person` carries; a new one if it carries none, or one not theirs or damaged."""
    import pyotp  # here, since they are slow to import and rarely needed
    import segno

    try:
        secret = _opened(person, sealed or "")
    except SealError:
        secret = pyotp.random_base32()
    # What the app lists: the neutral name, and four letters that tell two accounts on one phone apart; no name.
    link = pyotp.TOTP(secret).provisioning_uri(name=person.key[:4], issuer_name=shown_as)
    code = segno.make(link, error="m", micro=False)
    sealed = base64.urlsafe_b64encode(seal.close(Authenticator.secret, secret, person.id)).decode()
    return Setup(sealed, secret, link, len(code.matrix) + 2 * QUIET, _drawn(code.matrix))


def confirm(person: Person, sealed: str, code: str, now: datetime) -> bool:
    """Make the secret that a form carries the one of `person`, if `code` shows that their phone has it.

    It takes the place of the one before. The code counts as used.
    """
    try:
        secret = _opened(person, sealed)
    except SealError:
        return False
    step = _step_of(secret, code, now)
    if step is None:
        return False
    kept = {"secret": seal.close(Authenticator.secret, secret, person.id), "last_step": step}
    kept |= {"made_at": now, "confirmed_at": now}
    if not _replace(person, kept) and not add_once(Authenticator(account_id=person.id, **kept)):
        _replace(person, kept)  # a second tap was here a moment ago
    return True


def spend(person: Person, sealed_secret: bytes, code: str, now: datetime) -> bool:
    """Whether the app of `person` shows `code` now and neither it nor a later one was used; from now on it is."""
    step = _step_of(seal.open(Authenticator.secret, sealed_secret, person.id), code, now)
    if step is None:
        return False
    unused = Authenticator.account_id == person.id, Authenticator.last_step < step
    spent = update(Authenticator).where(*unused).values(last_step=step)
    return write(spent) == 1


def end(person: Person) -> bool:
    """Take the authenticator of `person` away; False when there is none."""
    gone = delete(Authenticator).where(Authenticator.account_id == person.id)
    return write(gone) == 1


def _replace(person: Person, kept: dict[str, object]) -> bool:
    mine = update(Authenticator).where(Authenticator.account_id == person.id)
    return write(mine.values(**kept)) == 1


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step that this is the code of: the present one, or one before or after it; None for no such step."""
    code = "".join(code.split())
    if not DIGITS.fullmatch(code):
        return None
    import pyotp

    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    near = range(present - EITHER_SIDE, present + EITHER_SIDE + 1)
    found = [step for step in near if tokens.same(app.generate_otp(step), code)]
    return found[-1] if found else None


def _opened(person: Person, sealed: str) -> str:
    """The secret in a form's field; raises SealError for another person's, and for anything else."""
    try:
        return seal.open(Authenticator.secret, base64.urlsafe_b64decode(sealed), person.id)
    except ValueError as error:
        raise SealError("This setup was damaged in transit.") from error


def _drawn(matrix: tuple[bytearray, ...]) -> str:
    """The dark modules of a QR code as one SVG path: each run of them in a row is a bar."""
    path = []
    for y, row in enumerate(matrix):
        for run in re.finditer(rb"\x01+", bytes(row)):
            width = run.end() - run.start()
            path.append(f"M{run.start() + QUIET} {y + QUIET}h{width}v1h-{width}z")
    return "".join(path)
