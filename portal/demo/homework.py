"""The homework of the demo clinic: what each track was given, due before its next group, and what it agreed last."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from portal import seal
from portal.db import db
from portal.demo import texts
from portal.demo.cast import ADA, CAST, CastMember, Clinic
from portal.homework.models import MOST_LINES, Agreement, Homework
from portal.schedule.models import Session, Track, TrackEnrollment

Row = dict[str, Any]

GIVEN = texts.read("homework", list)
AGREED = texts.read("agreements", list)
SIX_STEPS = {"slug": "six-steps", "times": 1, "why": "As far as you get. Bring it as it is."}


def fill(clinic: Clinic) -> None:
    """Add what everybody with a group to come was given two days ago; Ada has one more. Each track agreed something."""
    db.session.execute(insert(Homework), [row for member in CAST for row in _homework(clinic, member)])
    db.session.execute(insert(Agreement), [row for track in AGREED for row in _agreement(clinic, track)])


def _homework(clinic: Clinic, member: CastMember) -> Iterator[Row]:
    coming = _next_group(clinic, member)
    if coming is None or member.started < 3:
        return
    for given in [*GIVEN[member.track], *([SIX_STEPS] if member.name == ADA else [])]:
        homework_key = clinic.key("homework", member.name, given["slug"])
        yield {
            "key": homework_key,
            "batch": clinic.key("batch", member.track, given["slug"]),
            "participant_id": clinic.id(member.sign_in),
            "given_by_id": coming.facilitator_id,
            "kind": "exercise",
            "slug": given["slug"],
            "text": seal.close(Homework.text, json.dumps({"why": given["why"]}), homework_key),
            "times": given["times"],
            "due_session_id": coming.id,
            "due_day": None,
            "weekly": False,
            "given_at": clinic.now - timedelta(days=2),
        }


def _next_group(clinic: Clinic, member: CastMember) -> Any:
    """The row of the next group that `member` comes to; None for none."""
    mine = TrackEnrollment.track_id == Session.track_id, TrackEnrollment.participant_id == clinic.id(member.sign_in)
    goes_on = TrackEnrollment.ends_on.is_(None) | (TrackEnrollment.ends_on >= Session.local_day)
    coming = Session.starts_at > clinic.now, Session.status == "planned", goes_on
    return db.session.execute(
        select(Session.id, Session.facilitator_id)
        .join(TrackEnrollment, mine[0])
        .where(mine[1], *coming)
        .order_by(Session.starts_at)
        .limit(1)
    ).first()


def _agreement(clinic: Clinic, track: str) -> Iterator[Row]:
    """The lines that the last group of a track agreed; none before its first."""
    over = Session.starts_at < clinic.now - timedelta(hours=4), Session.status != "cancelled"
    last = db.session.execute(
        select(Session.id, Session.facilitator_id, Session.starts_at, Session.minutes)
        .join(Track, Track.id == Session.track_id)
        .where(Track.key == clinic.key("track", track), *over)
        .order_by(Session.starts_at.desc())
        .limit(1)
    ).first()
    if last:
        lines = [*AGREED[track], *[""] * (MOST_LINES - len(AGREED[track]))]
        yield {
            "session_id": last.id,
            "version": 1,
            "lines": seal.close(Agreement.lines, json.dumps(lines), last.id, 1),
            "number": len(AGREED[track]),
            "by_id": last.facilitator_id,
            "at": last.starts_at + timedelta(minutes=last.minutes),
        }
