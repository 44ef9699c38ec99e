"""The planner of reminders: before a session, when it changes, a day after a change not seen, and a daily word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select

from portal import mail, program, seal
from portal.db import db
from portal.mail import Mail
from portal.people import contacts
from portal.people.models import Account
from portal.reminders import ONCE, RECIPIENTS, Recipient, daily, letters, recipient_in, stop_url, token_of
from portal.reminders.models import ReminderChoice
from portal.reminders.quiet import Window, now_open
from portal.schedule import on_reminders
from portal.schedule.on_reminders import PlaceChange

AHEAD = timedelta(days=3, hours=1)  # the earliest reminder, and the quiet hours before it
CHANGE_WITHIN = timedelta(days=2)  # what nobody was told of by then they are not told of any more
UNSEEN_AFTER = timedelta(days=1)
# What was told is read so far back, and mail.delete_old deletes it only later than that: by then the clock alone says
# that it is not due any more, so that it cannot be told a second time.
TOLD_WITHIN = timedelta(days=6)
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person, due at `due` and of no use from `over` on.

    `told_as` names it. Of several with the same `about` only the latest that is due is told. `early` as quiet.windows
    has it. `letter` writes it, given where one click stops such mail.
    """

    to: Recipient
    told_as: str
    about: tuple[int, str]
    due: datetime
    over: datetime
    early: bool
    letter: Callable[[str], letters.Letter]

    def once(self, window: Window) -> str:
        """The name of this notice in one of its windows, for Mail.once."""
        return ONCE + seal.index(f"{self.told_as}:{self.to.key}:{window.number}")


def due(now: datetime) -> list[tuple[Notice, Window]]:
    """The notices to queue at `now`, each with its window, in the same order for every planner.

    It reads only, as often as one likes. What could not be sent before quiet hours began is told once they end, if it
    is of use then.
    """
    current = list(_current(now))
    if not current:
        return []
    lately = Mail.once.startswith(ONCE), Mail.made_at > now - TOLD_WITHIN
    told = {row.once: row.trouble for row in db.session.execute(select(Mail.once, Mail.trouble).where(*lately))}
    found = []
    for notice, opened in current:
        names = [notice.once(window) for window in opened]
        if opened[-1].closes > now and names[-1] not in told and all(told.get(n, EXPIRED) == EXPIRED for n in names):
            found.append((notice, opened[-1]))
    return found


def queue(notice: Notice, window: Window) -> bool:
    """Queue a notice in the caller's transaction; False when another planner did, or there is no address."""
    to = notice.to
    address, stop = contacts.contact_of(to.key, to.contact), stop_url(token_of(to.key))
    if not contacts.is_address(address):
        return False
    letter = notice.letter(stop)
    facts = {"account_id": to.id, "once": notice.once(window), "expires_at": window.closes, "stop_url": stop}
    return mail.queue(address, letter.subject, letter.body, **facts)  # type: ignore[arg-type]


def withdraw_stale(now: datetime) -> int:
    """Give up reminders that wait and are not true or not wanted any more, in the caller's transaction; how many.

    What they tell of was moved, cancelled or seen, the person cannot come or does not belong to it now, or chose
    otherwise.
    """

    def wanted() -> set[str]:
        return {notice.once(window) for notice, opened in _current(now) for window in opened}

    return mail.withdraw_stale(now, ONCE, wanted)


def _current(now: datetime) -> Iterator[tuple[Notice, list[Window]]]:
    """Of each thing to tell the notice that is due last, with its windows that have opened by `now`."""
    reachable = RECIPIENTS.where(Account.disabled_at.is_(None), Account.mail_ok)
    people = map(recipient_in, db.session.execute(reachable))
    to = {one.id: one for one in people if one.chosen.anything}
    latest: dict[tuple[int, str], tuple[Notice, list[Window]]] = {}
    for notice in (*_before(to, now), *_changes(to, now), *_daily(to, now)) if to else ():
        opened = now_open(notice.due, notice.over, notice.to.quiet, now, early=notice.early)
        before = latest.get(notice.about)
        if opened and (before is None or before[0].due < notice.due):
            latest[notice.about] = notice, opened
    yield from latest.values()


def _has_chosen(account_id: Any) -> ColumnElement[bool]:
    """Whether a column of accounts is about one who has ever chosen."""
    return account_id.in_(select(ReminderChoice.account_id))


def _daily(to: dict[int, Recipient], now: datetime) -> Iterator[Notice]:
    """Once a day, the word that something waits."""
    for one, day, at, over in daily.daily_words(to, now):
        if one.since <= at:
            name = f"word:{day}"
            yield Notice(one, name, (one.id, name), at, over, False, partial(letters.word, program.current()))


def _before(to: dict[int, Recipient], now: datetime) -> Iterator[Notice]:
    """Sessions that begin soon, for everyone who is to come, so many minutes before as each of them chose."""
    facts = program.current()
    for place in on_reminders.places_to_come(_has_chosen, now, now + AHEAD):
        key, start = place.session.key, place.session.time.start
        for minutes in to[place.account_id].chosen.before if place.account_id in to else ():
            yield Notice(
                to[place.account_id],
                f"before:{minutes}:{key}:{start.isoformat()}",
                (place.account_id, key),
                start - timedelta(minutes=minutes),
                start,
                True,
                partial(letters.before, start, place.session.time.zone, facts),
            )


def _changes(to: dict[int, Recipient], now: datetime) -> Iterator[Notice]:
    """One notice for each act that changed a session which is still ahead; nobody is told of what they did."""
    found = on_reminders.latest_changes(_has_chosen, now, now - CHANGE_WITHIN - UNSEEN_AFTER)
    news = (change for change in found if change.account_id in to and change.by_id != change.account_id)
    for (who, _), of_act in groupby(news, lambda change: (change.account_id, change.key)):
        first, *others = of_act
        if to[who].role != "participant" or not first.is_seen:
            yield from _act(to[who], [first, *others], now)


def _act(to: Recipient, changes: list[PlaceChange], now: datetime) -> Iterator[Notice]:
    """The notice of what one act changed, and a day later the one that it was not seen."""
    first, over = changes[0], max(change.over for change in changes)
    letter = partial(
        letters.change_notice,
        first.kind,
        first.old_at,
        first.new_at,
        first.zone,
        program.current(),
        more=len(changes) > 1,
    )
    kinds = [("changed", first.at, letter)] if to.chosen.changes else []
    if to.chosen.unseen and to.role == "participant":
        kinds.append(("unseen", first.at + UNSEEN_AFTER, partial(letter, unseen=True)))
    for kind, at, write in kinds:
        if to.since <= at and now - CHANGE_WITHIN < at:
            yield Notice(to, f"{kind}:{first.key}", (to.id, f"act:{first.key}"), at, over, False, write)
