"""Pages of the schedule: a participant's week, what a therapist leads, the program's week, and who came."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import access, audit, clock, drafts, episodes
from portal.access import rules, staff, therapists
from portal.db import db
from portal.schedule import board, changes, hours, own_meetings, staff_meetings, week
from portal.schedule.attendance import RosterRow, left_in_words, roster, still_to_take
from portal.schedule.attendance import take_attendance as take
from portal.schedule.forms import AttendanceForm, attendance_form, likely_minutes
from portal.schedule.seats import absences, holds, offers
from portal.schedule.staff_meetings import StaffMeeting
from portal.web import render

blueprint = Blueprint("schedule", __name__)
participants_and_coordinators = access.audience("participant", "coordinator")


def _shown_week() -> week.ShownWeek:
    return week.shown(request.args.get("week"), clock.now(), current_user.program.zone)


@blueprint.get("/schedule/")
@participants_and_coordinators
@rules("self")
def index() -> ResponseReturnValue:
    shown = _shown_week()
    return _program(shown) if current_user.role == "coordinator" else _own(shown)


def _own(shown: week.ShownWeek) -> ResponseReturnValue:
    now = clock.now()
    meetings = own_meetings.between(current_user, shown.start, shown.end)
    episode = episodes.active(current_user)
    days = week.days(meetings, shown)
    return render(
        "schedule/index.html",
        status=200 if shown.understood else 422,
        week=shown,
        days=days,
        changes=week.changes_in_words(days),
        unseen=week.unseen(days, now),
        swappable={m.key for m in meetings if not offers.why_not(m, current_user.program, now)},
        swaps=holds.swaps(current_user, [m.key for m in meetings]),
        came=hours.CAME,
        hours=hours.of_episode(meetings, shown.monday, episode, current_user.program, now),
        episode=episode,
        now=now,
        saved=request.args.get("saved"),
    )


def _program(shown: week.ShownWeek) -> ResponseReturnValue:
    by, now = request.args.get("by"), clock.now()
    return render(
        "schedule/program.html",
        status=200 if shown.understood else 422,
        week=shown,
        by=by if by in board.GROUPED else None,
        board=board.of_week(current_user, shown, by, now),
        now=now,
    )


@blueprint.get("/groups/")
@therapists
@rules("leads", "groups.view")
def groups() -> ResponseReturnValue:
    shown, now = _shown_week(), clock.now()
    sessions = staff_meetings.led_by(current_user, shown.start, shown.end)
    to_take = still_to_take(current_user, shown.start, shown.end, now)
    told, given = changes.told(current_user, shown.start, shown.end, now)
    audit.record(current_user, "groups.view")
    db.session.commit()
    return render(
        "schedule/groups.html",
        status=200 if shown.understood else 422,
        week=shown,
        days=week.by_day(sessions, shown) if sessions else [],
        to_take=to_take,
        told=told,
        given=given,
        now=now,
    )


@blueprint.get("/sessions/<key>/attendance")
@staff
@rules("leads", "roster.view")
def attendance(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    people = roster(session)
    typed, kept_at = drafts.kept(current_user, request.path)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return _attendance(session, people, attendance_form(session, people, typed), kept_at=kept_at)


@blueprint.post("/sessions/<key>/attendance")
@staff
@rules("leads", "attendance.take", "attendance.correct")
def take_attendance(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    people = roster(session)
    form = attendance_form(session, people)
    if not form.validate():
        return _attendance(session, people, form, status=422)
    try:
        for person, status, minutes in form.marks(people):
            take(session, person, status, minutes, current_user, clock.now())
    except ValueError as refused:
        form.form_errors.append(str(refused))
        return _attendance(session, people, form, status=422)
    drafts.drop(current_user, request.path)
    db.session.commit()
    return redirect(url_for("schedule.attendance", key=key, saved="yes"), 303)


def _attendance(
    session: StaffMeeting,
    people: list[RosterRow],
    form: AttendanceForm,
    status: int = 200,
    **more,
) -> ResponseReturnValue:
    return render(
        "schedule/attendance.html",
        status=status,
        session=session,
        people=[(person, form[f"status-{person.key}"], form[f"minutes-{person.key}"]) for person in people],
        form=form,
        likely=likely_minutes(session),
        left=left_in_words(people),
        reasons=absences.reasons(session, current_user),
        now=clock.now(),
        saved=request.args.get("saved"),
        **{"kept_at": None, **more},
    )
