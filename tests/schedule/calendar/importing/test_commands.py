"""flask schedule import and extend: what they say, and what they do."""

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.people.contacts import new_account
from portal.schedule.models import Session, Track
from tests.on_record import told
from tests.schedule.calendar.importing.files import HERE, event, file
from tests.schedule.timetable import track

GOOGLE = str(HERE / "google.ics")
CHO = ("--leader", "cho@example.org")


@pytest.fixture
def run(app, cast):
    """`run("import", ...)` runs flask schedule; its exit code and what it said."""

    def run_it(*arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["schedule", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return run_it


def count(app, what=Track) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(what))


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(app, run):
    code, said = run("import", GOOGLE, *CHO, "--dry-run")
    assert code == 0
    assert "Left out: line 77, Closed: Memorial Day: it lasts all day; if the program is closed then" in said
    assert "Skills group: new, 41 added\n" in said
    assert "Family evening: new, 1 added" in said
    assert "Nothing was changed: this was a dry run." in said
    assert count(app) == 0


def test_an_import_is_in_the_name_of_the_only_coordinator(app, cast, run):
    assert run("import", GOOGLE, *CHO)[0] == 0
    assert count(app) == 2
    assert {row[1] for row in told(app, "track.open", "track.import", "session.move")} == {cast.kit.id}
    assert "Skills group: nothing to do" in run("import", GOOGLE, *CHO)[1]
    assert count(app) == 2


def test_where_there_are_several_coordinators_one_is_named(app, cast, at, run):
    with app.app_context():
        other = {"role": "coordinator", "name": "Lou Ortiz", "called": "Lou", "zone": "America/New_York"}
        db.session.add(new_account("lou@example.org", **other, created_at=at.now, joined_at=at.now))
        db.session.commit()
    code, said = run("import", GOOGLE, *CHO)
    assert code == 1 and "Say with --by" in said and count(app) == 0
    assert run("import", GOOGLE, *CHO, "--by", "lou@example.org")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--leader", "kit@example.org"], "No therapist signs in as kit@example.org"),
        (["--leader", "cho@example.org", "--by", "cho@example.org"], "No coordinator signs in as cho@example.org"),
        ([], "Missing option '--leader'"),
    ],
)
def test_who_cannot_is_named(app, run, arguments, words):
    code, said = run("import", GOOGLE, *arguments)
    assert code and words in said and count(app) == 0


def test_a_file_that_is_none_is_refused_with_its_line(app, run, tmp_path):
    path = tmp_path / "bad.ics"
    path.write_bytes(b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n")
    code, said = run("import", str(path), *CHO)
    assert code == 1 and "Nothing was imported. Line 2: END:VEVENT has no beginning" in said


def test_one_event_that_cannot_be_read_is_said_and_the_others_are_imported(app, run, tmp_path):
    path = tmp_path / "half.ics"
    path.write_bytes(file(event(), event(uid="UID:broken", rrule="RRULE:FREQ=SECONDLY")))
    code, said = run("import", str(path), *CHO)
    assert code == 0 and "Cannot be read: line 16, Skills group: 'FREQ=SECONDLY'" in said and count(app) == 1


def test_extend_says_how_many_sessions_it_added(app, cast, at, run):
    with app.app_context():
        track(cast.cho)
        db.session.commit()
    before = count(app, Session)
    at("2026-03-18T10:00")
    assert run("extend") == (0, "3 sessions added.\n")
    assert run("extend") == (0, "0 sessions added.\n")
    assert count(app, Session) == before + 3
