"""The part of the check-ins that reminders ask for: the days that need no word any more."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from portal.checkins.models import CheckIn
from portal.db import db


def days_checked_in(participant_ids: Collection[int], since: date) -> set[tuple[int, date]]:
    """The days from `since` on for which these people have checked in: pairs of a participant's id and a day."""
    rows = db.session.execute(
        select(CheckIn.participant_id, CheckIn.for_day)
        .where(CheckIn.participant_id.in_(participant_ids), CheckIn.for_day >= since)
        .distinct()
    )
    return {(row.participant_id, row.for_day) for row in rows}
