"""The shipped readings, and what a file must hold to be one."""

import html
import re
from datetime import date
from pathlib import Path

import pytest

from portal import content, library
from portal.exercises import EXERCISES, SAFETY_PLAN
from portal.library import MATERIALS
from tests.browser import Page, words

GOOD = """\
---
title: "A short walk"
topic: days
position: 1
synopsis: "Why ten minutes outside can help."
minutes: 2
audience: [all]
key_points: ["Ten minutes count."]
evidence: "General knowledge, not checked."
try_exercise: six-steps
try_words: "Plan one walk"
exercises: [moved-today]
drawing: {name: stairs, part: 1, after: 1, caption: "Four steps < five"}
related: []
reflect: "Where would you go?"
written: 2026-01-05
review_by: 2027-01-05
reviewed: null
---
## Out of the door

You go **out**.

### Shoes

They help.

## Back again

You are home.
"""


def load(folder: Path, text: str = GOOD, name: str = "short-walk") -> dict[str, library.Material]:
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return library.load(folder)


def test_a_file_becomes_a_material_of_its_parts(tmp_path):
    material = load(tmp_path)["short-walk"]
    assert [part.title for part in material.parts] == ["Out of the door", "Back again"]
    opening, figure = material.parts[0].html.split("<figure", 1)
    assert opening == "<p>You go <strong>out</strong>.</p>\n"
    assert figure.endswith(
        "<figcaption>Four steps &lt; five</figcaption></figure>\n<h3>Shoes</h3>\n<p>They help.</p>\n"
    )
    assert material.exercises == {"moved-today": "I moved today"}
    assert material.written == date(2026, 1, 5)
    assert (material.number("1"), material.number("2")) == (1, 2)


@pytest.mark.asvs("1.4.2")
@pytest.mark.parametrize("text", ["0", "3", "-1", "01", "1.0", "", "one", "²", "9" * 5000])
def test_what_is_not_a_part_has_no_number(tmp_path, text):
    assert load(tmp_path)["short-walk"].number(text) is None


def test_the_question_for_oneself_may_be_left_out(tmp_path):
    assert load(tmp_path, GOOD.replace('reflect: "Where would you go?"\n', ""))["short-walk"].reflect is None


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('title: "A short walk"\n', "", "missing field title"),
        ("position: 1", "position: first", "position should be int"),
        ("minutes: 2", "minutes: 0", "minutes should be 1 or more"),
        ("topic: ", "mood: 3\ntopic: ", "unknown field mood"),
        ("topic: ", "slug: other\ntopic: ", "unknown field slug"),
        ("topic: days", "topic: cooking", "topic should be one of"),
        ("audience: [all]", "audience: everyone", "audience should be a list"),
        ("audience: [all]", "audience: [cats]", "not 'cats'"),
        ("related: []", "related: [1]", "related 1 should be str"),
        ("name: stairs", "name: ../icons", "no drawing is called '../icons'"),
        ("part: 1", "part: 3", "paragraph 1 of part 3, which is not there"),
        ("part: 1", "part: 0", "paragraph 1 of part 0, which is not there"),
        ("after: 1", "after: 0", "paragraph 0 of part 1, which is not there"),
        ("after: 1", "after: 3", "paragraph 3 of part 1, which is not there"),
        ("after: 1, ", "", "drawing: missing field after"),
        ("[moved-today]", "[moved]", "no exercise is called 'moved'"),
        ("[moved-today]", "[six-steps]", "exercises should be 1 to 3, and not the one to try"),
        ("[moved-today]", "[]", "exercises should be 1 to 3"),
        ("reviewed: null", "reviewed: yes", "reviewed should be str"),
        ("review_by: 2027-01-05", "review_by: 2025-01-05", "review_by should be a day after written"),
        ("review_by: 2027-01-05", "review_by: soon", "review_by should be date"),
        ("## Out of the door", "Hello.\n\n## Out of the door", "should begin with a heading of level two"),
        ("You are home.", "", "the part 'Back again' is empty"),
        (GOOD[GOOD.index("## Out") :], "", "there is no part"),
        (GOOD[GOOD.index("## Out") :], "Only words.", "should begin with a heading of level two"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path, was, now, says):
    with pytest.raises(content.ContentError, match=re.escape("short-walk.md: ")) as refused:
        load(tmp_path, GOOD.replace(was, now))
    assert says in str(refused.value)


def test_an_unknown_exercise_is_refused(tmp_path):
    with pytest.raises(content.ContentError, match=r"short-walk\.md: no exercise is called 'six-steps'"):
        library.check_links(load(tmp_path), {"the-wave"})


