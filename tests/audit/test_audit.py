"""The record of who saw and did what: one unbroken chain, whatever happens around it, and how a break is dealt with."""

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.audit import AuditBroken, commands, verification
from portal.audit.models import AuditEvent, AuditHead
from portal.audit.verification import Anchor
from portal.checkins.models import CheckIn
from portal.db import Base, db
from portal.spreadsheet import plain

KINDS = ("record.view", "check_in.review", "flag.act", "attendance.take")


def recorded(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def write(app, cast, count=6):
    """Put `count` events on record, each in a transaction of its own; the anchor after them."""
    with app.app_context():
        for number in range(count):
            audit.record(cast.cho, KINDS[number % len(KINDS)], cast.ada, f"subject-{number}")
            db.session.commit()
        return verification.anchor()


def tamper(app, *statements):
    """What somebody with the database in their hands does: the triggers go first."""
    with app.app_context():
        disarm()
        for statement in statements:
            db.session.execute(text(statement))
        db.session.commit()


def disarm():
    """Take the triggers off the table, in the present transaction."""
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"drop trigger if exists audit_events_no_{verb}"))
    else:
        db.session.execute(text("drop trigger if exists audit_events_no_change on audit_events"))


def broken(app, *anchors):
    """The rows at which the chain breaks."""
    with app.app_context():
        return [one.row for one in verification.breaks(anchors)]


def run(app, *arguments, **more):
    return app.test_cli_runner().invoke(args=["audit", *arguments], **more)


# Appending


def test_a_chain_that_nobody_touched_holds(app, cast):
    anchor = write(app, cast)
    assert broken(app, anchor) == []
    assert anchor.last_id == 6


@pytest.mark.asvs("2.3.3")
def test_what_is_rolled_back_leaves_no_row_and_no_gap(app, cast):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.rollback()
        audit.record(cast.cho, "check_in.review", cast.ada)
        db.session.commit()
        assert db.session.execute(select(AuditEvent.id, AuditEvent.what)).all() == [(1, "check_in.review")]
    assert broken(app) == []


def test_a_transaction_that_fails_at_its_end_leaves_no_row(app, cast):
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.add(AuditHead(id=1, last_id=0, mac=""))
        with pytest.raises(IntegrityError):
            db.session.commit()
        db.session.rollback()
        audit.record(cast.cho, "flag.act", cast.ada)
        db.session.commit()
    assert recorded(app) == ["flag.act"]


def test_what_a_savepoint_undoes_is_not_told_of(app, cast):
    """Rule: an event stands or falls with the savepoint it was recorded in, and all that lie around it."""

    class Undone(Exception):
        pass

    def tell(what):
        audit.record(cast.cho, what, cast.ada)

    with app.app_context():
        tell("before.it")
        with pytest.raises(Undone), db.session.begin_nested():
            tell("in.it")
            raise Undone
        with db.session.begin_nested():
            tell("kept.inside")
            with pytest.raises(Undone), db.session.begin_nested():
                tell("inner.undone")
                raise Undone
        with pytest.raises(Undone), db.session.begin_nested():
            with db.session.begin_nested():
                tell("inner.kept_outer_undone")
            raise Undone
        with pytest.raises(IntegrityError), db.session.begin_nested():
            tell("broken.by_the_database")
            db.session.execute(text("insert into audit_heads (id, last_id, mac) values (1, 0, '')"))
        tell("after.it")
        db.session.commit()
    assert recorded(app) == ["before.it", "kept.inside", "after.it"]
    assert broken(app) == []


def test_what_a_session_left_behind_is_not_told_in_the_next_transaction(app, cast):
    with app.app_context():
        audit.record(cast.cho, "left.behind", cast.ada)
        db.session.close()
        audit.record(cast.cho, "told.now", cast.ada)
        db.session.commit()
    assert recorded(app) == ["told.now"]


def test_events_of_one_transaction_stand_in_the_order_they_were_told(app, cast):
    with app.app_context():
        for number in range(50):
            audit.record(cast.cho, f"event.n{number}", cast.ada)
        db.session.commit()
    assert recorded(app) == [f"event.n{number}" for number in range(50)]
    assert broken(app) == []


def test_an_instant_of_another_zone_is_the_same_instant(app, cast):
    with app.app_context():
        audit.record(
            cast.cho, "record.view", cast.ada, at=datetime(2026, 3, 11, 9, tzinfo=timezone(timedelta(hours=-4)))
        )
        db.session.commit()
        assert db.session.scalar(select(AuditEvent.at)) == datetime(2026, 3, 11, 13, tzinfo=UTC)
    assert broken(app) == []


