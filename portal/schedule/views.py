"""Pages of the schedule: a participant's week, what a therapist leads, and the program's week."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import access, audit, clock, episodes
from portal.access import rules, therapists
from portal.db import db
from portal.schedule import board, own_meetings, session_changes, staff_meetings, week
from portal.schedule.attendance import hours
from portal.schedule.attendance.roster import still_to_take
from portal.schedule.seats import holds, offers
from portal.web import render

blueprint = Blueprint("schedule", __name__)
participants_and_coordinators = access.audience("participant", "coordinator")


def _shown_week() -> week.ShownWeek:
    return week.shown_week(request.args.get("week"), clock.now(), current_user.program.zone)


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
    days = week.place_in_days(meetings, shown)
    return render(
        "schedule/index.html",
        status=200 if shown.understood else 422,
        week=shown,
        days=days,
        changes=week.count_changes(days),
        unseen=week.unseen_acts(days, now),
        swappable={m.key for m in meetings if not offers.why_no_seat(m, current_user.program, now)},
        swaps=holds.read_swaps(current_user, [m.key for m in meetings]),
        came=hours.CAME,
        hours=hours.hours_of_week(meetings, shown.monday, episode, current_user.program, now),
        episode=episode,
        now=now,
    )


def _program(shown: week.ShownWeek) -> ResponseReturnValue:
    choice, now = board.BoardChoice.read(request.args), clock.now()
    return render(
        "schedule/program.html",
        status=200 if shown.understood else 422,
        week=shown,
        choice=choice,
        board=board.draw_board(current_user, shown, choice, now),
        ways=board.COLUMNS,
        now=now,
    )


@blueprint.get("/groups/")
@therapists
@rules("leads", "groups.view")
def groups() -> ResponseReturnValue:
    shown, now = _shown_week(), clock.now()
    sessions = staff_meetings.led_by(current_user, shown.start, shown.end)
    to_take = still_to_take(current_user, shown.start, shown.end, now)
    told, given = session_changes.latest_for_leader(current_user, shown.start, shown.end, now)
    audit.record(current_user, "groups.view")
    db.session.commit()
    return render(
        "schedule/groups.html",
        status=200 if shown.understood else 422,
        week=shown,
        days=week.sessions_by_day(sessions, shown) if sessions else [],
        to_take=to_take,
        told=told,
        given=given,
        now=now,
    )
