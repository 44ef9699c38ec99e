"""The emails of joining and coming back. They name nobody, and nothing in them tells what the portal is for."""

from flask import current_app

from portal import mail, words
from portal.audit import HasId
from portal.door.joining.invitations import OneUse
from portal.program import ProgramFacts

NOBODY = "nobody@example.invalid"

LINK = """Hello,

You can {does} for {shown_as} here:

{link}

The link works once, until {until}. Do not share it.

If you did not expect this email, you do not have to do anything.
Questions? Call {phone}.
"""
DOES = {"join": "choose how you sign in", "reset": "set a new password", "restore": "set a new password"}


def join_page() -> str:
    """The whole address at which a code is typed."""
    return f"{current_app.config['URL'].rstrip('/')}/join"


def address_of(link: OneUse) -> str:
    """The whole address of a one-use link."""
    return f"{join_page()}/{link.text}"


def send_link(to: HasId, address: str, link: OneUse, facts: ProgramFacts, *, once: str | None = None) -> bool:
    """Queue the mail with `link`; False when the same was queued already. It is not sent once the link has expired."""
    body = LINK.format(
        does=DOES[link.purpose],
        shown_as=facts.shown_as,
        link=address_of(link),
        until=words.full_moment(link.expires_at, facts.zone),
        phone=facts.phone,
    )
    subject = f"Your link for {facts.shown_as}"
    return mail.queue(address, subject, body, account_id=to.id, once=once, expires_at=link.expires_at)
