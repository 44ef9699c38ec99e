"""The demo's measures: histories of a few people, what stands out in them, and something due for Ada."""

from sqlalchemy import select

from portal import caseload, clock, program
from portal.db import db
from portal.measures import due
from portal.measures.measure_entries import history
from portal.measures.models import MeasureEntry
from tests.demo.test_clinic import person


def test_a_few_people_have_histories_and_what_stands_out_is_on_the_list(fill):
    with fill().app_context():
        now, facts = clock.now(), program.current()
        assert [one.instrument.slug for one in due.due(person("ada"), facts, now)] == ["gad-7", "phq-9"]
        totals = [entry.total for entry in history(person("ada"), "phq-9")]
        assert len(totals) >= 3 and totals[-1] < totals[0]
        assert all(entry.entered_at < now for entry in history(person("ada")))
        said = {line.person.called: line.why for line in caseload.gather(person("cho"), facts, now).lines}
        assert "PHQ-9 went from" in said["Tobias"]
        assert "the question about being better off dead was not answered." in said["Hannah"]
        assert 5 <= len(set(db.session.scalars(select(MeasureEntry.participant_id)))) <= 12
