"""The demo clinic: the same from the same seed, believable on every day, and no rule of the schema bent for it."""

from collections import Counter
from datetime import date, timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from portal import caseload, checkins, clock, people, program, seal
from portal.audit.models import AuditEvent
from portal.caseload import order
from portal.checkins.models import CheckIn, Review
from portal.db import Base, db
from portal.demo.cast import CAST, ZONE, holidays
from portal.exercises.models import Practice
from portal.flags import STAYS
from portal.flags.models import Flag, FlagReason
from portal.library.models import Reading
from portal.people import PERSON, Person
from portal.people.contacts import contact_of, hash_of
from portal.people.models import Account, CareRelationship
from portal.schedule import own_meetings
from portal.schedule.models import Attendance, Seat, Session, SessionChange, TrackEnrollment

MOMENTS = (
    "2026-03-11T10:52",  # a Wednesday morning
    "2026-03-08T03:30",  # the Sunday on which the clocks went forward, just after the skipped hour
    "2026-11-01T12:00",  # the Sunday on which they went back
    "2026-11-26T19:00",  # Thanksgiving, after hours
    "2026-12-26T16:00",  # a Saturday between the years
    "2027-01-01T00:20",  # New Year's Day, twenty minutes old
    "2026-08-10T07:45",  # a Monday before anyone is in
    "2026-06-05T23:50",  # the end of a Friday
)
INSTANTS = (
    CheckIn.entered_at,
    Review.at,
    Attendance.at,
    SessionChange.at,
    Flag.raised_at,
    Flag.closed_at,
    Account.created_at,
    AuditEvent.at,
    Reading.updated_at,
    Practice.updated_at,
)


