"""The part of homework that who leads a group reads before it: who is ready, stuck, or has said nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select

from portal.homework import DUE_SESSION, FROM, progress_since
from portal.homework.models import Homework

READY, NONE_YET = "Ready", "None yet"
STATES = ("Stuck", "Started", "Not said", READY)  # of several, the first that holds of one is said
_homework = Homework.__table__.c
_progress = progress_since(_homework.given_at)  # what is due before a session does not repeat
_state = case(
    (_homework.times <= _progress.done, 3),
    (_progress.said == "stuck", 0),
    (_progress.started, 1),
    (_progress.done > 0, 1),
    else_=2,
)


def readiness(places: Any) -> Any:
    """A column for each place of `places`: how far its person is with what is due before its session.

    It is an index of STATES, or None where nothing is due. Nothing that anybody wrote is in it.
    """
    due_here = places.c.session_id == DUE_SESSION, _homework.participant_id == places.c.participant_id
    return (
        select(func.min(_state))
        .select_from(FROM)
        .where(_homework.withdrawn_at.is_(None), *due_here)
        .correlate(places)
        .scalar_subquery()
    )


def state_words(state: int | None) -> str:
    """The words for one person's readiness."""
    return NONE_YET if state is None else STATES[state]


def counted_states(states: Sequence[int | None]) -> str:
    """The numbers of each: "5 ready, 2 stuck, 1 started, 2 not said"; "" where nothing is due before the session."""
    said = [state_words(state) for state in states]
    order = (READY, *STATES[:-1], NONE_YET)
    return ", ".join(f"{said.count(word)} {word.lower()}" for word in order if word in said) if any_due(states) else ""


def any_due(states: Sequence[int | None]) -> bool:
    """Whether something is due before the session for somebody."""
    return any(state is not None for state in states)
