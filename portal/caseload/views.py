"""Pages of a therapist: who needs a look today, the rules of that, and one person's history."""

from dataclasses import replace
from datetime import date

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import access, audit, caseload, checkins, clock, measures, people
from portal.access import accepts, therapists
from portal.caseload import order, phrases
from portal.caseload.forms import CorrectionForm, QuestionsForm, ReviewForm, SeenAllForm, reply_forms
from portal.caseload.history import USUAL_WINDOW, WINDOWS, History, history_of
from portal.caseload.reasons import STAYS_HOURS
from portal.checkins import floors, question_plans, replies, usual_range
from portal.checkins.check_in_versions import CheckInReview
from portal.checkins.sets import to_choose
from portal.db import db
from portal.door.guard import visitor
from portal.exercises import SAFETY_PLAN
from portal.fields import refusals_on
from portal.flags import phrases as flag_phrases
from portal.measures import on_caseload as of_measures
from portal.people import FoundParticipant
from portal.people.care import ROLES
from portal.people.care.on_caseload import team_to_reach
from portal.web import render

blueprint = Blueprint("caseload", __name__, url_prefix="/caseload")


@blueprint.get("/")
@therapists
@access.rules("care", "caseload.view")
def index() -> ResponseReturnValue:
    now, me = clock.now(), visitor()
    choice = request.args.get("show", "")
    everyone = caseload.gather(me, me.program, now)
    audit.record(me, "caseload.view")
    db.session.commit()
    return render(
        "caseload/index.html",
        fragment="caseload/_list.html",
        caseload=everyone,
        lines=everyone.shown(choice),
        today=clock.day_of(now, me.zone),
        show=choice if choice in phrases.SHOW else "everyone",
        rows="compact" if request.args.get("rows") == "compact" else "roomy",
        phrases=phrases,
    )


@blueprint.get("/rules")
@therapists
@access.rules("nothing")
def rules() -> ResponseReturnValue:
    return render(
        "caseload/rules.html",
        usual=usual_range,
        floors=floors,
        order=order,
        instruments=measures.free_to_ask(current_user.program).values(),
        measure_days=of_measures.READ_DAYS.days,
        stays_hours=STAYS_HOURS,
    )


@blueprint.get("/<key>")
@therapists
@access.rules("care", "record.view")
def show(key: str) -> ResponseReturnValue:
    """The history; with `entry`, the page that holds this check-in, or as a fragment that check-in alone."""
    participant = people.participant_of(current_user, key)
    asked, until = request.args.get("entry"), clock.parse_day(request.args.get("until"))
    history = _history(participant, until)
    if asked and not history.lists(asked, _only()):
        day = checkins.find(participant, asked).for_day
        if day == until:
            abort(404)
        return redirect(url_for(".show", key=key, entry=asked, until=day, _anchor=f"entry-{asked}"), 303)
    return _page(history, asked)


@blueprint.get("/<key>/previous")
@therapists
@access.rules("care", "caseload.view")
def previous_person(key: str) -> ResponseReturnValue:
    return _beside(key, -1)


@blueprint.get("/<key>/next")
@therapists
@access.rules("care", "caseload.view")
def next_person(key: str) -> ResponseReturnValue:
    return _beside(key, 1)


def _beside(key: str, step: int) -> ResponseReturnValue:
    """To the history of who stands beside this person on the caseload as it is now; past its ends, to the caseload."""
    me = visitor()
    other = caseload.gather(me, me.program, clock.now()).beside(key, step)
    audit.record(me, "caseload.view")
    db.session.commit()
    return redirect(url_for(".show", key=other.key) if other else url_for(".index"), 303)


@blueprint.post("/<key>/check-ins/<entry>/reviews")
@therapists
@access.rules("care", "check_in.review", "check_in.reply")
@accepts(ReviewForm, on="caseload.show")
def review(key: str, entry: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    check_in = checkins.find(participant, entry)
    form = ReviewForm(entry)
    if not form.validate():
        return _page(_history(participant, check_in.for_day), entry, form, 422)
    read = replace(check_in, version=form.version_read(check_in.version))
    checkins.review(current_user, participant, read, form.reply.data, clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key, entry=entry, _anchor=f"entry-{entry}"), 303)


@blueprint.get("/<key>/check-ins/<entry>/replies/<reply>")
@therapists
@access.rules("care", "record.view")
def reply(key: str, entry: str, reply: str) -> ResponseReturnValue:
    """One reply with all that became of it; for its writer the form to change it, until it was seen."""
    participant = people.participant_of(current_user, key)
    found = replies.find(participant, entry, reply)
    return _reply(participant, found, CorrectionForm(data={"reply": found.reply}))


