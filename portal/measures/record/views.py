"""The page of one participant's measures, and what their therapist decides there."""

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, measures, people
from portal.access import accepts, form_on, rules, therapists
from portal.db import db
from portal.measures import asked_as, measure_entries, measure_schedules, phrases, record
from portal.measures.comparison import compare
from portal.measures.measure_entries import MeasureVersion
from portal.measures.measure_schedules import rhythms
from portal.measures.models import EVERY
from portal.measures.record.forms import MeasureScheduleForm, SeenForm, TotalForm
from portal.people import FoundParticipant
from portal.web import render

blueprint = Blueprint("measuring", __name__, url_prefix="/caseload/<key>/measures")


@blueprint.get("")
@therapists
@rules("care", "record.view")
def show(key: str) -> ResponseReturnValue:
    return _page(people.participant_of(current_user, key))


@blueprint.post("/plan")
@therapists
@rules("care", "measure.plan")
@accepts(MeasureScheduleForm, on="measuring.show")
def choose(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    chosen = measure_schedules.chosen_for(participant)
    form = _schedule(request.form.get("slug", ""), chosen)
    if not form.validate():
        return _page(participant, 422, schedule=form)
    measure_schedules.choose(current_user, participant, *form.chosen, clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="plan"), 303)


@blueprint.post("/totals")
@therapists
@rules("care", "measure.enter")
@accepts(TotalForm, on="measuring.show")
def enter(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, now = _total(participant), clock.now()
    if not form.validate():
        return _page(participant, 422, total=form)
    measure_entries.enter_total(current_user, participant, *form.sent, now, form.key.data)
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="total"), 303)


@blueprint.post("/<entry>/reviews")
@therapists
@rules("care", "measure.review")
@form_on("measuring.show")
def review(key: str, entry: str) -> ResponseReturnValue:
    """Mark the version that was shown as seen; back to the page on which the button was."""
    participant, form = people.participant_of(current_user, key, to_write=True), SeenForm()
    read = measure_entries.find(participant, entry)
    measure_entries.mark_seen(current_user, participant, read, clock.now(), form.version.data)
    db.session.commit()
    if form.back.data == "history":
        return redirect(url_for("caseload.show", key=key, _anchor="measures"), 303)
    return redirect(url_for(".show", key=key, saved="look", _anchor=f"entry-{entry}"), 303)


def _schedule(slug: str, chosen: Mapping[str, str]) -> MeasureScheduleForm:
    """The form that says how often `slug` is asked of a participant, for whom this is `chosen`."""
    facts = current_user.program
    every, _ = measure_schedules.rhythm_of(asked_as(slug, facts), chosen, facts)
    return MeasureScheduleForm(measures.served(facts), change=slug, data={"slug": slug, "every": every})


def _total(participant: FoundParticipant, changed: MeasureVersion | None = None) -> TotalForm:
    """The form of a total: a new one, or one to change."""
    today = clock.day_of(clock.now(), participant.zone)
    if changed is None:
        return TotalForm(today=today)
    known = {"name": changed.slug, "total": changed.total, "day": changed.for_day, "key": changed.key}
    return TotalForm(today=today, data=known)


def _page(
    participant: FoundParticipant,
    status: int = 200,
    *,
    schedule: MeasureScheduleForm | None = None,
    total: TotalForm | None = None,
) -> ResponseReturnValue:
    shown = record.measure_record_of(participant, current_user.program)
    audit.record_look(current_user, participant)
    db.session.commit()
    may_be_asked = measures.served(current_user.program)
    schedules = {slug: _schedule(slug, shown.chosen) for slug in may_be_asked}
    if schedule:
        schedules[str(schedule.slug.data)] = schedule
    changed = request.args.get("change") if request.method == "GET" else None
    total = total or _total(participant, shown.total(changed) if changed else None)
    return render(
        "measures/record/show.html",
        status=status,
        participant=participant,
        record=shown,
        may_be_asked=may_be_asked,
        schedule=schedule,
        schedules=schedules,
        every=EVERY,
        rhythms=rhythms,
        compare=compare,
        phrases=phrases,
        totals=measures.TOTALS,
        total=total,
        changed=next((entry for entry in shown.totals if entry.key == total.key.data), None),
        now=clock.now(),
    )
