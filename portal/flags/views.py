"""Pages of flags: those that are open, and the page of one, with what was done and what is to be done."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, flags, people
from portal.access import accepts, rules, therapists
from portal.db import db
from portal.fields import refusals_on
from portal.flags import RaisedFlag, acts, board, phrases, timeline
from portal.flags.email_status import email_status
from portal.flags.forms import ActForm, NoteForm
from portal.flags.letters import letters_of
from portal.flags.owners import FlagOwners, owners
from portal.people import FoundParticipant
from portal.web import render

blueprint = Blueprint("flags", __name__)


@blueprint.get("/flags/")
@therapists
@rules("care", "flags.view")
def index() -> ResponseReturnValue:
    now = clock.now()
    shown = board.board_of(current_user, current_user.program, now)
    audit.record(current_user, "flags.view")
    db.session.commit()
    return render("flags/index.html", board=shown, now=now, phrases=phrases)


@blueprint.get("/caseload/<key>/flags/<flag_key>")
@therapists
@rules("care", "record.view")
def show(key: str, flag_key: str) -> ResponseReturnValue:
    participant, flag = _found(key, flag_key)
    return _page(participant, flag)


@blueprint.post("/caseload/<key>/flags/<flag_key>")
@therapists
@rules("care", "flag.act")
@accepts(ActForm)
def act(key: str, flag_key: str) -> ResponseReturnValue:
    participant, flag = _found(key, flag_key)
    now = clock.now()
    owned = _owners(participant, now)
    form = ActForm(owned.there, now, current_user.zone)
    if not form.validate():
        return _page(participant, flag, 422, owned=owned, form=form)
    try:
        with refusals_on(form):
            _keep(participant, flag_key, form, now)
            db.session.commit()
            return redirect(url_for(".show", key=key, flag_key=flag_key, saved=1), 303)
    except acts.FlagChanged:
        return _page(participant, flags.flag_of(participant, flag_key), 409, owned=owned, form=form, refused=True)
    return _page(participant, flag, 422, owned=owned, form=form)


def _keep(participant: FoundParticipant, flag_key: str, form: ActForm, now: datetime) -> None:
    if form.tried:
        by, at = form.who[form.again_by.data], form.again
        acts.try_again(current_user, participant, flag_key, form.note.data, now, by=by, at=at)
    else:
        read = form.answers_read.data or 0
        acts.act(current_user, participant, flag_key, form.act.data, form.note.data, now, read)


@blueprint.post("/caseload/<key>/flags/<flag_key>/notes")
@therapists
@rules("care", "flag.note")
@accepts(NoteForm, on="flags.show")
def note(key: str, flag_key: str) -> ResponseReturnValue:
    participant, flag = _found(key, flag_key)
    form = NoteForm()
    if not form.validate():
        return _page(participant, flag, 422, note_form=form)
    acts.add_note(current_user, participant, flag_key, form.more.data, clock.now())
    db.session.commit()
    return redirect(url_for(".show", key=key, flag_key=flag_key, saved=1), 303)


def _found(key: str, flag_key: str) -> tuple[FoundParticipant, RaisedFlag]:
    participant = people.participant_of(current_user, key)
    return participant, flags.flag_of(participant, flag_key)


def _owners(participant: FoundParticipant, now: datetime) -> FlagOwners:
    return owners([participant.id], current_user.program, now)[participant.id]


def _page(
    participant: FoundParticipant,
    flag: RaisedFlag,
    status: int = 200,
    *,
    owned: FlagOwners | None = None,
    form: ActForm | None = None,
    **more: Any,
) -> ResponseReturnValue:
    now, program = clock.now(), current_user.program
    audit.record_look(current_user, participant)
    db.session.commit()
    owned = owned or _owners(participant, now)
    if form is None and not flag.closed_at:
        form = ActForm(owned.there, now, current_user.zone)
    email, letters = (email_status(program, now), letters_of(flag, now)) if status == 200 else (None, {})
    line = board.flag_line(program, participant, "primary", flag, owned, now)
    return render(
        "flags/show.html",
        status=status,
        participant=participant,
        line=line,
        flag=flag,
        form=form,
        email=email,
        steps=timeline.steps_of(line, letters, email, current_user, now),
        now=now,
        phrases=phrases,
        **{"refused": False, "note_form": NoteForm(), **more},
    )
