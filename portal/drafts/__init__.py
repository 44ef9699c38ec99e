"""Text that was typed and not sent: kept for its writer alone, merged, given back, and dropped when it is sent."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self

from flask import g
from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from portal import clock, seal, tokens
from portal.db import Base, Instant, db

KEPT_FOR = timedelta(days=7)
LARGEST = 64_000
MOST = 40  # drafts of one person
MOST_MARKS = 1000  # no form has more fields
LONGEST_ADDRESS = 200
LONGEST_NAME = 100  # of a field: no form has a longer one, and looking for what it is a part of takes its square
SECRETS = ("token", "password", "code", "passkey", "credential", "secret", "whose")
MADE = "made"  # the hidden field in which a form says of what it was made


class Account(Protocol):
    """Whoever types: their row's id, and the key that names them."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> str: ...


class Draft(Base):
    """A text that somebody typed and has not sent yet: one per account and form address, never anybody else's.

    The address is the one that the form is sent to. `typed` is a sealed Text as JSON.
    """

    __tablename__ = "drafts"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200), primary_key=True)
    typed: Mapped[bytes] = seal.column("account_id", "address")
    kept_at: Mapped[datetime] = mapped_column(Instant)


def mark(person: Account) -> str:
    """The mark of the person that a form was made for, in its field "whose": a keyed hash that nobody else can make."""
    return tokens.hash_of("form", person.key)[:16]


def is_of(person: Account, typed: MultiDict) -> bool:
    """Whether the form that was sent was made for `person`; not, if it does not say so."""
    return tokens.same(typed.get("whose", ""), mark(person))


@dataclass(frozen=True, slots=True)
class Made:
    """The mark of a form: its own random name, up to when it knows the draft, and a mark for each field.

    `knew` and `at`, when it was made, are in microseconds; `knew` is 0 for a form that was given no draft. A mark is
    a hash of the value that the field showed, so that what somebody touched, and what changed meanwhile, can be told
    without the value. A form that says nothing of itself (it was never on a page) has no name and no marks.
    """

    form: str = ""
    knew: int = 0
    at: int = 0
    marks: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Self:
        """The one that a form sent; an empty one for a text that is damaged."""
        form, knew, at, *marks = [*(text or "").split(), "", "", ""]
        if len(marks) > MOST_MARKS or not (knew.isdecimal() and at.isdecimal()) or len(knew + at) > 36:
            return cls()
        pairs = [part.rpartition(":") for part in marks if part]
        return cls(form, int(knew), int(at), {name: mark for name, _, mark in pairs})

    @classmethod
    def new(cls, knew: int = 0, at: int = 0) -> Self:
        """A form that is made now, or that goes on from one made earlier, and has a name of its own."""
        return cls(tokens.make(6), knew, at or _micros(clock.now()))

    def __str__(self) -> str:
        return " ".join(
            [self.form, str(self.knew), str(self.at), *(f"{name}:{mark}" for name, mark in self.marks.items())]
        )

    def field_of(self, name: str) -> str | None:
        """The field of this form that `name` is a part of; None for one that it never had."""
        parts = name.split("-")
        found = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
        return next((each for each in found if each in self.marks), None)


@dataclass(frozen=True, slots=True)
class DraftPart:
    """The texts under one name of a form, which form they were typed into, and when, in microseconds."""

    texts: list[str] = field(repr=False)
    form: str
    at: int

    def is_known_to(self, made: Made) -> bool:
        """Whether a form has had these texts before its reader's eyes: it is theirs, or was given them."""
        return (self.form != "" and self.form == made.form) or self.at <= made.knew


@dataclass(frozen=True, slots=True)
class Text:
    """All that was typed into one form and not sent: its parts by name, and the marks of the fields they are from.

    `made` is when the first of the forms was made, in microseconds.
    """

    parts: dict[str, DraftPart] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    made: int = 0

    @classmethod
    def read(cls, typed: str) -> Self:
        kept = json.loads(typed)
        return cls({name: DraftPart(**part) for name, part in kept["parts"].items()}, kept["marks"], kept["made"])

    def with_sent(self, sent: MultiDict, at: int) -> "Text":
        """This and what a form sent: never poorer for it.

        Under each name a newer text stands, and an empty or absent one only if the form knew the text it empties.
        """
        made, parts, marks = Made.read(sent.get(MADE)), dict(self.parts), dict(self.marks)
        for name, texts in _shown(sent).items():
            old = self.parts.get(name)
            if old is None or (old.texts != texts and (any(texts) or old.is_known_to(made))):
                parts[name] = DraftPart(texts, made.form, at)
        for name, old in self.parts.items():
            if name not in sent and made.field_of(name) and old.is_known_to(made):
                del parts[name]
        older = {made.field_of(name) for name, part in self.parts.items() if parts.get(name) is part}
        marks |= {name: mark for name, mark in made.marks.items() if name not in older or name not in marks}
        return type(self)(parts, marks, min(filter(None, (self.made, made.at)), default=0))

    def without_sent(self, sent: MultiDict) -> "Text":
        """The part that a sent form never had, nor knew of; nothing where that is no field to write in."""
        made, held, texts = Made.read(sent.get(MADE)), Made(marks=self.marks), _shown(sent)

        def had(name: str, part: DraftPart) -> bool:
            if not made.form:  # it does not say: it had what it sent
                return name in texts
            return part.texts == texts.get(name) or bool(made.field_of(name) and part.is_known_to(made))

        left = {name: part for name, part in self.parts.items() if any(part.texts) and not had(name, part)}
        left = {name: part for name, part in left.items() if held.field_of(name)}
        fields = set(map(held.field_of, left))
        return type(self)(left, {name: mark for name, mark in self.marks.items() if name in fields}, self.made)


