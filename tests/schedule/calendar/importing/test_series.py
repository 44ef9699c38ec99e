"""What a person reads in the files that Google, Outlook and Apple save, and what single lines of one mean."""

from datetime import UTC, date, datetime

import pytest

from portal.schedule.calendar.importing import series
from tests.schedule.calendar.importing.files import event, file, kept

NOW = datetime(2026, 3, 11, 14, 52, tzinfo=UTC)
ZONE = "America/New_York"


def read(content: bytes, now: datetime = NOW) -> series.FileContent:
    return series.read(content, ZONE, now)


def only(*lines: str, also: list[str] = (), now: datetime = NOW, **instead: str | None) -> series.GroupSeries:
    found = read(file(event(*lines, **instead), also=also), now)
    assert not found.refused and not found.left_out, found
    return found.series[0]


def why(*lines: str, also: list[str] = (), **instead: str | None) -> str:
    """Why the one event is left out or refused."""
    found = read(file(event(*lines, **instead), also=also))
    over = [(one.line, one.ended) for one in found.series]
    [(line, reason)] = over + [(one.line, one.reason) for one in found.left_out + found.refused]
    return f"{line}: {reason}"


def apart(series: series.GroupSeries) -> list[series.FileSession]:
    """The sessions that are not as the rule and the series have them."""
    as_all = (series.minutes, series.title, series.room, series.video_url)
    return [
        one
        for one in series.sessions
        if one.wall_at != one.occurrence or (one.minutes, one.title, one.room, one.video_url) != as_all
    ]


def test_google_a_group_three_times_a_week_an_evening_and_what_is_left_out():
    found = read(kept("google"))
    group, evening, welcome = found.series
    assert (group.title, group.room, group.minutes, group.zone) == ("Skills group", "Room 204", 180, ZONE)
    assert group.first_at == datetime(2026, 3, 11, 13)
    assert group.skips == (date(2026, 4, 3), date(2026, 5, 25))
    [moved] = apart(group)
    assert (moved.occurrence, moved.wall_at) == (datetime(2026, 3, 20, 13), datetime(2026, 3, 21, 10))
    assert (evening.title, evening.room) == ("Family evening", "")
    assert evening.video_url == "https://meet.invented.example/family-evening"
    assert (evening.first_at, evening.minutes) == (datetime(2026, 3, 18, 18), 60)  # 22:00 UTC
    assert [(one.title, one.reason) for one in found.left_out] == [
        ("Closed: Memorial Day", "it lasts all day; if the program is closed then, write it under Closed days."),
    ]
    assert (welcome.title, welcome.ended) == ("Welcome evening", "it is over.")
    assert not found.refused


def test_outlook_windows_zones_a_list_of_days_without_and_a_zone_by_its_rules():
    found = read(kept("outlook"))
    group, alumni = found.series
    assert (group.title, group.room, group.zone) == ("Process group", "Annex, first floor", ZONE)
    assert (group.first_at, group.minutes) == (datetime(2026, 3, 12, 9), 90)
    assert group.rule == "FREQ=WEEKLY;COUNT=17;INTERVAL=1;BYDAY=TU,TH;WKST=SU"  # of 20, three are over
    assert group.skips == (date(2026, 3, 17), date(2026, 3, 31))
    assert [one.wall_at for one in apart(group)] == [datetime(2026, 3, 19, 11)]
    assert group.uid.endswith("00000001000000011223344556677889900AABBCCDDEEFF")  # folded by a tab
    assert (alumni.zone, alumni.first_at, alumni.rule) == (
        "America/Chicago",
        datetime(2026, 3, 13, 14),
        "FREQ=MONTHLY;BYDAY=2FR",
    )
    assert [one.title for one in found.left_out] == ["Office closed"]


