"""The base of every form with room to write: given back what was typed, and never saved over somebody else's change."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import g, request
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, HiddenField, RadioField, SelectFieldBase, SelectMultipleField, SubmitField
from wtforms.fields import BooleanField

from portal import access, audit, clock, drafts, words
from portal.drafts import Kept, Made
from portal.fields import tidy, without_blanks

NO_TEXT: tuple[Any, ...] = (None, "", [], (), {}, False)
AS_DECLARED = object()


class Form(FlaskForm):
    """A form whose text is kept while it is typed, and that asks before a change is lost.

    A view says beside it that it `accepts` the form. On its page the form is given the draft of its address, if there
    is one; sent, it is given what was sent. `data` or `obj` is what stands now, and is said alike when the form is
    shown and when it is sent: a field that was not touched then keeps what stands, and one that both changed is an
    error. Where a save makes a new version (`versions`), the later one stands as it was sent.
    """

    versions = False
    sent_to: str | None = None
    change_of: str | None = None

    def __init__(
        self,
        formdata: Any = AS_DECLARED,
        *,
        draft: Any = AS_DECLARED,
        change: str | None = None,
        sent_to: str | None = None,
        **more: Any,
    ) -> None:
        """`draft` is the one to give it, where that is not simply the one that is kept.

        `change` is the key of what the form would change, and `sent_to` the path it is sent to, where a page has
        several of them.
        """
        self.sent_to = sent_to or access.action_here(self)
        here = request.method == "POST" and (self.sent_to == request.path or not access.form_sent())
        self.change_of = change or (request.form if here else request.args).get("change") or None
        self.is_sent = here and request.form.get("change") in (None, self.change_of)
        self._draft: Kept | None = draft if draft is not AS_DECLARED else None
        self._takes_its_own = draft is AS_DECLARED
        self._conflicts: dict[str, Any] = {}
        self._made = Made.new()
        super().__init__(self._typed() if formdata is AS_DECLARED else formdata, **more)

    @property
    def kept_under(self) -> str | None:
        """The address under which its text is kept; None for a form that has no page."""
        return self.sent_to and access.of_change(self.sent_to, self.change_of)

    @property
    def kept_at(self) -> Any:
        """The time at which the draft that fills this form was kept; None for a form without one."""
        return self._draft and self._draft.at

    def _typed(self) -> MultiDict | None:
        """The text that was sent, if it was this form; else its draft."""
        if self.is_sent:
            return request.form
        if self._takes_its_own and self.kept_under and current_user.is_authenticated:
            self._draft = drafts.kept(current_user, self.kept_under)
        return self._draft.typed if self._draft else None

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, *more: Any, **named: Any) -> None:
        super().process(None, obj, data, *more, **named)
        said = {*(data or {}), *named} | {name for name in self._fields if hasattr(obj, name)}
        shown = {name: one for name, one in self._fields.items() if not isinstance(one, (HiddenField, SubmitField))}
        self._stands = {name: one.object_data for name, one in shown.items()}
        self._marks = {name: self._mark(self._fields[name]) for name in self._stands}
        if formdata is None:
            return
        formdata = without_blanks(formdata)
        super().process(formdata, obj, data, *more, **named)
        if self._draft:
            made = Made(marks=self._draft.text.marks)
            self._made = Made.new(self._draft.stamp, self._draft.text.made)
        else:
            made = self._made = Made.read(formdata.get(drafts.MADE))
        for name in self._stands:
            self._reconcile(name, made, formdata, compare=name in said and not self.versions)

    def _reconcile(self, name: str, made: Made, formdata: MultiDict, *, compare: bool) -> None:
        """Let a field keep what stands if it was not given to whoever typed, or not touched by them."""
        field = self._fields[name]
        then, now = made.marks.get(field.name), self._marks[name]
        if (made.marks or self._draft) and not _was_given(field, made, formdata):
            return self._keep(name)
        if not compare or then is None or now == then:
            return None
        mine = None if field.process_errors else self._mark(field)
        if mine == then:
            self._keep(name)
        elif mine != now:
            self._conflicts[name] = then
        return None

    def _keep(self, name: str) -> None:
        """Give a field what stands, as if it had been sent."""
        field = self._fields[name]
        field.process(None, self._stands[name])
        if not isinstance(field, FieldList):
            field.raw_data = None
            texts = field.data if isinstance(field, SelectMultipleField) else [_text(field)]
            field.raw_data = [str(text) for text in texts or () if text not in NO_TEXT]

    def _mark(self, field: Field) -> str:
        plain = json.dumps([self.sent_to, field.name, _plain(field.data)], sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()[:8]

    @property
    def made_of(self) -> str:
        """The value of the hidden field by which a sent form says of what it was made; the form is on the page then."""
        g.setdefault("forms_shown", set()).add(self.kept_under)
        now = self._marks | (self._conflicts if self._draft else {})  # what both have changed is asked when it is sent
        marks = {self._fields[name].name: mark for name, mark in now.items() if name in self._fields}
        return str(replace(self._made if self._made.form else Made.new(), marks=marks))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all fields are good, and none was changed by somebody else in another way."""
        valid = super().validate(extra_validators)
        if not self._conflicts or (changes := self._changes()).by_them_alone:
            return valid
        for name in self._conflicts.keys() & self._fields.keys():
            field = self._fields[name]
            field.errors = [*field.errors, self._both_changed(field, changes)]
        return False

    def _changes(self) -> audit.ChangesSince:
        """The people who saved this since the form was made."""
        rules, since = access.rules_here(), datetime.fromtimestamp(self._made.at / 1_000_000, UTC)
        keys = [current_user.key] if rules.of == "self" else [*(request.view_args or {}).values()]
        return audit.changes_since(since, current_user, rules.audits, keys)

    def _both_changed(self, field: Field, changes: audit.ChangesSince) -> str:
        who, at = changes.by_another or ("Somebody", None)
        zone = current_user.zone
        when = f" ({words.moment(at, zone, clock.day_of(clock.now(), zone))})" if at else ""
        stands = f"changed this to “{value}”" if (value := self._said(field)) else "emptied this"
        return f"{who} {stands} while this page was open{when}. To put yours in its place, save again."

    def _said(self, field: Field) -> str:
        """The present value of `field`, in the words that the form has for it."""
        value = self._stands[field.short_name]
        if isinstance(field, SelectFieldBase):
            labels, chosen = _labels_of(field), value if isinstance(value, (list, tuple, set)) else [value]
            return words.listed([labels.get(str(each), str(each)) for each in chosen if each not in NO_TEXT])
        if isinstance(field, BooleanField):
            return "yes" if value else "no"
        if isinstance(value, (list, tuple, dict)):
            return "; ".join(_texts_in(value))
        return "" if value in NO_TEXT else _standing_text(field, value)


