"""A save over somebody else's change keeps both people's fields, and asks only about a field that both changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import program
from tests.browser import words

FIELDS = ("first", "second", "third", "goal")


def error(page, field):
    return words(page.one("p", id=f"{field}-error"))


@pytest.fixture
def pages(browser, cast, at):
    """Dr Cho and Dr Oduya, who both treat Ada, each with the page of her questions open."""
    path = f"/caseload/{cast.ada.key}/questions"
    cho, oduya = browser("cho"), browser("oduya")
    cho.get(path)
    cho.submit(path, {field: f"{field} at first" for field in FIELDS})

    def opened():
        at.later(seconds=1)
        return path, (cho, dict(cho.get(path).fields(path))), (oduya, dict(oduya.get(path).fields(path)))

    return opened


def test_a_field_that_one_did_not_touch_keeps_what_the_other_saved(pages):
    path, (cho, hers), (oduya, his) = pages()
    cho.post(path, hers | {"goal": "To see my sister"})
    oduya.post(path, his | {"first": "urge to call him"})
    held = oduya.get(path).fields(path)
    assert (held["goal"], held["first"]) == (["To see my sister"], ["urge to call him"])


def test_a_field_that_both_changed_is_asked_about_with_who_and_when(pages):
    path, (cho, hers), (oduya, his) = pages()
    cho.post(path, hers | {"goal": "To see my sister"})
    page = oduya.post(path, his | {"goal": "To sleep"}, 422)
    assert error(page, "goal") == (
        "Dr Cho changed this to “To see my sister” while this page was open (Today, 10:52 am)."
        " To put yours in its place, save again."
    )
    assert page.fields(path)["goal"] == ["To sleep"]
    oduya.submit(path)
    assert cho.get(path).fields(path)["goal"] == ["To sleep"]


def test_the_same_change_by_both_is_no_question(pages):
    path, (cho, hers), (oduya, his) = pages()
    cho.post(path, hers | {"goal": "To sleep"})
    oduya.post(path, his | {"goal": "To sleep"})


def test_what_one_emptied_is_asked_about_too(pages):
    path, (cho, hers), (oduya, his) = pages()
    cho.post(path, hers | {"goal": ""})
    page = oduya.post(path, his | {"goal": "To sleep"}, 422)
    assert error(page, "goal").startswith("Dr Cho emptied this while this page was open")


def test_what_waited_as_a_draft_is_asked_about_when_it_is_sent(pages, at):
    """Rule: a page that is left and opened again does not forget what it was made from."""
    path, (cho, hers), (oduya, his) = pages()
    oduya.post("/account/drafts", his | {"goal": "To sleep", "_form": path}, 200)
    at.later(seconds=1)
    cho.post(path, hers | {"goal": "To see my sister", "second": "urge to stay in bed"})
    held = oduya.get(path).fields(path)
    assert (held["goal"], held["second"]) == (["To sleep"], ["urge to stay in bed"])
    assert error(oduya.submit(path, status=422), "goal").startswith("Dr Cho changed this")


edits = st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 2), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=edits, other=edits, cho_first=st.booleans())
def test_no_field_that_somebody_did_not_touch_ever_changes(pages, one, other, cho_first):
    """Rule: two people, any edits, in any order: nothing untouched changes, and nobody's change is lost unasked."""
    path, cho, oduya = pages()
    (first, shown), (second, also) = (cho, oduya) if cho_first else (oduya, cho)
    stood = {field: shown[field][0] for field in FIELDS}
    one, other = ({field: f"{field} {value}" for field, value in said.items()} for said in (one, other))
    first.post(path, shown | one)
    both = {f for f in one.keys() & other.keys() if len({stood[f], one[f], other[f]}) == 3}
    page = second.post(path, also | other, 422 if both else 303)
    if both:
        assert {field for field in FIELDS if page.all("p", id=f"{field}-error")} == both
        second.submit(path)
    touched = {field: text for field, text in other.items() if text != stood[field]}
    held = first.get(path).fields(path)
    assert {field: held[field][0] for field in FIELDS} == stood | one | touched


def test_two_pages_of_one_person_ask_nothing_and_undo_nothing(app, browser):
    pages = [browser("kit"), browser("kit")]
    for kit in pages:
        kit.get("/program")
    for kit, typed in zip(pages, ({"urgent_minutes": "20"}, {"same_day_minutes": "90"}), strict=True):
        kit.submit("/program/flag-minutes", typed, 200)
        kit.submit("/program/flag-minutes")
    with app.app_context():
        facts = program.current()
    assert (facts.urgent_minutes, facts.same_day_minutes) == (20, 90)


def test_the_safety_plan_keeps_what_another_device_wrote(browser, at):
    path = "/safety-plan/edit"
    phone, laptop = browser("ada"), browser("ada")
    phone.get(path)
    laptop.get(path)
    at.later(seconds=1)
    phone.submit(path, {"signs": "Not sleeping"})
    laptop.submit(path, {"alone": "A walk"})
    page = laptop.get("/safety-plan").text
    assert "Not sleeping" in page
    assert "A walk" in page


def test_a_mark_is_in_no_address_and_tells_no_value(browser):
    kit = browser("kit")
    kit.get("/program")
    kit.submit("/program/shown-as", {"shown_as": "Harbor"}, 200)
    kit.submit("/program/shown-as")
    made = kit.get(kit.location).fields("/program/shown-as")["made"][0]
    assert "Harbor" not in made
    assert "made" not in kit.location


def test_two_who_take_attendance_keep_each_others_marks(fill_clinic, browser, at):
    path = f"/sessions/{fill_clinic().group}/attendance"
    cho, kit = browser("cho"), browser("kit")
    cho.get(path)
    kit.get(path)
    names = sorted({one.get("name") for one in cho.page.all("input", type="radio")})
    at.later(seconds=1)
    cho.submit(path, {names[0]: "present"})
    kit.submit(path, {names[1]: "missed"})
    held = kit.get(path).fields(path)
    assert (held[names[0]], held[names[1]]) == (["present"], ["missed"])
    cho.get(path)
    at.later(seconds=1)
    kit.submit(path, {names[0]: "missed"})
    page = cho.submit(path, {names[0]: "excused"}, 422)
    assert "Kit Larsen changed this to “Missed” while this page was open" in page.text


def test_two_who_describe_a_session_keep_each_others_words(fill_clinic, browser, at):
    session = fill_clinic().session
    page, describe, place = f"/sessions/{session}/plan", f"/sessions/{session}/describe", f"/sessions/{session}/place"
    first, second = browser("kit"), browser("cho")
    first.get(page)
    second.get(page)
    at.later(seconds=1)
    first.submit(describe, {"describe-topic": "Sleep"})
    second.submit(describe, {"describe-bring": "Your notebook"})
    first.submit(place, {"place-room": "4", "place-reason": "The heating is off"})
    held = second.get(page)
    assert held.fields(describe)["describe-topic"] == ["Sleep"]
    assert held.fields(describe)["describe-bring"] == ["Your notebook"]
    assert held.fields(place)["place-room"] == ["4"]
