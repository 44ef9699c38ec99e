"""Changing the key that seals everything, while the portal serves: nothing is lost, whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import event, func, select
from werkzeug.datastructures import MultiDict

from portal import checkins, clock, create_app, drafts, homework, mail, seal
from portal.audit import verification
from portal.audit.models import AuditEvent
from portal.checkins import replies
from portal.checkins.models import CheckIn, CheckInPlan
from portal.db import db, new_key
from portal.door.models import Authenticator, InterruptedForm, SignIn
from portal.drafts import Draft, Text
from portal.flags.models import Flag
from portal.homework import Assignment, agreements
from portal.people import contact_details
from portal.schedule import staff_meetings
from portal.schedule.seats.models import Absence
from portal.seal import Secret, rotation
from portal.seal.keys import SealError
from tests import conftest
from tests.house.source import ROOT
from tests.schedule.timetable import session
from tests.seal.test_seal import made

OLD = conftest.SEAL_KEYS
NEW = f"{made('new')},{OLD}"


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["keys", *arguments])


def typed(text):
    return MultiDict([("text", text)])


def start(url, keys):
    return create_app(**conftest.settings(url) | {"SEAL_KEYS": keys})


@pytest.fixture
def clinic(app, browser, cast):
    """A portal with something in every sealed column; `start(keys)` starts another process of it."""
    ada, cho, dee = browser("ada"), browser("cho"), browser("dee")
    answers = {
        "mood": "2",
        "key": "k" * 22,
        "for_day": "2026-03-11",
        "note": "A note: Ünïcödé 🌊",
        "safety": "yes_talk",
    }
    ada.post("/check-ins/", answers)
    ada.post("/exercises/notice-and-weigh", {"key": "p" * 22, "situation": "A call.", "action": "finish"})
    ada.post("/library/waves/reflection", {"mine": "It passes."})
    ada.post("/measures/pcl-5", {"key": "v" * 22, "pcl5_1": "1", "event": "The crash"})
    cho.post(f"/caseload/{cast.ada.key}/check-ins/{'k' * 22}/reviews", {"version": "1", "reply": "Thank you."})
    with app.app_context():
        [reply] = checkins.reviews_of(cast.ada, ["k" * 22])
        replies.correct(cast.cho, cast.ada, reply, "Thank you for that.", clock.now())
        db.session.commit()
        flag = db.session.scalar(select(Flag.key))
    cho.post(f"/caseload/{cast.ada.key}/flags/{flag}", {"act": "contacted", "note": "Talked.", "answers_read": "1"})
    dee.post("/break-glass", {"who": "Ben Whitaker", "reason": "Called from a bridge, and nobody of his team answers."})
    with app.app_context():
        drafts.keep(cast.ada, "/check-ins/new", typed("Half a thought"))
        mail.queue("ada@example.org", "A message", "It waits for you.", stop_url="https://portal.example.org/stop/x")
        now = clock.now()
        contact_details.keep(cast.ada, dict.fromkeys(contact_details.OWN, "Inez, 2125550107"), True, now)
        contact_details.number(cast.kit, cast.ada, "A-17")
        piece = Assignment("exercise", "the-wave", "", "Try it once.", 1, None, date(2026, 3, 20), "b" * 22)
        homework.give(cast.cho, [cast.ada], piece, now)
        homework.answer(cast.ada, *homework.homework_of(cast.ada, now), "stuck", "No quiet room.", now)
        alone = session("one_to_one", "2026-03-12T10:00", 50, cast.cho, cast.ada)
        agreements.agree(cast.cho, staff_meetings.called(cast.cho, alone.key), ["Call once.", "", ""], now)
        plan = new_key()
        db.session.add(
            Absence(
                session_id=alone.id,
                participant_id=cast.ada.id,
                reason=seal.close(Absence.reason, "My son is ill.", alone.id, cast.ada.id),
                said_at=now,
            )
        )
        db.session.add(
            CheckInPlan(
                key=plan,
                participant_id=cast.ada.id,
                question_set="daily",
                targets=seal.close(CheckInPlan.targets, '[["the late shop", false]]', plan),
                goal=seal.close(CheckInPlan.goal, "To sing again", plan),
                chosen_by_id=cast.cho.id,
                chosen_at=now,
            )
        )
        mine = db.session.scalar(select(SignIn.id).where(SignIn.account_id == cast.ada.id))
        sent = seal.close(InterruptedForm.sent, '["", "", "", [["reason", "Half a form"]]]', mine)
        db.session.add(InterruptedForm(sign_in_id=mine, sent=sent, kept_at=now))
        db.session.add(
            Authenticator(
                account_id=cast.ben.id,
                secret=seal.close(Authenticator.secret, "JBSWY3DPEHPK3PXP", cast.ben.id),
                last_step=0,
                made_at=now,
                confirmed_at=now,
            )
        )
        db.session.commit()
    started = []

    def another(keys):
        started.append(start(app.config["DATABASE_URL"], keys))
        return started[-1]

    yield SimpleNamespace(app=app, url=app.config["DATABASE_URL"], start=another)
    for each in started:
        with each.app_context():
            db.engine.dispose()


def texts(app):
    """Every sealed text, opened: {(table, column, row): text}; and how many each key sealed."""
    opened, counts = {}, {}
    with app.app_context():
        for table, column, row in rotation.sealed_columns():
            asked = select(column, *table.primary_key.columns, *(table.c[name] for name in row))
            for sealed, *named in db.session.execute(asked.where(column.is_not(None))):
                place = seal.place_of(table.name, column.name, *named[len(table.primary_key.columns) :])
                opened[place] = seal.held_keys().open(place, sealed)
                name = sealed.partition(b":")[0].decode()
                counts[name] = counts.get(name, 0) + 1
    return opened, counts


@pytest.mark.asvs("11.2.2")
def test_everything_is_sealed_again_and_reads_as_before(clinic):
    before, counts = texts(clinic.app)
    assert set(counts) == {"tests"}
    assert {place.split("\0")[0] for place in before} == {f"{t.name}.{c.name}" for t, c, _ in rotation.sealed_columns()}
    both = clinic.start(NEW)
    done = run(both, "rotate")
    assert done.exit_code == 0, done.output
    assert done.output == (
        f"{len(before)} texts were sealed again. What is new is sealed with new.\n"
        "Nothing is sealed with tests now. Once every process of the portal was started with the present"
        " setting, run keys check: when it finds no text of that key, take the key out of PORTAL_SEAL_KEYS.\n"
    )
    assert texts(both) == (before, {"new": len(before)})
    assert texts(clinic.start(made("new"))) == (before, {"new": len(before)})
    with pytest.raises(SealError, match="lacks the key 'new'"):
        clinic.start(OLD)
    with both.app_context():
        assert verification.breaks() == []
        assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.what == "keys.rotate")) == "new"


def test_people_are_found_as_before(clinic, browser):
    from tests.browser import Browser

    both = clinic.start(NEW)
    assert run(both, "rotate").exit_code == 0
    ada = Browser(clinic.start(made("new")))
    ada.sign_in("ada@example.org", conftest.PASSWORD, "participant")
    assert "A note: Ünïcödé 🌊" in ada.get("/check-ins/").text
    ada.close()


def test_a_second_time_there_is_nothing_to_do(clinic):
    both = clinic.start(NEW)
    run(both, "rotate")
    assert run(both, "rotate").output == "0 texts were sealed again. What is new is sealed with new.\n"


@pytest.mark.parametrize("batch", ["1", "2", "3", "500"])
def test_the_size_of_a_batch_changes_nothing(clinic, batch):
    with clinic.app.app_context():
        for number in range(20):
            row = {"participant_id": 1, "key": f"key-{number:04d}", "version": 1}
            note = seal.close(CheckIn.note, f"Note {number}", *row.values())
            held = db.session.execute(select(CheckIn.__table__)).first()._mapping
            db.session.execute(CheckIn.__table__.insert().values({**held, **row, "note": note}))
        db.session.commit()
    before, _ = texts(clinic.app)
    both = clinic.start(NEW)
    assert run(both, "rotate", "--batch", batch).exit_code == 0
    assert texts(both) == (before, {"new": len(before)})


def test_a_write_between_reading_a_text_and_sealing_it_again_wins(clinic, cast):
    """Rule: what a person saves at that very moment is what is kept."""
    both, sent = clinic.start(NEW), []
    with both.app_context():
        engine = db.engine

    def save_first(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE drafts") and not sent:
            sent.append(statement)
            place = seal.place_of("drafts", "typed", cast.ada.id, "/check-ins/new")
            text = json.dumps(asdict(Text().with_sent(typed("A whole thought"), 1)))
            anew = {"typed": seal.held_keys().close(place, text)}
            with engine.begin() as other:
                other.execute(db.update(Draft).values(anew))

    event.listen(engine, "before_cursor_execute", save_first)
    try:
        assert run(both, "rotate").exit_code == 0
    finally:
        event.remove(engine, "before_cursor_execute", save_first)
    assert sent
    with both.app_context():
        assert drafts.kept(cast.ada, "/check-ins/new").typed["text"] == "A whole thought"


def test_writes_while_it_runs_are_all_kept(clinic, cast):
    """Rule: keys change while the portal serves. Drafts are written all the while, by a process that still seals with
    the old key and by one that seals with the new one."""
    both, stop, latest = clinic.start(NEW), threading.Event(), {}
    old = clinic.start(f"{OLD},{made('new')}")

    def write(app, person):
        number = 0
        while not stop.is_set():
            number += 1
            for address in range(6):
                with app.app_context():
                    drafts.keep(person, f"/draft-{address}", typed(f"{person.called} {address} {number}"))
                    db.session.commit()
                latest[person.id, f"/draft-{address}"] = f"{person.called} {address} {number}"

    writers = (old, cast.ada), (both, cast.ben), (old, cast.cleo)
    threads = [threading.Thread(target=write, args=arguments) for arguments in writers]
    for thread in threads:
        thread.start()
    try:
        while len(latest) < 18:
            time.sleep(0.01)
        with both.app_context():
            for _ in range(8):
                for table, column, row in rotation.sealed_columns():
                    rotation.seal_again(table, column, row, 500)
                    db.session.commit()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    done = run(both, "rotate")  # every process has the new setting now
    assert done.exit_code == 0, done.output
    now, kept = clinic.start(made("new")), {}
    for _, person in writers:
        with now.app_context():
            for address in (f"/draft-{number}" for number in range(6)):
                kept[person.id, address] = drafts.kept(person, address).typed["text"]
    assert kept == latest


def test_the_old_key_is_kept_while_anything_is_sealed_with_it(clinic, cast):
    """Rule: a process that was not restarted seals with the old key; that key is not given up meanwhile."""
    both = clinic.start(NEW)
    with clinic.app.app_context():  # still with the old setting
        drafts.keep(cast.ben, "/late", typed("sealed with the old key"))
        db.session.commit()
    with both.app_context():
        with pytest.raises(SealError, match="texts are sealed with an older key still: restart the portal"):
            rotation.retire_old_keys()
        db.session.rollback()
        assert db.session.get(Secret, "check:tests") is not None


@pytest.mark.parametrize("damage", [b"tests:0", b"tests:" + b"x" * 60, b"lost:" + b"x" * 60, b""])
def test_a_damaged_text_is_named_and_left_and_the_old_key_stays(clinic, cast, damage):
    """Rule: one text that does not open keeps none of the others from being sealed again."""
    with clinic.app.app_context():
        db.session.execute(db.update(Draft).values(typed=damage))
        db.session.commit()
    both = clinic.start(NEW)
    refused = run(both, "rotate")
    assert refused.exit_code == 1
    assert f"drafts ({cast.ada.id}, '/check-ins/new'): " in refused.output
    assert "1 texts cannot be opened and stay as they are: keep the old keys until that is fixed." in refused.output
    with both.app_context():
        assert db.session.scalar(select(Draft.typed)) == damage
        assert db.session.get(Secret, "check:tests") is not None
        assert rotation.count_stale() == 1
    checked = run(both, "check")
    assert checked.exit_code == 1
    assert "1 of " in checked.output
    assert run(both, "rotate").exit_code == 1


def test_check_counts_what_each_key_sealed_and_changes_nothing(clinic):
    before, _ = texts(clinic.app)
    count = len(before)
    assert run(clinic.app, "check").output == (
        f"tests: {count} texts, seals what is new\nAll {count} texts can be opened.\n"
    )
    both = clinic.start(NEW)
    assert run(both, "check").output == (
        f"new: 0 texts, seals what is new\ntests: {count} texts\nAll {count} texts can be opened.\n"
    )
    run(both, "rotate")
    assert run(both, "check").output == (
        f"new: {count} texts, seals what is new\ntests: 0 texts\nAll {count} texts can be opened.\n"
        "No text is sealed with tests.\n"
    )


def test_check_says_when_a_key_was_taken_out_too_early(clinic):
    both = clinic.start(NEW)
    with both.app_context():
        db.session.delete(db.session.get(Secret, "check:tests"))
        for secret in db.session.scalars(select(Secret)):
            place = seal.place_of("secrets", "sealed", secret.name)
            secret.sealed = seal.held_keys().close(place, seal.held_keys().open(place, secret.sealed))
        db.session.commit()
    refused = run(clinic.start(made("new")), "check")
    assert refused.exit_code == 1
    assert "PORTAL_SEAL_KEYS does not hold the key 'tests'." in refused.output


def test_a_broken_audit_record_is_said_and_everything_still_opens(clinic, at):
    before, _ = texts(clinic.app)
    both = clinic.start(NEW)
    with both.app_context():
        verification.mark_broken(at.now)
        db.session.commit()
    refused = run(both, "rotate")
    assert refused.exit_code == 1
    assert "The audit record is broken or missing" in refused.output
    assert texts(both)[0] == before


@pytest.mark.asvs("2.3.3")
def test_killed_in_the_middle_and_started_again_it_goes_on(clinic, cast):
    """A real process, ended without a word while it seals, leaves texts that all open; the next one finishes."""
    with clinic.app.app_context():
        rows = [
            {
                "account_id": cast.ben.id,
                "address": f"/{new_key()}",
                "typed": None,
                "kept_at": clock.now(),
            }
            for _ in range(1500)
        ]
        for number, row in enumerate(rows):
            row["typed"] = seal.close(Draft.typed, f'[["text", "{number}"]]', row["account_id"], row["address"])
        db.session.execute(Draft.__table__.insert(), rows)
        db.session.commit()
    before, _ = texts(clinic.app)
    both = clinic.start(NEW)
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))} | {
        "PORTAL_URL": "http://localhost:8000",
        "PORTAL_SECRET_KEY": conftest.SECRET_KEY,
        "PORTAL_DATABASE_URL": clinic.url,
        "PORTAL_SEAL_KEYS": NEW,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "rotate", "--batch", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while stale(both) > len(before) - 40:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    half, counts = texts(both)
    assert half == before
    assert 0 < counts["tests"] < len(before)
    assert run(both, "rotate").exit_code == 0
    assert texts(clinic.start(made("new"))) == (before, {"new": len(before)})


def stale(app):
    with app.app_context():
        count = rotation.count_stale()
        db.session.rollback()
        return count


def test_a_pass_reads_each_row_once(clinic, cast):
    """Rule: a batch begins where the last one ended, so that ten times the rows take ten times as long."""
    with clinic.app.app_context():
        for number in range(30):
            drafts.keep(cast.ben, f"/d-{number:02d}", typed("x"))
        db.session.commit()
    with clinic.start(NEW).app_context():
        table, column, row = next(one for one in rotation.sealed_columns() if one[0].name == "drafts")
        last, seen = None, []
        while True:
            batch = rotation.seal_again(table, column, row, 7, last)
            seen.append((batch.count, batch.last))
            if batch.last is None:
                break
            assert last is None or batch.last > last
            last = batch.last
        db.session.rollback()
        assert sum(count for count, _ in seen) == db.session.scalar(select(func.count()).select_from(Draft))
