"""Reading: one part at a time, the end, and one's own words."""

import brotli
import pytest
from sqlalchemy import select

from portal import library
from portal.audit.models import AuditEvent
from portal.db import db
from portal.drafts import Draft
from portal.exercises import EXERCISES
from portal.library import MATERIALS
from portal.library.models import Reading
from tests.browser import words

SLUG = "waves"
MATERIAL = MATERIALS[SLUG]
LAST = len(MATERIAL.parts)


def progress(app, person):
    with app.app_context():
        return library.readings(person).get(SLUG)


def read(browser, *parts):
    for part in parts:
        browser.post(f"/library/{SLUG}/parts/{part}")


def test_next_part_marks_this_one_read_and_opens_the_next(browser, app, cast):
    ada = browser("ada")
    page = ada.get(f"/library/{SLUG}")
    assert page.title.startswith(f"Part 1 of {LAST}")
    assert page.one("progress").get("value") == "0"
    ada.post(f"/library/{SLUG}/parts/1")
    assert ada.location == f"/library/{SLUG}?part=2"
    assert ada.get(ada.location).one("progress").get("value") == "1"
    assert progress(app, cast.ada).parts_read == 1


def test_a_material_opens_where_one_stopped(browser):
    ada = browser("ada")
    read(ada, 1, 2)
    assert ada.get(f"/library/{SLUG}").title.startswith(f"Part 3 of {LAST}")


def test_going_back_takes_nothing_away(browser, app, cast):
    ada = browser("ada")
    read(ada, 1, 2, 1)
    assert "Back to part 1" in ada.get(f"/library/{SLUG}?part=2").text
    assert progress(app, cast.ada).parts_read == 2


def test_opening_a_part_changes_nothing(browser, app, cast):
    ada = browser("ada")
    ada.get(f"/library/{SLUG}?part=3")
    ada.get(f"/library/{SLUG}?part=all")
    ada.get(f"/library/{SLUG}/done")
    assert progress(app, cast.ada) is None


def test_the_last_part_leads_to_the_end(browser):
    ada = browser("ada")
    read(ada, *range(1, LAST + 1))
    assert ada.location == f"/library/{SLUG}/done"
    page = ada.get(ada.location)
    assert page.heading == "Done"
    assert all(point in page.text for point in MATERIAL.key_points)
    hrefs = {a.get("href") for a in page.all("a")}
    assert f"/exercises/{MATERIAL.try_exercise}" in hrefs
    assert {f"/exercises/{slug}" for slug in MATERIAL.exercises} <= hrefs
    assert {f"/library/{slug}" for slug in MATERIAL.related} <= hrefs


def test_every_exercise_that_a_reading_invites_to_can_be_opened(browser):
    ada = browser("ada")
    named = [(material.try_exercise, *material.exercises) for material in MATERIALS.values()]
    for slug in sorted({slug for group in named for slug in group} - {""}):
        ada.get(f"/exercises/{slug}", 303 if EXERCISES[slug].by_step else 200)


def test_even_a_whole_reading_with_its_drawing_is_light(browser):
    """Rule: the first view of a participant's page is 14,336 bytes at most, of which the styles may take 9,500."""
    ada = browser("ada")
    for slug in MATERIALS:
        ada.get(f"/library/{slug}?part=all")
        assert len(brotli.compress(ada.answer.data, quality=4)) <= 14_336 - 9_500, slug


def test_the_exercises_that_go_with_a_reading_are_named_at_its_end_for_participants(browser):
    page = browser("ada").get("/library/step-by-step/done")
    assert "Exercises that go with it One step of my ladder" in page.text
    links = browser("cho").get("/library/step-by-step/done").all("a")
    assert not [link for link in links if link.get("href").startswith("/exercises/")]


def test_once_read_a_material_stays_read(browser, app, cast, at):
    ada = browser("ada")
    read(ada, *range(1, LAST + 1))
    finished = progress(app, cast.ada).finished_at
    at.later(minutes=3)
    read(ada, 1, LAST)
    assert progress(app, cast.ada).finished_at == finished
    assert ada.get(f"/library/{SLUG}").one("progress").get("value") == str(LAST)


