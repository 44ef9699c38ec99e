"""The sentences that say what a new setting changes, counted on the clinic's own cases, before it is saved."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from portal import clock, words
from portal.checkins import question_plans, sets
from portal.door.factors import factor_changes
from portal.flags import RaisedFlag, first_acts
from portal.flags.handover import with_whom
from portal.flags.owners import owners
from portal.flags.phrases import TIERS
from portal.office.phrases import ZONES
from portal.people import Person
from portal.program import ProgramFacts
from portal.program.hours import after_working_minutes, next_opening
from portal.schedule import staff_meetings
from portal.schedule.attendance import report
from portal.schedule.attendance.hours import exactly

Persons = Collection[Person]
NAMED = 4  # people whose hours are told one by one
BEFORE_CLOSING = timedelta(minutes=10)  # when the flag of the example is raised


def of_minutes(coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    """The effects of other minutes on a flag to come, on those of the last 90 days, and on those that are open."""
    raised = first_acts.lately(coordinator, now)
    for tier in reversed(TIERS):
        if old.minutes_of(tier) != new.minutes_of(tier):
            yield from _example(tier, old, new, now)
            yield from _past(raised, tier, old, new, now)
    yield from _open(raised)


def of_hours(coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    """The effects of other working hours on this moment, on what participants read, and on flags."""
    yield _as_of_now(old, new, now)
    yield f"Participants read “{new.hours_in_words}” beside your phone number. No session moves."
    yield from _on_flags(coordinator, old, new, now)


def of_zone(coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    """The effects of another zone on sessions, on days and weeks, on the working hours, and on flags."""
    there, here = ZONES.get(new.zone, new.zone), ZONES.get(old.zone, old.zone)
    to_come = staff_meetings.count_to_come(coordinator, now)
    if to_come:
        yield f"Sessions that are planned: {to_come}. Each keeps its time, on the clock it was planned on."
    else:
        yield "No session is planned, so none keeps an older clock."
    yield f"New sessions and groups are planned on the clock of {there}. It is {_clock_time(now, new)} there now."
    walls = (datetime.combine(_today(now, new), wall) for wall in (new.opens, new.closes))
    opens, closes = (words.hour(clock.local(clock.at_wall(wall, new.zone, strict=False), old.zone)) for wall in walls)
    yield f"Your working hours run on that clock: today from {opens} to {closes} on the clock of {here}."
    yield _as_of_now(old, new, now)
    yield "Days and weeks of the program, closed days and times away begin at midnight there."
    yield "Everyone keeps the time zone of their own account. Whoever you invite begins with the new one."
    yield from _on_flags(coordinator, old, new, now)


def of_counted_kinds(coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    """The effects of other kinds that count on the hours of everybody this week."""
    monday = clock.monday_of(_today(now, old))
    lines = report.lines_under(coordinator, monday, (old, new), now)
    other = [(was, then) for was, then in lines if _amount(was) != _amount(then)]
    if other:
        yield f"This week it changes the hours of {len(other)} of {words.counted(len(lines), 'participant')}."
    else:
        yield "This week it changes nobody's hours."
    for was, then in other[:NAMED]:
        yield f"{was.name}: {exactly(_amount(then))}, not {exactly(_amount(was))}, with what is still planned."
    if len(other) > NAMED:
        yield f"And {len(other) - NAMED} more."
    if with_target := [pair for pair in lines if pair[0].target]:
        reach, reached = (sum(not pair[n].short_by for pair in with_target) for n in (1, 0))
        yield f"People who can still reach their weekly hours: {reach} of {len(with_target)}, not {reached}."
    yield "Weeks that are over are counted in the same way from now on."
    if "group" in set(old.counted_kinds) - set(new.counted_kinds):
        yield "Nobody is offered another seat for a group that they miss."


def of_question_set(coordinator: Person, old: ProgramFacts, new: ProgramFacts) -> Iterator[str]:
    """The effects of another question set on what is asked, and of whom."""
    was, then = (_asked(facts) for facts in (old, new))
    if added := [short for item, short in then.items() if item not in was]:
        yield f"Asked as well: {words.listed(added)}."
    if gone := [short for item, short in was.items() if item not in then]:
        yield f"No longer asked: {words.listed(gone)}."
    everyone, chosen = question_plans.count_plans(coordinator)
    yield f"It is for {words.counted(everyone - chosen, 'participant')}, from their next check-in on."
    if chosen:
        yield f"For {chosen} more a therapist chose the questions, and those stay."
    yield "Check-ins that were sent keep their questions and answers."


def of_safety(coordinator: Person, new: ProgramFacts, called: Collection[str], now: datetime) -> Iterator[str]:
    """The effects of asking about safety, or of not asking any more."""
    recent = [flag for flag in first_acts.lately(coordinator, now) if flag.raised_at >= now - first_acts.LATELY]
    open_now = sum(flag.closed_at is None for flag in recent)
    if new.asks_safety:
        yield "Every check-in from the next one on asks the safety question. It can be left out."
        yield "Where the PHQ-9 is chosen, it is asked again in place of the PHQ-8."
        yield "An answer that needs someone goes to the person's own therapist, then to whoever covers or is on call."
        yield f"On call now: {words.listed(list(called))}."
        return
    yield "No check-in asks the safety question, or about self-harm."
    yield "Where the PHQ-9 is chosen, the PHQ-8 is asked in its place."
    yield f"In place of “Ask my team to call me” people see your phone number, {new.phone}. 988 stays on every page."
    if recent:
        yield f"Flags raised in the last 90 days: {len(recent)}. Without these questions there would be none."
    else:
        yield "No flag was raised in the last 90 days."
    if open_now:
        yield f"Flags open now: {open_now}. They stay open, with the same people, until someone closes them."


def of_on_call(
    coordinator: Person, facts: ProgramFacts, called: Collection[str], changed: tuple[Persons, Persons], now: datetime
) -> Iterator[str]:
    """The effects of another list on call, on which some joined and some left: on flags to come, and on open ones."""
    names = words.listed(list(called)) or "nobody"
    yield f"A flag of someone whose therapists are all away, or who has none, goes to {names}."
    yield "So does a flag that nothing was done about in time, if nobody covers."
    joining, leaving = changed
    waiting = [flag for flag in first_acts.lately(coordinator, now) if flag.closed_at is None] if joining else []
    owned = owners([flag.participant_id for flag in waiting], facts, now) if waiting else {}
    for one in joining:
        theirs = (with_whom(flag, owned[flag.participant_id], facts, now) for flag in waiting)
        number = sum(one in therapists for therapists in theirs)
        yield f"Open flags that go to {one.name} when you save: {number}."
    for one in leaving:
        yield f"{one.name} gets no new flag as on call. A record that was opened for a flag closes 72 hours after it."


def of_second_factor(coordinator: Person, new: ProgramFacts) -> Iterator[str]:
    """The effects of asking participants for a second step, or of leaving it to them."""
    everyone, have = factor_changes.count_of_participants(coordinator)
    if new.needs_second_factor:
        yield f"{everyone - have} of {words.counted(everyone, 'participant')} have none yet."
        yield "They are signed out when you save, and set one up as they sign in again."
    else:
        yield f"{have} of {words.counted(everyone, 'participant')} have one, and go on using it."
        yield "Everyone else signs in without one, unless they set one up."


def _asked(facts: ProgramFacts) -> dict[str, str]:
    asked = sets.latest(facts.question_set).asked()
    return {one.id: one.short.lower() for one in asked if facts.asks_safety or not one.is_about_safety}


def _amount(line: report.ReportLine) -> int:
    return line.attended + line.planned


def _today(now: datetime, facts: ProgramFacts) -> date:
    return clock.day_of(now, facts.zone)


def _clock_time(now: datetime, facts: ProgramFacts) -> str:
    return words.hour(clock.local(now, facts.zone))


def _as_of_now(old: ProgramFacts, new: ProgramFacts, now: datetime) -> str:
    """Whether the program is open at this moment, before and after."""
    was, then = (next_opening(facts, now) for facts in (old, new))
    if (was == now) == (then == now):
        return f"Right now you count as {'open' if was == now else 'closed'}, and that stays so."
    if then == now:
        return "Right now you count as closed. With this you count as open."
    if then is None:
        return "Right now you count as open. With this you are not open within the next 60 days."
    until = words.when(then, new.zone, _today(now, new))
    return f"Right now you count as open. With this you count as closed, until {until}."


def _on_flags(coordinator: Person, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    if old.asks_safety:
        raised = first_acts.lately(coordinator, now)
        for tier in reversed(TIERS):
            yield from _past(raised, tier, old, new, now)
        yield from _open(raised)


def _example(tier: str, old: ProgramFacts, new: ProgramFacts, now: datetime) -> Iterator[str]:
    """A flag that is raised shortly before the program closes next, and the two times at which it goes further."""
    opens = next_opening(old, now)
    if opens is None:
        return
    day = clock.day_of(opens, old.zone)
    raised = clock.at_wall(datetime.combine(day, old.closes), old.zone, strict=False) - BEFORE_CLOSING
    then, was = (after_working_minutes(facts, raised, facts.minutes_of(tier)) for facts in (new, old))
    if then and was:
        at, further = (words.when(each, old.zone, _today(now, old)) for each in (raised, then))
        is_one_day = _today(then, old) == _today(was, old)
        before = words.hour(clock.local(was, old.zone)) if is_one_day else words.when(was, old.zone, _today(now, old))
        yield f"{TIERS[tier]}: raised {at}, with nothing done, a flag is passed on {further}, not {before}."


def _past(
    raised: Collection[RaisedFlag], tier: str, old: ProgramFacts, new: ProgramFacts, now: datetime
) -> Iterator[str]:
    count, before = first_acts.count_passed_on(raised, tier, old, now)
    _, after = first_acts.count_passed_on(first_acts.due_by(new, raised), tier, new, now)
    if not count:
        yield f"{TIERS[tier]}: no such flag was raised in the last 90 days, so there is no past case to count."
        return
    yield (
        f"{TIERS[tier]}: {words.counted(count, 'flag')} in the last 90 days. Nothing was done in time for {before} of"
        f" them. With the new value it would have been {after}."
    )


def _open(raised: Collection[RaisedFlag]) -> Iterator[str]:
    """The flags that are open: their times were set when they were raised."""
    waiting = sum(flag.closed_at is None for flag in raised)
    if waiting:
        keeps = "It keeps its time" if waiting == 1 else "They keep their times"
        yield f"Open now: {waiting}. {keeps}: only new answers get another."
