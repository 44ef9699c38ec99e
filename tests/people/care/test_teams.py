"""Who may see whom: care teams as coordinators change them, and what that opens and closes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from werkzeug.exceptions import NotFound

from portal import people, program
from portal.db import db
from portal.episodes.models import Episode
from portal.flags.owners import owners
from portal.people import care
from portal.people.models import Account, CareRelationship
from tests.browser import words
from tests.on_record import told


def page_of(person):
    return f"/people/{person.key}"


def add_to(kit, person, therapist, role, status=303):
    kit.get(page_of(person))
    return kit.submit(f"{page_of(person)}/care", {"therapist": therapist.key, "role": role}, status)


def end_of(kit, person, therapist, role):
    kit.get(page_of(person))
    kit.submit(f"{page_of(person)}/care/{therapist.key}/{role}/end", status=200)
    kit.submit(f"{page_of(person)}/care/{therapist.key}/{role}/end")


def team(app, person):
    with app.app_context():
        rows = db.session.execute(
            select(Account.called, CareRelationship.role)
            .join(CareRelationship, CareRelationship.therapist_id == Account.id)
            .where(CareRelationship.participant_id == person.id, CareRelationship.ended_at.is_(None))
            .order_by(CareRelationship.role.desc(), Account.name)
        )
        return [tuple(row) for row in rows]


@pytest.mark.asvs("8.2.2", "8.3.2")
def test_adding_opens_the_record_at_the_very_next_request_and_ending_closes_it(app, browser, planner, cast):
    dee, kit = browser("dee"), planner()
    record = f"/caseload/{cast.ben.key}"
    dee.get(record, 404)
    add_to(kit, cast.ben, cast.dee, "covering")
    assert kit.location == f"{page_of(cast.ben)}?done=added"
    assert "Added to the care team. The record is open to them." in kit.get(kit.location).text
    dee.get(record)
    assert "Ben Whitaker" in dee.get("/caseload/").text
    end_of(kit, cast.ben, cast.dee, "covering")
    assert "Ended. The record is closed to them." in kit.get(kit.location).text
    dee.get(record, 404)
    assert "Ben Whitaker" not in dee.get("/caseload/").text
    about = (cast.kit.id, cast.ben.id, cast.dee.key)
    assert told(app, "care.add", "care.end") == [("care.add", *about), ("care.end", *about)]


@pytest.mark.asvs("8.3.2")
def test_a_new_primary_therapist_ends_the_one_before(app, browser, cast):
    kit, cho = browser("kit"), browser("cho")
    cho.get(f"/caseload/{cast.ada.key}")
    note = words(kit.get(page_of(cast.ada)).one("p", id="role-note"))
    assert "a new one ends Dr Cho in that role." in note
    add_to(kit, cast.ada, cast.dee, "primary")
    assert team(app, cast.ada) == [("Dr Dee", "primary"), ("Dr Oduya", "covering")]
    cho.get(f"/caseload/{cast.ada.key}", 404)
    assert [row[0] for row in told(app, "care.add", "care.end")] == ["care.end", "care.add"]
    page = kit.get(page_of(cast.ada))
    assert words(page.one("details")) == "Before (1) Dr Cho, primary therapist, Mon, Feb 2 to Wed, Mar 11"


def test_whoever_becomes_primary_need_not_cover_any_more(app, browser, cast):
    add_to(browser("kit"), cast.ada, cast.oduya, "primary")
    assert team(app, cast.ada) == [("Dr Oduya", "primary")]


@pytest.mark.parametrize(
    ("therapist", "role", "said"),
    [
        ("cho", "primary", "Dr Cho is already the primary therapist."),
        ("cho", "covering", "Dr Cho is already the primary therapist."),
        ("oduya", "covering", "Dr Oduya already covers."),
    ],
)
def test_a_role_that_someone_has_is_refused_beside_its_field(app, browser, cast, therapist, role, said):
    before = team(app, cast.ada)
    page = add_to(browser("kit"), cast.ada, getattr(cast, therapist), role, 422)
    assert words(page.one("p", id="therapist-error")) == said
    assert team(app, cast.ada) == before
    assert told(app, "care.add", "care.end") == []


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"therapist": "", "role": "covering"}, "therapist"),
        ({"therapist": "no-such-key", "role": "covering"}, "therapist"),
        ({"therapist": "{ben}", "role": "covering"}, "therapist"),
        ({"therapist": "{kit}", "role": "covering"}, "therapist"),
        ({"therapist": "{dee}", "role": "owner"}, "role"),
        ({"therapist": "{dee}"}, "role"),
    ],
)
def test_what_cannot_be_is_refused(app, browser, cast, sent, field):
    keys = {name: person.key for name, person in vars(cast).items()}
    kit = browser("kit")
    page = kit.post(f"{page_of(cast.ada)}/care", {name: text.format(**keys) for name, text in sent.items()}, 422)
    assert page.one("p", id=f"{field}-error") is not None
    assert team(app, cast.ada) == [("Dr Cho", "primary"), ("Dr Oduya", "covering")]


def test_a_second_tap_on_end_changes_nothing(app, planner, cast):
    kit, end = planner(), f"{page_of(cast.ada)}/care/{cast.oduya.key}/covering/end"
    kit.post(end, status=200)
    seen = kit.page.fields(end)
    for _ in range(2):
        kit.post(end, seen)
    assert team(app, cast.ada) == [("Dr Cho", "primary")]
    assert len(told(app, "care.end")) == 1


def test_without_a_primary_therapist_the_page_says_what_that_means(planner, cast):
    kit = planner()
    end_of(kit, cast.ada, cast.cho, "primary")
    text = kit.get(page_of(cast.ada)).text
    assert "Ada has no primary therapist. Only a covering therapist reads their check-ins" in text


@pytest.mark.asvs("2.3.2")
def test_the_last_of_a_team_is_not_ended_without_a_successor_while_they_are_in_the_program(app, planner, cast):
    kit = planner()
    kit.get(page_of(cast.ben))
    end = f"{page_of(cast.ben)}/care/{cast.cho.key}/primary/end"
    page = kit.submit(end, {"successor": ""}, 422)
    assert words(page.one("p", id=f"successor-{cast.cho.key}-error")) == (
        "Choose who treats Ben from now on: they are in the program, and nobody else is on their care team."
    )
    assert team(app, cast.ben) == [("Dr Cho", "primary")]
    kit.submit(end, {"successor": cast.dee.key}, 200)
    kit.submit(end)
    assert team(app, cast.ben) == [("Dr Dee", "primary")]


def test_who_has_left_the_program_needs_no_successor(app, planner, cast):
    with app.app_context():
        db.session.execute(update(Episode).where(Episode.participant_id == cast.ben.id).values(status="finished"))
        db.session.commit()
    end_of(planner(), cast.ben, cast.cho, "primary")
    assert team(app, cast.ben) == []


@pytest.mark.asvs("8.2.1", "8.2.2")
def test_only_coordinators_change_a_team(app, browser, cast):
    for who in ("ada", "cho", "dee"):
        someone = browser(who)
        someone.post(f"{page_of(cast.ben)}/care", {"therapist": cast.dee.key, "role": "primary"}, 404)
        someone.post(f"{page_of(cast.ben)}/care/{cast.cho.key}/primary/end", status=404)
    assert team(app, cast.ben) == [("Dr Cho", "primary")]
    with app.app_context():
        for person in (cast.ada, cast.cho):
            with pytest.raises(NotFound):
                care.add(person, cast.ben, cast.dee, "covering", people.clock.now())
            with pytest.raises(NotFound):
                care.end(person, cast.ben, cast.cho, "primary", people.clock.now())
            with pytest.raises(NotFound):
                care.team_of(person, cast.ben.key)


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("whose", ["no-such-key", "cho", "kit"])
def test_only_a_participant_has_a_team(planner, cast, whose):
    key = getattr(cast, whose).key if hasattr(cast, whose) else whose
    kit = planner()
    kit.post(f"/people/{key}/care", {"therapist": cast.dee.key, "role": "covering"}, 404)
    kit.post(f"/people/{key}/care/{cast.dee.key}/covering/end", status=404)


@pytest.mark.asvs("7.5.3")
def test_changing_a_team_asks_for_a_proof_that_is_not_old(app, planner, cast, at):
    kit = planner()
    at.later(minutes=5)
    add_to(kit, cast.ben, cast.dee, "covering")
    at.later(seconds=1)
    kit.post(f"{page_of(cast.ben)}/care", {"therapist": cast.oduya.key, "role": "covering"})
    assert kit.location.startswith("/confirm")
    kit.post(f"{page_of(cast.ben)}/care/{cast.dee.key}/covering/end")
    assert kit.location.startswith("/confirm")
    assert team(app, cast.ben) == [("Dr Cho", "primary"), ("Dr Dee", "covering")]


@pytest.mark.asvs("15.4.2")
def test_two_coordinators_at_once_leave_one_primary_therapist(app, cast):
    """The second change of a team waits for the first, and ends what the first one said."""
    from concurrent.futures import ThreadPoolExecutor

    def name(therapist):
        with app.app_context():
            care.add(cast.kit, cast.ben, therapist, "primary", people.clock.now())
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(name, (cast.dee, cast.oduya)))
    assert len(team(app, cast.ben)) == 1
    with app.app_context():
        open_ = CareRelationship.ended_at.is_(None), CareRelationship.participant_id == cast.ben.id
        assert db.session.scalar(select(func.count()).where(*open_)) == 1


@pytest.mark.asvs("8.2.2")
def test_a_relationship_begins_for_all_with_the_programs_own_day(app, cast, at):
    """Rule: whose relationship holds now is reckoned in one place, on the program's day."""
    tomorrow = at.now.date() + timedelta(days=1)
    with app.app_context():
        db.session.execute(
            db.update(Account).where(Account.id.in_((cast.dee.id, cast.kit.id))).values(zone="Asia/Tokyo")
        )
        db.session.add(
            CareRelationship(participant_id=cast.ben.id, therapist_id=cast.dee.id, role="covering", starts_on=tomorrow)
        )
        db.session.commit()

    def seen():
        with app.app_context():
            row = db.session.get(Account, cast.dee.id)
            dee = people.Person(row.id, row.key, row.role, row.name, row.called, row.zone)
            caseload = [person.name for person, _ in people.participants_of(dee, at.now)]
            covering = owners([cast.ben.id], program.current(), at.now)[cast.ben.id].team
            try:
                people.participant_of(dee, cast.ben.key)
                found = True
            except NotFound:
                found = False
            return (
                "Ben Whitaker" in caseload,
                "Dr Dee" in [one.therapist.name for one in covering],
                found,
            )

    at("2026-03-11T23:59")
    assert seen() == (False, False, False)
    at("2026-03-12T00:00")
    assert seen() == (True, True, True)
