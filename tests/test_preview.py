"""Previews: nothing is kept that was not shown, and nothing is left of what was only shown."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from portal.db import db
from portal.fields import Refused
from portal.people.models import Account
from portal.preview import Preview, PreviewForm


class RenameForm(PreviewForm):
    """Calls everybody by one name, and says what the test wants said of that."""

    name = StringField("Name")

    def attempt(self, preview: Preview) -> Preview:
        if not self.name.data:
            raise Refused("name", "Write a name.")
        db.session.execute(Account.__table__.update().values(called=self.name.data))
        return preview


@pytest.fixture(autouse=True)
def context(app: Flask, cast):
    with app.test_request_context(method="POST"):
        yield


def sent(**typed: str) -> RenameForm:
    return RenameForm(MultiDict(typed), meta={"csrf": False})


def renamed() -> bool:
    named = select(func.count()).select_from(Account).where(Account.called == "Robin")
    return bool(db.session.scalar(named))


TWO = Preview(("Two sessions move.",))
CLASH = Preview((), ("Dr Cho leads another.",))


def test_an_act_with_nothing_to_show_is_kept_at_once():
    assert sent(name="Robin").keep(Preview()) and renamed()


def test_an_act_is_shown_first_and_kept_once_that_was_seen():
    form = sent(name="Robin")
    assert not form.keep(TWO)
    assert (form.preview, form.status, renamed()) == (TWO, 200, False)
    assert sent(name="Robin", confirm=TWO.mark).keep(TWO) and renamed()


@pytest.mark.parametrize("other", [Preview(("Three sessions move.",)), Preview(TWO.sentences, listed=(1,)), CLASH])
def test_what_comes_to_something_else_by_now_is_shown_again(other):
    form = sent(name="Robin", confirm=TWO.mark, clash_reason="So.")
    assert not form.keep(other)
    assert form.preview == other and not renamed()


def test_a_clash_takes_a_reason():
    form = sent(name="Robin", confirm=CLASH.mark)
    assert not form.keep(CLASH)
    assert (form.clash_reason.errors, form.status, renamed()) == (["Say why it is planned anyway."], 422, False)
    assert sent(name="Robin", confirm=CLASH.mark, clash_reason="In the break.").keep(CLASH) and renamed()


def test_a_refusal_stands_beside_its_field_and_nothing_is_shown():
    form = sent(name="")
    assert not form.keep(TWO)
    assert (form.name.errors, form.preview, form.status) == (["Write a name."], None, 422)


def test_what_is_only_shown_leaves_nothing():
    form = sent(name="Robin", confirm=TWO.mark)
    assert form.show(TWO)
    assert form.preview == TWO and not renamed()