@pytest.mark.asvs("15.4.2")
def test_eight_threads_keep_one_unbroken_chain(app, cast):
    """Appending at once, and undoing in between, leaves neither a gap nor a fork."""
    kept = []

    def work(name):
        with app.app_context():
            for number in range(25):
                for part in range(number % 3 + 1):
                    audit.record(cast.cho, f"thread.t{name}", cast.ada, f"{number}-{part}")
                if number % 4 == 3:
                    db.session.rollback()
                    continue
                db.session.commit()
                kept.extend([f"thread.t{name}"] * (number % 3 + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert broken(app) == []
    assert sorted(recorded(app)) == sorted(kept)
    with app.app_context():
        assert db.session.scalar(select(func.max(AuditEvent.id))) == len(kept)


def test_a_check_while_rows_are_added_finds_no_break(app, cast):
    """Rule: `breaks` may run while the portal serves."""
    stop, found = threading.Event(), []

    def work(_):
        with app.app_context():
            while not stop.is_set():
                audit.record(cast.cho, "record.view", cast.ada)
                db.session.commit()

    def check():
        with app.app_context():
            while db.session.scalar(select(AuditHead.last_id)) < 100:
                found.extend(verification.breaks([verification.anchor()]))
                db.session.rollback()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        check()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert found == []


# A chain that was found broken


def rows(app):
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name != "sign_ins"
        }


@pytest.mark.asvs("16.5.3")
@pytest.mark.parametrize("how", ["found broken", "without its end"])
def test_a_broken_record_stops_every_write_and_shows_nobodys_record(app, browser, cast, at, how):
    """Rule: what cannot be put on record does not happen: 503, and no row is changed."""
    ada, cho = browser("ada"), browser("cho")
    ada.get("/check-ins/new")
    with app.app_context():
        if how == "found broken":
            verification.mark_broken(at.now)
        else:
            db.session.execute(text("delete from audit_heads"))
        db.session.commit()
    before = rows(app)
    ada.post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"}, 503)
    cho.get(f"/caseload/{cast.ada.key}", 503)
    browser().get("/help-now")
    assert rows(app) == before
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CheckIn)) == 0


def test_a_broken_record_keeps_nobody_from_leaving(app, browser, at):
    ada = browser("ada")
    token = ada.client.get_cookie("session").value
    with app.app_context():
        verification.mark_broken(at.now)
        db.session.commit()
    ada.post("/sign-out", {"quick": "1"})
    assert ada.location == "https://www.weather.gov/"
    ada.client.set_cookie("session", token)  # the old cookie, put back
    ada.get("/today", 303)
    assert ada.location.startswith("/sign-in")


def test_once_the_operator_goes_on_writing_works_and_the_break_stays_known(app, browser, cast):
    write(app, cast)
    tamper(app, "update audit_events set what = 'x.y' where id = 3")
    assert run(app, "verify").exit_code == 1
    assert run(app, "go-on", "--yes").exit_code == 0
    browser("ada").post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"})
    again = run(app, "verify")
    assert again.exit_code == 0, again.output
    assert "1 breaks are known" in again.output
    assert broken(app) == [3]


def known_break(app, cast, *statements):
    """A record with a break that the operator went on from."""
    write(app, cast, 12)
    tamper(app, *statements)
    assert run(app, "go-on", "--yes").exit_code == 0
    assert run(app, "verify").exit_code == 0


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("update audit_events set what = 'x.y' where id = 5", "update audit_events set what = 'x.z' where id = 5"),
        ("update audit_events set what = 'x.y' where id = 5", "delete from audit_events where id = 5"),
        ("delete from audit_events where id = 5", "delete from audit_events where id = 6"),
        ("delete from audit_events where id = 5", "update audit_events set what = 'x.z' where id = 6"),
        ("delete from audit_events where id in (5, 6)", "delete from audit_events where id between 7 and 9"),
        ("delete from audit_events where id = 12", "delete from audit_events where id = 11"),
    ],
)
def test_going_on_from_one_break_hides_no_other_at_the_same_place(app, cast, first, then):
    """Rule: an operator goes on from what stood there, and from nothing that is done there later."""
    known_break(app, cast, first)
    tamper(app, then)
    assert run(app, "verify").exit_code == 1


