"""The attendance of the demo clinic's sessions: who came, late or not, and what was first taken wrongly."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from portal.demo.cast import CastMember, Clinic
from portal.schedule.models import Session

RECENT = timedelta(days=9)  # in which only those miss a session who are meant to
OUTCOMES = {"present": 0.84, "late": 0.9, "left_early": 0.93, "excused": 0.97, "missed": 1.0}  # by draws below


def attendance_of(
    clinic: Clinic, member: CastMember, group: list[Session], alone: list[Session]
) -> Iterator[dict[str, Any]]:
    """The attendance at every session of `member` that was held; now and then it was first taken wrongly."""
    rng = clinic.rng("attendance", member.name)
    began = clinic.day(member.started)
    held = [s for s in [*group, *alone] if s.status == "held" and (s.kind != "group" or s.local_day >= began)]
    groups_over = [s for s in held if s.kind == "group"]
    away = member.course.silent > 3
    silent_since = clinic.now - timedelta(days=member.course.silent)
    for session in held:
        misses = (member.missed and session is groups_over[-1]) or (away and session.starts_at > silent_since)
        status = _outcome(rng.random(), misses=misses, recent=session.starts_at > clinic.now - RECENT)
        lost, after = rng.randrange(10, 50, 5), rng.randrange(4, 25)  # minutes of the session, and after its end
        taken = session.starts_at + timedelta(minutes=session.minutes + after)
        row: dict[str, Any] = {
            "session_id": session.id,
            "participant_id": clinic.id(member.sign_in),
            "version": 1,
            "status": status,
            "minutes": max(5, session.minutes - lost) if status in ("late", "left_early") else None,
            "by_id": session.facilitator_id,
            "at": taken,
        }
        if status == "late" and lost > 35:
            yield row | {"status": "missed", "minutes": None}
            row |= {"version": 2, "at": taken + timedelta(minutes=5), "by_id": clinic.id("kit")}
        yield row


def _outcome(draw: float, *, misses: bool, recent: bool) -> str:
    if misses:
        return "missed"
    outcome = next(outcome for outcome, below in OUTCOMES.items() if draw < below)
    return "present" if recent and outcome in ("excused", "missed") else outcome
