"""The exercises that have worked for somebody, by their own numbers before and after, and their choices about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from sqlalchemy import delete, select, update

from portal import audit, clock, words
from portal.db import add_once, db, reader, write
from portal.exercises import EXERCISES, PRACTICES, KeptPractice
from portal.exercises.definition import Exercise
from portal.exercises.models import ExerciseChoice, Practice
from portal.people import Person

LEAST = 3  # uses with both numbers, from which on something is said
LATEST = 20  # uses of one exercise that are looked at
READ = 400  # practices that are read for it
CHOICES = ("pinned", "hidden")
RATED = [slug for slug, one in EXERCISES.items() if one.rating("before") and one.rating("after")]
RULE = (
    f"We look at your last {LATEST} times with a number before and after, and say something from {LEAST} times on. "
    "The middle one is the median: as many were above it as below. These are your own answers, and no proof of a cause."
)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an exercise: its `day` on the person's calendar, and the two numbers that they gave."""

    day: date
    before: int
    after: int

    @property
    def change(self) -> int:
        """The number after, less the one before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class WorkedExercise:
    """An exercise with both numbers of at least LEAST `uses`, the latest first, and the person's own `choice`."""

    exercise: Exercise
    uses: tuple[Use, ...]
    choice: str | None

    @property
    def middle(self) -> float:
        """The median change: below 0 where the number went down."""
        return median(use.change for use in self.uses)

    @property
    def gain(self) -> float:
        """The part of the whole scale by which it got better in the middle; below 0 where it got worse."""
        rated = self.exercise.rating("after")
        scale = 100 if rated and rated.kind == "suds" else 10
        return self.middle / scale * (-1 if self.exercise.better == "down" else 1)

    @property
    def sentence(self) -> str:
        """The middle change and the spread, in words."""
        changes = [use.change for use in self.uses]
        worst_first = sorted(changes, reverse=self.exercise.better == "down")
        ends = _in_words(worst_first[0]), _in_words(worst_first[-1])
        spread = f"every time {ends[0]}" if ends[0] == ends[1] else f"from {ends[0]} to {ends[1]}"
        return f"In {len(changes)} uses your number went {_in_words(self.middle)} in the middle, {spread}."


def _in_words(change: float) -> str:
    if not change:
        return "no change"
    return f"{'down' if change < 0 else 'up'} by {abs(change):g}"


_choice = (
    select(ExerciseChoice.choice)
    .where(ExerciseChoice.participant_id == Practice.participant_id, ExerciseChoice.slug == Practice.slug)
    .scalar_subquery()
)
_RATED = PRACTICES.add_columns(_choice.label("choice")).where(
    Practice.finished_at.is_not(None), Practice.slug.in_(RATED)
)
_practice = reader(KeptPractice, _RATED, beside={"choice"})


def worked_exercises(participant: Person) -> list[WorkedExercise]:
    """The exercises that `participant` gave both numbers for at least LEAST times, and that went the better way.

    What they pinned comes first, then what went further. What they hid is among them, however it went
    since, and says so. One read.
    """
    uses: dict[str, list[Use]] = defaultdict(list)
    choices: dict[str, str | None] = {}
    for row in db.session.execute(_RATED.where(Practice.participant_id == participant.id).limit(READ)):
        kept = _practice(row)
        before, after = kept.rating("before"), kept.rating("after")
        choices[kept.slug] = row.choice
        if before is not None and after is not None and len(uses[kept.slug]) < LATEST:
            uses[kept.slug].append(Use(clock.day_of(kept.updated_at, participant.zone), before, after))
    enough = [
        WorkedExercise(EXERCISES[slug], tuple(found), choices[slug])
        for slug, found in uses.items()
        if len(found) >= LEAST
    ]
    better = [one for one in enough if one.gain > 0 or one.choice == "hidden"]
    return sorted(better, key=lambda one: (one.choice != "pinned", -one.gain, one.exercise.title))


def to_offer(worked: Collection[WorkedExercise], topic: str) -> WorkedExercise | None:
    """The one to offer for a topic: what they pinned, or else what went furthest in it; None without any.

    What they hid is not offered, and neither is what is not safe for everybody.
    """
    offered = [one for one in worked if one.choice != "hidden" and not one.exercise.caution]
    return next((one for one in offered if one.choice == "pinned" or one.exercise.topic == topic), None)


def choose(participant: Person, exercise: Exercise, choice: str | None, now: datetime) -> None:
    """Pin or hide an exercise for `participant`, or take the choice back (None)."""
    mine = ExerciseChoice.participant_id == participant.id, ExerciseChoice.slug == exercise.slug
    if choice is None:
        changed = bool(write(delete(ExerciseChoice).where(*mine)))
    else:
        row = ExerciseChoice(participant_id=participant.id, slug=exercise.slug, choice=choice, at=now)
        changed = add_once(row) or bool(write(update(ExerciseChoice).where(*mine).values(choice=choice, at=now)))
    if changed:
        audit.record(participant, "practice.choose", participant, exercise.slug)


def days_in_words(one: WorkedExercise, today: date) -> list[str]:
    """Each use in words: "Tue, Mar 10: 7 before, 4 after"."""
    return [f"{words.short_day(use.day, today)}: {use.before} before, {use.after} after" for use in one.uses]
