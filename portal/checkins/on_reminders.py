"""The part of the check-ins that reminders ask for: the days that need no word any more."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from portal.checkins.models import CheckIn
from portal.db import db


def days_checked_in(participant_ids: Collection[int], since: date) -> dict[int, set[date]]:
    """The days from `since` on for which each of these people has checked in, by their ids."""
    rows = db.session.execute(
        select(CheckIn.participant_id, CheckIn.for_day)
        .where(CheckIn.participant_id.in_(participant_ids), CheckIn.for_day >= since)
        .distinct()
    )
    days: dict[int, set[date]] = {who: set() for who in participant_ids}
    for row in rows:
        days[row.participant_id].add(row.for_day)
    return days
