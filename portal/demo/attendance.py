"""The attendance of the demo clinic's sessions: who came, late or not, and what was first taken wrongly."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from portal.demo.cast import CastMember, Clinic
from portal.schedule.models import Session

RECENT = timedelta(days=9)  # in which only those miss a session who are meant to


def attendance_of(
    clinic: Clinic, member: CastMember, group: list[Session], alone: list[Session]
) -> Iterator[dict[str, Any]]:
    """The attendance at every session of `member` that was held."""
    rng = clinic.rng("attendance", member.name)
    began = clinic.today - timedelta(days=member.started)
    held = [s for s in [*group, *alone] if s.status == "held" and (s.kind != "group" or s.local_day >= began)]
    groups_over = [s for s in held if s.kind == "group"]
    away = member.course.silent > 3
    silent_since = clinic.now - timedelta(days=member.course.silent)
    for session in held:
        status = _status(rng.random(), recent=session.starts_at > clinic.now - RECENT)
        if (member.missed and session is groups_over[-1]) or (away and session.starts_at > silent_since):
            status = "missed"
        yield from _rows(clinic, member, session, status, rng.randrange(10, 50, 5), rng.randrange(4, 25))


def _status(draw: float, *, recent: bool) -> str:
    for status, below in (("present", 0.84), ("late", 0.9), ("left_early", 0.93)):
        if draw < below:
            return status
    if recent:
        return "present"
    return "excused" if draw < 0.97 else "missed"


def _rows(
    clinic: Clinic, member: CastMember, session: Session, status: str, away: int, after: int
) -> Iterator[dict[str, Any]]:
    """The attendance row, `after` minutes after the end; now and then it was first taken wrongly."""
    ended = session.starts_at + timedelta(minutes=session.minutes)
    row: dict[str, Any] = {
        "session_id": session.id,
        "participant_id": clinic.id(member.sign_in),
        "version": 1,
        "status": status,
        "minutes": max(5, session.minutes - away) if status in ("late", "left_early") else None,
        "by_id": session.facilitator_id,
        "at": ended + timedelta(minutes=after),
    }
    if status == "late" and away > 35:
        yield row | {"status": "missed", "minutes": None}
        row |= {"version": 2, "at": ended + timedelta(minutes=after + 5), "by_id": clinic.id("kit")}
    yield row
