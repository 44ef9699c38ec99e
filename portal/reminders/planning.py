"""What is due: before something begins, when it changes, a day after a change that was not seen, and a daily word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Subquery, exists, or_, select, union

from portal import mail, program, seal
from portal.db import db
from portal.mail import Mail
from portal.people import contacts
from portal.people.models import Account
from portal.reminders import CHOSEN, ONCE, Asked, chosen_in, daily, letters, stop_url, token_of
from portal.reminders.models import ReminderChoice
from portal.reminders.quiet import QuietHours, Window, now_open
from portal.schedule import changes
from portal.schedule.models import SessionChange
from portal.schedule.places import absences_of, places_of, sessions

AHEAD = timedelta(days=3, hours=1)  # the earliest reminder, and the quiet hours before it
CHANGE_WITHIN = timedelta(days=2)  # what nobody was told of by then they are not told of any more
UNSEEN_AFTER = timedelta(days=1)
# What was told is read so far back, and mail.delete_old deletes it only later than that: by then the clock alone says
# that it is not due any more, so that it cannot be told a second time.
TOLD_WITHIN = timedelta(days=6)
EXPIRED = "expired"

acts = SessionChange.__table__


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person, due at `due` and of no use from `over` on.

    `told_as` names it. Of several with the same `about` only the latest that is due is told. `early` as quiet.windows
    has it. `letter` writes it, given where one click stops such mail.
    """

    to: Asked
    told_as: str
    about: tuple[int, str]
    due: datetime
    over: datetime
    early: bool
    letter: Callable[[str], letters.Letter]

    def once(self, window: Window) -> str:
        """The name of this notice in one of its windows, for Mail.once."""
        return ONCE + seal.index(f"{self.told_as}:{self.to.key}:{window.number}")


@dataclass(frozen=True, slots=True)
class Due:
    """A notice to queue now, under the name `once`, which is of no use after `closes`."""

    notice: Notice
    once: str
    closes: datetime


def due(now: datetime) -> list[Due]:
    """What is to be queued at `now`, in the same order for every planner. It reads only; and as often as one likes.

    What could not be sent before quiet hours began is told once they end, if it is of use then.
    """
    current = list(_current(now))
    told = _told(now) if current else {}
    found = []
    for notice, opened in current:
        names = [notice.once(window) for window in opened]
        if opened[-1].closes > now and names[-1] not in told and all(told.get(n, EXPIRED) == EXPIRED for n in names):
            found.append(Due(notice, names[-1], opened[-1].closes))
    return found


def queue(one: Due) -> bool:
    """Queue a notice in the caller's transaction; False when another planner did, or there is no address."""
    to = one.notice.to
    address, stop = contacts.contact_of(to.key, to.contact), stop_url(token_of(to.key))
    if not contacts.is_address(address):
        return False
    letter = one.notice.letter(stop)
    facts = {"account_id": to.id, "once": one.once, "expires_at": one.closes, "stop_url": stop}
    return mail.queue(address, letter.subject, letter.body, **facts)  # type: ignore[arg-type]


def withdraw_stale(now: datetime) -> int:
    """Give up reminders that wait and are not true or not wanted any more, in the caller's transaction; how many.

    What they tell of was moved, cancelled or seen, the person cannot come or does not belong to it now, or chose
    otherwise.
    """
    waits = Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.once.startswith(ONCE)
    waiting = db.session.execute(select(Mail.id, Mail.once).where(*waits)).all()
    if not waiting:
        return 0
    wanted = {notice.once(window) for notice, opened in _current(now) for window in opened}
    stale = [row.id for row in waiting if row.once not in wanted]
    return mail.withdraw(now, "changed", Mail.id.in_(stale)) if stale else 0


def _current(now: datetime) -> Iterator[tuple[Notice, list[Window]]]:
    """Of each thing to tell the notice that is due last, with its windows that have opened by `now`."""
    asked = _asked()
    latest: dict[tuple[int, str], tuple[Notice, list[Window]]] = {}
    for notice in (*_before(asked, now), *_of_changes(asked, now), *_daily(asked, now)) if asked else ():
        opened = now_open(notice.due, notice.over, notice.to.quiet, now, early=notice.early)
        before = latest.get(notice.about)
        if opened and (before is None or before[0].due < notice.due):
            latest[notice.about] = notice, opened
    yield from latest.values()


def _told(now: datetime) -> dict[str | None, str | None]:
    """The names of the reminders that were queued lately, each with what went wrong, if anything."""
    rows = db.session.execute(
        select(Mail.once, Mail.trouble).where(Mail.once.startswith(ONCE), Mail.made_at > now - TOLD_WITHIN)
    )
    return {row.once: row.trouble for row in rows}


