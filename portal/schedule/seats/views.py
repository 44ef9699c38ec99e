"""Pages of one session for a participant: what changed, coming or not, another seat, busy hours."""

import re

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock, exercises, library
from portal.access import accepts, form_on, participants, rules
from portal.db import db
from portal.fields import Refused, refusals_on
from portal.schedule import own_meetings, phrases, session_changes, week
from portal.schedule.attendance import hours
from portal.schedule.own_meetings import OwnMeeting
from portal.schedule.seats import absences, busy, holds, offers
from portal.schedule.seats.forms import AbsenceForm, BusyForm
from portal.schedule.seats.offers import SeatChoice
from portal.web import render

blueprint = Blueprint("seats", __name__)
KEY = re.compile(r"[A-Za-z0-9_-]{1,22}")
MOST_AT_ONCE = 20


@blueprint.get("/sessions/<key>")
@participants
@rules("self")
def show(key: str) -> ResponseReturnValue:
    return _show(own_meetings.called(current_user, key))


def _show(meeting: OwnMeeting, status: int = 200, refused: str = "") -> ResponseReturnValue:
    now = clock.now()
    return render(
        "schedule/seats/show.html",
        status=status,
        refused=refused,
        meeting=meeting,
        acts=week.changes_by_act(meeting),
        seen_words=phrases.seen,
        swaps=holds.read_swaps(current_user, [meeting.key]),
        can_miss=absences.can_be_said(meeting, now),
        can_swap=not offers.why_no_seat(meeting, current_user.program, now),
        material=library.MATERIALS.get(meeting.material),
        worksheet=exercises.EXERCISES.get(meeting.worksheet),
        came=hours.CAME,
        now=now,
    )


@blueprint.post("/changes/<key>/seen")
@participants
@rules("self", "change.see")
@form_on("schedule.index")
def see(key: str) -> ResponseReturnValue:
    session_changes.see(current_user, key, clock.now())
    db.session.commit()
    return redirect(_where_it_was_seen(), 303)


@blueprint.post("/changes/seen")
@participants
@rules("self", "change.see")
@form_on("today.show")
def see_all() -> ResponseReturnValue:
    """Everything that the page showed when the button was pressed, and nothing that came in since."""
    for key in request.form.get("keys", "").split()[:MOST_AT_ONCE]:
        session_changes.see(current_user, key, clock.now())
    db.session.commit()
    return redirect(url_for("today.show", saved="seen", _anchor="new"), 303)


def _where_it_was_seen() -> str:
    """The page that the button stood on: one of two, and never an address out of the form."""
    page, key = request.form.get("back"), request.form.get("session", "")
    if page == "session" and KEY.fullmatch(key):
        return url_for(".show", key=key, saved="seen")
    return url_for("schedule.index", week=clock.parse_day(request.form.get("week")), saved="seen")


@blueprint.get("/sessions/<key>/absence")
@participants
@rules("self")
def absence_new(key: str) -> ResponseReturnValue:
    meeting = own_meetings.called(current_user, key)
    return _absence(meeting, AbsenceForm(reason=absences.reason_of(current_user, meeting)))


@blueprint.post("/sessions/<key>/absence")
@participants
@rules("self", "absence.say")
@accepts(AbsenceForm)
def absence_create(key: str) -> ResponseReturnValue:
    meeting = own_meetings.called(current_user, key)
    form = AbsenceForm(reason=absences.reason_of(current_user, meeting))
    with refusals_on(form):
        if form.validate():
            absences.say(current_user, meeting, form.reason.data or "", clock.now())
            db.session.commit()
            counts = meeting.kind in current_user.program.counted_kinds
            return redirect(url_for(".index" if counts else ".show", key=key, saved="absent"), 303)
    return _absence(meeting, form, 422)


def _absence(meeting: OwnMeeting, form: AbsenceForm, status: int = 200) -> ResponseReturnValue:
    return render(
        "schedule/seats/absence.html",
        status=status,
        meeting=meeting,
        form=form,
        can_miss=absences.can_be_said(meeting, clock.now()),
    )


