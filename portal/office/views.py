"""The page of the program's settings."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import clock
from portal.access import accepts, coordinators, rules
from portal.db import db
from portal.flags.phrases import TIERS
from portal.office import overview
from portal.office.forms import SETTINGS
from portal.office.setting_forms import SettingForm, Standing
from portal.web import render

blueprint = Blueprint("office", __name__)


@blueprint.get("/program")
@coordinators
@rules("program")
def show() -> ResponseReturnValue:
    return _page(overview.standing(current_user, clock.now()))


def _add_setting(form_of_setting: type[SettingForm]) -> None:
    """Add the view that takes one setting, at the address that its form names."""

    @blueprint.post(f"/program/{form_of_setting.name}", endpoint=form_of_setting.name.replace("-", "_"))
    @coordinators
    @rules(
        "program", *form_of_setting.events, fresh=form_of_setting.is_guarded and f"Change “{form_of_setting.heading}”"
    )
    @accepts(form_of_setting, on="office.show")
    def change() -> ResponseReturnValue:
        standing = overview.standing(current_user, clock.now())
        form = form_of_setting(standing)
        if not form.leave.data:
            if not form.keep(current_user, standing):
                return _page(standing, form.status, sent=form)
            form.hand_over(standing.now)
        db.session.commit()
        return redirect(url_for(".show", saved=None if form.leave.data else form.name), 303)


for _form_of_setting in SETTINGS:
    _add_setting(_form_of_setting)


def _page(standing: Standing, status: int = 200, sent: SettingForm | None = None) -> ResponseReturnValue:
    """The page; beside a setting that was sent and not kept there is nothing else to read."""
    forms = {one.name: one(standing) for one in SETTINGS}
    return render(
        "office/show.html",
        status=status,
        forms=forms | ({sent.name: sent} if sent else {}),
        sent=sent,
        standing=standing,
        tiers=TIERS,
        overview=None if sent else overview.overview(current_user, standing),
    )
