"""The demo clinic's check-ins, and what came of them: reviews, replies, flags, and looks at a record."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from portal import audit, checkins, clock, flags
from portal.checkins.models import CheckIn, Review
from portal.checkins.phrases import QUESTION_SET
from portal.db import db
from portal.demo import courses, phrases, question_plans
from portal.demo.cast import ADA, CAST, ZONE, CastMember, Clinic, key, open_on
from portal.flags.models import Flag, FlagReason

Row = dict[str, Any]

PAST_FLAGS = (  # who, days ago, the answer, the action that ended it
    ("Grace Oyelaran", 24, "yes_safe", "plan_reviewed"),
    ("Luis Barrera", 16, "yes_talk", "assessed"),
    ("Kwame Mensah", 11, "yes_talk", "contacted"),
    ("Theo Baptiste", 30, "yes_safe", "contacted"),
)
OPEN_FLAG, OPEN_ANSWER, RAISED_AGO = "Imani Brooks", "yes_safe", timedelta(minutes=35)
TIERS = {"yes_safe": "same_day", "yes_talk": "urgent"}
JOINED = {"yes_safe": "safe_now_yes", "yes_talk": "call_me"}


def write(clinic: Clinic) -> int:
    """Add every check-in up to now, who read them, and the flags that some raised; how many check-ins."""
    question_plans.choose(clinic)
    written, looks = 0, list[tuple[datetime, CastMember]]()
    for member in CAST:
        rows = sorted(_check_ins(clinic, member), key=lambda row: (row["for_day"], row["key"], row["version"]))
        db.session.execute(insert(CheckIn), [_sealed(row) for row in rows])
        written += len(rows)
        if reviews := _reviews(clinic, member, rows):
            sealed = [row | {"reply": checkins.sealed_reply(row["reply"], row["key"])} for row in reviews]
            db.session.execute(insert(Review), sealed)
            looks += [(at, member) for at in _sittings(reviews)]
    for at, member in sorted(looks, key=lambda look: look[0]):
        audit.record(clinic.accounts[member.therapist], audit.LOOK, clinic.accounts[member.sign_in], at=at)
    _raise_flags(clinic)
    return written


def _sealed(row: Row) -> Row:
    """A check-in as its row keeps it."""
    place = row["participant_id"], row["key"], row["version"]
    return row | {"note": checkins.sealed_note(row["note"], *place)}


class Pen:
    """One person's notes: fitting to the answers, and none of them twice."""

    def __init__(self, rng: Random, member: CastMember) -> None:
        self.rng, self.member = rng, member
        pools = ("LOW", "MIDDLE", "GOOD", "URGE", "USE", "OCD")
        self.left = {pool: _shuffled(rng, getattr(phrases, f"{pool}_NOTES")) for pool in pools}

    def note(self, answers: Row, chance: float) -> str | None:
        if self.rng.random() > (0.95 if answers["substance_use"] == "yes" else chance):
            return None
        pool = self.left[self._pool(answers)]
        return pool.pop() if pool else None

    def _pool(self, answers: Row) -> str:
        if answers["substance_use"] == "yes":
            return "USE"
        if (answers["urges"] or 0) >= 6 and self.member.weighs_use:
            return "URGE"
        if not self.member.weighs_use and self.rng.random() < 0.4:
            return "OCD"
        return "LOW" if answers["mood"] <= 3 else "GOOD" if answers["mood"] >= 7 else "MIDDLE"


def _shuffled(rng: Random, items: tuple[str, ...]) -> list[str]:
    return rng.sample(items, len(items))


