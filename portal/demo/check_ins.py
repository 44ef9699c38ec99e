"""The demo clinic's check-ins, and what came of them: reviews, replies, flags, and looks at a record."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from portal import audit, checkins, clock, seal
from portal.checkins.models import CheckIn, ReplyStep, Review
from portal.checkins.phrases import QUESTION_SET
from portal.db import db
from portal.demo import courses, question_plans, texts
from portal.demo.cast import ADA, CAST, ZONE, CastMember, Clinic, SafetyAnswer, key, open_on
from portal.flags.models import Flag, FlagAct, FlagReason

Row = dict[str, Any]

RAISED_AGO = timedelta(minutes=35)  # the flag that is open
TIERS = {"yes_safe": "same_day", "yes_talk": "urgent"}
JOINED = {"yes_safe": "safe_now_yes", "yes_talk": "call_me"}
USUAL = {"question_set": QUESTION_SET[0], "question_set_version": QUESTION_SET[1], "answers": {}}
USUAL |= {"version": 1, "zone": ZONE}
NOTES = texts.read("notes", list)
REPLIES = texts.read("replies", list)
SAFETY = texts.read("safety", str)


def write(clinic: Clinic) -> int:
    """Add every check-in up to now, who read them, and the flags that some raised; how many check-ins."""
    question_plans.choose(clinic)
    written, looks = 0, list[tuple[datetime, CastMember]]()
    for member in CAST:
        rows = sorted(_check_ins(clinic, member), key=lambda row: (row["for_day"], row["key"], row["version"]))
        db.session.execute(
            insert(CheckIn),
            [
                row | {"note": checkins.sealed_note(row["note"], row["participant_id"], row["key"], row["version"])}
                for row in rows
            ],
        )
        written += len(rows)
        if reviews := _reviews(clinic, member, rows):
            sealed = [row | {"reply": checkins.sealed_reply(row["reply"], row["key"])} for row in reviews]
            db.session.execute(insert(Review), sealed)
            if steps := list(_seen(reviews, clinic.now)):
                db.session.execute(insert(ReplyStep), steps)
            looks += [(at, member) for at in _sittings(reviews)]
    for at, member in sorted(looks, key=lambda look: look[0]):
        audit.record(clinic.accounts[member.therapist], audit.LOOK, clinic.accounts[member.sign_in], at=at)
    _raise_flags(clinic)
    return written


def _shuffled(rng: Random, pools: dict[str, list[str]]) -> dict[str, list[str]]:
    return {pool: rng.sample(said, len(said)) for pool, said in pools.items()}


def _note(member: CastMember, rng: Random, left: dict[str, list[str]], answers: Row, chance: float) -> str | None:
    """A note that fits to the answers, and that nobody has taken from those `left`."""
    used = answers["substance_use"] == "yes"
    if rng.random() > (0.95 if used else chance):
        return None
    pool = _kind_of_day(answers)
    if used:
        pool = "use"
    elif member.weighs_use and (answers["urges"] or 0) >= 6:
        pool = "urge"
    elif not member.weighs_use and rng.random() < 0.4:
        pool = "ocd"
    return left[pool].pop() if left[pool] else None


def _kind_of_day(answers: Row) -> str:
    return "low" if answers["mood"] <= 3 else "good" if answers["mood"] >= 7 else "middle"


def _check_ins(clinic: Clinic, member: CastMember) -> Iterator[Row]:
    """The check-ins of one participant, from their first day to now, in no particular order."""
    rng = clinic.rng("check-ins", member.name)
    left = _shuffled(rng, NOTES)
    settled = clinic.now - timedelta(days=1)
    for days_left in range(member.started, -1, -1):
        day = clinic.day(days_left)
        entered = clinic.at(day, member.habit + rng.gauss(0, 0.6))
        if member.habit > 12 and 0 < days_left < 20 and rng.random() < 0.08:
            entered = clinic.at(day + timedelta(days=1), rng.uniform(7, 10))
        if not _answers_on(member, rng, days_left) or entered > clinic.now:
            continue
        row = _row(clinic, member, rng, left, days_left, entered)
        yield row
        if rng.random() < 0.05 and entered < settled:
            yield _changed(rng, row)
        if rng.random() < 0.08 and member.habit < 12 and entered < settled:
            yield _row(clinic, member, rng, left, days_left, clinic.at(day, rng.uniform(18.5, 22)))
    if member.safety:
        days_left, entered = _said_yes(clinic, member.safety)
        row = _row(clinic, member, rng, left, days_left, entered)
        said = {"safety": member.safety.answer, "note": SAFETY[member.safety.answer], "mood": min(row["mood"], 2)}
        yield row | said | {"key": clinic.key("safety answer", member.name)}


def _answers_on(member: CastMember, rng: Random, days_left: int) -> bool:
    """Whether there is an ordinary check-in on that day. Ada's day today is still before her."""
    chance = rng.random()
    if days_left < member.course.silent or (days_left == 0 and (member.name == ADA or member.has_open_flag)):
        return False
    if days_left == member.course.silent > 0 or (member.name == ADA and days_left < 4):
        return True
    return chance < member.course.answers or days_left < min(member.course.turn, 3)


