"""The coordinators' list of participants: found by name or number, by what they need, 25 a page."""

import pytest

from portal import clock
from portal.db import db
from portal.episodes.models import Episode
from portal.flags.raising import raise_flag
from portal.people import care, contact_details, directory
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.schedule.groups import enrollment
from tests.browser import words

LIST, SEARCH = "/people/", "/people/search"


def names(page):
    return [words(a) for th in page.all("th", scope="row") for a in th.iter("a")]


def status(page):
    return words(page.one("span", role="status"))


@pytest.fixture
def crowd(app, cast):
    """60 more participants: the last three are called Hanna Quarrie, and two of those have a number."""
    with app.app_context():
        for place in range(60):
            name = "Hanna Quarrie" if place >= 57 else f"Pat {place:02}"
            db.session.add(
                new_account(f"p{place}@example.org", role="participant", name=name, called=name.split()[0], zone="UTC")
            )
        db.session.commit()
        hannas = [one for one in directory.participants(cast.kit).values() if one.name == "Hanna Quarrie"]
        contact_details.number(cast.kit, hannas[0], "LC 1644")
        said = dict.fromkeys(contact_details.OWN) | {"phone": "(917) 555-7702"}
        contact_details.keep(hannas[1], said, None, clock.now())
        db.session.commit()
        return hannas


def test_each_stands_with_their_number_therapist_track_step_and_next_session(app, cast, timetable, browser, at):
    with app.app_context():
        contact_details.number(cast.kit, cast.ada, "LC 1648")
        db.session.commit()
    page = browser("kit").get(LIST)
    row = next(tr for tr in page.all("tr") if "Ada Moreno" in words(tr))
    assert words(row).startswith("Ada Moreno LC 1648 Dr Cho ")
    assert "Week 6 of 12" in words(row)
    assert {a.get("href") for a in page.all("a")} >= {f"/people/{cast.ada.key}/overview"}


def test_it_is_25_a_page_and_the_other_pages_are_links_with_nothing_typed_in_them(crowd, browser):
    kit = browser("kit")
    page = kit.get(LIST)
    assert (len(names(page)), status(page)) == (25, "1 to 25 of 63, by name")
    following = next(a.get("href") for a in page.all("a") if words(a) == "Next 25")
    page = kit.get(following)
    assert status(page) == "26 to 50 of 63, by name"
    last = next(a.get("href") for a in page.all("a") if words(a) == "Last page")
    assert len(names(kit.get(last))) == 13


def test_a_search_is_sent_and_stands_in_no_address_and_no_title(crowd, browser, caplog):
    kit = browser("kit")
    kit.get(LIST)
    form = kit.page.form(SEARCH)
    assert (form.get("method"), form.get("data-hx-post")) == ("post", SEARCH)
    page = kit.submit(SEARCH, {"q": "hanna q"}, 200)
    assert names(page) == ["Hanna Quarrie"] * 3
    assert page.one("input", id="q").get("value") == "hanna q"
    assert "hanna" not in (page.title + caplog.text).lower()
    assert not [a for a in page.all("a") if "hanna" in (a.get("href") or "").lower()]


def test_a_search_for_what_cannot_be_seen_finds_everybody(crowd, browser):
    kit = browser("kit")
    kit.get("/people/")
    page = kit.post("/people/search", {"q": "\x00\u200b", "show": "all"}, 200)
    assert page.one("input", name="q").get("value") in ("", None)


def test_as_it_is_typed_only_the_list_comes(crowd, browser):
    kit = browser("kit")
    page = kit.post(SEARCH, {"q": "7702", "show": "all"}, 200, fragment=True)
    assert not page.whole
    assert names(page) == ["Hanna Quarrie"]
    assert status(page) == "1 of 1, by name"


def test_the_number_tells_those_of_one_name_apart(crowd, browser):
    kit = browser("kit")
    page = kit.post(SEARCH, {"q": "quarrie"}, 200)
    assert "Three people are called Hanna Quarrie. The number tells them apart." in page.text
    numbers = [words(td) for td in page.all("td", class_="num")]
    assert numbers == ["LC 1644", "ends in 7702", "None yet"]
    assert "are called" not in kit.post(SEARCH, {"q": "pat 01"}, 200).text


def test_what_is_found_is_paged_by_buttons_that_send_the_search_again(crowd, browser):
    kit = browser("kit")
    page = kit.post(SEARCH, {"q": "pat"}, 200)
    following = next(button for button in page.all("button") if words(button) == "Next 25")
    assert (following.get("form"), following.get("name"), following.get("value")) == ("find", "page", "2")
    page = kit.post(SEARCH, {"q": "pat", "page": "2"}, 200)
    assert status(page) == "26 to 50 of 57, by name"
    assert not [a for a in page.all("a") if words(a) == "Next 25"]


def test_filters_are_counts_and_go_with_a_search(app, cast, browser, at, crowd):
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", None, at.now)
        care.end(cast.kit, cast.cleo, cast.dee, "primary", at.now)
        db.session.get(Account, cast.ben.id).joined_at = None
        ends = db.session.query(Episode).filter_by(participant_id=cast.ben.id).one()
        ends.planned_end = clock.day_of(at.now, "America/New_York")
        db.session.query(Account).filter(Account.name.like("Pat%")).update({"joined_at": at.now})
        db.session.commit()
    kit = browser("kit")
    said = [words(label) for label in kit.get(LIST).all("label") if label.get("for") is None]
    assert said == [
        "Everyone 63",
        "Somebody waits 1",
        "Nobody treats them 61",
        "Invited 4",
        "Leaving in 14 days 1",
    ]
    shown = {show: names(kit.get(f"{LIST}?show={show}")) for show in ("waits", "invited", "leaving")}
    assert shown == {
        "waits": ["Ada Moreno"],
        "invited": ["Ben Whitaker", *["Hanna Quarrie"] * 3],
        "leaving": ["Ben Whitaker"],
    }
    assert names(kit.post(SEARCH, {"q": "cleo", "show": "without"}, 200)) == ["Cleo Park"]
    page = kit.post(SEARCH, {"q": "cleo", "show": "waits"}, 200)
    assert (names(page), status(page)) == ([], "Nobody found.")
    assert len(names(kit.get(f"{LIST}?show=nonsense"))) == 25


def test_who_waits_is_marked_and_the_answer_is_not_there(app, cast, browser, at):
    with app.app_context():
        raise_flag(cast.ada, "yes_talk", None, at.now)
        db.session.commit()
    page = browser("kit").get(LIST)
    assert "Ada Moreno Waits" in page.text
    assert "want to talk" not in page.html


def test_a_track_that_ended_is_not_named(app, cast, timetable, browser, at):
    with app.app_context():
        today = clock.day_of(at.now, "America/New_York")
        held = enrollment.tracks_by_person([cast.ada.id, cast.kit.id], today)
        assert held[cast.ada.id]
        assert held[cast.kit.id] == []
        assert enrollment.tracks_by_person([], today) == {}


@pytest.mark.parametrize("who", ["ada", "cho"])
def test_it_is_for_coordinators(browser, who):
    person = browser(who)
    person.post(SEARCH, {"q": "ada"}, 404)