def test_a_row_that_says_the_operator_went_on_counts_only_where_it_is_whole(app, cast):
    write(app, cast)
    tamper(app, "update audit_events set what = 'x.y' where id = 3")
    with app.app_context():
        name = verification.breaks()[0].name
    tamper(
        app,
        f"insert into audit_events (id, at, what, subject, mac) values (7, '2026-03-11', 'audit.go_on', '{name}', 'x')",
        "update audit_heads set last_id = 7, mac = 'x'",
    )
    assert run(app, "verify").exit_code == 1
    assert "Row 3 " in run(app, "verify").output


def test_going_on_from_a_record_without_its_end_makes_one(app, cast):
    write(app, cast)
    tamper(app, "delete from audit_heads")
    refused = run(app, "verify")
    assert refused.exit_code == 1
    assert "The record ends at row 6, and that is not where it ended before." in refused.output
    assert run(app, "go-on", "--yes").exit_code == 0
    write(app, cast, 2)
    assert broken(app) == []


def test_going_on_asks_first_and_changes_nothing_without_a_yes(app, cast):
    write(app, cast)
    tamper(app, "update audit_events set what = 'x.y' where id = 3")
    before = rows(app)
    assert run(app, "go-on", input="n\n").exit_code == 1
    assert run(app, "go-on", input="").exit_code == 1
    assert rows(app) == before
    assert run(app, "go-on", input="y\n").exit_code == 0


def test_there_is_nothing_to_go_on_from_in_a_whole_record(app, cast):
    write(app, cast)
    before = rows(app)
    assert "nothing was changed" in run(app, "go-on", "--yes").output
    assert rows(app) == before


def test_a_record_that_was_mended_is_written_again_when_the_operator_says_so(app, cast, at):
    write(app, cast)
    with app.app_context():
        verification.mark_broken(at.now)
        db.session.commit()
    stopped = run(app, "verify")
    assert stopped.exit_code == 1
    assert "The audit record is whole: 6 rows" in stopped.output
    assert "Writing was stopped" in stopped.output
    assert run(app, "go-on", "--yes").exit_code == 0
    assert run(app, "verify").exit_code == 0
    assert recorded(app)[-1] == "audit.go_on"


# Anchors


def test_an_anchor_from_before_the_first_row_holds(app, cast):
    with app.app_context():
        empty = verification.anchor()
    assert empty.last_id == 0
    write(app, cast)
    assert broken(app, empty) == []
    assert broken(app, Anchor(empty.at, 0, "f" * 64)) == [0]


def test_every_anchor_of_one_row_counts(app, cast):
    anchor = write(app, cast)
    other = Anchor(anchor.at, anchor.last_id, "f" * 64)
    assert broken(app, other, anchor) == [6]
    assert broken(app, anchor, other) == [6]


def test_a_record_cut_off_before_its_last_anchor_shows(app, cast):
    anchor = write(app, cast)
    with app.app_context():
        fourth = db.session.scalar(select(AuditEvent.mac).where(AuditEvent.id == 4))
    tamper(
        app, "delete from audit_events where id > 4", f"update audit_heads set last_id = 4, mac = '{fourth}'"
    )  # as someone does it who knows how the chain is made, but not its key
    assert broken(app) == []
    assert broken(app, anchor) == [6]


@pytest.mark.parametrize("line", ["x", "2026-03-11T14:52:00Z 6", "2026-03-11T14:52:00Z six mac", "a ² c", "a 1 b c"])
def test_a_line_that_is_no_anchor_is_refused(line):
    with pytest.raises(ValueError, match="A line of the anchors' file is not one"):
        verification.read_anchors([line])


def test_anchors_come_back_as_they_were_noted(app, cast):
    anchor = write(app, cast)
    assert verification.read_anchors([str(anchor), "", f"  {anchor}  \n"]) == [anchor, anchor]


# Values that were never written


def test_values_of_a_kind_that_was_never_written_are_breaks_and_stop_no_check(app, cast):
    write(app, cast, 8)
    damages = {
        "sqlite": [
            "update audit_events set at = 'a while ago' where id = 2",
            "update audit_events set mac = x'00ff' where id = 4",
            "update audit_events set mac = 'é' where id = 6",
            "update audit_events set what = x'00' where id = 8",
            "insert into audit_events (id, at, what, mac) values (-1, '2026-03-11', 'a.b', 'x')",
            "update audit_heads set last_id = 'many'",
        ],
        "postgresql": [
            "update audit_events set at = 'infinity' where id = 2",
            "update audit_events set mac = 'é' where id = 6",
            "insert into audit_events (id, at, what, mac) values (-1, '2026-03-11', 'a.b', 'x')",
        ],
    }
    with app.app_context():
        kind = db.engine.dialect.name
    tamper(app, *damages[kind])
    found = broken(app)
    assert found[0] == -1
    assert {2, 6} <= set(found)
    assert run(app, "verify").exit_code == 1