def test_a_plan_that_has_a_page_of_its_own_is_no_exercise_of_a_reading(tmp_path):
    with pytest.raises(content.ContentError, match=r"no exercise is called 'moved-today'"):
        library.check_links(load(tmp_path), {"six-steps"})


def test_every_drawing_stands_in_a_reading_and_says_what_it_shows():
    drawn = [one for one in MATERIALS.values() if one.drawing]
    assert {one.drawing.name for one in drawn} == set(library.DRAWINGS)
    for one in drawn:
        figure = one.parts[one.drawing.part - 1].html.split("<figure", 1)[1]
        assert re.search(
            r'<svg class="wave" [^>]*role="img" aria-labelledby="drawn"><title id="drawn">[^<]{20,}</title>', figure
        )
        assert "style" not in figure.split("</svg>")[0], one.slug
        assert html.unescape(figure).split("<figcaption>")[1].startswith(f"{one.drawing.caption}</figcaption>")


@pytest.mark.parametrize("related", ["gone", "short-walk"])
def test_a_dead_link_between_materials_is_refused(tmp_path, related):
    materials = load(tmp_path, GOOD.replace("related: []", f"related: [{related}]"))
    with pytest.raises(content.ContentError, match=f"no other material is called '{related}'"):
        library.check_links(materials, {"six-steps"})


def test_the_app_does_not_start_with_a_dead_link(make_app, tmp_path, monkeypatch):
    monkeypatch.setattr(
        library, "MATERIALS", load(tmp_path, GOOD.replace("try_exercise: six-steps", "try_exercise: seven-steps"))
    )
    with pytest.raises(content.ContentError, match="short-walk"):
        make_app()


def test_readings_stand_in_the_order_of_their_positions():
    assert [one.position for one in library.IN_ORDER] == list(range(1, len(MATERIALS) + 1))


def test_the_shipped_links_resolve():
    library.check_links(MATERIALS, EXERCISES.keys() - {SAFETY_PLAN})


def test_links_inside_the_shipped_texts_go_to_known_places(app):
    adapter = app.url_map.bind("localhost")
    for material in MATERIALS.values():
        for part in material.parts:
            for link in Page(part.html).all("a"):
                target = link.get("href")
                if target.startswith(("tel:", "sms:")):
                    continue
                assert target.startswith("/"), f"{material.slug} links to {target}"
                adapter.match(target)


@pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS)
def test_a_shipped_material_is_short_and_in_date(material):
    length = sum(len(words(Page(part.html).tree).split()) for part in material.parts)
    assert 500 <= length <= 900
    assert material.review_by > date.today(), "review it again, then move its date"
    assert 3 <= len(material.key_points) <= 6
    assert 2 <= len(material.parts) <= 6


def test_headings_inside_a_part_are_one_level_down():
    for material in MATERIALS.values():
        for part in material.parts:
            assert not re.search(r"<h[12456]", part.html), f"{material.slug}: {part.title}"


RIDES_IT_OUT = {"the-wave"}  # exercises in which somebody stays with an urge and does not act on it
RITUAL = re.compile(r"(?i)\b(check|wash|ask if|count|pray|turn around)\b|\britual")


def test_no_reading_for_people_with_ocd_sends_anybody_to_sit_out_an_urge_alone():
    """Rule: which rituals to leave out, and when, is agreed with a therapist; a reading does not invite to it, and does
    not lead on to one that does."""
    held = [one for one in MATERIALS.values() if "ocd-anxiety" in one.audience]
    assert len(held) >= 2
    for one in held:
        assert not {one.try_exercise, *one.exercises} & RIDES_IT_OUT, one.slug
        assert not {MATERIALS[slug].try_exercise for slug in one.related} & RIDES_IT_OUT, one.slug


def test_an_exercise_that_sits_out_an_urge_leaves_rituals_to_what_was_agreed():
    """Rule: it names no ritual as an example of its urge, and says beside its first question what a ritual needs."""
    for slug in RIDES_IT_OUT:
        first = next(field for field in EXERCISES[slug].fields if field.kind == "text")
        examples, _, rest = first.hint.partition("For a ritual, ")
        assert not RITUAL.search(examples), slug
        assert "you and your therapist agreed on" in rest, slug


def test_a_reading_without_an_exercise_invites_to_none(tmp_path, browser):
    without = GOOD.replace('try_exercise: six-steps\ntry_words: "Plan one walk"\n', "")
    assert load(tmp_path, without)["short-walk"].try_exercise == ""
    library.check_links(load(tmp_path, without), {"moved-today"})
    with pytest.raises(content.ContentError, match="belong together"):
        load(tmp_path, GOOD.replace("try_exercise: six-steps\n", ""))
    for who in ("ada", "cho"):
        text = browser(who).get("/library/false-alarms/done").text
        assert "Try it now" not in text and "invited to try" not in text
