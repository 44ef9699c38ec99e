"""Acts on flags: a try leaves it open, four kinds close it, notes go before and after, and nothing is ever changed."""

from datetime import timedelta

import pytest
from werkzeug.exceptions import NotFound

from portal import flags
from portal.db import db
from portal.fields import Refused
from portal.flags import acts
from portal.flags.models import CLOSING
from portal.flags.raising import raise_flag
from tests.on_record import told


@pytest.fixture
def context(app):
    with app.app_context():
        yield


@pytest.fixture
def raised(cast, context, at):
    return raise_flag(cast.ada, "yes_safe", None, at.now)


def kinds(cast, key):
    return [act.kind for act in flags.flag_of(cast.ada, key).acts]


@pytest.mark.parametrize("kind", CLOSING)
def test_four_acts_close_it(cast, raised, at, kind):
    acts.act(cast.cho, cast.ada, raised, kind, "Talked for ten minutes.", at.later(minutes=5))
    flag = flags.flag_of(cast.ada, raised)
    assert (flag.closed_at, flag.closing.kind, flag.closing.by) == (at.now, kind, "Dr Cho")
    assert flag.closing.note == "Talked for ten minutes."
    assert not flags.open_flags([cast.ada.id])


def test_a_try_leaves_it_open_and_names_who_tries_again_and_when(cast, raised, at):
    again = at.now + timedelta(hours=2)
    acts.try_again(cast.cho, cast.ada, raised, "Rang twice.", at.later(minutes=5), by=cast.oduya, at=again)
    tried = flags.open_flags([cast.ada.id])[cast.ada.id].tried
    assert (tried.by, tried.again_by, tried.again_at, tried.note) == ("Dr Cho", "Dr Oduya", again, "Rang twice.")


@pytest.mark.asvs("2.2.3")
def test_the_next_try_is_somebodys_of_the_care_team_and_lies_ahead(cast, raised, at):
    for by, when, field in (
        (cast.dee, at.now + timedelta(hours=1), "again_by"),
        (cast.kit, at.now + timedelta(hours=1), "again_by"),
        (cast.oduya, at.now, "again_at"),
        (cast.oduya, at.now + timedelta(hours=73), "again_at"),
    ):
        with pytest.raises(Refused) as refused:
            acts.try_again(cast.cho, cast.ada, raised, None, at.now, by=by, at=when)
        assert refused.value.field == field
    assert kinds(cast, raised) == []


@pytest.mark.asvs("2.3.1")
def test_what_was_done_stands_and_a_second_act_is_refused(cast, raised, at):
    acts.act(cast.cho, cast.ada, raised, "contacted", None, at.later(minutes=5))
    again = at.now + timedelta(hours=1)
    with pytest.raises(acts.FlagChanged):
        acts.act(cast.oduya, cast.ada, raised, "assessed", None, at.later(minutes=1))
    with pytest.raises(acts.FlagChanged):
        acts.try_again(cast.oduya, cast.ada, raised, None, at.now, by=cast.cho, at=again)
    assert kinds(cast, raised) == ["contacted"]


def test_a_note_goes_before_and_after(cast, raised, at):
    acts.add_note(cast.cho, cast.ada, raised, "Her sister is with her.", at.later(minutes=1))
    acts.act(cast.cho, cast.ada, raised, "contacted", None, at.later(minutes=1))
    acts.add_note(cast.oduya, cast.ada, raised, "Rang at five: well.", at.later(hours=2))
    flag = flags.flag_of(cast.ada, raised)
    assert kinds(cast, raised) == ["note", "contacted", "note"]
    assert [act.note for act in flag.acts if act.kind == "note"] == ["Her sister is with her.", "Rang at five: well."]


def test_a_note_is_no_act_and_does_not_stop_the_clock(app, cast, raised, at):
    from portal import program

    before = flags.flag_of(cast.ada, raised).due_at(program.current())
    acts.add_note(cast.cho, cast.ada, raised, "Her sister is with her.", at.later(minutes=1))
    assert flags.flag_of(cast.ada, raised).due_at(program.current()) == before
    acts.try_again(cast.cho, cast.ada, raised, None, at.now, by=cast.cho, at=at.now + timedelta(hours=1))
    assert flags.flag_of(cast.ada, raised).due_at(program.current()) is None


@pytest.mark.parametrize("kind", ["", "seen", "tried", "note", "dismissed"])
def test_nothing_else_closes_it(cast, raised, at, kind):
    with pytest.raises(ValueError):
        acts.act(cast.cho, cast.ada, raised, kind, "", at.now)
    assert flags.open_flags([cast.ada.id])


@pytest.mark.asvs("2.3.1", "15.4.2")
def test_it_is_not_closed_over_an_answer_that_nobody_read(cast, raised, at):
    raise_flag(cast.ada, "safe_now_no", None, at.now)
    with pytest.raises(acts.FlagChanged):
        acts.act(cast.cho, cast.ada, raised, "contacted", "", at.now, answers_read=1)
    assert flags.open_flags([cast.ada.id])[cast.ada.id].tier == "urgent"
    acts.act(cast.cho, cast.ada, raised, "contacted", "", at.now, answers_read=2)
    assert not flags.open_flags([cast.ada.id])


@pytest.mark.asvs("8.2.2")
def test_a_flag_of_somebody_else_is_not_found(cast, raised, at):
    with pytest.raises(NotFound):
        flags.flag_of(cast.ben, raised)
    with pytest.raises(NotFound):
        acts.act(cast.cho, cast.ben, raised, "contacted", "", at.now)
    with pytest.raises(NotFound):
        acts.add_note(cast.cho, cast.ben, raised, "A note", at.now)


@pytest.mark.asvs("16.2.1")
def test_acts_and_notes_leave_their_trace(app, cast, raised, at):
    acts.add_note(cast.cho, cast.ada, raised, "A note", at.now)
    acts.act(cast.cho, cast.ada, raised, "contacted", "", at.now)
    db.session.commit()
    who = cast.cho.id, cast.ada.id, raised
    assert told(app, "flag.act", "flag.note") == [("flag.note", *who), ("flag.act", *who)]
