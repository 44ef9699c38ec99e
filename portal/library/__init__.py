"""The library: short readings as files, how far each participant came, and what they wrote beside them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from portal import audit, content, seal
from portal.db import add_once, db
from portal.library.models import Reading
from portal.people import Person

FOLDER = Path(__file__).parent / "materials"
DRAWINGS = {path.stem: path.read_text(encoding="utf-8") for path in (FOLDER.parent / "drawings").glob("*.svg")}
EXERCISES = FOLDER.parent.parent / "exercises" / "definitions"
AUDIENCES = {"all", "substance-use", "ocd-anxiety", "mood", "family"}
WORDS_A_MINUTE = 190
PARAGRAPH_END = "</p>\n"


@dataclass(frozen=True, slots=True)
class MaterialPart:
    """One screen of a material: `html` is the rendered text under a heading of level two."""

    title: str
    html: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of drawings/<name>.svg, in a part `after` so many of its paragraphs; `caption` says it in words."""

    name: str
    part: int
    after: int
    caption: str

    @property
    def html(self) -> str:
        """The drawing on the deep card, with its caption."""
        card = f'<div class="next">{DRAWINGS[self.name]}</div>'
        return f'<figure class="stack">{card}<figcaption>{escape(self.caption)}</figcaption></figure>\n'


@dataclass(frozen=True, slots=True)
class Material:
    """One reading: the front matter of its file; `slug` is the file's name, `parts` its text.

    It invites to `try_exercise` in `try_words`. `exercises` maps the slugs of what goes with it to their titles.
    """

    slug: str
    title: str
    topic: str
    position: int
    synopsis: str
    minutes: int
    audience: tuple[str, ...]
    key_points: tuple[str, ...]
    evidence: str
    related: tuple[str, ...]
    exercises: dict[str, str]
    written: date
    review_by: date
    reviewed: str | None
    parts: tuple[MaterialPart, ...]
    reflect: str | None = None
    try_exercise: str = ""
    try_words: str = ""
    drawing: Drawing | None = None

    def number(self, text: str) -> int | None:
        """The part that `text` names, counted from 1; None for one that does not exist."""
        return {str(number): number for number in range(1, len(self.parts) + 1)}.get(text)


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """The progress of a participant in one material, what they wrote beside it, and when they were in it last."""

    parts_read: int = 0
    finished_at: datetime | None = None
    reflection: str | None = None
    reflected_at: datetime | None = None
    updated_at: datetime | None = None

    def next_part(self, material: Material) -> int:
        """The number of the part to open: the first unread one, or the first again once all are read."""
        return 1 if self.finished_at else min(self.parts_read + 1, len(material.parts))


UNREAD = ReadingProgress()


def load(folder: Path) -> dict[str, Material]:
    """The materials of `folder` by slug; raises ContentError, naming the file, when one cannot be served."""
    return content.load(folder, _material)


def _material(slug: str, front: dict[str, Any], body: str) -> Material:
    exercises = {name: content.title(EXERCISES, name, "exercise") for name in front.get("exercises", ())}
    own = {"slug": slug, "parts": _parts(body), "exercises": exercises}
    material = _drawn(content.record(Material, content.without(front, "exercises"), **own))
    if material.topic not in content.TOPICS:
        raise ValueError(f"topic should be one of {', '.join(content.TOPICS)}, not {material.topic!r}")
    if unknown := sorted(set(material.audience) - AUDIENCES):
        raise ValueError(f"audience should be among {', '.join(sorted(AUDIENCES))}, not {unknown[0]!r}")
    if bool(material.try_exercise) != bool(material.try_words):
        raise ValueError("try_exercise and try_words belong together")
    if not 1 <= len({*material.exercises} - {material.try_exercise}) == len(material.exercises) <= 3:
        raise ValueError("exercises should be 1 to 3, and not the one to try")
    if material.minutes < 1:
        raise ValueError("minutes should be 1 or more")
    if material.review_by <= material.written:
        raise ValueError("review_by should be a day after written")
    return material


def _parts(body: str) -> tuple[MaterialPart, ...]:
    opening, *rest = re.split(r"^##[ \t]+(.+)$", body, flags=re.MULTILINE)
    if opening.strip():
        raise ValueError("the text should begin with a heading of level two: ## ...")
    if not rest:
        raise ValueError("there is no part: begin each with a heading of level two: ## ...")
    parts = []
    for title, text in zip(map(str.strip, rest[::2]), rest[1::2], strict=True):
        if not text.strip():
            raise ValueError(f"the part {title!r} is empty")
        parts.append(MaterialPart(title, content.html(text), max(1, round(len(text.split()) / WORDS_A_MINUTE))))
    return tuple(parts)


