"""Pages of attendance: who came to a session, and a week of the program in numbers, to read, print and take away."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, spreadsheet
from portal.access import accepts, coordinators, rules, staff
from portal.db import db
from portal.fields import refusals_on
from portal.schedule import staff_meetings, week
from portal.schedule.attendance import hours
from portal.schedule.attendance.forms import AttendanceForm, attendance_form, likely_minutes
from portal.schedule.attendance.report import draw_table, report_week
from portal.schedule.attendance.roster import RosterRow, left_in_words, read_roster, take_attendance
from portal.schedule.seats import absences
from portal.schedule.staff_meetings import StaffMeeting
from portal.web import render

blueprint = Blueprint("attendance", __name__)


@blueprint.get("/sessions/<key>/attendance")
@staff
@rules("leads", "roster.view")
def edit(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    people = read_roster(session)
    audit.record(current_user, "roster.view", subject=key)
    db.session.commit()
    return _edit(session, people, attendance_form(session, people))


@blueprint.post("/sessions/<key>/attendance")
@staff
@rules("leads", "attendance.take", "attendance.correct")
@accepts(AttendanceForm)
def update(key: str) -> ResponseReturnValue:
    session = staff_meetings.called(current_user, key)
    people = read_roster(session)
    form = attendance_form(session, people)
    with refusals_on(form):
        if form.validate():
            for person, status, minutes in form.marks(people):
                take_attendance(session, person, status, minutes, current_user, clock.now())
            db.session.commit()
            return redirect(url_for(".edit", key=key, saved="yes"), 303)
    return _edit(session, people, form, 422)


def _edit(
    session: StaffMeeting, people: list[RosterRow], form: AttendanceForm, status: int = 200
) -> ResponseReturnValue:
    return render(
        "schedule/attendance/edit.html",
        status=status,
        session=session,
        people=[(person, form[f"status-{person.key}"], form[f"minutes-{person.key}"]) for person in people],
        form=form,
        likely=likely_minutes(session),
        left=left_in_words(people),
        reasons=absences.reasons(session, current_user),
        now=clock.now(),
    )


@blueprint.get("/schedule/report")
@coordinators
@rules("program", "report.view")
def report() -> ResponseReturnValue:
    now = clock.now()
    shown = week.shown_week(request.args.get("week"), now, current_user.program.zone)
    reported = report_week(current_user, shown.monday, current_user.program, now)
    audit.record(current_user, "report.view", subject=str(shown.monday))
    db.session.commit()
    return render(
        "schedule/attendance/report.html",
        status=200 if shown.understood else 422,
        week=shown,
        report=reported,
        exactly=hours.exactly,
        fresh=current_user.is_fresh(now),
    )


@blueprint.get("/schedule/report.csv")
@coordinators
@rules("program", "report.export", fresh=True)
def download() -> ResponseReturnValue:
    now = clock.now()
    shown = week.shown_week(request.args.get("week"), now, current_user.program.zone)
    if not shown.understood:
        return redirect(url_for(".report", week=request.args["week"]), 303)
    reported = report_week(current_user, shown.monday, current_user.program, now)
    audit.record(current_user, "report.export", subject=str(shown.monday))
    db.session.commit()
    return spreadsheet.download(f"week-{shown.monday}", *draw_table(reported))