def _row(
    clinic: Clinic, member: CastMember, rng: Random, left: dict[str, list[str]], days_left: int, entered: datetime
) -> Row:
    answers = courses.answers(member.course, rng, days_left, member.takes_medicine, member.weighs_use)
    answered = sum(value is not None for value in answers.values())
    writes = 1 if member.name == ADA and days_left < 4 else 0.35
    row = (
        answers
        | USUAL
        | {
            "participant_id": clinic.id(member.sign_in),
            "for_day": clinic.day(days_left),
            "key": key(rng),
            "plan_key": None,
            "note": _note(member, rng, left, answers, writes) if answered > 1 else None,
            "entered_at": entered,
            "seconds_taken": 4 + answered * rng.randrange(3, 9),
        }
    )
    return question_plans.fit(clinic, member, days_left, row)


def _changed(rng: Random, row: Row) -> Row:
    """The next version of a check-in: thought about again, some minutes later."""
    return row | {
        "version": 2,
        "mood": max(0, row["mood"] - 1) if row["mood"] > 4 else row["mood"] + 1,
        "sleep_hours": row["sleep_hours"] or 6.5 if row["question_set"] == QUESTION_SET[0] else None,
        "entered_at": row["entered_at"] + timedelta(minutes=rng.randrange(2, 50)),
        "seconds_taken": rng.randrange(8, 30),
    }


def _said_yes(clinic: Clinic, safety: SafetyAnswer) -> tuple[int, datetime]:
    """The days that have passed since the yes, and its instant."""
    raised = clinic.now - RAISED_AGO
    if safety.action:
        raised = clinic.at(clinic.day(safety.days_ago), 11.5)
    return (clinic.today - clock.day_of(raised, ZONE)).days, raised


def _raise_flags(clinic: Clinic) -> None:
    for member in CAST:
        if (safety := member.safety) is None:
            continue
        _, raised = _said_yes(clinic, safety)
        flag = Flag(
            key=clinic.key("flag", member.name),
            participant_id=clinic.id(member.sign_in),
            tier=TIERS[safety.answer],
            raised_at=raised,
        )
        db.session.add(flag)
        db.session.flush()
        if safety.action:
            flag.closed_at = _next_working(clinic, raised) + timedelta(minutes=21)
            act_key = clinic.key("flag act", member.name)
            note = seal.close(FlagAct.note, SAFETY[safety.action], act_key)
            did = {"kind": safety.action, "by_id": clinic.id(member.therapist), "at": flag.closed_at}
            db.session.add(FlagAct(key=act_key, flag_id=flag.id, note=note, **did))
        entry = {"flag_id": flag.id, "check_in_key": clinic.key("safety answer", member.name)}
        db.session.add(FlagReason(code=safety.answer, at=raised, **entry))
        db.session.add(FlagReason(code=JOINED[safety.answer], at=raised + timedelta(minutes=1), **entry))


def _reviews(clinic: Clinic, member: CastMember, rows: list[Row]) -> list[Row]:
    """Add what the therapist has read and answered by now: in the mornings and at noon of working days.

    Some of the last day's check-ins are still unread; Ada's latest one that was read has a reply.
    """
    rng = clinic.rng("reviews", member.name)
    latest = {row["key"]: row for row in rows}
    replies = _shuffled(rng, REPLIES)
    reviews = []
    for row in sorted(latest.values(), key=lambda row: row["entered_at"]):
        at = _reading_time(clinic, row["entered_at"]) + timedelta(minutes=rng.randrange(2, 40))
        unread = (rng.random() < 0.45 or member.course.turn) and at > clinic.now - timedelta(days=1)
        answered = rng.random() < (0.95 if row["substance_use"] == "yes" else 0.3) and row["note"] is not None
        if (
            at > clinic.now
            or (unread and member.name != ADA)
            or (member.has_open_flag and row["for_day"] == clinic.today)
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


def _seen(reviews: list[Row], now: datetime) -> Iterator[Row]:
    """That all replies but the latest were seen some hours later."""
    for review in [one for one in reviews if one["reply"]][:-1]:
        if (later := review["at"] + timedelta(hours=6)) < now:
            yield {"review_key": review["key"], "number": 1, "kind": "seen", "at": later, "reply": None}


def _reply(replies: dict[str, list[str]], row: Row) -> str | None:
    pool = replies["use" if row["substance_use"] == "yes" else _kind_of_day(row)]
    return pool.pop() if pool else None


def _next_working(clinic: Clinic, instant: datetime) -> datetime:
    """`instant` itself in the program's hours, else the next time that it opens."""
    wall = clock.local(instant, ZONE)
    if open_on(wall.date()) and wall.hour < 17:
        return max(instant, clinic.at(wall.date(), 8))
    return _next_working(clinic, clinic.at(wall.date() + timedelta(days=1), 8))


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