def _check_ins(clinic: Clinic, member: CastMember) -> Iterator[Row]:
    """The check-ins of one participant, from their first day to now, in no particular order."""
    rng = clinic.rng("check-ins", member.name)
    pen = Pen(rng, member)
    settled = clinic.now - timedelta(days=1)
    for days_left in range(member.started, -1, -1):
        day = clinic.today - timedelta(days=days_left)
        entered = clinic.at(day, member.habit + rng.gauss(0, 0.6))
        if member.habit > 12 and 0 < days_left < 20 and rng.random() < 0.08:
            entered = clinic.at(day + timedelta(days=1), rng.uniform(7, 10))
        if not _answers_on(member, rng, days_left) or entered > clinic.now:
            continue
        row = _row(clinic, member, rng, pen, days_left, entered)
        yield row
        if rng.random() < 0.05 and entered < settled:
            yield _changed(rng, row)
        if rng.random() < 0.08 and member.habit < 12 and entered < settled:
            yield _row(clinic, member, rng, pen, days_left, clinic.at(day, rng.uniform(18.5, 22)))
    for days_left, entered, answer in _yes_answers(clinic, member):
        row = _row(clinic, member, rng, pen, days_left, entered)
        yield row | {
            "key": _yes_key(clinic, member.name),
            "mood": min(row["mood"], 2),
            "safety": answer,
            "note": phrases.SAFETY_NOTES[answer],
        }


def _answers_on(member: CastMember, rng: Random, days_left: int) -> bool:
    """Whether there is an ordinary check-in on that day. Ada's day today is still before her."""
    chance = rng.random()
    if days_left < member.course.silent or (days_left == 0 and member.name in (ADA, OPEN_FLAG)):
        return False
    if days_left == member.course.silent > 0 or (member.name == ADA and days_left < 4):
        return True
    return chance < member.course.answers or days_left < min(member.course.turn, 3)


def _row(clinic: Clinic, member: CastMember, rng: Random, pen: Pen, days_left: int, entered: datetime) -> Row:
    answers = courses.answers(member.course, rng, days_left, member.takes_medicine, member.weighs_use)
    answered = sum(value is not None for value in answers.values())
    writes = 1 if member.name == ADA and days_left < 4 else 0.35
    row = answers | {
        "participant_id": clinic.id(member.sign_in),
        "for_day": clinic.today - timedelta(days=days_left),
        "key": key(rng),
        "version": 1,
        "question_set": QUESTION_SET[0],
        "question_set_version": QUESTION_SET[1],
        "answers": {},
        "plan_key": None,
        "note": pen.note(answers, writes) if answered > 1 else None,
        "entered_at": entered,
        "zone": ZONE,
        "seconds_taken": 4 + answered * rng.randrange(3, 9),
    }
    return question_plans.fitted(clinic, member, clinic.rng("asked", member.name, days_left, entered), days_left, row)


def _changed(rng: Random, row: Row) -> Row:
    """The next version of a check-in: thought about again, some minutes later."""
    return row | {
        "version": 2,
        "mood": max(0, row["mood"] - 1) if row["mood"] > 4 else row["mood"] + 1,
        "sleep_hours": row["sleep_hours"] or 6.5 if row["question_set"] == QUESTION_SET[0] else None,
        "entered_at": row["entered_at"] + timedelta(minutes=rng.randrange(2, 50)),
        "seconds_taken": rng.randrange(8, 30),
    }


def _yes_answers(clinic: Clinic, member: CastMember) -> Iterator[tuple[int, datetime, str]]:
    """Each yes of this participant to the safety question: days ago, the instant, and the answer."""
    for name, days_ago, answer, _ in PAST_FLAGS:
        if name == member.name:
            yield days_ago, clinic.at(clinic.today - timedelta(days=days_ago), 11.5), answer
    if member.name == OPEN_FLAG:
        raised = clinic.now - RAISED_AGO
        yield (clinic.today - clock.day_of(raised, ZONE)).days, raised, OPEN_ANSWER


def _yes_key(clinic: Clinic, name: str) -> str:
    return key(clinic.rng("safety answer", name))


