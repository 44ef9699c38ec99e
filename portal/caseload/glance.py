"""At a glance: the few facts beside a history, each in a line of words."""

from datetime import datetime

from portal import clock, exercises, words
from portal.caseload import measured
from portal.caseload.groups import CAME
from portal.caseload.record import Record
from portal.measures import phrases as words_of
from portal.program import ProgramFacts
from portal.schedule.attendance import hours

MOST_PRACTICE = 3


def facts(record: Record, program: ProgramFacts) -> list[tuple[str, str]]:
    """(name, words) of each fact; those about days and sessions cover what the charts show."""
    said = (_week(record, program), _groups(record), _medicine(record), _practice(record), _plan(record), _next(record))
    return [fact for fact in said if fact[1]]


def _week(record: Record, program: ProgramFacts) -> tuple[str, str]:
    monday = clock.monday_of(clock.day_of(record.now, program.zone))
    week = hours.hours_of_episode(record.meetings, monday, record.episode, program, record.now)
    return "This week", f"{week.sentence} so far" if week else ""


def _groups(record: Record) -> tuple[str, str]:
    groups = (m for m in record.meetings if m.kind == "group" and m.time.day >= record.first)
    taken = [meeting.attendance for meeting in groups if meeting.attendance]
    if not taken:
        return "Groups", "None taken yet"
    came, excused = sum(attendance in CAME for attendance in taken), taken.count("excused")
    said = f"Came to {came} of {len(taken)} since {words.month_day(record.first)}"
    return "Groups", f"{said}, {excused} excused" if excused else said


def _medicine(record: Record) -> tuple[str, str]:
    answers = [day.last.medication for day in record.shown if day.last and day.last.medication]
    taken = [answer for answer in answers if answer != "none"]
    if answers and not taken:
        return "Medicine", "None to take"
    return "Medicine", f"As planned on {taken.count('yes')} of {words.counted(len(taken), 'day')}" if taken else ""


def _practice(record: Record) -> tuple[str, str]:
    done = {slug: held for slug, held in record.done.practiced.items() if slug in exercises.EXERCISES}
    done.pop(exercises.SAFETY_PLAN, None)
    if not done:
        return "Practice", "None yet"
    latest = sorted(done, key=lambda slug: done[slug][0], reverse=True)
    said = [f"{exercises.EXERCISES[slug].title} {words.times(done[slug][1])}" for slug in latest[:MOST_PRACTICE]]
    return "Practice", f"{', '.join(said)}; last {_day(record, done[latest[0]][0])}"


def _plan(record: Record) -> tuple[str, str]:
    if exercises.SAFETY_PLAN not in record.done.practiced:
        return "Safety plan", "Not written yet"
    return "Safety plan", f"Written, last changed {_day(record, record.done.practiced[exercises.SAFETY_PLAN][0])}"


def _day(record: Record, instant: datetime) -> str:
    return words.month_day(clock.day_of(instant, record.participant.zone))


def _next(record: Record) -> tuple[str, str]:
    coming = next((m for m in record.meetings if m.time.end > record.now and not m.is_cancelled), None)
    if not coming:
        return "Next session", "None in the next two weeks"
    zone = record.therapist.zone
    return "Next session", f"{coming.title}, {words.when(coming.time.start, zone, clock.day_of(record.now, zone))}"


def measures(record: Record) -> list[tuple[str, bool]]:
    """The latest of each measure in a line of words, and what of them waits; with whether it stands out."""
    said = []
    for entry, changes in measured.latest(record.done.answered):
        asked = entry.instrument
        if asked is None:
            continue
        line, day = words_of.to_therapist(asked, entry.score()), words.on_day(entry.for_day, record.today)
        line = line.replace(":", f", {day}:", 1) if entry.total is None else f"{line}, {day}."
        if changes:
            before = words.on_day(changes[0].before.for_day, record.today)
            line = f"{line} Since the time before, {before}: {words_of.change_to_therapist(asked, changes[0].change)}."
        said.append((line, entry.positive or any(measured.is_worse(one) for one in changes[:1])))
    return [*said, *((line, True) for line in measured.left_out(record.done.answered, record.today))]