def test_a_second_click_reads_a_part_once(browser, app, cast):
    ada = browser("ada")
    read(ada, 1, 1)
    with app.app_context():
        assert len(db.session.scalars(select(Reading)).all()) == 1
    assert progress(app, cast.ada).parts_read == 1


def test_two_first_clicks_at_once_both_succeed(app, cast, at, monkeypatch):
    """The row appears between the look and the insert, as another request's would."""
    with app.app_context():
        library.read_part(cast.ada, MATERIAL, 1, at.now)
        db.session.commit()
    with app.app_context():
        monkeypatch.setattr(db.session, "get", lambda *_: None, raising=False)
        library.read_part(cast.ada, MATERIAL, 2, at.now)
        db.session.commit()
        monkeypatch.undo()
    assert progress(app, cast.ada).parts_read == 2


def test_all_parts_stand_on_one_page(browser):
    page = browser("ada").get(f"/library/{SLUG}?part=all")
    assert [words(h) for h in page.all("h2")][:LAST] == [part.title for part in MATERIAL.parts]
    assert not page.all("progress")


@pytest.mark.parametrize(
    "path",
    [
        "/library/gone",
        "/library/gone/done",
        f"/library/{SLUG}?part=0",
        f"/library/{SLUG}?part=99",
        f"/library/{SLUG}?part=x",
    ],
)
def test_a_wrong_address_is_not_found(browser, path):
    browser("ada").get(path, 404)


@pytest.mark.parametrize("path", ["/library/gone/parts/1", f"/library/{SLUG}/parts/99", f"/library/{SLUG}/parts/0"])
def test_a_wrong_part_cannot_be_read(browser, path):
    browser("ada").post(path, status=404)


def test_every_part_says_that_nobody_reviewed_it(browser):
    ada = browser("ada")
    for path in ("", "?part=all", "/done"):
        page = ada.get(f"/library/{SLUG}{path}")
        assert page.text.count("reviewed by a clinician") == 1, "once"
        last = list(page.one("main"))[-1]
        assert MATERIAL.evidence in words(last) and "Not yet reviewed by a clinician." in words(last), "at the end"
        assert "Written November 24, 2026" in page.text


def test_one_reader_s_progress_is_not_another_s(browser):
    read(browser("ada"), 1)
    assert "You are on part" not in browser("ben").get("/library/").text


@pytest.mark.asvs("16.2.1")
def test_reading_is_on_the_record_of_writes(browser, app, cast):
    read(browser("ada"), 1)
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.what == "material.read")).one()
        assert (event.actor_id, event.participant_id, event.subject) == (cast.ada.id, cast.ada.id, SLUG)


class TestTherapists:
    def test_they_read_the_same_without_a_place(self, browser):
        cho = browser("cho")
        page = cho.get(f"/library/{SLUG}")
        assert MATERIAL.parts[0].title in page.text
        assert not page.all("progress")
        assert not [f for f in page.all("form") if f.get("action", "").startswith("/library")]
        assert f"/library/{SLUG}?part=2" in {a.get("href") for a in page.all("a")}

    def test_they_have_no_box_at_the_end(self, browser):
        page = browser("cho").get(f"/library/{SLUG}/done")
        assert page.heading == "Key points"
        assert not page.all("textarea")

    @pytest.mark.asvs("8.2.1")
    def test_they_cannot_read_for_somebody(self, browser):
        cho = browser("cho")
        cho.post(f"/library/{SLUG}/parts/1", status=404)
        cho.post(f"/library/{SLUG}/reflection", {"mine": "x"}, status=404)


