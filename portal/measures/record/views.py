"""The page of one participant's measures, and what their therapist decides there."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, measures, people
from portal.access import form_on, rules, therapists
from portal.db import db
from portal.measures import entries, plans, record
from portal.measures.models import EVERY
from portal.measures.plans import rhythms
from portal.measures.record.forms import PlanForm, TotalForm
from portal.people import Found, drafts
from portal.web import render

blueprint = Blueprint("measuring", __name__, url_prefix="/caseload/<key>/measures")


@blueprint.get("")
@therapists
@rules("care", "record.view")
def show(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key)
    typed, kept_at = drafts.kept(current_user, request.path)
    plan = _plan(typed) if typed and "every" in typed else None
    total = TotalForm(typed) if typed and "total" in typed else None
    return _page(participant, plan=plan, total=total, kept_at=kept_at)


@blueprint.post("/plan")
@therapists
@rules("care", "measure.plan")
@form_on("measuring.show")
def choose(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, chosen = _plan(), plans.chosen_for(participant)
    if not form.validate():
        return _page(participant, 422, plan=form)
    plans.choose(current_user, participant, *form.plan, clock.now(), chosen)
    drafts.drop(current_user, url_for(".show", key=key))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="plan"), 303)


@blueprint.post("/totals")
@therapists
@rules("care", "measure.enter")
@form_on("measuring.show")
def enter(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form = TotalForm()
    if not form.validate():
        return _page(participant, 422, total=form)
    entries.enter_total(current_user, participant, *form.sent, clock.now(), form.key.data)
    drafts.drop(current_user, url_for(".show", key=key))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="total"), 303)


@blueprint.post("/<entry>/looks")
@therapists
@rules("care", "measure.review")
@form_on("measuring.show")
def look(key: str, entry: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    entries.look_at(current_user, participant, entries.of(participant, entry))
    db.session.commit()
    return redirect(url_for(".show", key=key, saved="look", _anchor=f"entry-{entry}"), 303)


def _plan(typed: Any = None) -> PlanForm:
    may_be_asked = measures.served(current_user.program.turned_on)
    return PlanForm(typed, may_be_asked=may_be_asked) if typed else PlanForm(may_be_asked=may_be_asked)


def _page(participant: Found, status: int = 200, **more: Any) -> ResponseReturnValue:
    shown = record.of(participant, current_user.program)
    audit.record_look(current_user, participant)
    db.session.commit()
    context = {"plan": None, "kept_at": None} | more
    return render(
        "measures/record/show.html",
        status=status,
        participant=participant,
        record=shown,
        may_be_asked=measures.served(current_user.program.turned_on),
        every=EVERY,
        rhythms=rhythms,
        totals=measures.TOTALS,
        total=context.pop("total", None) or TotalForm(formdata=None),
        now=clock.now(),
        saved=request.args.get("saved"),
        **context,
    )
