"""The words of Today: the greeting, how soon the next session is, and what to do when it is near."""

from datetime import datetime, timedelta

from portal import clock, words
from portal.schedule.own_meetings import OwnMeeting


def greeting(hour: int, *, is_back: bool = False) -> str:
    """The greeting for an hour of the reader's own clock, 0 to 23, or for somebody who was away and `is_back`."""
    if is_back:
        return "Welcome back"
    if hour < 5:
        return "Hello"
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 17 else "Good evening"


TO_DO = "To do"


def to_do_heading(coming: OwnMeeting | None, now: datetime) -> str:
    """The heading of what there is to do: "Before today's group", "Before Thursday's group"; else TO_DO.

    Once the group has begun there is no "before" any more.
    """
    if coming is None or coming.kind != "group" or coming.time.start <= now:
        return TO_DO
    today, day = clock.day_of(now, coming.time.zone), coming.time.day
    if (day - today).days >= 7:
        return TO_DO
    return f"Before {words.inside(words.relative_day(day, today)) if (day - today).days < 2 else f'{day:%A}'}'s group"


STARTING = timedelta(minutes=15)
LATE = timedelta(minutes=5)


def soon(meeting: OwnMeeting, now: datetime) -> str:
    """The moment of a session that is not over: "Now, until 4:00 pm", "Starting soon, in 9 minutes".

    Of another day it names the day: "Tomorrow, Thursday", "Next, on Friday, March 13".
    """
    if meeting.time.start <= now:
        return f"Now, until {words.hour(meeting.time.local_end)}"
    days = (meeting.time.day - clock.day_of(now, meeting.time.zone)).days
    if meeting.time.start - now <= STARTING:
        return f"Starting soon, in {_wait(int((meeting.time.start - now).total_seconds()) // 60)}"
    if days == 0:
        return f"Next, in {_wait(int((meeting.time.start - now).total_seconds()) // 60)}"
    return f"Tomorrow, {meeting.time.day:%A}" if days == 1 else f"Next, on {words.weekday(meeting.time.day)}"


def come_in(meeting: OwnMeeting, now: datetime) -> str:
    """A word for somebody on the way to a session of today; "" once it is marked that they are there."""
    if meeting.attendance:
        return ""
    if now - meeting.time.start >= LATE:
        return "Late is fine. Come in anyway."
    return "Running late is fine. Come in anyway."


def _wait(minutes: int) -> str:
    """A wait in words, down to the half hour: rounding up would make someone late."""
    if minutes < 60:
        return f"{minutes} minutes" if minutes > 1 else "a minute"
    hours, rest = divmod(minutes, 60)
    if rest >= 30:
        return f"{hours} and a half hours"
    return "an hour" if hours == 1 else f"{hours} hours"
