"""The demo clinic's measures: PHQ-9 and GAD-7 of a few people, every two weeks, each going as its person's days go."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from portal.db import db
from portal.demo.cast import ADA, CAST, ZONE, CastMember, Clinic, key
from portal.measures import INSTRUMENTS, scoring
from portal.measures.instrument import Instrument
from portal.measures.models import MeasureEntry, MeasureReview

EVERY = 14  # days
UNREAD = timedelta(days=7)
LEAVES_OUT = "Hannah Feld"  # the last question of the PHQ-9, the last time


def write(clinic: Clinic) -> None:
    """Add every set of answers up to now."""
    members = [member for member in CAST if member.measured is not None]
    rows = [(member, row) for member in members for row in _entries(clinic, member)]
    db.session.execute(insert(MeasureEntry), [row for _, row in rows])
    db.session.execute(insert(MeasureReview), [review for one in rows for review in _reviews(clinic, *one)])


def _reviews(clinic: Clinic, member: CastMember, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """That their therapist read it at noon on the next day; what came in within the last week is still unread."""
    if clinic.today - row["for_day"] > UNREAD:
        yield {
            "key": clinic.key("measure review", member.name, row["slug"], row["for_day"]),
            "participant_id": row["participant_id"],
            "measure_key": row["key"],
            "measure_version": row["version"],
            "by_id": clinic.id(member.therapist),
            "at": clinic.at(row["for_day"] + timedelta(days=1), 12.25),
        }


def _entries(clinic: Clinic, member: CastMember) -> Iterator[dict[str, Any]]:
    rng, person = clinic.rng("measures", member.name), clinic.id(member.sign_in)
    latest = EVERY if member.name == ADA else 1 + rng.randrange(6)  # Ada's next ones are due today
    for days_ago in range(latest + (member.started - 2 - latest) // EVERY * EVERY, 0, -EVERY):
        day = clinic.day(days_ago)
        for minutes, slug in ((0, "phq-9"), (3, "gad-7")):
            asked = INSTRUMENTS[slug]
            answers = _answers(asked, member, rng, days_ago, is_last=days_ago == latest)
            score = scoring.score(asked, answers)
            yield {
                "participant_id": person,
                "key": key(rng),
                "version": 1,
                "slug": slug,
                "instrument_version": str(asked.version),
                "language": asked.language,
                "mode": "self",
                "entered_by_id": person,
                "answers": answers,
                "total": score.total,
                "prorated": score.prorated,
                "parts": {},
                "band": score.band.name if score.band else None,
                "zone": ZONE,
                "for_day": day,
                "entered_at": clinic.at(day, member.habit) + timedelta(minutes=minutes),
                "seconds_taken": len(answers) * rng.randrange(4, 11),
            }


def _answers(asked: Instrument, member: CastMember, rng: Random, days_ago: int, *, is_last: bool) -> dict[str, int]:
    """Answers as far from the best as the mood is then; to the question about safety always the first of them."""
    mood = member.course.mood - member.course.drift * days_ago / 7
    usual = (10 - mood) * 0.28 + ((member.measured or 0) if is_last else 0)
    given = {}
    for item in asked.items:
        is_critical = asked.critical is not None and item.id == asked.critical.item
        if is_critical and is_last and member.name == LEAVES_OUT:
            continue
        value = round(usual + rng.uniform(-0.6, 0.6))
        given[item.id] = 0 if is_critical else max(0, min(value, max(item.values)))
    return given