@blueprint.post("/sessions/<key>/absence/withdraw")
@participants
@rules("self", "absence.withdraw")
@form_on("seats.show")
def absence_withdraw(key: str) -> ResponseReturnValue:
    meeting = own_meetings.called(current_user, key)
    try:
        absences.withdraw(current_user, meeting, clock.now())
    except Refused as refused:
        return _show(meeting, 409, refused.words)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="coming"), 303)


@blueprint.get("/sessions/<key>/seats")
@participants
@rules("self")
def index(key: str) -> ResponseReturnValue:
    missed = own_meetings.called(current_user, key)
    choice = offers.offer_seats(current_user, current_user.program, missed, clock.now())
    return _seats(choice)


@blueprint.errorhandler(holds.NotFree)
def not_free(refused: holds.NotFree) -> ResponseReturnValue:
    """The seats that are left, for whoever wanted one that somebody was faster to take."""
    return _seats(refused.choice, 409)


def _seats(choice: SeatChoice, status: int = 200) -> ResponseReturnValue:
    return render(
        "schedule/seats/index.html",
        status=status,
        choice=choice,
        missed=choice.missed,
        now=clock.now(),
        gone=status == 409,
    )


@blueprint.get("/sessions/<key>/seats/<other>")
@participants
@rules("self")
def offer(key: str, other: str) -> ResponseReturnValue:
    missed, seat = own_meetings.called(current_user, key), holds.find_seat(current_user, other)
    if seat is None:
        return redirect(url_for(".index", key=key), 303)
    if seat.until is None:
        return redirect(url_for(".show", key=other), 303)
    return render("schedule/seats/offer.html", missed=missed, seat=seat, offer=seat.offer, now=clock.now())


@blueprint.post("/sessions/<key>/seats/<other>/hold")
@participants
@rules("self", "seat.hold")
@form_on("seats.index")
def hold(key: str, other: str) -> ResponseReturnValue:
    missed = own_meetings.called(current_user, key)
    holds.hold_seat(current_user, current_user.program, missed, other, clock.now())
    db.session.commit()
    return redirect(url_for(".offer", key=key, other=other), 303)


@blueprint.post("/sessions/<key>/seats/<other>/take")
@participants
@rules("self", "seat.take")
@form_on("seats.offer")
def take(key: str, other: str) -> ResponseReturnValue:
    missed = own_meetings.called(current_user, key)
    holds.take_seat(current_user, current_user.program, missed, other, clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=other, saved="taken"), 303)


@blueprint.post("/sessions/<key>/seats/<other>/let-go")
@participants
@rules("self", "seat.let_go")
@form_on("seats.offer")
def release(key: str, other: str) -> ResponseReturnValue:
    holds.release(current_user, own_meetings.called(current_user, key), other)
    db.session.commit()
    return redirect(url_for(".index", key=key, saved="let-go"), 303)


@blueprint.post("/sessions/<key>/seats/<other>/give-up")
@participants
@rules("self", "seat.give_up")
@form_on("seats.offer")
def give_up(key: str, other: str) -> ResponseReturnValue:
    try:
        day = holds.give_up_seat(current_user, key, other, clock.now())
    except holds.Begun:
        return redirect(url_for(".show", key=other, saved="begun"), 303)
    db.session.commit()
    return redirect(url_for("schedule.index", week=day, saved="given-up"), 303)


@blueprint.get("/schedule/busy-times")
@participants
@rules("self")
def busy_new() -> ResponseReturnValue:
    return _busy(BusyForm())


@blueprint.post("/schedule/busy-times")
@participants
@rules("self", "busy.change")
@accepts(BusyForm)
def busy_create() -> ResponseReturnValue:
    form = BusyForm()
    with refusals_on(form):
        if form.validate():
            busy.add(current_user, *form.values())
            db.session.commit()
            return redirect(url_for(".busy_new", saved="added"), 303)
    return _busy(form, 422)


@blueprint.post("/schedule/busy-times/<key>/remove")
@participants
@rules("self", "busy.change")
@form_on("seats.busy_new")
def busy_remove(key: str) -> ResponseReturnValue:
    busy.remove(current_user, key)
    db.session.commit()
    return redirect(url_for(".busy_new", saved="removed"), 303)


def _busy(form: BusyForm, status: int = 200) -> ResponseReturnValue:
    return render("schedule/seats/busy.html", status=status, form=form, times=busy.read_times(current_user))
