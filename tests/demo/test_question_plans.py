"""Some people of the demo clinic have a set of their own, with targets in their own words."""

import pytest
from sqlalchemy import select

from portal import demo
from portal.checkins.check_in_versions import COLUMNS, WITH_PLAN, CheckInVersion
from portal.checkins.models import CheckIn, CheckInPlan
from portal.db import db
from portal.demo.cast import CAST
from portal.people.models import Account

CHOSEN = {member.name: member.asked for member in CAST if member.asked}


@pytest.mark.parametrize("name", CHOSEN)
def test_their_check_ins_answer_what_they_were_asked_and_nothing_else(make_app, at, name):
    app = make_app(DEMO=True)
    with app.app_context():
        demo.make(at.now)
        rows = db.session.execute(
            select(*COLUMNS)
            .select_from(CheckIn)
            .outerjoin(CheckInPlan, WITH_PLAN)
            .join(Account, Account.id == CheckIn.participant_id)
            .where(Account.name == name)
        )
        entries = [CheckInVersion(**row) for row in rows.mappings()]
        sets = {entry.question_set for entry in entries}
        assert sets == {"daily", CHOSEN[name].name}
        for entry in entries:
            asked = {one.id for one in entry.questions}
            assert {item for item, value in entry.answers.items() if value is not None} <= asked
            assert [one.words for one in entry.targets] == [*CHOSEN[name].targets] * bool(entry.plan_key)
            said = {one.state for one in entry.all_said()}
            assert said <= {"given", "skipped", "declined", "not asked"}
        own = [entry for entry in entries if entry.plan_key]
        for number in range(1, len(CHOSEN[name].targets) + 1):
            assert any(isinstance(entry.given(f"target-{number}"), int) for entry in own)