# Commands


@pytest.fixture
def anchored(make_app, password_hash, tmp_path):
    """A portal whose anchors go to a file; as `app`, `cast` and `file`."""
    from tests.conftest import clinic

    file = tmp_path / "anchors"
    app = make_app(AUDIT_ANCHORS=str(file))
    with app.app_context():
        from portal.people import Person

        people = {name: Person(a.id, a.key, a.role, a.name, a.called, a.zone) for name, a in clinic("a hash").items()}
        db.session.commit()
    return SimpleNamespace(app=app, cast=SimpleNamespace(**people), file=file)


@pytest.mark.asvs("16.4.2")
def test_verify_names_the_first_broken_link_and_stops_writing(app, cast):
    write(app, cast)
    assert run(app, "verify").output == f"The audit record is whole: 6 rows, 0 anchors.\n{commands.NO_ANCHOR}\n"
    tamper(app, "update audit_events set what = 'x.y' where id in (3, 5)")
    refused = run(app, "verify")
    assert refused.exit_code == 1
    assert refused.output == (
        "The audit record is broken. Row 3 (2026-03-11T14:52:00Z) is not what was written there.\n"
        "It is broken in 1 more places.\n"
        "Nothing is written until you decide. Find out what happened; then: flask --app wsgi audit go-on\n"
    )
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada)
        with pytest.raises(AuditBroken):
            db.session.commit()


def test_anchors_are_noted_in_a_file_and_checked(anchored):
    app, cast, file = anchored.app, anchored.cast, anchored.file
    assert "does not exist" in run(app, "verify").stderr
    write(app, cast)
    noted = run(app, "anchor")
    assert noted.exit_code == 0
    write(app, cast, 1)
    assert run(app, "anchor").exit_code == 0
    assert file.read_text().splitlines()[0] == noted.output.strip()
    assert len(file.read_text().splitlines()) == 2
    assert "7 rows, 2 anchors." in run(app, "verify").output
    with app.app_context():
        sixth = db.session.scalar(select(AuditEvent.mac).where(AuditEvent.id == 6))
    tamper(app, "delete from audit_events where id > 6", f"update audit_heads set last_id = 6, mac = '{sixth}'")
    refused = run(app, "verify")
    assert refused.exit_code == 1
    assert (
        "Row 7, which the anchor of 2026-03-11T14:52:00Z names, is missing: the record was cut off." in refused.output
    )


def test_what_keeps_an_anchor_from_being_noted_is_said_in_one_sentence(app, make_app, tmp_path, anchored):
    assert "Set PORTAL_AUDIT_ANCHORS" in run(app, "anchor").stderr
    nowhere = make_app(AUDIT_ANCHORS=str(tmp_path / "no" / "such" / "folder"))
    assert "No anchor was noted" in run(nowhere, "anchor").stderr
    anchored.file.write_text("not an anchor\n")
    refused = run(anchored.app, "verify")
    assert refused.exit_code == 1
    assert "A line of the anchors' file is not one" in refused.stderr


def test_a_record_that_cannot_be_read_is_said_in_one_sentence(app, cast):
    write(app, cast)
    tamper(app, "alter table audit_events rename to audit_events_old")
    refused = run(app, "verify")
    assert refused.exit_code == 1
    assert "The audit record cannot be read" in refused.stderr


def table(output):
    return list(csv.reader(io.StringIO(output)))


def test_a_report_tells_who_did_what_with_which_record_and_when(app, browser, cast, at):
    browser("cho").get(f"/caseload/{cast.ada.key}")
    browser("cho").get(f"/caseload/{cast.ben.key}")
    at("2026-03-13T09:00")
    browser("oduya").get(f"/caseload/{cast.ada.key}")
    said = run(app, "report", "--participant", cast.ada.key).output.splitlines()
    assert said == [
        "2026-03-11T10:52:00-04:00  Dr Cho  therapist  record.view  Ada Moreno",
        "2026-03-13T09:00:00-04:00  Dr Oduya  therapist  record.view  Ada Moreno",
        "2 events.",
    ]
    by_cho = table(run(app, "report", "--actor", cast.cho.key, "--csv").output)
    assert by_cho[0] == ["When", "Who", "Role", "What", "Whose record", "Subject"]
    assert [row[3:5] for row in by_cho[1:] if row[3] == "record.view"] == [
        ["record.view", "Ada Moreno"],
        ["record.view", "Ben Whitaker"],
    ]
    assert recorded(app)[-2:] == ["audit.report", "audit.report"]


