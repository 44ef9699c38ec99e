"""Pages on which people see what is kept about them, and take a copy of it."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import audit, clock, records, spreadsheet
from portal.access import participants, rules
from portal.checkins import on_record as check_in_table
from portal.db import db
from portal.exercises import on_record as practice_table
from portal.homework import on_record as homework_table
from portal.measures import on_record as measure_table
from portal.people.contact_details import on_record as contact_details_table
from portal.records import phrases
from portal.spreadsheet import Cell
from portal.web import render

blueprint = Blueprint("records", __name__, url_prefix="/my-record")


@blueprint.get("")
@participants
@rules("self")
def index() -> ResponseReturnValue:
    return render("records/index.html", fresh=current_user.is_fresh(clock.now()))


@blueprint.get("/check-ins.csv")
@participants
@rules("self", "record.export", fresh=True)
def check_ins() -> Response:
    today = clock.day_of(clock.now(), current_user.zone)
    return _download("check-ins", *check_in_table.table(current_user, today))


@blueprint.get("/questions.csv")
@participants
@rules("self", "record.export", fresh=True)
def answers() -> Response:
    return _download("questions", *measure_table.table(current_user))


def _download(name: str, head: Sequence[str], rows: Iterable[list[Cell]]) -> Response:
    """A table as a file; that it was taken is on record."""
    audit.record(current_user, "record.export", current_user, name)
    answer = spreadsheet.download(name, head, rows)
    db.session.commit()
    return answer


@blueprint.get("/contact-details.csv")
@participants
@rules("self", "record.export", fresh=True)
def contact_details() -> Response:
    return _download("contact-details", *contact_details_table.table(current_user))


@blueprint.get("/practice.csv")
@participants
@rules("self", "record.export", fresh=True)
def practice() -> Response:
    return _download("practice", *practice_table.table(current_user))


@blueprint.get("/given.csv")
@participants
@rules("self", "record.export", fresh=True)
def given() -> Response:
    return _download("given", *homework_table.table(current_user))


@blueprint.get("/looks")
@participants
@rules("self", fresh=True)
def looks_index() -> ResponseReturnValue:
    now = clock.now()
    page = records.page_of_looks(current_user, now, clock.parse_day(request.args.get("until")))
    return render("records/looks.html", looks=page, opens=phrases.OPENS, today=clock.day_of(now, current_user.zone))