def rows(app) -> dict[str, list[tuple]]:
    """Everything that the database holds, table by table; sealed text opened, and without what each database signs."""
    with app.app_context():
        return {
            table.name: [
                tuple(repr(value) for value in _opened(table, row))
                for row in db.session.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in ("secrets", "audit_heads")
        }


def _opened(table, row):
    for column in table.c:
        value = row[column.name]
        if column.name in ("mac", "contact_hash", "clinic_number_hash"):
            continue
        if value is not None and (by := column.info.get("sealed_by")):
            place = seal.place_of(table.name, column.name, *(row[name] for name in by))
            value = current_app.extensions["seal"]["keys"].open(place, value)
        yield value


def person(name: str) -> Person:
    return Person(
        *db.session.execute(select(*PERSON).where(Account.contact_hash == hash_of(f"{name}@demo.example"))).one()
    )


def all_of(*columns, where=()):
    return db.session.execute(select(*columns).where(*where)).all()


def test_the_same_seed_makes_the_same_rows(fill, anew):
    assert rows(fill()) == rows(anew())


def test_another_seed_makes_other_days(fill, anew):
    one, other = rows(fill()), rows(anew(seed=2))
    assert one["check_ins"] != other["check_ins"]
    assert [row[3] for row in one["accounts"]] == [row[3] for row in other["accounts"]]


def test_the_named_people_and_twenty_four_more(fill):
    with fill().app_context():
        roles = Counter(db.session.scalars(select(Account.role)))
        assert roles["participant"] == 27
        assert {"ada", "ben", "cleo", "cho", "dee", "kit"} <= {
            contact_of(*row).split("@")[0] for row in db.session.execute(select(Account.key, Account.contact))
        }


def test_care_is_as_promised(fill):
    with fill().app_context():
        treated = {
            (
                db.session.get(Account, care.participant_id).called,
                db.session.get(Account, care.therapist_id).name,
            ): care.role
            for care in db.session.scalars(select(CareRelationship))
        }
        assert treated["Ada", "Dr Cho"] == treated["Ben", "Dr Cho"] == treated["Cleo", "Dr Dee"] == "primary"
        assert ("Ada", "Dr Dee") not in treated and ("Ben", "Dr Dee") not in treated
        assert "covering" in [role for (name, _), role in treated.items() if name == "Ada"]
        assert len(people.participants_of(person("cho"), clock.now())) == 14


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_is_from_the_future(fill, moment):
    with fill(moment).app_context():
        now, today = clock.now(), clock.day_of(clock.now(), ZONE)
        for column in INSTANTS:
            assert all(at <= now for at in db.session.scalars(select(column)) if at), column
        assert all(day <= today for day in db.session.scalars(select(CheckIn.for_day)))
        for status, starts_at in all_of(Session.status, Session.starts_at):
            assert status != "held" or starts_at < now
            assert status != "planned" or starts_at > now - timedelta(hours=5)


@pytest.mark.parametrize("moment", MOMENTS)
def test_ada_is_free_to_check_in_with_something_soon_and_a_reply_waiting(fill, moment):
    with fill(moment).app_context():
        ada, now = person("ada"), clock.now()
        today = clock.day_of(now, ZONE)
        assert checkins.on_day(ada, today) == []
        coming = own_meetings.next_by_person([ada.id], now)[ada.id]
        assert now < coming.time.start and coming.time.day <= today + timedelta(days=1)
        latest = db.session.execute(
            select(Review.reply, Review.at).where(Review.participant_id == ada.id).order_by(Review.at.desc())
        ).first()
        assert latest.reply
        assert now - latest.at < timedelta(days=6)


@pytest.mark.parametrize("moment", MOMENTS)
def test_dr_cho_s_caseload_shows_every_kind_of_reason(fill, moment):
    with fill(moment).app_context():
        lines = caseload.gather(person("cho"), program.current(), clock.now()).lines
        kinds = Counter(line.rank for line in lines)
        ranked = {order.OPEN_FLAG: 1, order.FLOOR: 1, order.CHANGE: 1, order.QUIET: 2, order.MISSED: 2}
        assert kinds == ranked | {order.STEADY: 7}
        steady = [line.person.called for line in lines if line.rank == order.STEADY]
        assert {"Ada", "Ben"} <= set(steady)
        assert any("Not enough check-ins" in line.why for line in lines)


@pytest.mark.parametrize("moment", MOMENTS)
def test_who_was_made_worse_used_or_answered_yes_is_never_among_the_rest(fill, moment):
    """Rule: until it was seen, or for 72 hours after the flag was closed; and nobody told of less is called usual."""
    with fill(moment).app_context():
        now = clock.now()
        lines = [
            line
            for who in ("cho", "dee", "oduya")
            for line in caseload.gather(person(who), program.current(), now).lines
        ]
        made = {member.name: member for member in CAST}
        for line in lines:
            member, why = made[line.person.name], line.why
            if member.course.fall:
                assert line.rank <= order.CHANGE, why
            if member.has_open_flag and line.role != "covering":
                assert line.rank == order.OPEN_FLAG, why
            own = all_of(CheckIn.key, CheckIn.version, where=_of_late(line, CheckIn.substance_use == "yes"))
            if any(not _is_seen(*each) for each in own):
                assert line.rank <= order.FLOOR, why
            closed = select(Flag.closed_at).where(Flag.participant_id == line.person.id, Flag.closed_at > now - STAYS)
            if db.session.scalars(closed).all():
                assert line.rank <= order.CLOSED_FLAG, why
            if "In the usual range." in why:
                assert line.rank == order.STEADY and line.facts.latest.safety == "no"


def _of_late(line, *which):
    return CheckIn.participant_id == line.person.id, CheckIn.for_day > line.facts.today - timedelta(days=42), *which


def _is_seen(key, version):
    return bool(all_of(Review.id, where=[Review.check_in_key == key, Review.check_in_version >= version]))


def test_ada_has_a_draft_and_a_safety_plan(fill):
    with fill().app_context():
        practices = all_of(Practice.slug, Practice.finished_at, where=[Practice.participant_id == person("ada").id])
        assert [slug for slug, finished_at in practices if finished_at is None] == ["six-steps"]
        assert "safety-plan" in [slug for slug, finished_at in practices if finished_at]


def test_dr_dee_leads_no_session_of_ada_s(fill):
    with fill().app_context():
        ada, dee = person("ada"), person("dee")
        enrolled = select(TrackEnrollment.track_id).where(TrackEnrollment.participant_id == ada.id)
        seated = select(Seat.session_id).where(Seat.participant_id == ada.id)
        own = Session.track_id.in_(enrolled) | Session.id.in_(seated)
        assert not all_of(Session.id, where=[own, Session.facilitator_id == dee.id])


def test_one_flag_is_open_and_others_have_ended(fill):
    with fill().app_context():
        flags = db.session.scalars(select(Flag)).all()
        open_ = [flag for flag in flags if flag.closed_at is None]
        assert len(open_) == 1
        assert clock.now() - open_[0].raised_at < timedelta(hours=1)
        assert len(flags) == 5
        assert all(flag.raised_at < flag.closed_at for flag in flags if flag.closed_at)
        written = set(all_of(CheckIn.participant_id, CheckIn.key, where=[CheckIn.safety.like("yes%")]))
        raised = all_of(Flag.participant_id, FlagReason.check_in_key, where=[FlagReason.flag_id == Flag.id])
        assert set(raised) == written


def test_check_ins_show_every_kind_of_answer(fill):
    with fill().app_context():
        entries = db.session.scalars(select(CheckIn)).all()
        assert any(e.urges == 0 for e in entries), "a zero"
        assert any(e.urges is None and e.anxiety is not None for e in entries), "a skip"
        assert any(e.version == 2 for e in entries), "a changed one"
        assert any(clock.day_of(e.entered_at, ZONE) > e.for_day for e in entries), "a late one"
        days = Counter((e.participant_id, e.for_day) for e in entries if e.version == 1)
        assert max(days.values()) >= 2, "several a day"
        assert {e.substance_use for e in entries} == {None, "no", "yes", "not_say"}
        assert {e.safety for e in entries} == {None, "no", "not_say", "yes_safe", "yes_talk"}
        assert {e.medication for e in entries} == {None, "yes", "some", "no", "none"}


def test_nobody_writes_the_same_note_twice(fill):
    with fill().app_context():
        everyone = db.session.scalars(select(Account.id)).all()
        entries = checkins.between(everyone, date(2000, 1, 1), date(2100, 1, 1))
        notes = [(entry.participant_id, entry.note) for entry in entries if entry.note and entry.version == 1]
        assert len(notes) > 100
        assert len(notes) == len(set(notes))


def test_sessions_of_every_kind_status_and_change(fill):
    with fill().app_context():
        kinds = Counter(db.session.scalars(select(Session.kind)))
        assert set(kinds) == {"group", "one_to_one", "family", "medication", "assessment"}
        assert set(db.session.scalars(select(Session.status))) == {"planned", "cancelled", "held"}
        assert set(db.session.scalars(select(SessionChange.kind))) == {"moved", "cancelled"}
        assert set(db.session.scalars(select(Attendance.status))) == {
            "present", "late", "left_early", "excused", "missed"
        }  # fmt: skip
        groups = all_of(Session.local_day, where=[Session.kind == "group"])
        assert len({clock.monday_of(day) for (day,) in groups}) >= 10


def test_nobody_is_expected_on_a_holiday(anew):
    with anew("2026-11-20T10:00").app_context():
        closed = holidays(2026) + holidays(2027)
        on_holidays = all_of(Session.status, where=[Session.local_day.in_(closed)])
        assert on_holidays
        assert {status for (status,) in on_holidays} == {"cancelled"}


@pytest.mark.parametrize(
    ("year", "day"), [(2026, "2026-07-03"), (2026, "2026-11-26"), (2027, "2027-05-31"), (2027, "2027-12-24")]
)
def test_holidays_are_kept_on_working_days(year, day):
    assert day in [held.isoformat() for held in holidays(year)]


def test_every_participant_of_the_cast_is_distinct():
    assert len({member.sign_in for member in CAST}) == len(CAST) == 27