def test_apple_every_second_week_in_its_own_zone_a_cancelled_day_and_extra_times():
    found = read(kept("apple"))
    group, walk = found.series
    assert (group.title, group.zone, group.minutes) == ("Evening group", "America/Los_Angeles", 90)
    assert group.room == "Riverside House 12 Invented Street Springfield"
    assert group.first_at == datetime(2026, 3, 12, 17, 30)
    assert group.skips == (date(2026, 3, 26), date(2026, 4, 9))
    assert not apart(group) and datetime(2026, 3, 26, 17, 30) not in {one.occurrence for one in group.sessions}
    assert (walk.zone, walk.first_at, walk.minutes) == (ZONE, datetime(2026, 3, 14, 9, 30), 90)  # a floating time
    assert walk.extra == {datetime(2026, 3, 28, 9, 30), datetime(2026, 4, 18, 9, 30)}
    assert [one.title for one in found.left_out] == ["Independence Day"]


def test_who_is_invited_and_what_is_written_is_never_read():
    for name in ("google", "outlook", "apple"):
        for word in ("Somebody", "mailto", "workbook", "Invented,", "desk"):
            assert word not in repr(read(kept(name))), word


def test_sessions_before_today_are_not_made_and_a_count_counts_them():
    assert only().first_at == datetime(2026, 3, 11, 13)
    assert only().rule == "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=17"


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART;TZID=Eastern Standard Time:20260302T130000",
        'DTSTART;TZID="Eastern Standard Time":20260302T130000',
        "DTSTART;TZID=US/Eastern:20260302T130000",
        "DTSTART;TZID=/freeassociation.sourceforge.net/America/New_York:20260302T130000",
        "DTSTART:20260302T130000",
        "DTSTART:20260302T180000Z",
        "dtstart;tzid=America/New_York:20260302T130000",
    ],
)
def test_each_way_to_write_a_time_means_the_same(start):
    series = only(dtstart=start, dtend="DURATION:PT90M")
    assert (series.first_at, series.minutes) == (datetime(2026, 3, 11, 13), 90)
    assert series.zone in (ZONE, "US/Eastern")


@pytest.mark.parametrize(
    "days",
    [
        "EXDATE;TZID=America/New_York:20260316T130000,20260318T130000",
        "EXDATE:20260316T170000Z,20260318T170000Z",
        "EXDATE:20260316T130000,20260318T130000",
        "EXDATE;VALUE=DATE:20260316,20260318",
        "EXDATE;TZID=America/Chicago:20260316T120000\r\nEXDATE;TZID=America/New_York:20260318T130000",
    ],
)
def test_each_way_to_write_a_day_without_means_the_same(days):
    assert only(days).skips == (date(2026, 3, 16), date(2026, 3, 18))


def test_an_exdate_at_another_time_takes_nothing_out():
    assert only("EXDATE;TZID=America/New_York:20260316T090000").skips == ()


def test_a_single_event_is_a_group_of_one():
    series = only(rrule=None, dtstart="DTSTART:20260320T130000", dtend="DTEND:20260320T140000")
    assert (series.rule, series.first_at) == ("FREQ=DAILY;COUNT=1", datetime(2026, 3, 20, 13))


def test_a_changed_session_may_be_elsewhere_of_another_length_and_name():
    same = ["UID:weekly@invented.example", "SUMMARY:Long group"]
    changed = ["BEGIN:VEVENT", *same, "RECURRENCE-ID;TZID=America/New_York:20260316T130000"]
    changed += ["DTSTART;TZID=America/New_York:20260316T130000", "DURATION:PT3H", "LOCATION:Annex", "END:VEVENT"]
    [series] = read(file(event(), changed)).series
    [one] = apart(series)
    assert one.wall_at == one.occurrence == datetime(2026, 3, 16, 13)
    assert (one.room, one.minutes, one.title) == ("Annex", 180, "Long group")
    assert (series.minutes, series.title, series.notes) == (90, "Skills group", ())


