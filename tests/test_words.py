"""Counts, lists, days, times and durations in words."""

from datetime import UTC, date, datetime, time

import pytest

from portal import words

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("wall", "said"),
    [((0, 5), "12:05 am"), ((9, 0), "9:00 am"), ((12, 0), "12:00 pm"), ((23, 59), "11:59 pm")],
)
def test_an_hour_in_words(wall, said):
    assert words.hour(datetime(2026, 3, 11, *wall)) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [((13, 0), (16, 0), "1:00 to 4:00 pm"), ((10, 0), (13, 0), "10:00 am to 1:00 pm")],
)
def test_a_span_says_am_and_pm_only_where_it_must(start, end, said):
    assert words.span(datetime(2026, 3, 11, *start), datetime(2026, 3, 11, *end)) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 3, 12), "Tomorrow"),
        (date(2026, 3, 11), "Today"),
        (date(2026, 3, 10), "Yesterday"),
        (date(2026, 3, 9), "Monday"),
        (date(2026, 3, 5), "Thursday"),
        (date(2026, 3, 4), "Wed, Mar 4"),
        (date(2026, 3, 13), "Fri, Mar 13"),
    ],
)
def test_a_weekday_alone_never_means_two_days(day, said):
    assert words.relative_day(day, today=date(2026, 3, 11)) == said


def test_days_and_moments_in_words():
    instant, today = datetime(2026, 3, 10, 18, 10, tzinfo=UTC), date(2026, 3, 11)
    assert words.weekday(today) == words.weekday(today, today) == "Wednesday, March 11"
    assert words.short_day(today) == "Wed, Mar 11"
    assert words.moment(instant, NEW_YORK, today) == "Yesterday, 2:10 pm"
    assert words.full_moment(instant, NEW_YORK) == "Tuesday, March 10, 2:10 pm"
    assert (words.full_day(today), words.full_date(today)) == ("Wednesday, March 11, 2026", "March 11, 2026")


def test_the_year_is_said_where_it_is_not_this_year():
    """Rule: wherever a day or a moment is shown; a day of last March must not read as one of this March."""
    last, today = date(2025, 12, 30), date(2026, 3, 11)
    instant = datetime(2025, 12, 30, 19, 10, tzinfo=UTC)
    for said in (
        words.weekday(last),
        words.short_day(last),
        words.month_day(last),
        words.relative_day(last, today),
        words.on_day(last, today),
        words.moment(instant, NEW_YORK, today),
        words.when(instant, NEW_YORK, today),
        words.full_moment(instant, NEW_YORK),
        words.weekday(date(2027, 1, 1)),
    ):
        assert "2025" in said or "2027" in said, said
    assert words.short_day(last, date(2025, 1, 1)) == "Tue, Dec 30"


def test_a_year_that_is_over_in_some_place_is_said(at):
    """On the last day of a year readers in the west and in the east are not in the same one."""
    at("2026-12-31T18:00")
    assert words.short_day(date(2027, 1, 1)) == "Fri, Jan 1, 2027"
    assert words.relative_day(date(2027, 1, 1), date(2026, 12, 31)) == "Tomorrow"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "under a minute"),
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (185, "3 h 5 min"),
        (3120, "2 days 4 h"),
    ],
)
def test_a_duration_in_words(minutes, said):
    assert words.duration(minutes) == said


def test_counts_and_lists():
    assert [words.counted(count, "day") for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert [words.number(count) for count in (2, 10, 11)] == ["two", "ten", "11"]
    assert [words.times(count) for count in (1, 2, 3)] == ["once", "twice", "3 times"]
    listed = {(): "", ("a",): "a", ("a", "b"): "a and b", ("a", "b", "c"): "a, b and c"}
    assert {parts: words.listed(parts) for parts in listed} == listed
    assert [words.opening_hour(wall) for wall in (time(8), time(17, 30))] == ["8 am", "5:30 pm"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Snow", "Snow."),
        (" Snow. ", "Snow."),
        ("Why not?", "Why not?"),
        ("And so on…", "And so on…"),
        ("“Snow.”", "“Snow.”"),
        ("Dr Cho is away (a course)", "Dr Cho is away (a course)."),
        ("Dr Cho is away. (A course.)", "Dr Cho is away. (A course.)"),
        ("", ""),
    ],
)
def test_a_reason_ends_like_a_sentence(reason, said):
    assert words.closed(reason) == said


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("See you Thursday.", "See you Thursday."),
        ("  Two\nlines. ", "Two lines."),
        ("Thank you for writing about the drive home.", "Thank you for writing about the drive…"),
        ("Well, that was a long way to come, and you did.", "Well, that was a long way to come, and…"),
        ("x" * 41, "x" * 40 + "…"),
        ("x" * 40, "x" * 40),
        ("", ""),
    ],
)
def test_a_text_begins_with_whole_words(text, begins):
    assert words.first_words(text) == begins


def test_the_words_of_somebody_keep_their_own_direction_inside_a_sentence():
    assert words.isolated("Urge to shop") == "Urge to shop"
    assert words.isolated("שלום shop") == "\u2068שלום shop\u2069"


@pytest.mark.parametrize(
    ("name", "inside"),
    [("The moment", "the moment"), ("I am here", "I am here"), ("I'm here", "I'm here"), ("OCD", "OCD"), ("A", "A")],
)
def test_a_name_inside_a_sentence_begins_small(name, inside):
    assert words.decapitalized(name) == inside