def _labels_of(field: SelectFieldBase) -> dict[str, str]:
    choices = field.choices.items() if isinstance(field.choices, Mapping) else field.choices or ()
    return {str(pair[0]): str(pair[1]) for pair in choices if isinstance(pair, tuple)}


def is_kept(address: str) -> bool:
    """Whether something is kept that the person who asks typed into the form at `address`."""
    return drafts.kept(current_user, address) is not None


def _was_given(field: Field, made: Made, formdata: MultiDict) -> bool:
    """Whether the form that was sent had `field`: an input of text is always sent, a box only where it is ticked."""
    sent = any(name == field.name or name.startswith(f"{field.name}-") for name in formdata)
    ticked = (BooleanField, RadioField, SelectMultipleField, FieldList)
    return sent or (field.name in made.marks and isinstance(field, ticked))


def _text(field: Field) -> Any:
    return field._value() if hasattr(field, "_value") else field.data


def _standing_text(field: Field, value: Any) -> str:
    """A value that stands as the form would show it."""
    data, raw = field.data, field.raw_data
    field.data, field.raw_data = value, None
    text = str(_text(field))
    field.data, field.raw_data = data, raw
    return text


def _plain(value: Any) -> Any:
    """A value in one way of writing it: what is empty is None, and a list is without what is empty in it."""
    if isinstance(value, Mapping):
        parts = {str(name): _plain(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None} or None
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    if isinstance(value, (list, tuple)):
        return [plain for part in value if (plain := _plain(part)) is not None] or None
    if isinstance(value, str):
        return tidy(value) or None
    return None if value is None or value is False else str(value)


def _texts_in(value: Any) -> list[str]:
    """All the texts of rows, in order."""
    if is_dataclass(value):
        value = [getattr(value, part.name) for part in fields(value)]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [text for part in value for text in _texts_in(part)]
    return [] if value in NO_TEXT else [str(value)]