def _shown(sent: MultiDict) -> dict[str, list[str]]:
    """The text that was typed, by field name.

    Never passwords, codes and tokens, for whom and of what a form was made, nor what a script adds (its names begin
    with "_").
    """
    return {name: texts for name, texts in sent.lists() if len(name) <= LONGEST_NAME and not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return name.startswith("_") or name == MADE or name.lower().endswith(SECRETS)


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as a form is given it."""

    text: Text
    at: datetime

    @property
    def typed(self) -> MultiDict:
        return MultiDict((name, text) for name, part in self.text.parts.items() for text in part.texts)

    def without(self, names: Collection[str]) -> "Kept":
        """This draft as if nothing had been typed under these names."""
        parts = {name: part for name, part in self.text.parts.items() if name not in names}
        marks = {name: mark for name, mark in self.text.marks.items() if name not in names}
        return Kept(Text(parts, marks, self.text.made), self.at)

    @property
    def stamp(self) -> int:
        return _micros(self.at)


def _micros(instant: datetime) -> int:
    return round(instant.timestamp() * 1_000_000)


def keep(person: Account, address: str, sent: MultiDict, *, asked: bool = False) -> bool:
    """Keep what `person` typed into the form at `address`, with an earlier draft of it; whether it was kept.

    Nothing is kept from a device that others use too, unless a button `asked` for it. Of one person the newest MOST
    are kept, and this one is the newest.
    """
    if getattr(person, "shared", False) and not asked:
        return False
    texts = _shown(sent)
    size = sum(len(name) + len(text) for name, all_of_it in texts.items() for text in all_of_it)
    if not texts or len(address) > LONGEST_ADDRESS or size > LARGEST:
        return False
    now = clock.now()
    db.session.execute(delete(Draft).where(Draft.kept_at < now - KEPT_FOR))
    if not _add_to(person, address, sent, now):
        try:
            with db.session.begin_nested():
                _insert(person, address, Text().with_sent(sent, _micros(now)), now)
        except IntegrityError:  # a second tap was here a moment ago
            _add_to(person, address, sent, now)
    _drop_all_but_newest(person, address)
    g.pop("drafts", None)
    return True


def _insert(person: Account, address: str, text: Text, at: datetime) -> None:
    db.session.add(Draft(account_id=person.id, address=address, typed=_sealed(person, address, text), kept_at=at))
    db.session.flush()


def _add_to(person: Account, address: str, sent: MultiDict, now: datetime) -> bool:
    """Merge what was sent into the draft that is there; False without one. Taking it first locks it for others."""
    mine = update(Draft).where(Draft.account_id == person.id, Draft.address == address)
    unsynchronized = {"synchronize_session": False}
    row = db.session.execute(mine.values(kept_at=now).returning(Draft.typed), execution_options=unsynchronized).first()
    if row is None:
        return False
    merged = _opened(person, address, row.typed).with_sent(sent, _micros(now))
    db.session.execute(mine.values(typed=_sealed(person, address, merged)), execution_options=unsynchronized)
    return True


def _sealed(person: Account, address: str, text: Text) -> bytes:
    return seal.close(Draft.typed, json.dumps(asdict(text)), person.id, address)


def _opened(person: Account, address: str, typed: bytes) -> Text:
    return Text.read(seal.open(Draft.typed, typed, person.id, address))


def _drop_all_but_newest(person: Account, address: str) -> None:
    """Forget the oldest drafts of `person`, so that MOST stay with the one at `address`."""
    others = Draft.account_id == person.id, Draft.address != address
    newest = select(Draft.address).where(*others).order_by(Draft.kept_at.desc(), Draft.address)
    too_old = delete(Draft).where(*others, Draft.address.not_in(newest.limit(MOST - 1)))
    db.session.execute(too_old, execution_options={"synchronize_session": False})


def kept(person: Account, address: str) -> Kept | None:
    """The draft of the form at `address`; None without one. One read a request serves all forms of its page."""
    if "drafts" not in g:
        living = Draft.account_id == person.id, Draft.kept_at > clock.now() - KEPT_FOR
        rows = db.session.execute(select(Draft.address, Draft.typed, Draft.kept_at).where(*living))
        g.drafts = {row.address: row for row in rows}
    row = g.drafts.get(address)
    return Kept(_opened(person, address, row.typed), row.kept_at) if row else None


def drop(person: Account, address: str) -> None:
    """Forget the draft of the form at `address`, unsent: it is not wanted."""
    db.session.execute(delete(Draft).where(Draft.account_id == person.id, Draft.address == address))
    g.pop("drafts", None)


def drop_sent(person: Account, address: str, sent: MultiDict) -> None:
    """Forget what was sent of the draft at `address`: what the form that was sent never had stays."""
    mine = delete(Draft).where(Draft.account_id == person.id, Draft.address == address)
    row = db.session.execute(
        mine.returning(Draft.typed, Draft.kept_at), execution_options={"synchronize_session": False}
    ).first()
    g.pop("drafts", None)
    if row and (left := _opened(person, address, row.typed).without_sent(sent)).parts:
        _insert(person, address, left, row.kept_at)
