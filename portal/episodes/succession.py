"""Succession: nobody in the program is ever left without a therapist."""

from datetime import datetime

from portal import episodes
from portal.fields import Refused
from portal.people import Person, care

NEEDED = "Choose who treats {called} from now on: they are in the program, and nobody else is on their care team."


def end_care(
    coordinator: Person,
    participant: Person,
    therapist: Person,
    role: str,
    successor: Person | None,
    now: datetime,
) -> None:
    """End what `therapist` is to a participant; a `successor` becomes their primary therapist.

    Raises Refused where it is the last of the care team of somebody in the program and no successor is named, and
    NotFound for anyone but a coordinator. A second tap finds nothing to end, and changes nothing.
    """
    care.hold_team(participant)
    team = care.found_team(coordinator, participant.key)
    ending = [one for one in team.members if (one.key, one.role) == (therapist.key, role)]
    is_last = any(team.is_last(one) for one in ending)
    if successor is None and is_last and episodes.active(participant):
        raise Refused("successor", NEEDED.format(called=participant.called))
    care.end(coordinator, participant, therapist, role, now)
    if successor:
        care.add(coordinator, participant, successor, "primary", now)