def _raise_flags(clinic: Clinic) -> None:
    actions = {name: action for name, _, _, action in PAST_FLAGS}
    for member in CAST:
        for _, raised, answer in _yes_answers(clinic, member):
            flag = Flag(
                key=key(clinic.rng("flag", member.name)),
                participant_id=clinic.id(member.sign_in),
                tier=TIERS[answer],
                raised_at=raised,
            )
            if action := actions.get(member.name):
                flag.acknowledged_at = _next_working(clinic, raised) + timedelta(minutes=21)
                flag.acknowledged_by_id = clinic.id(member.therapist)
                flag.action, flag.note = action, flags.sealed_note(phrases.FLAG_NOTES[action], flag.key)
            db.session.add(flag)
            db.session.flush()
            for minutes, code in ((0, answer), (1, JOINED[answer])):
                db.session.add(
                    FlagReason(
                        flag_id=flag.id,
                        code=code,
                        check_in_key=_yes_key(clinic, member.name),
                        at=raised + timedelta(minutes=minutes),
                    )
                )


def _reviews(clinic: Clinic, member: CastMember, rows: list[Row]) -> list[Row]:
    """Add what the therapist has read and answered by now: in the mornings and at noon of working days.

    Some of the last day's check-ins are still unread; Ada's latest one that was read has a reply.
    """
    rng = clinic.rng("reviews", member.name)
    latest = {row["key"]: row for row in rows}
    replies = {mood: _shuffled(rng, texts) for mood, texts in phrases.REPLIES.items()}
    reviews = []
    for row in sorted(latest.values(), key=lambda row: row["entered_at"]):
        at = _reading_time(clinic, row["entered_at"]) + timedelta(minutes=rng.randrange(2, 40))
        unread = (rng.random() < 0.45 or member.course.turn) and at > clinic.now - timedelta(days=1)
        answered = rng.random() < (0.95 if row["substance_use"] == "yes" else 0.3) and row["note"] is not None
        if (
            at > clinic.now
            or (unread and member.name != ADA)
            or (member.name == OPEN_FLAG and row["for_day"] == clinic.today)
        ):
            continue
        reviews.append(
            {
                "key": key(rng),
                "participant_id": row["participant_id"],
                "check_in_key": row["key"],
                "check_in_version": row["version"],
                "by_id": clinic.id(member.therapist),
                "at": at,
                "reply": _reply(replies, row) if answered else None,
            }
        )
    if member.name == ADA:
        reviews[-1]["reply"] = reviews[-1]["reply"] or _reply(replies, latest[reviews[-1]["check_in_key"]])
    return reviews


def _reply(replies: dict[str, list[str]], row: Row) -> str | None:
    pool = "low" if row["mood"] <= 3 else "good" if row["mood"] >= 7 else "middle"
    if row["substance_use"] == "yes":
        pool = "use"
    return replies[pool].pop() if replies[pool] else None


def _next_working(clinic: Clinic, instant: datetime) -> datetime:
    """`instant` itself in the program's hours, else the next time that it opens."""
    wall = clock.local(instant, ZONE)
    if open_on(wall.date()) and 8 <= wall.hour < 17:
        return instant
    day = wall.date() if wall.hour < 8 else wall.date() + timedelta(days=1)
    while not open_on(day):
        day += timedelta(days=1)
    return clinic.at(day, 8)


def _reading_time(clinic: Clinic, entered: datetime) -> datetime:
    """The next time at which a therapist sits down to read: at eight, or half past twelve, on a working day."""
    opened = _next_working(clinic, entered)
    wall = clock.local(opened, ZONE)
    if wall.hour == 8 and wall.minute == 0:
        return opened
    if wall.hour < 12:
        return clinic.at(wall.date(), 12.5)
    return _next_working(clinic, clinic.at(wall.date(), 17))


def _sittings(reviews: list[Row]) -> list[datetime]:
    """The times at which the record was opened: each time before it was read, once per sitting."""
    sittings = {f"{clock.local(review['at'], ZONE):%F %H}": review["at"] for review in reversed(reviews)}
    return [at - timedelta(minutes=1) for at in sorted(sittings.values())]