def test_a_session_that_moved_from_the_past_to_the_future_is_made():
    changed = ["BEGIN:VEVENT", "UID:weekly@invented.example", "RECURRENCE-ID;TZID=America/New_York:20260309T130000"]
    changed += ["DTSTART;TZID=America/New_York:20260314T100000", "DURATION:PT90M", "END:VEVENT"]
    [series] = read(file(event(), changed)).series
    [one] = apart(series)
    assert (one.occurrence, one.wall_at) == (datetime(2026, 3, 9, 13), datetime(2026, 3, 14, 10))


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ({"status": "STATUS:CANCELLED"}, "4: it is cancelled in the calendar."),
        ({"rrule": None}, "4: it is over."),
        ({"rrule": "RRULE:FREQ=WEEKLY;UNTIL=20260304"}, "does not fit its rule|4: it is over."),
        ({"dtstart": "DTSTART:20270302T130000", "dtend": "DTEND:20270302T140000"}, "4: it begins more than 26 weeks"),
        ({"dtstart": "DTSTART;VALUE=DATE:20260316", "dtend": None}, "4: it lasts all day; if the program is closed"),
        ({"dtstart": "DTSTART:20260316", "dtend": None}, "4: it lasts all day"),
        ({"dtstart": "DTSTART:20260525T000000", "dtend": "DTEND:20260526T000000"}, "4: it lasts all day"),
        ({"dtstart": "DTSTART:20260525T040000Z", "dtend": "DTEND:20260528T040000Z"}, "4: it lasts all day"),
    ],
)
def test_what_is_left_out_says_why(instead, reason):
    import re

    assert re.search(reason, why(**instead))


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ({"uid": None}, "4: the event has no UID"),
        ({"dtstart": None}, "4: the event does not say when it begins"),
        ({"dtstart": "DTSTART:yesterday"}, "'YESTERDAY' is not a time"),
        ({"dtstart": "DTSTART:20260231T130000"}, "'20260231T130000' is not a time"),
        ({"dtend": None}, "4: the event does not say how long it lasts"),
        ({"dtend": "DTEND:20260302T120000"}, "lasts -60 minutes"),
        ({"dtend": "DTEND:20260304T130000"}, "lasts 2880 minutes"),
        ({"dtend": "DURATION:forever"}, "'forever' is not a length of time"),
        ({"summary": None}, "4: the event has no name"),
        ({"rrule": "RRULE:FREQ=SECONDLY"}, "8: 'FREQ=SECONDLY' should repeat by the day"),
        ({"rrule": "RRULE:FREQ=DAILY;INTERVAL=0"}, "8: .* whole number from 1 as INTERVAL"),
        ({"rrule": "RRULE:FREQ=DAILY;COUNT=1000000"}, "8: .*more than 2,000 sessions"),
        ({"rrule": "RRULE:FREQ=DAILY;BYHOUR=9,13"}, "8: the rule repeats within a day"),
        ({"rrule": "RRULE:FREQ=WEEKLY;BYDAY=TU"}, "8: its first day does not fit its rule"),
        ({"rrule": f"RRULE:FREQ=WEEKLY;BYDAY={'MO,' * 90}MO"}, "longer than 200"),
        ({"exrule": "EXRULE:FREQ=WEEKLY"}, "EXRULE cannot be imported"),
        ({"exdate": "EXDATE;TZID=Mars/Olympus:20260316T130000"}, "11: 'Mars/Olympus' is not a time zone"),
        ({"exdate": "EXDATE:20260399"}, "11: '20260399' is not a day"),
        ({"rdate": "RDATE;VALUE=DATE:20260320"}, "RDATE with a day or a span"),
        ({"rdate": "RDATE;VALUE=PERIOD:20260320T130000Z/PT1H"}, "RDATE with a day or a span"),
        ({"dtstart": "DTSTART;TZID=Mars/Olympus:20260302T130000"}, "'Mars/Olympus' is not a time zone that we know"),
        ({"dtstart": "DTSTART;TZID=../../etc/passwd:20260302T130000"}, "is not a time zone that we know"),
        ({"dtstart": "DTSTART:20260308T023000", "rrule": None}, "has no 02:30 in America/New_York"),
        ({"dtstart": "DTSTART:19000302T130000", "dtend": "DURATION:PT1H"}, "more than 20 years ago"),
        ({"dtstart": "DTSTART:99990302T130000", "dtend": "DURATION:PT1H"}, "it begins more than 26 weeks"),
    ],
)
def test_what_is_refused_says_the_line_and_why(instead, reason):
    import re

    assert re.search(reason, why(**instead))