class TestReflection:
    URL = f"/library/{SLUG}/reflection"

    def test_it_is_kept_and_shown_with_its_time(self, browser, at):
        ada = browser("ada")
        read(ada, LAST)
        at.later(minutes=6)
        ada.get(f"/library/{SLUG}/done")
        ada.post(self.URL, {"mine": "In my hands.\r\nThen it went."})
        assert ada.location == f"/library/{SLUG}/done"
        page = ada.get(ada.location)
        assert "In my hands.\nThen it went." in page.one("blockquote").text
        assert "Saved, 10:58 am . Only you see this." in page.text
        assert page.fields(self.URL)["mine"] == ["In my hands.\nThen it went."]

    def test_the_saved_time_says_its_day_later(self, browser, at):
        ada = browser("ada")
        read(ada, LAST)
        at.later(minutes=6)
        ada.post(self.URL, {"mine": "Later"})
        at.later(days=2)
        assert "Saved, Wed, Mar 11, 10:58 am" in browser("ada").get(f"/library/{SLUG}/done").text

    def test_reading_on_does_not_move_the_saved_time(self, browser, at):
        ada = browser("ada")
        ada.post(self.URL, {"mine": "First"})
        at.later(minutes=5)
        read(ada, LAST)
        assert "Saved, 10:52 am" in ada.get(f"/library/{SLUG}/done").text

    def test_only_the_section_comes_back_to_a_part_of_the_page(self, browser):
        ada = browser("ada")
        ada.get(f"/library/{SLUG}/done")
        ada.post(self.URL, {"mine": "In my hands."}, fragment=True)
        page = ada.get(f"/library/{SLUG}/done", fragment=True)
        assert not page.whole
        assert page.one("section").get("id") == "reflection"
        assert page.one("p", tabindex="-1").get("autofocus") is not None

    def test_the_whole_page_takes_no_focus(self, browser):
        ada = browser("ada")
        ada.post(self.URL, {"mine": "x"})
        assert "autofocus" not in ada.get(f"/library/{SLUG}/done").html

    def test_it_can_be_changed_and_taken_away(self, browser, app, cast):
        ada = browser("ada")
        ada.post(self.URL, {"mine": "One"})
        ada.post(self.URL, {"mine": "Two"})
        assert progress(app, cast.ada).reflection == "Two"
        ada.post(self.URL, {"mine": "  "})
        assert progress(app, cast.ada).reflection is None

    @pytest.mark.asvs("2.3.2")
    def test_too_long_a_text_comes_back_whole(self, browser, app, cast):
        ada = browser("ada")
        long = "word " * 500
        page = ada.post(self.URL, {"mine": long}, status=422)
        assert page.fields(self.URL)["mine"] == [long.strip()]
        assert "characters too long" in page.one("p", id="mine-error").text
        assert page.one("textarea").get("aria-invalid") == "true"
        assert progress(app, cast.ada) is None

    def test_too_long_a_text_takes_the_focus_in_a_part_of_the_page(self, browser):
        ada = browser("ada")
        ada.post(self.URL, {"mine": "Short"})
        ada.get(f"/library/{SLUG}/done")
        page = ada.post(self.URL, {"mine": "word " * 500}, status=422, fragment=True)
        assert [e.tag for e in page.tree.iter() if e.get("autofocus") is not None] == ["textarea"]
        assert page.one("details").get("open") is not None

    def test_line_ends_count_once(self, browser):
        browser("ada").post(self.URL, {"mine": "x\r\n" * 900})

    @pytest.mark.asvs("1.2.1", "3.2.2")
    def test_markup_stays_text(self, browser):
        ada = browser("ada")
        ada.post(self.URL, {"mine": "<b>bold</b>"})
        assert not ada.get(f"/library/{SLUG}/done").all("b", class_="x")
        assert "<b>bold</b>" in ada.page.one("blockquote").text

    @pytest.mark.asvs("8.2.2")
    def test_nobody_else_sees_it(self, browser):
        browser("ada").post(self.URL, {"mine": "Only mine"})
        for who in ("ben", "cho", "kit"):
            assert "Only mine" not in browser(who).get(f"/library/{SLUG}/done").html

    def test_what_was_typed_when_the_session_ended_is_back(self, browser, app, at):
        ada = browser("ada")
        ada.get(f"/library/{SLUG}/done")
        at.later(minutes=20)
        ada.submit(self.URL, {"mine": "Half a thought"})
        assert ada.location.startswith("/sign-in?next=/library/")
        again = browser("ada")
        assert again.get(f"/library/{SLUG}/done").fields(self.URL)["mine"] == ["Half a thought"]
        again.post(self.URL, {"mine": "Half a thought"})
        with app.app_context():
            assert db.session.scalars(select(Draft)).all() == []
