"""The page of one participant's measures, and what their therapist decides there."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, drafts, measures, people
from portal.access import form_on, rules, therapists
from portal.db import db
from portal.measures import entries, measure_schedules, record
from portal.measures.measure_schedules import rhythms
from portal.measures.models import EVERY
from portal.measures.record.forms import MeasureScheduleForm, TotalForm
from portal.people import FoundParticipant
from portal.web import render

blueprint = Blueprint("measuring", __name__, url_prefix="/caseload/<key>/measures")


@blueprint.get("")
@therapists
@rules("care", "record.view")
def show(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key)
    typed, kept_at = drafts.kept(current_user, request.path)
    plan = _plan(formdata=typed) if typed and "every" in typed else None
    total = _total(participant, formdata=typed) if typed and "total" in typed else None
    return _page(participant, plan=plan, total=total, kept_at=kept_at)


@blueprint.post("/plan")
@therapists
@rules("care", "measure.plan")
@form_on("measuring.show")
def choose(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, chosen = _plan(), measure_schedules.chosen_for(participant)
    if not form.validate():
        return _page(participant, 422, plan=form)
    measure_schedules.choose(current_user, participant, *form.plan, clock.now(), chosen)
    drafts.drop(current_user, url_for(".show", key=key))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="plan"), 303)


@blueprint.post("/totals")
@therapists
@rules("care", "measure.enter")
@form_on("measuring.show")
def enter(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, now = _total(participant), clock.now()
    if not form.validate():
        return _page(participant, 422, total=form)
    entries.enter_total(current_user, participant, *form.sent, now, form.key.data)
    drafts.drop(current_user, url_for(".show", key=key))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="total"), 303)


@blueprint.post("/<entry>/looks")
@therapists
@rules("care", "measure.review")
@form_on("measuring.show")
def look(key: str, entry: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    entries.look_at(current_user, participant, entries.find(participant, entry))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="look", _anchor=f"entry-{entry}"), 303)


def _plan(**given: Any) -> MeasureScheduleForm:
    return MeasureScheduleForm(may_be_asked=measures.served(current_user.program.turned_on), **given)


def _total(participant: FoundParticipant, **given: Any) -> TotalForm:
    return TotalForm(today=clock.day_of(clock.now(), participant.zone), **given)


def _total_to_change(participant: FoundParticipant, shown: record.MeasureRecord) -> TotalForm:
    """The form as it stands: empty, or with the total that the address names; NotFound for none of theirs."""
    if not (key := request.args.get("change")):
        return _total(participant, formdata=None)
    entry = shown.total(key)
    known = {"name": entry.slug, "total": entry.total, "day": entry.for_day, "key": entry.key}
    return _total(participant, formdata=None, data=known)


def _page(participant: FoundParticipant, status: int = 200, **more: Any) -> ResponseReturnValue:
    shown = record.measure_record_of(participant, current_user.program)
    audit.record_look(current_user, participant)
    db.session.commit()
    context = {"plan": None, "kept_at": None} | more
    total = context.pop("total", None) or _total_to_change(participant, shown)
    return render(
        "measures/record/show.html",
        status=status,
        participant=participant,
        record=shown,
        may_be_asked=measures.served(current_user.program.turned_on),
        every=EVERY,
        rhythms=rhythms,
        totals=measures.TOTALS,
        total=total,
        changed=next((entry for entry, _ in shown.totals if entry.key == total.key.data), None),
        now=clock.now(),
        saved=request.args.get("saved"),
        **context,
    )
