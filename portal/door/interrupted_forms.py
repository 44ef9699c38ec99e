"""Forms that were sent when a new proof was asked for first: kept for the sign-in that sent them, carried out once."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from flask import request
from flask_wtf.csrf import validate_csrf
from sqlalchemy import delete, select
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import BooleanField, HiddenField, SubmitField
from wtforms.fields.core import UnboundField
from wtforms.validators import ValidationError

from portal import access, drafts, seal
from portal.db import db, new_key
from portal.door.models import InterruptedForm
from portal.door.sign_ins import FORM_WAITS, Visitor
from portal.people import directory

LARGEST = 64_000
HELD = "_held"  # the field in which a button names the form that it carries out
NEVER_KEPT = ("password", "code")  # a form with one of these is sent again by hand


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A form that waits: to which `endpoint` and `action` it goes, from which `page`, and what it sends."""

    key: str
    endpoint: str
    action: str
    page: str
    sent: list[tuple[str, str]] = field(repr=False)

    @property
    def does(self) -> str:
        """The words of its button, as its view says them."""
        said = access.rules_of(self.endpoint).fresh
        return said if isinstance(said, str) else "Finish it"


def keep(visitor: Visitor, now: datetime) -> bool:
    """Keep the form that this request sends, in place of an earlier one of the same sign-in; whether it was kept.

    It must be one of this site that was made for `visitor`: its token is looked at here, since the guard asks before
    anybody else does.
    """
    fields = list(request.form.items(multi=True))
    secret = any(text and name.lower().endswith(NEVER_KEPT) for name, text in fields)
    if (
        secret
        or request.files
        or not drafts.is_of(visitor, request.form)
        or sum(len(name) + len(text) for name, text in fields) > LARGEST
    ):
        return False
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    db.session.execute(
        delete(InterruptedForm).where(
            (InterruptedForm.sign_in_id == visitor.sign_in_id) | (InterruptedForm.kept_at <= now - FORM_WAITS)
        )
    )
    action = request.full_path.rstrip("?")
    sent = json.dumps([request.endpoint, action, access.page_sent(), fields])
    sealed = seal.close(InterruptedForm.sent, sent, visitor.sign_in_id)
    db.session.add(InterruptedForm(sign_in_id=visitor.sign_in_id, key=new_key(), sent=sealed, kept_at=now))
    return True


def find(visitor: Visitor, now: datetime) -> Interrupted | None:
    """The form that waits for `visitor` to carry it out; None without one, and when it waited for too long."""
    mine = InterruptedForm.sign_in_id == visitor.sign_in_id, InterruptedForm.kept_at > now - FORM_WAITS
    row = db.session.execute(select(InterruptedForm.key, InterruptedForm.sent).where(*mine)).first()
    return _opened(visitor, row.key, row.sent) if row else None


def take(visitor: Visitor, key: str, now: datetime) -> Interrupted | None:
    """Take the form called `key` away, to carry it out; None the second time, for another sign-in, and too late."""
    mine = InterruptedForm.sign_in_id == visitor.sign_in_id, InterruptedForm.key == key
    taken = (
        delete(InterruptedForm).where(*mine, InterruptedForm.kept_at > now - FORM_WAITS).returning(InterruptedForm.sent)
    )
    row = db.session.execute(taken, execution_options={"synchronize_session": False}).first()
    return _opened(visitor, key, row.sent) if row else None


def _opened(visitor: Visitor, key: str, sealed: bytes) -> Interrupted:
    endpoint, action, page, sent = json.loads(seal.open(InterruptedForm.sent, sealed, visitor.sign_in_id))
    return Interrupted(key, endpoint, action, page, [(name, text) for name, text in sent])


def facts_of(visitor: Visitor, held: Interrupted) -> list[tuple[str, str]]:
    """The contents of a held form, as (label, text): the people it names, and what was typed or chosen."""
    names = directory.names_of(visitor, [*held.action.split("/"), *(text for _, text in held.sent)])
    facts = [("Who", names[part]) for part in held.action.split("/") if part in names]
    for name, text in held.sent:
        label, choices = _asked(held.endpoint, name)
        said = names.get(text) or choices.get(text, text)
        if label and said:
            facts.append((label, said))
    return facts


def _asked(endpoint: str, name: str) -> tuple[str, dict[str, str]]:
    """The label of a field of the form that goes there, "" for one that nobody sees, and its answers in words."""
    unbound = getattr(access.form_at(endpoint), name, None)
    if not isinstance(unbound, UnboundField) or issubclass(unbound.field_class, HiddenField | SubmitField):
        return "", {}
    label = unbound.kwargs.get("label") or next(iter(unbound.args), "")
    choices = unbound.kwargs.get("choices") or {}
    yes = {"y": "Yes"} if issubclass(unbound.field_class, BooleanField) else {}
    return str(label), {str(value): str(words) for value, words in dict(choices).items()} | yes


def form_of(held: Interrupted, token: str) -> ImmutableMultiDict[str, str]:
    """The fields that a held form sends, with the token of today in place of its own."""
    return ImmutableMultiDict(
        [(name, text) for name, text in held.sent if name != "csrf_token"] + [("csrf_token", token)]
    )