def _asked() -> dict[int, Asked]:
    """Who asked for anything and can be written to, by id."""
    rows = db.session.execute(
        select(Account.id, Account.key, Account.role, Account.contact, ReminderChoice.chosen_at, Account.zone, *CHOSEN)
        .join(ReminderChoice, ReminderChoice.account_id == Account.id)
        .where(Account.disabled_at.is_(None), Account.mail_ok)
    )
    people = {}
    for id_, key, role, contact, since, zone, *values in rows:
        chosen = chosen_in(tuple(values))
        if chosen.anything:
            quiet = QuietHours(chosen.quiet_from, chosen.quiet_until, zone)
            people[id_] = Asked(id_, key, role, contact, since, chosen, quiet)
    return people


def _daily(asked: dict[int, Asked], now: datetime) -> Iterator[Notice]:
    """That something waits for somebody, once a day."""
    for word in daily.words_for(asked, now):
        to, day = asked[word.who], f"word:{word.day}"
        if to.since <= word.at:
            letter = partial(letters.word, program.current())
            yield Notice(to, day, (to.id, day), word.at, word.over, False, letter)


def _places(*which: ColumnElement[bool]) -> Subquery:
    """The places in these sessions of all who have ever chosen: those who come, and who leads them."""

    def who(column: Any) -> ColumnElement[bool]:
        return column.in_(select(ReminderChoice.account_id))

    leads = select(sessions.c.facilitator_id, sessions.c.id).where(who(sessions.c.facilitator_id), *which)
    return union(*places_of(who, *which), leads).subquery()


def _before(asked: dict[int, Asked], now: datetime) -> Iterator[Notice]:
    """What begins soon, for everyone who is to come, so many minutes before as each of them chose."""
    soon = sessions.c.status == "planned", sessions.c.starts_at > now, sessions.c.starts_at <= now + AHEAD
    places = _places(*soon)
    rows = db.session.execute(
        select(places.c.participant_id, sessions.c.key, sessions.c.starts_at, sessions.c.zone)
        .join(sessions, sessions.c.id == places.c.session_id)
        .where(~exists().where(absences_of(places)))
        .order_by(sessions.c.starts_at, sessions.c.id, places.c.participant_id)
    )
    facts = program.current()
    for who, key, starts_at, zone in rows:
        for minutes in asked[who].chosen.before if who in asked else ():
            yield Notice(
                asked[who],
                f"before:{minutes}:{key}:{starts_at.isoformat()}",
                (who, key),
                starts_at - timedelta(minutes=minutes),
                starts_at,
                True,
                partial(letters.before, starts_at, zone, facts),
            )


def _of_changes(asked: dict[int, Asked], now: datetime) -> Iterator[Notice]:
    """What changed lately and is still ahead: one notice an act, whatever it changed. What they did they know."""
    latest: dict[int, int] = {}
    rows = _lately_changed(now)
    for row in rows:
        latest[row.session_id] = max(row.id, latest.get(row.session_id, 0))
    not_seen = {(one.participant_id, one.change_key) for one in changes.unseen(now, list(latest))} if rows else set()
    standing = (row for row in rows if row.id == latest[row.session_id] and row.by_id != row.who and row.who in asked)
    for (who, key), group in groupby(standing, lambda row: (row.who, row.key)):
        if asked[who].role != "participant" or (who, key) in not_seen:
            yield from _of_act(asked[who], list(group), now)


def _of_act(to: Asked, changed: list[Any], now: datetime) -> Iterator[Notice]:
    first = changed[0]
    over = max(max(row.old_at, row.new_at or row.old_at) + timedelta(minutes=row.minutes) for row in changed)
    letter = partial(
        letters.change, first.kind, first.old_at, first.new_at, first.zone, program.current(), more=len(changed) > 1
    )
    kinds = [("changed", first.at, letter)] if to.chosen.changes else []
    if to.chosen.unseen and to.role == "participant":
        kinds.append(("unseen", first.at + UNSEEN_AFTER, partial(letter, unseen=True)))
    for kind, at, write in kinds:
        if to.since <= at and now - CHANGE_WITHIN < at:
            yield Notice(to, f"{kind}:{first.key}", (to.id, f"act:{first.key}"), at, over, False, write)


def _lately_changed(now: datetime) -> list[Any]:
    """Every place that was changed lately and is ahead, or was to be, with what changed it: by person and act."""
    lately = acts.c.at > now - CHANGE_WITHIN - UNSEEN_AFTER, or_(acts.c.old_at > now, acts.c.new_at > now)
    places = _places(exists().where(acts.c.session_id == sessions.c.id, *lately))
    return list(
        db.session.execute(
            select(places.c.participant_id.label("who"), sessions.c.zone, sessions.c.minutes, acts)
            .select_from(places)
            .join(sessions, sessions.c.id == places.c.session_id)
            .join(acts, acts.c.session_id == sessions.c.id)
            .where(*lately)
            .order_by(places.c.participant_id, acts.c.at, acts.c.key, acts.c.old_at, acts.c.id)
        )
    )
