"""A clinic with a row of every kind about Ada, each text of hers marked: what a test of leaks looks for."""

import json
from datetime import datetime, time, timedelta
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import select

from portal import checkins, clock, drafts, exercises, homework, library, program, reminders, seal
from portal.checkins import question_plans, replies
from portal.checkins.check_in_versions import ITEMS
from portal.checkins.sets import Target
from portal.db import db, new_key
from portal.door.models import Authenticator, InterruptedForm, Invitation, Passkey, RecoveryCode, SignIn
from portal.exercises import EXERCISES, sharing
from portal.flags import acts
from portal.flags.models import Flag
from portal.homework import Assignment, agreements
from portal.library import MATERIALS
from portal.mail import Mail
from portal.measures import INSTRUMENTS, measure_entries
from portal.people import Person, contact_details
from portal.people.models import BreakGlass
from portal.reminders.models import ReminderChoice
from portal.schedule import own_meetings, staff_meetings
from portal.schedule.calendar.models import CalendarFeed
from portal.schedule.models import Session, SessionChange, Track
from portal.schedule.seats import absences, busy, holds
from tests.schedule.timetable import at, session, track

# Who may read what Ada wrote: everybody else's answers must not hold it.
MARKS = {
    "note": "canarynote",
    "agreed": "canaryagreed",
    "reply": "canaryreply",
    "flag": "canaryflag",
    "answer": "canaryanswer",
    "plan": "canaryplan",
    "reflection": "canaryreflection",
    "draft": "canarydraft",
    "interrupted": "canaryinterrupted",
    "glass": "canaryglass",
    "passkey": "canarypasskey",
    "device": "canarydevice",
    "contact": "ada@example.org",
    "secret": "CANARYSECRETJBSWY3DP",
    "mail": "canarymail",
    "stop": "canarystop",
    "absence": "canaryabsence",
    "target": "canarytarget",
    "goal": "canarygoal",
    "phone": "(212) 555-0107",
    "emergency contact": "canaryinez",
    "emergency phone": "(212) 555-0108",
    "tie": "canarysister",
    "place": "canaryplace",
    "clinic number": "canarynumber",
    "event": "canaryevent",
}
REACHED = {"phone", "emergency contact", "emergency phone", "tie", "place", "clinic number"}  # how she is
CARE = {
    "note",
    "agreed",
    "reply",
    "flag",
    "absence",
    "target",
    "goal",
    "event",
} | REACHED  # what her therapist reads, too
ENTRY = "e" * 22
MEASURE = "m" * 22
SECRET_TOKEN = "canarytoken-that-only-a-link-holds"
CALENDAR_TOKEN = "canarytoken-that-only-a-calendar-holds"


def build(app: Flask, cast: SimpleNamespace, timetable: SimpleNamespace) -> SimpleNamespace:
    """Fill the clinic; the ids and keys of what is Ada's, by name."""
    with app.app_context():
        now = clock.now()
        ada, cho = cast.ada, cast.cho
        past = now - timedelta(days=3)
        blank = dict.fromkeys(ITEMS)
        earlier = blank | {"mood": 3, "safety": "yes_safe", "for_day": past.date()}
        checkins.log(ada, earlier, "p" * 22, past)
        signed = db.session.scalar(select(Flag.key))
        acts.act(cho, ada, signed, "contacted", MARKS["flag"], past + timedelta(minutes=9))
        answers = blank | {"mood": 2, "note": MARKS["note"], "safety": "yes_talk", "for_day": now.date()}
        asked = question_plans.choose(cho, ada, "daily", [Target(MARKS["target"])], MARKS["goal"], past)
        entry = checkins.log(ada, answers | {"target-1": 9}, ENTRY, now, plan=asked)
        checkins.review(cho, ada, entry, MARKS["reply"], now)
        [reply] = checkins.reviews_of(ada, [ENTRY])
        replies.correct(cho, ada, reply, f"{MARKS['reply']} again", now)
        asked = INSTRUMENTS["phq-9"]
        answers = {item.id: 1 for item in asked.items}
        measure_entries.keep(ada, asked, answers, MEASURE, now)
        about_one = INSTRUMENTS["pcl-5"]
        given = {item.id: 1 for item in about_one.items}
        measure_entries.keep(ada, about_one, given, "v" * 22, now, event=MARKS["event"])
        measure_entries.enter_total(cho, ada, "y-bocs", 21, clock.day_of(now, ada.zone), now)
        practice = exercises.finish(ada, EXERCISES["notice-and-weigh"], new_key(), {"situation": MARKS["answer"]}, now)
        exercises.save_draft(ada, EXERCISES["six-steps"], new_key(), {"problem": MARKS["answer"]}, now)
        plan = exercises.finish(ada, EXERCISES["safety-plan"], new_key(), {"signs": MARKS["plan"]}, now)
        steps = {"theme": "The subway", "steps": [{"what": "Stand on the platform", "expected": 40}]}
        ladder = exercises.finish(ada, EXERCISES["the-ladder"], new_key(), steps, now)
        shared = exercises.practice(ada, EXERCISES["the-ladder"], ladder)
        sharing.share(ada, shared, now)
        sharing.approve_rows(cho, ada, shared, [0], now)
        given = Assignment("exercise", "the-wave", "", MARKS["reply"], 2, None, clock.day_of(now, ada.zone), "b" * 22)
        homework.give(cho, [ada], given, now)
        [to_do] = homework.homework_of(ada, now)
        homework.answer(ada, to_do, "stuck", MARKS["note"], now)
        material = next(iter(MATERIALS.values()))
        library.read_part(ada, material, 1, now)
        library.reflect(ada, material, MARKS["reflection"], now)
        drafts.keep(ada, "/check-ins/", _typed())
        said = ("phone", "emergency contact", "emergency phone", "tie", "place")
        contact_details.keep(ada, dict(zip(contact_details.OWN, map(MARKS.get, said), strict=True)), True, now)
        contact_details.number(cast.kit, ada, MARKS["clinic number"])
        made = _accounts_own(cast, now) | _seats_own(cast, now)
        db.session.commit()
        open_flag = db.session.scalar(select(Flag.key).where(Flag.closed_at.is_(None)))
        alone = db.session.scalar(select(Session.key).where(Session.key == timetable.alone))
        track = db.session.scalar(select(Track.key).where(Track.id == timetable.track_id))
        family = select(Session.id).where(Session.key == timetable.family).scalar_subquery()
        change = db.session.scalar(select(SessionChange.key).where(SessionChange.session_id == family))
    return SimpleNamespace(
        entry=ENTRY,
        reply=reply.review_key,
        measure=MEASURE,
        flag=open_flag,
        practice=practice,
        plan=plan,
        ladder=ladder,
        homework=to_do.key,
        session=alone,
        group=timetable.monday,
        track=track,
        change=change,
        slug=material.slug,
        **made,
    )


