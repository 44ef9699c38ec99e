"""Pages of flags: those that are open, and the page on which one is ended."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, flags, people
from portal.access import accepts, rules, therapists
from portal.db import db
from portal.flags import board, phrases
from portal.flags.forms import AcknowledgementForm
from portal.flags.owners import owners
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
    participant = people.participant_of(current_user, key)
    flag = flags.flag_of(participant, flag_key)
    return _page(participant, flag, AcknowledgementForm())


@blueprint.post("/caseload/<key>/flags/<flag_key>")
@therapists
@rules("care", "flag.acknowledge")
@accepts(AcknowledgementForm)
def acknowledge(key: str, flag_key: str) -> ResponseReturnValue:
    participant = people.participant_of(current_user, key)
    flag = flags.flag_of(participant, flag_key)
    form = AcknowledgementForm()
    if not form.validate():
        return _page(participant, flag, form, 422)
    done = form.action.data, form.note.data, clock.now(), form.answers_read.data or 0
    try:
        flags.acknowledge(current_user, participant, flag_key, *done)
    except flags.FlagChanged:
        return _page(participant, flags.flag_of(participant, flag_key), form, 409, refused=True)
    db.session.commit()
    return redirect(url_for("caseload.show", key=key, signed=flag_key), 303)


def _page(
    participant: people.FoundParticipant,
    flag: flags.RaisedFlag,
    form: AcknowledgementForm,
    status: int = 200,
    refused: bool = False,
) -> ResponseReturnValue:
    now = clock.now()
    audit.record_look(current_user, participant)
    db.session.commit()
    owned = owners([participant.id], now, current_user.program.zone)[participant.id]
    return render(
        "flags/show.html",
        status=status,
        participant=participant,
        line=board.flag_line(current_user.program, participant, False, flag, owned, now),
        flag=flag,
        form=form,
        now=now,
        phrases=phrases,
        days_to_reach=flags.STILL_TO_REACH.days,
        refused=refused,
    )