@pytest.mark.parametrize(
    ("span", "seen"),
    [
        (["--since", "2026-03-12"], ["2026-03-12T00:00:00-04:00"]),
        (["--until", "2026-03-11"], ["2026-03-11T23:59:59-04:00"]),
        (
            ["--since", "2026-03-11", "--until", "2026-03-12"],
            ["2026-03-11T23:59:59-04:00", "2026-03-12T00:00:00-04:00"],
        ),
        (["--since", "2026-03-13"], []),
    ],
)
def test_a_report_counts_whole_days_of_the_program(app, cast, at, span, seen):
    with app.app_context():
        for moment in ("2026-03-11T23:59:59", "2026-03-12T00:00:00"):
            audit.record(cast.cho, "record.view", cast.ada, at=at(moment))
        db.session.commit()
    rows = table(run(app, "report", "--participant", cast.ada.key, "--csv", *span).output)[1:]
    assert [row[0] for row in rows] == seen


def test_an_accounting_reaches_three_years_back_and_leaves_out_what_was_their_own(app, browser, cast, at):
    browser("ada").post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"})
    with app.app_context():
        audit.record(cast.cho, "record.view", cast.ada, at=at("2023-03-11T12:00"))
        audit.record(cast.cho, "record.view", cast.ada, at=at("2023-03-01T12:00"))
        audit.record(cast.kit, "care.add", cast.ada, cast.dee.key, at=at("2025-06-01T12:00"))
        audit.record(cast.cho, "record.view", cast.ben, at=at("2025-06-01T12:00"))
        db.session.commit()
    at("2026-03-11T12:00")
    assert run(app, "accounting", "--participant", cast.ada.key).output.splitlines() == [
        "2023-03-11T12:00:00-05:00  Dr Cho  therapist  opened your record  Ada Moreno",
        f"2025-06-01T12:00:00-04:00  Kit Larsen  coordinator  put Dr Dee on your care team  Ada Moreno  {cast.dee.key}",
        "2 events.",
    ]
    assert "Whoever runs this site" in browser("ada").get("/my-record/looks").text


def test_a_report_needs_to_know_about_whom(app, cast):
    assert "Say whose record" in run(app, "report").stderr
    assert "There is no account with the key 'nobody'." in run(app, "report", "--actor", "nobody").stderr
    assert "There is no account" in run(app, "accounting", "--participant", "nobody").stderr


def test_a_broken_record_is_reported_on_all_the_same(app, browser, cast, at):
    browser("cho").get(f"/caseload/{cast.ada.key}")
    with app.app_context():
        verification.mark_broken(at.now)
        db.session.commit()
    answer = run(app, "report", "--participant", cast.ada.key)
    assert answer.exit_code == 0
    assert "Dr Cho  therapist  record.view" in answer.stdout
    assert "This report is not on record" in answer.stderr


@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(app, cast, start):
    from portal.people.models import Account

    name = f"{start}cmd|' /C calc'!A0"
    with app.app_context():
        db.session.execute(db.update(Account).where(Account.id == cast.cho.id).values(name=name))
        audit.record(cast.cho, "record.view", cast.ada)
        db.session.commit()
    rows = table(run(app, "report", "--actor", cast.cho.key, "--csv").output)
    assert rows[1][1] == f"'{name}"
    assert not [text for row in rows for text in row if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert plain("Ada = Moreno") == "Ada = Moreno"


@pytest.mark.asvs("16.4.2")
def test_an_older_row_that_is_put_back_in_its_place_breaks_the_row_after_it(app, cast):
    """Rule: each row is signed over the one before it, so that a true row of another time fits nowhere."""
    write(app, cast, 5)
    columns = "id, at, actor_id, participant_id, what, subject, mac"
    kept = f"create table kept as select {columns} from audit_events where id = 5"
    cut_off = "delete from audit_events where id = 5"
    back = "update audit_heads set last_id = 4, mac = (select mac from audit_events where id = 4)"
    tamper(app, kept, cut_off, back)
    with app.app_context():
        audit.record(cast.dee, "record.view", cast.ada)
        db.session.commit()
        audit.record(cast.dee, "record.view", cast.cleo)
        db.session.commit()
    assert broken(app) == []
    tamper(app, cut_off, f"insert into audit_events ({columns}) select {columns} from kept")
    assert broken(app) == [6]
