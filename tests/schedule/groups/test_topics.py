"""A topic that somebody wrote by hand, and what a rule may do to the topics of the others."""

from datetime import date

import pytest

from portal import clock, program
from portal.schedule import sessions, staff_meetings
from portal.schedule.groups import closed_days, tracks
from portal.schedule.groups.tracks import Topic
from tests.schedule.groups.test_tracks import changed, context, opened, sessions_of

__all__ = ["context"]
TOPICS = (Topic("One", "waves"), Topic("Two"), Topic("Three"))


def topics_of(track) -> list[str]:
    return [session.topic for session in sessions_of(track) if session.status == "planned"]


def write(cast, track, number: int, topic: str) -> None:
    """Write the topic of one session by hand, as the page of the session does."""
    meeting = staff_meetings.called(cast.kit, sessions_of(track)[number].key)
    sessions.describe(cast.kit, meeting, "Evening group", topic, "", "", clock.now())


def by_a_rule(cast, track, at):
    changed(cast, track, minutes=150)


def by_new_topics(cast, track, at):
    changed(cast, track, topics=(Topic("One"), Topic("Four")))


def by_a_closed_day(cast, track, at):
    closed_days.close(cast.kit, [date(2026, 3, 12)], program.current(), clock.now())


def by_the_timer(cast, track, at):
    at.later(minutes=7 * 24 * 60)
    tracks.extend(program.current(), clock.now())


@pytest.mark.parametrize("topic", ["A guest speaks", ""])
@pytest.mark.parametrize("overwrites", [by_a_rule, by_new_topics, by_a_closed_day, by_the_timer])
def test_a_topic_written_by_hand_is_changed_by_no_rule(cast, at, overwrites, topic):
    track = opened(cast, topics=TOPICS, rule="FREQ=WEEKLY;BYDAY=MO,TU,TH")
    last = len(sessions_of(track)) - 1
    for number in (3, last):
        write(cast, track, number, topic)
    overwrites(cast, track, at)
    held = sessions_of(track)
    assert (held[3].topic, held[last].topic) == (topic, topic)


def test_saving_the_page_of_a_session_as_it_was_makes_no_topic_its_own(cast):
    track = opened(cast, topics=TOPICS)
    write(cast, track, 0, "One")
    changed(cast, track, topics=(Topic("Four"),))
    assert topics_of(track)[0] == "Four"


def test_the_timer_gives_topics_to_what_it_adds_and_shifts_none(cast, at):
    """A session cancelled by hand keeps its turn: nobody is there at night to see what would shift."""
    track = opened(cast, topics=TOPICS, rule="FREQ=WEEKLY;BYDAY=MO,TU,TH")
    first = staff_meetings.called(cast.kit, sessions_of(track)[0].key)
    sessions.cancel(cast.kit, first, "Dr Cho is away.", clock.now())
    before = topics_of(track)
    at.later(minutes=7 * 24 * 60)
    added, _ = tracks.extend(program.current(), clock.now())
    after = topics_of(track)
    assert added == 3 and after[: len(before)] == before
    turns = [topic.title for topic in TOPICS]
    assert [turns.index(topic) for topic in after[-4:]] == [(turns.index(after[-4]) + n) % 3 for n in range(4)]


def test_a_change_tells_which_topics_shift_unless_the_topics_were_changed(cast):
    track = opened(cast, topics=TOPICS)
    first = sessions_of(track)[0].wall_at
    outcome = changed(cast, track, skips=(first.date(),))
    second = sessions_of(track)[1].wall_at
    assert outcome.topics[0] == (second, "Two", "One")
    assert changed(cast, track, topics=(Topic("Four"),)).topics == []
