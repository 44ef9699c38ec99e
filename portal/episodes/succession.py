"""Succession: nobody in the program is ever left without a therapist."""

from datetime import datetime

from portal import episodes, words
from portal.fields import Refused
from portal.people import Person, care
from portal.people.care import CareTeam

NEEDED = "Choose who treats {called} from now on: they are in the program, and nobody else is on their care team."


def end_care(
    coordinator: Person,
    participant: Person,
    therapist: Person,
    role: str,
    now: datetime,
    successor: Person | None,
) -> list[str]:
    """End what `therapist` is to a participant; a `successor` becomes their primary therapist.

    Returns what that comes to, in sentences; none where there was nothing to end.

    Raises Refused where it is the last of the care team of somebody in the program and no successor is named, and
    NotFound for anyone but a coordinator. A second tap finds nothing to end, and changes nothing.
    """
    care.hold_team(participant)
    team = care.found_team(coordinator, participant.key)
    ending = [one for one in team.members if (one.key, one.role) == (therapist.key, role)]
    is_last, is_in_program = any(team.is_last(one) for one in ending), episodes.active(participant) is not None
    if successor is None and is_last and is_in_program:
        raise Refused("successor", NEEDED.format(called=participant.called))
    if not ending:
        return []
    care.end(coordinator, participant, therapist, role, now)
    if successor:
        care.add(coordinator, participant, successor, "primary", now)
    after = care.found_team(coordinator, participant.key)
    return describe_end(after, therapist, role, is_in_program=is_in_program)


def describe_end(after: CareTeam, therapist: Person, role: str, *, is_in_program: bool) -> list[str]:
    """The end of what `therapist` was in `role`, in sentences, from the care team as it is `after` it."""
    called, still = after.participant.called, [one for one in after.members if one.key == therapist.key]
    said = [f"{therapist.name} is no longer the {care.ROLES[role].lower()} of {called}."]
    if still:
        said.append(f"The record stays open to {therapist.name} as {care.ROLES[still[0].role].lower()}.")
    else:
        said.append(f"The record is closed to {therapist.name} at once, even on a page that they have open.")
    covering = words.listed([one.name for one in after.members if one.role == "covering" and not one.is_off])
    if after.primary:
        return [*said, f"{after.primary.name} is the primary therapist. A safety flag goes to them first."]
    if covering:
        said.append(f"Nobody is the primary therapist then. A safety flag goes to {covering}, who can read the record.")
    else:
        said.append("Nobody treats them then.")
    if is_in_program:
        said.append(f"{called} is listed under People, Somebody waits, until you choose a primary therapist.")
    return said