def _drawn(material: Material) -> Material:
    """The material with its drawing in the part that it names."""
    drawing = material.drawing
    if drawing is None:
        return material
    if drawing.name not in DRAWINGS:
        raise ValueError(f"no drawing is called {drawing.name!r}")
    number = material.number(str(drawing.part))
    part = material.parts[drawing.part - 1] if number else None
    paragraphs = part.html.split(PARAGRAPH_END) if part else []
    if part is None or not 0 < drawing.after < len(paragraphs):
        raise ValueError(
            f"the drawing stands after paragraph {drawing.after} of part {drawing.part}, which is not there"
        )
    paragraphs[drawing.after] = drawing.html + paragraphs[drawing.after]
    with_it = replace(part, html=PARAGRAPH_END.join(paragraphs))
    return replace(material, parts=tuple(with_it if each is part else each for each in material.parts))


def check_links(materials: Mapping[str, Material], exercises: Collection[str]) -> None:
    """Raise ContentError unless every related material, and every exercise to try or that goes with it, exists."""
    for slug, material in materials.items():
        for name in material.related:
            if name not in materials or name == slug:
                raise content.ContentError(f"materials/{slug}.md: no other material is called {name!r}")
        for name in filter(None, (material.try_exercise, *material.exercises)):
            if name not in exercises:
                raise content.ContentError(f"materials/{slug}.md: no exercise is called {name!r}")


MATERIALS = load(FOLDER)
IN_ORDER = tuple(sorted(MATERIALS.values(), key=lambda material: material.position))


def readings(participant: Person) -> dict[str, ReadingProgress]:
    """The progress of `participant` in each material they have opened a part of, by slug."""
    progress = (Reading.parts_read, Reading.finished_at, Reading.reflection, Reading.reflected_at, Reading.updated_at)
    rows = db.session.execute(select(Reading.slug, *progress).where(Reading.participant_id == participant.id))
    return {
        row.slug: ReadingProgress(
            row.parts_read,
            row.finished_at,
            seal.open(Reading.reflection, row.reflection, participant.id, row.slug) if row.reflection else None,
            row.reflected_at,
            row.updated_at,
        )
        for row in rows
    }


def reading_in_hand(progress: Mapping[str, ReadingProgress]) -> Material | None:
    """The reading that was put down last, unfinished, by how far somebody is in each; None without one."""
    known = ((one, MATERIALS.get(slug)) for slug, one in progress.items() if not one.finished_at)
    begun = {one.updated_at: material for one, material in known if material and one.updated_at}
    return begun[max(begun)] if begun else None


def read_part(participant: Person, material: Material, part: int, now: datetime) -> None:
    """Note that `participant` has read as far as `part` (from 1). What was read before stays read."""
    audit.record(participant, "material.read", participant, material.slug)
    _open(participant, material, now)
    mine = update(Reading).where(Reading.participant_id == participant.id, Reading.slug == material.slug)
    db.session.execute(mine.where(Reading.parts_read < part).values(parts_read=part, updated_at=now))
    if part == len(material.parts):
        db.session.execute(mine.where(Reading.finished_at.is_(None)).values(finished_at=now, updated_at=now))


def reflect(participant: Person, material: Material, text: str, now: datetime) -> None:
    """Keep what `participant` wrote beside `material`, for them alone; empty text takes it away."""
    audit.record(participant, "material.reflect", participant, material.slug)
    _open(participant, material, now)
    db.session.execute(
        update(Reading)
        .where(Reading.participant_id == participant.id, Reading.slug == material.slug)
        .values(reflection=sealed_reflection(text, participant.id, material.slug), reflected_at=now if text else None)
    )


def sealed_reflection(text: str | None, participant_id: int, slug: str) -> bytes | None:
    """A reflection as the row of the reading keeps it; None for an empty one."""
    return seal.close(Reading.reflection, text, participant_id, slug) if text else None


def _open(participant: Person, material: Material, now: datetime) -> None:
    """Make the row if there is none. Two clicks at once may both come here: one of them finds it made."""
    if db.session.get(Reading, (participant.id, material.slug)) is None:
        add_once(Reading(participant_id=participant.id, slug=material.slug, updated_at=now))
