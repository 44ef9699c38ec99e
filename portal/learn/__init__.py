"""Learn: what there is to read and to practice, by topic, and where somebody stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal import words
from portal.content import TOPICS
from portal.db import db
from portal.exercises import EXERCISES, SAFETY_PLAN, Exercise
from portal.exercises.models import Practice
from portal.library import IN_ORDER, UNREAD, Material, ReadingProgress, reading_in_hand
from portal.library.models import Reading

LOOKS = {  # of the tile of each topic: its icon and its color
    "start": ("mark", "mood"),
    "urges": ("wave", "urge"),
    "calm": ("moon", "sleep"),
    "thoughts": ("cloud", "anx"),
    "fears": ("stairs", "mood"),
    "people": ("people", "mood"),
    "days": ("week", "mood"),
}
Progress = Mapping[str, ReadingProgress]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its readings in their order, and its exercises by title. `read` of the readings are finished."""

    slug: str
    title: str
    readings: tuple[Material, ...]
    exercises: tuple[Exercise, ...]
    read: int

    @property
    def icon(self) -> str:
        return LOOKS[self.slug][0]

    @property
    def color(self) -> str:
        return LOOKS[self.slug][1]

    @property
    def in_words(self) -> str:
        """The number of its readings: "4 readings, 1 read", "3 readings, all read"."""
        number = words.counted(len(self.readings), "reading")
        if not self.read:
            return number
        return f"{number}, {'all' if self.read == len(self.readings) > 1 else self.read} read"


def topics(progress: Progress) -> list[Topic]:
    """All topics in their order, with how far somebody is in each."""
    return [_topic(slug, progress) for slug in TOPICS]


def topic_called(slug: str, progress: Progress) -> Topic | None:
    """The topic of this name; None for one that there is not."""
    return _topic(slug, progress) if slug in TOPICS else None


def _topic(slug: str, progress: Progress) -> Topic:
    readings = tuple(one for one in IN_ORDER if one.topic == slug)
    practice = (one for one in EXERCISES.values() if one.topic == slug and one.slug != SAFETY_PLAN)
    return Topic(
        slug=slug,
        title=TOPICS[slug],
        readings=readings,
        exercises=tuple(sorted(practice, key=lambda exercise: exercise.title)),
        read=sum(progress.get(one.slug, UNREAD).finished_at is not None for one in readings),
    )


@dataclass(frozen=True, slots=True)
class StoppedReading:
    """A reading that was put down: it goes on at its `part`, counted from 1."""

    material: Material
    part: int

    @property
    def minutes(self) -> int:
        """About how long the parts that are left take."""
        return sum(part.minutes for part in self.material.parts[self.part - 1 :])


def stopped_reading(progress: Progress) -> StoppedReading | None:
    """The reading that was put down last, unfinished; None without one."""
    material = reading_in_hand(progress)
    return StoppedReading(material, progress[material.slug].next_part(material)) if material else None


ROWS_OF: dict[str, Any] = {"exercise": Practice, "reading": Reading}


def number_who_began(kind: str, slug: str) -> int:
    """The number of people who began this, each once: they kept something of it at least once."""
    rows = ROWS_OF[kind]
    number = db.session.scalar(select(func.count(rows.participant_id.distinct())).where(rows.slug == slug))
    return number or 0