def test_a_group_that_began_up_to_twenty_years_ago_is_taken():
    """In full: 7,320 days before Wednesday, March 11, 2026."""
    weekly = {"dtend": "DURATION:PT1H", "rrule": "RRULE:FREQ=WEEKLY"}
    assert only(**weekly, dtstart="DTSTART;TZID=America/New_York:20060224T130000")
    assert "more than 20 years ago" in why(**weekly, dtstart="DTSTART;TZID=America/New_York:20060223T130000")


def test_of_one_uid_the_latest_counts_and_two_alike_are_refused_with_the_second_line():
    found = read(file(event(), event()))
    assert not found.refused and len(found.series) == 1  # they say the same
    found = read(file(event(), event(summary="SUMMARY:Another"), event(uid="UID:other")))
    assert [(one.line, one.reason) for one in found.refused] == [
        (12, "a second event has the UID of the one in line 4.")
    ]
    assert [one.uid for one in found.series] == ["other"]
    later = read(file(event(), event("SEQUENCE:2", summary="SUMMARY:Another")))
    assert [one.title for one in later.series] == ["Another"]


def test_a_change_of_one_session_without_its_series_is_known_by_its_uid():
    found = read(file(event(recurrence_id="RECURRENCE-ID;TZID=America/New_York:20260316T130000", rrule=None)))
    [change] = found.changes
    assert (change.uid, [one.was for one in change.overrides]) == (
        "weekly@invented.example",
        [datetime(2026, 3, 16, 13)],
    )


def test_this_and_all_later_sessions_are_changed():
    when = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=America/New_York:20260316T130000"
    start = "DTSTART;TZID=America/New_York:20260316T150000"
    changed = event(recurrence_id=when, rrule=None, dtstart=start, dtend="DURATION:PT1H", location="LOCATION:Annex")
    [series] = read(file(event(), changed)).series
    assert [one.wall_at for one in series.ahead(NOW)][:3] == [
        datetime(2026, 3, 11, 13),
        datetime(2026, 3, 16, 15),
        datetime(2026, 3, 18, 15),
    ]
    assert {(one.minutes, one.room) for one in series.ahead(NOW)[1:]} == {(60, "Annex")}
    [endless] = read(file(event(rrule="RRULE:FREQ=WEEKLY;BYDAY=MO,WE"), changed)).series
    assert "UNTIL=20260909" in endless.rule
    assert endless.notes == (
        "The file changes all its sessions from Mon, Mar 16 on. Import it again before Wed, Sep 9 for those after.",
    )


@pytest.mark.parametrize(
    ("rules", "zone"),
    [(("1SU;BYMONTH=11", "2SU;BYMONTH=3"), "America/Los_Angeles"), (("1SU;BYMONTH=10", "2SU;BYMONTH=3"), None)],
)
def test_a_zone_that_nobody_named_is_known_by_its_rules_or_refused_by_its_name(rules, zone):
    spelled = ["BEGIN:VTIMEZONE", "TZID:Our own", "BEGIN:STANDARD", "DTSTART:16010101T020000"]
    spelled += [f"RRULE:FREQ=YEARLY;BYDAY={rules[0]}", "TZOFFSETFROM:-0700", "TZOFFSETTO:-0800", "END:STANDARD"]
    spelled += ["BEGIN:DAYLIGHT", "DTSTART:16010101T020000", f"RRULE:FREQ=YEARLY;BYDAY={rules[1]}"]
    spelled += ["TZOFFSETFROM:-0800", "TZOFFSETTO:-0700", "END:DAYLIGHT", "END:VTIMEZONE"]
    start = "DTSTART;TZID=Our own:20260302T130000"
    if zone:
        assert only(also=spelled, dtstart=start, dtend="DURATION:PT90M").zone == zone
    else:
        assert "'Our own' is not a time zone that we know" in why(also=spelled, dtstart=start, dtend="DURATION:PT1H")
