"""From the plan to the mail server, by the two commands: what arrives, and what does not."""

import re
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import update

from portal import clock, mail, reminders
from portal.db import db
from portal.people.models import Account
from portal.program.models import Program
from portal.reminders import planning
from portal.schedule import sessions, staff_meetings
from tests.post_office import PostOffice
from tests.reminders.test_quiet import is_quiet
from tests.schedule.timetable import session

SMTP = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "MAIL_FROM": "portal@clinic.example"}
TELLING = re.compile(
    r"therap|group|\biop\b|mental|health|recover|substance|check-in|mood|treat|clinic|patient|medic|skills|riverside"
    r"|\bcho\b|room|one-to-one|family|session|appointment",
    re.IGNORECASE,
)


@pytest.fixture
def send(app):
    """`send(office)` is a run of the command."""

    def run(office):
        app.config.update(SMTP | {"SMTP_PORT": office.port})
        done = app.test_cli_runner().invoke(args=["mail", "send"])
        assert done.exit_code == 0, done.output
        return done.output

    return run


def everything(app, cast, timetable, chooses, plan, at):
    """Mails of each kind are queued: of what begins, of each kind of change, and of what was not seen."""
    chooses("ada", before=(60, 1440), changes=True, unseen=True)
    at.later(minutes=5)
    with app.app_context():
        row = staff_meetings.called(cast.kit, timetable.alone)
        sessions.move(cast.cho, row, datetime(2026, 3, 17, 10), "A group of the clinic.", clock.now())
        friday = staff_meetings.called(cast.kit, timetable.friday)
        sessions.restore(cast.kit, friday, "Dr Cho is well.", clock.now())
        monday = session("one_to_one", "2026-03-16T10:00", 50, cast.cho, cast.ada)
        db.session.flush()
        place = staff_meetings.called(cast.kit, monday.key)
        sessions.place(cast.kit, place, "Room 9", "https://video.example.org/9", "Paint.", clock.now())
        db.session.commit()
    plan()
    at.later(days=1, minutes=5)
    plan()


def test_what_arrives_says_a_day_a_time_a_phone_number_and_how_to_stop_and_no_more(
    app, cast, timetable, chooses, plan, send, at
):
    """Rule: nothing in a reminder tells what it is for, where, or with whom: not its subject, body or headers."""
    with app.app_context():
        db.session.execute(update(Program).values(shown_as="Our house"))
        db.session.commit()
        stop_url = reminders.stop_url(reminders.token_of(cast.ada.key))
    everything(app, cast, timetable, chooses, plan, at)
    with PostOffice() as office:
        send(office)
    assert len(office.taken) >= 5
    assert {str(taken.message["Subject"]) for taken in office.taken} == {"A reminder for you", "A change for you"}
    for taken in office.taken:
        headers = {name: str(value) for name, value in taken.message.items() if name != "Message-ID"}
        assert headers["From"] == "Our house <portal@clinic.example>"
        assert headers["List-Unsubscribe"] == f"<{stop_url}>"
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        said = "\n".join([*headers.values(), taken.text]).replace("portal@clinic.example", "").replace(stop_url, "")
        assert TELLING.findall(said) == []
        assert re.findall(r"https?://\S+", taken.text) == [stop_url]
        assert "(212) 555-0142" in taken.text
        assert "Sign in to Our house for details." in taken.text


def test_a_reminder_that_is_stale_by_the_time_of_sending_is_not_sent(app, cast, timetable, chooses, plan, send, at):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    with app.app_context():
        row = staff_meetings.called(cast.kit, timetable.wednesday)
        sessions.move(cast.cho, row, datetime(2026, 3, 11, 15), "Ice.", clock.now())
        db.session.commit()
    with PostOffice() as office:
        assert send(office) == "0 sent, 0 to try again, 0 given up\n"
    assert office.taken == []


def test_where_others_read_the_mail_by_now_what_waits_is_not_sent(app, cast, timetable, chooses, plan, send, at):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    assert plan() == (1, 0)
    with app.app_context():
        db.session.execute(update(Account).where(Account.id == cast.ada.id).values(mail_ok=False))
        db.session.commit()
    with PostOffice() as office:
        send(office)
    assert office.taken == []


def test_the_link_in_the_mail_works(app, timetable, cast, chooses, plan, send, at):
    chooses("ada", before=(60,))
    at("2026-03-11T12:00")
    plan()
    with PostOffice() as office:
        send(office)
    [taken] = office.taken
    path = str(taken.message["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    name, _, value = str(taken.message["List-Unsubscribe-Post"]).partition("=")
    assert app.test_client().post(path, data={name: value}).status_code == 200
    with app.app_context():
        assert not reminders.settings_of(cast.ada).chosen.anything


@pytest.mark.parametrize("minutes", [30, pytest.param(10, marks=pytest.mark.full)])
@pytest.mark.parametrize("sunday", ["2026-03-08", "2026-11-01"])
@pytest.mark.parametrize(("begins", "ends"), [(21, 8), (1, 3)])
def test_over_the_nights_of_both_clock_changes_nothing_goes_out_in_quiet_hours(
    app, cast, chooses, at, sunday, begins, ends, minutes
):
    """The planner runs again and again, and what it queued goes at once: never by a clock that says quiet."""
    night = datetime.fromisoformat(sunday)
    at(night - timedelta(hours=6))
    with app.app_context():
        for hour in range(-3, 36, 3):
            wall = night + timedelta(hours=hour, minutes=30)
            session(
                "one_to_one",
                wall.isoformat(),
                50,
                cast.cho,
                cast.ben,
                starts_at=clock.at_wall(wall, "America/New_York", strict=False),
            )
        db.session.commit()
    chooses("ben", before=(60, 120, 1440), changes=True, quiet_from=time(begins), quiet_until=time(ends))
    end, went = at.now + timedelta(hours=36), 0
    while at.now < end:
        with app.app_context():
            for notice, window in planning.due(clock.now()):
                assert not is_quiet(at.now, notice.to.quiet), at.now
                assert at.now < window.closes <= notice.over
                assert planning.queue(notice, window)
                went += 1
            mail.withdraw(clock.now(), "stopped")
            db.session.commit()
        at.later(minutes=minutes)
    assert went >= 10