def _typed():
    from werkzeug.datastructures import MultiDict

    return MultiDict({"note": MARKS["draft"]})


def _seats_own(cast: SimpleNamespace, now) -> dict[str, str]:
    """A group session that Ada alone would come to and cannot, a seat that is kept for her, and her busy hours."""
    ada = cast.ada
    hers = track(cast.cho, ada, title="Evening group", first_at=datetime(2026, 2, 3, 19), rule="FREQ=WEEKLY;BYDAY=TU")
    weekly = {"first_at": datetime(2026, 2, 7, 10), "rule": "FREQ=WEEKLY;BYDAY=SA", "takes_make_ups": True}
    free = track(cast.dee, cast.cleo, title="Weekend group", **weekly)
    missed, other = at(hers, "2026-03-17T19:00", cast.cho).key, at(free, "2026-03-14T10:00", cast.dee).key
    absences.say(ada, own_meetings.called(ada, missed), MARKS["absence"], now)
    holds.hold_seat(ada, program.current(), own_meetings.called(ada, missed), other, now)
    busy.add(ada, "work", [0], time(9), time(17))
    [hours] = busy.read_times(ada)
    soon = session("one_to_one", "2026-03-11T11:45", 45, cast.cho, ada)
    begun = session("one_to_one", "2026-03-11T10:30", 45, cast.cho, ada)
    agreements.agree(cast.cho, staff_meetings.called(cast.cho, begun.key), [MARKS["agreed"], "", ""], now)
    return {"missed": missed, "other": other, "busy": hours.key, "soon": soon.key, "begun": begun.key}


def _half_done(ada: Person, now: datetime) -> int:
    """The id of a sign-in of hers that was left half done."""
    token = {"key": new_key(), "token_hash": seal.index("half a sign-in of ada"), "stage": "second"}
    row = SignIn(**token, account_id=ada.id, started_at=now, last_used_at=now, confirmed_at=now)
    db.session.add(row)
    db.session.flush()
    return row.id


def _accounts_own(cast: SimpleNamespace, now) -> dict[str, str]:
    """Second factors, devices, a link, an emergency opening and a mail, all Ada's."""
    ada, dee = cast.ada, cast.dee
    session_id = _half_done(ada, now)
    keys = {name: new_key() for name in ("passkey", "device", "invitation", "glass", "mail")}
    db.session.add_all(
        [
            Authenticator(
                account_id=ada.id,
                secret=seal.close(Authenticator.secret, MARKS["secret"], ada.id),
                made_at=now,
                confirmed_at=now,
            ),
            Passkey(
                key=keys["passkey"],
                account_id=ada.id,
                credential_id=b"credential of ada",
                public_key=b"-",
                sign_count=1,
                name=MARKS["passkey"],
                made_at=now,
            ),
            RecoveryCode(account_id=ada.id, code_hash=seal.index("recovery")),
            CalendarFeed(account_id=ada.id, token_hash=seal.index(f"calendar:{CALENDAR_TOKEN}"), made_at=now),
            SignIn(
                key=keys["device"],
                token_hash=seal.index("a device of ada"),
                account_id=ada.id,
                device=MARKS["device"],
                started_at=now,
                last_used_at=now,
                confirmed_at=now,
            ),
            InterruptedForm(
                sign_in_id=session_id,
                sent=seal.close(
                    InterruptedForm.sent, json.dumps(["", "", "", [["reason", MARKS["interrupted"]]]]), session_id
                ),
                kept_at=now,
            ),
            Invitation(
                key=keys["invitation"],
                account_id=ada.id,
                purpose="reset",
                token_hash=seal.index(f"invitation:{SECRET_TOKEN}"),
                made_at=now,
                expires_at=now + timedelta(minutes=30),
            ),
            ReminderChoice(account_id=ada.id, before=[60], stop_hash=reminders.hash_of(SECRET_TOKEN), chosen_at=now),
            BreakGlass(
                key=keys["glass"],
                therapist_id=dee.id,
                participant_id=ada.id,
                reason=seal.close(BreakGlass.reason, MARKS["glass"], keys["glass"]),
                starts_at=now - timedelta(days=1),
                ends_at=now - timedelta(hours=23),
            ),
            Mail(
                key=keys["mail"],
                account_id=ada.id,
                recipient=seal.close(Mail.recipient, MARKS["contact"], keys["mail"]),
                subject="A message for you",
                body=seal.close(Mail.body, MARKS["mail"], keys["mail"]),
                stop_url=seal.close(Mail.stop_url, MARKS["stop"], keys["mail"]),
                made_at=now,
                due_at=now,
            ),
        ]
    )
    return keys
