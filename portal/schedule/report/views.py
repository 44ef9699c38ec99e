"""Pages of the report: a week of the program in numbers, to read, to print and as a file."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, spreadsheet
from portal.access import coordinators, rules
from portal.db import db
from portal.schedule import hours, report, week
from portal.schedule.report.table import table
from portal.web import render

blueprint = Blueprint("report", __name__)


def _shown_week() -> week.ShownWeek:
    return week.shown(request.args.get("week"), clock.now(), current_user.program.zone)


@blueprint.get("/schedule/report")
@coordinators
@rules("program", "report.view")
def show() -> ResponseReturnValue:
    shown, now = _shown_week(), clock.now()
    made = report.of_week(current_user, shown.monday, current_user.program, now)
    audit.record(current_user, "report.view", subject=str(shown.monday))
    db.session.commit()
    return render(
        "schedule/report/show.html",
        status=200 if shown.understood else 422,
        week=shown,
        report=made,
        exactly=hours.exactly,
        fresh=current_user.is_fresh(now),
    )


@blueprint.get("/schedule/report.csv")
@coordinators
@rules("program", "report.export", fresh=True)
def download() -> ResponseReturnValue:
    shown = _shown_week()
    if not shown.understood:
        return redirect(url_for("report.show", week=request.args["week"]), 303)
    made = report.of_week(current_user, shown.monday, current_user.program, clock.now())
    audit.record(current_user, "report.export", subject=str(shown.monday))
    db.session.commit()
    return spreadsheet.download(f"week-{shown.monday}", *table(made))