@blueprint.post("/<key>/check-ins/<entry>/replies/<reply>")
@therapists
@access.rules("care", "record.view", "check_in.correct_reply")
@accepts(CorrectionForm)
def correct_reply(key: str, entry: str, reply: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    found = replies.find(participant, entry, reply)
    form = CorrectionForm(data={"reply": found.reply})
    if form.validate():
        with refusals_on(form):
            replies.correct(current_user, participant, found, str(form.reply.data), clock.now())
            db.session.commit()
            return redirect(url_for(".show", key=key, entry=entry, _anchor=f"entry-{entry}"), 303)
    return _reply(participant, replies.find(participant, entry, reply), form, 422)


@blueprint.post("/<key>/check-ins/<entry>/replies/<reply>/taken-back")
@therapists
@access.rules("care", "record.view", "check_in.take_back_reply")
@access.form_on("caseload.reply", clears="caseload.correct_reply")
def take_back_reply(key: str, entry: str, reply: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    found = replies.find(participant, entry, reply)
    form = CorrectionForm(formdata=None, data={"reply": found.reply})
    with refusals_on(form):
        replies.take_back(current_user, participant, found, clock.now())
        db.session.commit()
        return redirect(url_for(".show", key=key, entry=entry, _anchor=f"entry-{entry}"), 303)
    return _reply(participant, replies.find(participant, entry, reply), form, 422)


def _reply(
    participant: FoundParticipant, found: CheckInReview, form: CorrectionForm, status: int = 200
) -> ResponseReturnValue:
    is_mine = found.by_id == visitor().id and not participant.opened_until
    audit.record_look(current_user, participant)
    db.session.commit()
    return render(
        "caseload/reply.html",
        status=status,
        person=participant,
        entry=checkins.find(participant, found.check_in_key),
        reply=found,
        steps=replies.steps_of(found),
        form=form,
        to_change=is_mine and found.can_change,
        today=clock.day_of(clock.now(), visitor().zone),
    )


@blueprint.post("/<key>/reviews")
@therapists
@access.rules("care", "check_in.review")
@access.form_on("caseload.show")
def review_all(key: str) -> ResponseReturnValue:
    """Mark what the page showed as seen, but for what has to be opened one by one."""
    participant = people.participant_of(current_user, key, to_write=True)
    history, form = _history(participant, clock.parse_day(request.args.get("until"))), SeenAllForm()
    plain = [one.entry for one in history.plain(history.parts(_only()))]
    read = [entry for entry in plain if form.name_of(entry) in form.named]
    checkins.review_all(current_user, participant, read, clock.now())
    db.session.commit()
    return redirect(
        url_for(
            ".show", key=key, days=history.length, only=_only(), until=request.args.get("until"), _anchor="checkins"
        ),
        303,
    )


@blueprint.get("/<key>/questions")
@therapists
@access.rules("care", "record.view")
def questions(key: str) -> ResponseReturnValue:
    """The questions of this person's check-ins, and what else they could ask."""
    participant = people.participant_of(current_user, key, to_write=True)
    plan = question_plans.question_plan_of(participant, current_user.program)
    return _questions(participant, QuestionsForm(plan))


def _questions(participant: FoundParticipant, form: QuestionsForm, status: int = 200) -> ResponseReturnValue:
    audit.record_look(current_user, participant)
    db.session.commit()
    return render(
        "caseload/questions.html",
        status=status,
        person=participant,
        form=form,
        sets=to_choose(),
    )


@blueprint.post("/<key>/questions")
@therapists
@access.rules("care", "record.view", "checkin_plan.choose")
@accepts(QuestionsForm)
def choose_questions(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form = QuestionsForm(question_plans.question_plan_of(participant, current_user.program))
    if not form.validate():
        return _questions(participant, form, 422)
    question_plans.choose(
        current_user,
        participant,
        str(form.asks.data),
        form.targets,
        form.goal.data or None,
        clock.now(),
        asks_self_harm=form.self_harm.data,
    )
    db.session.commit()
    return redirect(url_for(".questions", key=key, saved=1), 303)


def _history(participant: FoundParticipant, until: date | None) -> History:
    asked = request.args.get("days")
    length = next((length for length in WINDOWS if str(length) == asked), USUAL_WINDOW)
    return history_of(visitor(), participant, clock.now(), length, until)


def _only() -> str:
    only = request.args.get("only", "")
    return only if only in phrases.ONLY else "all"


def _page(
    history: History, asked: str | None, form: ReviewForm | None = None, status: int = 200
) -> ResponseReturnValue:
    parts, is_opened = history.parts(_only()), history.participant.opened_until is not None
    audit.record_look(current_user, history.participant)
    db.session.commit()
    return render(
        "caseload/show.html",
        fragment="caseload/_entry.html" if asked else "caseload/_history.html",
        status=status,
        history=history,
        parts=parts,
        older=history.older_than(parts),
        only=_only(),
        check_in=history.by_key[asked] if asked else None,
        asked=asked,
        form=form,
        replies=reply_forms(history.participant, history.by_key, {asked: form} if asked and form else {}),
        team=team_to_reach(history.participant, current_user.program.zone, history.now) if is_opened else None,
        safety_plan=history.practiced.get(SAFETY_PLAN),
        roles=ROLES,
        windows=WINDOWS,
        plain=history.plain(parts),
        seen_form=SeenAllForm(),
        phrases=phrases,
        flag_phrases=flag_phrases,
    )
