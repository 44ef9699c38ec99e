"""Pages of homework: a participant's own, and what a therapist gives to one person or to the people of a session."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, homework, people
from portal.access import accepts, form_on, participants, rules, therapists
from portal.db import db
from portal.homework import agreements, giving
from portal.homework.forms import AgreementForm, GiveForm, StuckForm
from portal.homework.giving import TopicHomework
from portal.people import FoundParticipant
from portal.schedule.staff_meetings import StaffMeeting
from portal.web import page_of, render

blueprint = Blueprint("homework", __name__)


@blueprint.get("/homework/")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    given = page_of(homework.homework_of(current_user, clock.now()), request.args.get("page"))
    agreed = agreements.agreements_of(current_user, clock.now())
    return render("homework/index.html", given=given, agreed=agreed)


@blueprint.get("/homework/<key>")
@participants
@rules("self")
def show(key: str) -> ResponseReturnValue:
    given = homework.homework_called(current_user, key, clock.now())
    return render("homework/show.html", given=given, form=StuckForm(), stuck=homework.words_of_stuck([given]))


@blueprint.post("/homework/<key>/done")
@participants
@rules("self", "homework.done")
@form_on("homework.show")
def did(key: str) -> ResponseReturnValue:
    homework.answer(current_user, homework.homework_called(current_user, key, clock.now()), "done", "", clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key), 303)


@blueprint.post("/homework/<key>")
@participants
@rules("self", "homework.stuck")
@accepts(StuckForm)
def stuck(key: str) -> ResponseReturnValue:
    given, form = homework.homework_called(current_user, key, clock.now()), StuckForm()
    if not form.validate():
        return render("homework/show.html", status=422, given=given, form=form, stuck={})
    homework.answer(current_user, given, "stuck", form.words.data or "", clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key), 303)


@blueprint.get("/caseload/<key>/homework")
@therapists
@rules("care", "homework.view")
def of_person(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, _ = _form_for(participant)
    form.begin_with(request.args.get("piece"))
    audit.record(current_user, "homework.view", participant)
    answer = _person_page(participant, form)
    db.session.commit()
    return answer


def _form_for(participant: FoundParticipant) -> tuple[GiveForm, int | None]:
    """The form to give something to one person, and the id of their next group."""
    now, program = clock.now(), current_user.program
    group = giving.next_group(participant, now)
    before = giving.before(group.time.start, group.time.zone, now) if group else ""
    return GiveForm().ask(program, before, clock.day_of(now, program.zone)), group.id if group else None


def _person_page(participant: FoundParticipant, form: GiveForm, status: int = 200) -> ResponseReturnValue:
    given = homework.homework_of(participant, clock.now())
    shown = page_of(given, request.args.get("page"))
    return render(
        "homework/of_person.html",
        status=status,
        participant=participant,
        form=form,
        given=shown,
        stuck=homework.words_of_stuck(shown.items),
        agreed=agreements.agreements_of(participant, clock.now()),
    )


@blueprint.post("/caseload/<key>/homework")
@therapists
@rules("care", "homework.give")
@accepts(GiveForm)
def give_to_person(key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    form, group_id = _form_for(participant)
    if not form.validate():
        return _person_page(participant, form, 422)
    homework.give(current_user, [participant], giving.assignment(form, group_id), clock.now())
    db.session.commit()
    return redirect(url_for(".of_person", key=key), 303)


@blueprint.post("/caseload/<key>/homework/<homework_key>/withdraw")
@therapists
@rules("care", "homework.withdraw")
@form_on("homework.of_person")
def withdraw(key: str, homework_key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key, to_write=True)
    given = homework.homework_called(participant, homework_key, clock.now())
    homework.withdraw(current_user, participant, given, clock.now())
    db.session.commit()
    return redirect(url_for(".of_person", key=key), 303)


@blueprint.get("/sessions/<key>/homework")
@therapists
@rules("brief")
def of_session(key: str) -> ResponseReturnValue:
    session = giving.led_session(current_user, key, clock.now())
    form, _ = _form_of(session)
    return _session_page(session, form)


def _form_of(session: StaffMeeting) -> tuple[GiveForm, int | None]:
    """The form to give something to the people of a session, and the id of the next one of its group."""
    now, program = clock.now(), current_user.program
    group = giving.group_after(session)
    before = giving.before(group.starts_at, group.zone, now) if group else ""
    return GiveForm().ask(program, before, clock.day_of(now, program.zone)), group.id if group else None


def _session_page(session: StaffMeeting, form: GiveForm, **context: Any) -> ResponseReturnValue:
    shown = {"status": 200, "number": len(giving.people_of(session))} | context
    return render("homework/of_session.html", session=session, form=form, **shown)


@blueprint.post("/sessions/<key>/homework")
@therapists
@rules("brief", "homework.give")
@accepts(GiveForm)
def give_to_session(key: str) -> ResponseReturnValue:
    session = giving.led_session(current_user, key, clock.now())
    form, group_id = _form_of(session)
    if not form.validate():
        return _session_page(session, form, status=422)
    homework.give(current_user, giving.people_of(session), giving.assignment(form, group_id), clock.now())
    db.session.commit()
    return redirect(url_for("brief.show", key=key), 303)


@blueprint.get("/sessions/<key>/agreed")
@therapists
@rules("brief")
def agreement_edit(key: str) -> ResponseReturnValue:
    session = agreements.session_to_agree_on(current_user, key, clock.now())
    return _agreement_page(session, *_agreement_form(session))


def _agreement_form(session: StaffMeeting) -> tuple[AgreementForm, TopicHomework | None]:
    """The form with what stands, and the homework of the topic; the form asks about that while it is not given."""
    first, second, third = agreements.texts_of(session)
    form, topic = AgreementForm(data={"first": first, "second": second, "third": third}), giving.topic_homework(session)
    if topic is None or topic.is_given:
        del form.topic
    return form, topic


def _agreement_page(
    session: StaffMeeting, form: AgreementForm, topic: TopicHomework | None, status: int = 200
) -> ResponseReturnValue:
    return render(
        "homework/agreement.html",
        status=status,
        session=session,
        form=form,
        topic=topic,
        people=[person.called for person in giving.people_of(session)],
        now=clock.now(),
    )


@blueprint.post("/sessions/<key>/agreed")
@therapists
@rules("brief", "homework.agree", "homework.give")
@accepts(AgreementForm, on="homework.agreement_edit")
def agree(key: str) -> ResponseReturnValue:
    now = clock.now()
    session = agreements.session_to_agree_on(current_user, key, now)
    form, topic = _agreement_form(session)
    if not form.validate():
        return _agreement_page(session, form, topic, 422)
    agreements.agree(current_user, session, form.lines, now)
    if topic and form.topic and form.topic.data:
        giving.give_topic(current_user, session, topic, now)
    db.session.commit()
    return redirect(url_for("brief.show", key=key), 303)
