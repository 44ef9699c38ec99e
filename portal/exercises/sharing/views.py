"""Pages of what is shared: the participant gives and takes back, their therapist reads and approves."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, exercises, people
from portal.access import accepts, form_on, participants, rules, therapists
from portal.db import db
from portal.exercises import KeptPractice, sharing
from portal.exercises.sharing.forms import ApprovalForm
from portal.people import FoundParticipant
from portal.web import page_of, render

blueprint = Blueprint("sharing", __name__)


@blueprint.post("/exercises/<slug>/practices/<key>/share")
@participants
@rules("self", "practice.share")
@form_on("exercises.practice")
def create(slug: str, key: str) -> ResponseReturnValue:
    practice = _own(slug, key)
    sharing.share(current_user, practice, clock.now())
    db.session.commit()
    return redirect(practice.address, 303)


@blueprint.post("/exercises/<slug>/practices/<key>/unshare")
@participants
@rules("self", "practice.unshare")
@form_on("exercises.practice")
def end(slug: str, key: str) -> ResponseReturnValue:
    practice = _own(slug, key)
    sharing.stop_sharing(current_user, practice, clock.now())
    db.session.commit()
    return redirect(practice.address, 303)


def _own(slug: str, key: str) -> KeptPractice:
    exercise = exercises.EXERCISES.get(slug)
    if exercise is None:
        abort(404)
    return exercises.practice(current_user, exercise, key)


@blueprint.get("/caseload/<key>/practices")
@therapists
@rules("care", "practices.view")
def index(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    shared = page_of(sharing.shared_practices(participant), request.args.get("page"))
    audit.record(current_user, "practices.view", participant)
    db.session.commit()
    return render("exercises/sharing/index.html", participant=participant, shared=shared)


def _shared(key: str, practice_key: str) -> tuple[FoundParticipant, KeptPractice]:
    participant = people.participant_of(current_user, key, to_write=True)
    practice = sharing.shared_practice(participant, practice_key)
    return (participant, practice) if practice else abort(404)


@blueprint.get("/caseload/<key>/practices/<practice_key>")
@therapists
@rules("care", "practice.view")
def show(key: str, practice_key: str) -> ResponseReturnValue:
    participant, practice = _shared(key, practice_key)
    answer = _page(participant, practice, _approval_form(practice))
    audit.record(current_user, "practice.view", participant, practice.key)
    db.session.commit()
    return answer


def _page(
    participant: FoundParticipant, practice: KeptPractice, form: ApprovalForm | None, status: int = 200
) -> ResponseReturnValue:
    return render(
        "exercises/sharing/show.html",
        status=status,
        participant=participant,
        practice=practice,
        exercise=practice.exercise,
        form=form,
        asked=sharing.rows_to_approve(practice),
    )


def _approval_form(practice: KeptPractice) -> ApprovalForm | None:
    asked = sharing.rows_to_approve(practice)
    if asked is None:
        return None
    form = ApprovalForm(data={"rows": sorted(sharing.approved_rows(practice))})
    form.rows.choices = {number: str(number) for number in range(len(asked[1]))}
    return form


@blueprint.post("/caseload/<key>/practices/<practice_key>")
@therapists
@rules("care", "practice.approve")
@accepts(ApprovalForm)
def approve(key: str, practice_key: str) -> ResponseReturnValue:
    participant, practice = _shared(key, practice_key)
    form = _approval_form(practice) or abort(404)
    if not form.validate():
        return _page(participant, practice, form, 422)
    sharing.approve_rows(current_user, participant, practice, form.rows.data or [], clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key, practice_key=practice_key), 303)
