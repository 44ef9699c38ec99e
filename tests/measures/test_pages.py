"""The pages of measures: the official words in order, each to be left out, help first, and nobody else's to see."""

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.flags.models import Flag, FlagReason
from portal.measures import INSTRUMENTS
from portal.measures.models import MeasureEntry
from tests.measures.asked import answer, answered, answers_of, program_asks, safety_off
from tests.page import words
from tests.schedule.timetable import session

SERVED = ["phq-9", "phq-8", "phq-2", "gad-7", "gad-2", "pcl-5"]


def count(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(MeasureEntry))


@pytest.mark.parametrize("slug", SERVED)
def test_the_form_has_the_official_words_in_order_and_chooses_nothing(app, browser, slug):
    asked = INSTRUMENTS[slug]
    page = browser("ada").get(f"/measures/{slug}")
    main = " ".join(page.text.split())
    assert asked.recall in main and asked.stem in main
    assert asked.copyright in main and asked.license in main and asked.title in main
    assert asked.instruction in main and asked.explained in main
    legends = [words(legend) for legend in page.all("legend")]
    assert legends == [f"{item.number}. {item.text}" for item in asked.items]
    for item in asked.items:
        radios = page.all("input", name=item.id)
        assert [radio.get("value") for radio in radios] == [*(str(a.value) for a in item.answers), ""]
        assert [words(page.parents[radio]) for radio in radios] == [*(a.words for a in item.answers), "Skip"]
        assert not [radio for radio in radios if radio.get("checked") is not None]


@pytest.mark.parametrize("slug", ["bam", "bam-7", "barc-10", "audit-c", "who-5", "y-bocs", "no-such"])
def test_what_is_not_verified_or_not_turned_on_is_not_there(app, browser, slug):
    ada = browser("ada")
    ada.get(f"/measures/{slug}", 404)
    ada.post(f"/measures/{slug}", {"key": "k" * 22}, 404)
    assert count(app) == 0


def test_what_has_terms_is_there_once_the_program_accepted_them_with_whose_it_is(app, browser):
    program_asks(app, "who-5")
    page = browser("ada").get("/measures/who-5")
    assert INSTRUMENTS["who-5"].copyright in page.text
    assert "Turn it on" not in page.text, "that is for the program"


def test_numbers_are_typed_and_what_follows_another_question_says_when(app, browser, monkeypatch):
    """Rule: BAM's pages work before BAM is served: its numbers are typed, its "only if" is said."""
    for slug in ("bam", "bam-7"):
        object.__setattr__(INSTRUMENTS[slug], "verified", True)
    try:
        ada = browser("ada")
        page = ada.get("/measures/bam")
        number = next(item for item in INSTRUMENTS["bam"].items if item.by_number)
        typed = page.one("input", name=number.id)
        assert (typed.get("type"), typed.get("inputmode"), typed.get("value")) == ("text", "numeric", "")
        page = ada.submit("/measures/bam", {number.id: "31"}, 422)
        assert page.one("input", name=number.id).get("value") == "31"
        assert "Write a whole number from 0 to 30." in page.text
        ada.submit("/measures/bam", {number.id: "30"})
        assert "Your answers do not make one number." in ada.get(ada.location).text
        after = next(item for item in INSTRUMENTS["bam-7"].items if item.after)
        page = ada.get("/measures/bam-7")
        hint = page.one("p", id=f"{after.id}-only")
        assert words(hint) == "Only if your answer to question 4 was not “None”."
        assert page.one("fieldset", id=after.id).get("aria-describedby") == f"{after.id}-only"
    finally:
        for slug in ("bam", "bam-7"):
            object.__setattr__(INSTRUMENTS[slug], "verified", False)


def test_after_saving_come_plain_words_and_the_change_since_before_and_first(app, browser, at):
    ada = browser("ada")
    page = answer(ada, "gad-7", 2)
    assert page.heading == "Saved. Thank you, Ada."
    assert words(page.one("h2", id="said")) == "Your number is 14."
    assert "0 is the lowest number and 21 the highest." in page.text
    assert "Since the time before" not in page.text and not page.all("figure")
    at("2026-03-25T10:00")
    ada = browser("ada")
    page = answer(ada, "gad-7", 1)
    heading = words(page.one("h2", id="said"))
    assert heading == "It has changed for the better since Wed, Mar 11, by more than chance alone."
    assert "Your number went from 14 to 7." in page.text and page.text.count("since Wed, Mar 11") == 1
    assert "0 0 2 21" in page.one("figure").find(".//{*}svg").attrib.values()
    at("2026-04-08T10:00")
    page = answer(browser("ada"), "gad-7", 2)
    assert words(page.one("h2", id="said")).startswith("It has become harder since Wed, Mar 25")
    assert "It is the same number as on Wed, Mar 11." in page.text
    assert not {band.name for band in INSTRUMENTS["gad-7"].bands} & set(page.text.split("."))
    for band in INSTRUMENTS["gad-7"].bands:
        assert band.name not in page.text, "bands are for therapists"


def test_the_page_of_an_older_measure_knows_nothing_of_what_came_after(app, browser, at):
    """Rule: words, line and table are as they were on that day; one line leads to what was answered since."""
    answer(browser("ada"), "gad-7", 2)
    at("2026-03-25T10:00")
    ada = browser("ada")
    older = answered(ada, "gad-7", 1)
    before = ada.get(older)
    at("2026-04-08T10:00")
    later = browser("ada")
    answer(later, "gad-7", 3)
    page = later.get(older)
    days = [words(cell) for cell in page.one("figure").iter("th") if cell.get("scope") == "row"]
    assert days == ["Wed, Mar 25", "Wed, Mar 11"]
    assert words(page.one("figure").find(".//p[@class='x']")) == "Mar 11: 14 Mar 25: 7"
    assert "21" not in words(page.one("figure").find(".//tbody"))
    assert words(page.one("h2", id="said")) == words(before.one("h2", id="said")).replace("has", "had")
    assert "You answered this again after that" in page.text


def test_a_skip_stays_a_skip_and_a_zero_a_zero(app, browser):
    page = answer(browser("ada"), "gad-7", 0, gad7_2=None)
    facts = page.one("dl", **{"class": "facts small pair"})
    given = [words(dd) for dd in facts.iter("dd")]
    assert given[0] == "Not at all" and given[1] == "Skipped"
    with app.app_context():
        assert "gad7_2" not in db.session.scalar(select(MeasureEntry.answers))


def test_the_way_to_the_number_is_one_tap_away_with_its_days_and_its_source(app, browser, at):
    answer(browser("ada"), "gad-7", 2)
    at("2026-03-25T10:00")
    page = answer(browser("ada"), "gad-7", 1)
    shown = words(next(e for e in page.all("details") if words(e).startswith("How we work this out")))
    assert "add up: 1 + 1 + 1 + 1 + 1 + 1 + 1 = 7." in shown, "the last question counts in no sum"
    assert "It was 14 on Wed, Mar 11 and is 7 now. 14 less 7 is 7." in shown
    assert "A change of 6 points or more is more than chance explains (Bischoff and others, 2020)." in shown
    assert "Change: Bischoff et al. 2020" in shown


def test_that_nobody_reviewed_what_is_said_of_a_number_is_said_once_at_the_end(app, browser):
    main = words(answer(browser("ada"), "gad-7", 2).one("main"))
    assert main.count("reviewed by a clinician") == 1
    assert main.endswith("What we say about your number is not yet reviewed by a clinician.")


def test_answers_stand_beside_their_questions_in_the_official_order(app, browser):
    page = answer(browser("ada"), "phq-9", 0)
    pairs = page.one("dl", **{"class": "facts small pair"})
    assert [words(dt) for dt in pairs.iter("dt")] == [item.numbered for item in INSTRUMENTS["phq-9"].items]
    assert words(list(pairs.iter("dd"))[-1]) == "Not difficult at all"
    assert INSTRUMENTS["phq-9"].license in page.text


def test_the_event_of_the_pcl_5_may_be_named_in_a_few_words_is_sealed_and_is_theirs_and_their_therapists(
    app, browser, cast
):
    ada = browser("ada")
    page = ada.get("/measures/pcl-5")
    assert page.one("input", name="event").get("dir") == "auto"
    sent = page.fields("/measures/pcl-5") | answers_of("pcl-5", 1) | {"event": "the crash on route 9"}
    for _ in range(2):
        ada.post("/measures/pcl-5", sent)
    assert "Your worst event: the crash on route 9" in ada.get(ada.location).text
    page = browser("cho").get(f"/caseload/{cast.ada.key}/measures")
    assert "Your worst event: the crash on route 9" in page.text
    browser("oduya").get(f"/caseload/{cast.ada.key}/measures")
    ada.get("/my-record/questions.csv")
    assert "Your worst event,the crash on route 9," in ada.answer.text
    with app.app_context():
        kept = db.session.scalars(select(MeasureEntry.event)).all()
        assert len(kept) == 1 and b"crash" not in kept[0], "once, and sealed"


def test_the_event_is_changed_as_any_answer_is_and_may_be_left_empty(app, browser):
    ada = browser("ada")
    saved = answer(ada, "pcl-5", 1, event="the crash")
    change = next(a.get("href") for a in saved.all("a") if words(a) == "Change an answer")
    assert ada.get(change).fields("/measures/pcl-5")["event"] == ["the crash"]
    ada.submit("/measures/pcl-5", {"event": "the crash and the week after"})
    assert "the crash and the week after" in ada.get(ada.location).text
    ada.get(change)
    ada.submit("/measures/pcl-5", {"event": ""})
    assert "Your worst event" not in ada.get(ada.location).text
    assert count(app) == 3


def test_an_event_that_is_too_long_is_refused_in_words_and_kept_in_the_form(app, browser):
    ada, told = browser("ada"), "🙂" * 201
    ada.get("/measures/pcl-5")
    page = ada.submit("/measures/pcl-5", answers_of("pcl-5", 1) | {"event": told}, 422)
    assert words(page.one("p", id="event-error")) == "This is 1 character too long. 200 fit."
    assert page.one("input", name="event").get("value") == told and page.fields("/measures/pcl-5")["pcl5_3"] == ["1"]
    assert count(app) == 0


@pytest.mark.parametrize("slug", ["phq-9", "gad-7"])
def test_only_an_instrument_about_one_event_asks_for_it(app, browser, slug):
    ada = browser("ada")
    assert not ada.get(f"/measures/{slug}").all("input", name="event")
    assert "of no event" not in answer(ada, slug, 0, event="of no event").text


def test_who_never_drinks_was_not_asked_the_rest_which_is_no_skip(app, browser):
    program_asks(app, "audit-c")
    ada = browser("ada")
    page = ada.get("/measures/audit-c")
    for item in ("auditc_2", "auditc_3"):
        assert words(page.one("p", id=f"{item}-only")) == "Only if your answer to question 1 was not “Never”."
    assert "about 14 grams of pure alcohol" in page.text
    page = answer(ada, "audit-c", None, auditc_1=0)
    given = [words(dd) for dd in page.one("dl", **{"class": "facts small pair"}).iter("dd")]
    assert given == ["Never", "Not asked", "Not asked"]
    assert words(page.one("h2", id="said")) == "Your number is 0."
    ada.get("/my-record/questions.csv")
    assert ada.answer.text.count(",Not asked,") == 2 and ",Skipped," not in ada.answer.text
    page = answer(ada, "audit-c", 2, auditc_1=0)
    given = [words(dd) for dd in page.one("dl", **{"class": "facts small pair"}).iter("dd")]
    assert given == ["Never", "Not asked", "Not asked"], "chosen before the first answer was changed to never"
    page = answer(ada, "audit-c", None, auditc_1=1, auditc_2=0)
    assert [words(dd) for dd in page.one("dl", **{"class": "facts small pair"}).iter("dd")][2] == "Skipped"


def test_where_safety_is_not_asked_the_phq_8_is_asked_and_item_9_never(app, browser):
    program_asks(app, phq_9="two_weeks")
    safety_off(app)
    ada = browser("ada")
    assert "Your last two weeks 8 questions, about 2 minutes" in ada.get("/today").text
    ada.get("/measures/phq-9", 303)
    assert ada.location == "/measures/phq-8"
    page = answer(ada, "phq-8", 3)
    assert "better off dead" not in page.text and words(page.one("h2", id="said")) == "Your number is 24."
    assert "Your last two weeks" not in ada.get("/today").text
    with app.app_context():
        assert db.session.scalars(select(Flag)).all() == []


def test_what_was_answered_on_a_page_from_before_safety_was_switched_off_is_kept_and_brings_help(app, browser):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    sent = ada.page.fields("/measures/phq-9") | answers_of("phq-9", 1, phq9_9=2)
    safety_off(app)
    ada.post("/measures/phq-9", sent)
    assert count(app) == 1
    assert words(next(iter(ada.get(ada.location).one("main", id="main")))) == "Thank you for telling us"


def test_who_can_see_it_is_said_and_the_next_one_to_one(app, browser, cast):
    assert "Dr Cho can see this too." in answer(browser("ada"), "gad-7", 1).text
    with app.app_context():
        session("one_to_one", "2026-03-13T15:30", 50, cast.cho, cast.ada)
        db.session.commit()
    said = "Your next one-to-one is Fri, Mar 13, 3:30 pm, a good time to talk about it."
    assert said in answer(browser("ada"), "gad-2", 1).text
    assert said not in answer(browser("ada"), "phq-9", 1, phq9_9=1).text, "people first"


def test_nothing_at_all_is_refused_kindly(app, browser):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    page = ada.submit("/measures/phq-9", {}, 422)
    assert "Nothing is answered yet." in page.text
    assert count(app) == 0


@pytest.mark.parametrize("wrong", ["4", "-1", "1.5", "often", "１１", "\x00", "9" * 5000, "🙂"])
def test_what_is_no_answer_is_refused_beside_its_question_with_the_rest_kept(app, browser, wrong):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    page = ada.submit("/measures/phq-9", answers_of("phq-9", 2) | {"phq9_3": wrong}, 422)
    assert words(page.one("p", id="phq9_3-error")) == "Choose one of the answers shown."
    assert page.fields("/measures/phq-9")["phq9_4"] == ["2"]
    assert count(app) == 0


@pytest.mark.parametrize("key", ["", "short", "a b c d e f g h", "k" * 65])
def test_a_damaged_key_is_mended_and_what_was_chosen_is_kept(app, browser, key):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    page = ada.submit("/measures/phq-9", answers_of("phq-9") | {"key": key}, 422 if key else 303)
    if key:
        assert page.fields("/measures/phq-9")["phq9_1"] == ["1"]
        ada.submit("/measures/phq-9")
    assert count(app) == 1


def test_an_answer_can_be_changed_on_the_same_day_and_not_later(app, browser, at):
    ada = browser("ada")
    page = answer(ada, "phq-9", 0)
    change = next(a.get("href") for a in page.all("a") if words(a) == "Change an answer")
    page = ada.get(change)
    assert "If you change them, both are kept." in page.text
    assert page.fields("/measures/phq-9")["phq9_9"] == ["0"]
    ada.submit("/measures/phq-9", {"phq9_1": "3"})
    assert "(changed)" in ada.get(ada.location).text
    assert count(app) == 2
    at("2026-03-12T08:00")
    ada = browser("ada")
    assert "phq9_9" not in ada.get(change).fields("/measures/phq-9")


def test_a_form_of_days_ago_is_refused_in_words_with_all_that_was_chosen(app, browser, at):
    ada = browser("ada")
    page = answer(ada, "phq-9", 0)
    ada.get(next(a.get("href") for a in page.all("a") if words(a) == "Change an answer"))
    sent = ada.page.fields("/measures/phq-9") | {"phq9_1": "3"}
    at("2026-03-13T08:00")
    ada = browser("ada")
    ada.get("/measures/phq-9")
    page = ada.post("/measures/phq-9", sent | {"csrf_token": ada.page.fields("/measures/phq-9")["csrf_token"]}, 422)
    assert "These answers are for a day that is over," in page.text
    assert page.fields("/measures/phq-9")["phq9_1"] == ["3"]
    assert count(app) == 1


@pytest.mark.parametrize("first", [0, 1])
def test_a_form_from_another_tab_is_a_replay_or_a_version_and_never_a_second_measure_of_the_day(app, browser, first):
    ada = browser("ada")
    tabs = [ada.get("/measures/phq-9").fields("/measures/phq-9") for _ in range(2)]
    assert tabs[0]["key"] != tabs[1]["key"]
    ada.post("/measures/phq-9", tabs[0] | answers_of("phq-9", 1, phq9_9=first))
    saved = ada.location
    ada.post("/measures/phq-9", tabs[1] | answers_of("phq-9", 1, phq9_9=first))
    assert (ada.location, count(app)) == (saved, 1)
    ada.post("/measures/phq-9", tabs[1] | answers_of("phq-9", 1, phq9_9=2))
    assert (ada.location, count(app)) == (saved, 2)
    assert "Are you safe right now?" in ada.get(saved).text
    with app.app_context():
        entries = db.session.scalars(select(MeasureEntry).order_by(MeasureEntry.version)).all()
        assert [(one.version, one.key) for one in entries] == [(1, saved.rsplit("/", 1)[1]), (2, entries[0].key)]
        reasons = db.session.scalars(select(FlagReason.code).order_by(FlagReason.id)).all()
        assert reasons == (["item9_1"] if first else []) + ["item9_2"], "the safety branch runs again"
        assert set(db.session.scalars(select(FlagReason.measure_key))) == {entries[0].key}


def test_what_was_left_in_a_form_on_another_day_is_no_change_of_that_day(app, browser, at):
    """Rule: a draft gives back what was chosen, never the key of answers whose day is over."""
    ada = browser("ada")
    answered(ada, "phq-9", 0)
    typed = ada.get("/measures/phq-9").fields("/measures/phq-9") | {"phq9_1": "3"}
    ada.post("/account/drafts", typed | {"_form": "/measures/phq-9", "_page": "/"}, 200)
    at.later(days=1)
    ada = browser("ada")
    assert ada.get("/measures/phq-9").fields("/measures/phq-9")["phq9_1"] == ["3"]
    ada.submit("/measures/phq-9", answers_of("phq-9", 1, phq9_9=0))
    with app.app_context():
        assert [one.version for one in db.session.scalars(select(MeasureEntry))] == [1, 1]


def test_back_and_send_again_is_once(app, browser):
    ada = browser("ada")
    ada.get("/measures/phq-9")
    sent = ada.page.fields("/measures/phq-9") | answers_of("phq-9")
    for _ in range(2):
        ada.post("/measures/phq-9", sent)
    assert count(app) == 1


@pytest.mark.parametrize(("value", "tier"), [(1, "same_day"), (2, "urgent"), (3, "urgent")])
def test_question_9_shows_help_before_anything_else(app, browser, value, tier):
    page = answer(browser("ada"), "phq-9", 1, phq9_9=value)
    heading, first = list(page.one("main", id="main"))[:2]
    assert (heading.tag, first.get("id")) == ("h1", "safety")
    links = [a.get("href") for a in first.iter("a")]
    assert links[:5] == ["tel:988", "sms:988", "tel:911", "tel:+12125550142", "/safety-plan"]
    assert "Are you safe right now?" in page.text and "Open now, until 5:00 pm today" in words(first)
    assert not page.all("figure"), "the number and its line stay away"
    with app.app_context():
        assert db.session.scalars(select(Flag.tier)).all() == [tier]


@pytest.mark.parametrize("value", [0, None])
def test_any_other_answer_to_it_shows_no_help_block_and_is_never_called_reassuring(app, browser, value):
    page = answer(browser("ada"), "phq-9", 1, phq9_9=value)
    assert "Are you safe right now?" not in page.text
    assert "safe" not in words(page.one("main", id="main")).lower()
    with app.app_context():
        assert db.session.scalars(select(Flag)).all() == []


def test_the_second_question_raises_the_tier_and_repeats_who_to_call(app, browser):
    ada = browser("ada")
    saved = answered(ada, "phq-9", 1, phq9_9=1)
    ada.get(saved)
    page = ada.submit(f"{saved}/safe-now", {}, 422)
    assert words(page.one("p", id="safe_now-error")) == "Choose one of the three."
    ada.submit(f"{saved}/safe-now", {"safe_now": "no"})
    page = ada.get(ada.location)
    assert "You said: no. If that changes" in words(page.one("div", id="safety"))
    for _ in range(2):
        ada.post(f"{saved}/call-me")
    assert "You asked us to call you." in ada.get(saved).text
    with app.app_context():
        assert db.session.scalars(select(Flag.tier)).all() == ["urgent"]


def test_an_answer_about_safety_on_a_form_that_is_refused_brings_help_first_and_says_that_nobody_has_it(browser):
    ada = browser("ada")
    for value in (1, 3):
        ada.get("/measures/phq-9")
        page = ada.submit("/measures/phq-9", answers_of("phq-9") | {"phq9_1": "7", "phq9_9": str(value)}, 422)
        unsent = page.one("section", id="unsent")
        assert "Your safety answer has not been sent yet" in words(unsent)
        assert [a.get("href") for a in unsent.iter("a")] == ["tel:988", "sms:988", "tel:+12125550142"]
        assert page.fields("/measures/phq-9")["phq9_9"] == [str(value)]
    page = ada.submit("/measures/phq-9", answers_of("phq-9") | {"phq9_1": "7", "phq9_9": "0"}, 422)
    assert not page.all("section", id="unsent")


@pytest.mark.asvs("8.2.2")
def test_nobody_reaches_the_answers_of_somebody_else(app, browser):
    ada, ben = browser("ada"), browser("ben")
    saved = answered(ada, "phq-9", 1, phq9_9=1)
    ben.get(saved, 404)
    ben.post(f"{saved}/safe-now", {"safe_now": "no"}, 404)
    ben.post(f"{saved}/call-me", {}, 404)
    ada.post(f"{saved.replace('phq-9', 'gad-7')}/call-me", {}, 404)


def test_the_second_question_is_asked_after_no_other_answer(browser):
    ada = browser("ada")
    saved = answered(ada, "phq-9", 1, phq9_9=0)
    ada.post(f"{saved}/safe-now", {"safe_now": "no"}, 404)
    ada.post("/measures/phq-9/no-such-key/call-me", {}, 404)


def test_what_is_due_is_on_today_and_on_its_own_page_until_it_is_answered(app, browser, at):
    program_asks(app, phq_9="two_weeks", gad_7="two_weeks")
    ada = browser("ada")
    page = ada.get("/today")
    links = [a.get("href") for a in page.all("a") if (a.get("href") or "").startswith("/measures/")]
    assert links == ["/measures/"]
    assert "Your last two weeks 18 questions, about 4 minutes" in page.text
    assert ada.get("/measures/").text.count("Your last two weeks") == 2
    answer(ada, "phq-9", 0)
    assert ada.get("/today").all("a", href="/measures/gad-7")
    answer(ada, "gad-7", 0)
    assert "Your last two weeks" not in ada.get("/today").text
    page = ada.get("/measures/")
    assert "Nothing is waiting for you." in page.text and "your number was 0" in page.text
    at("2026-03-25T00:05")
    assert "Your last two weeks" in browser("ada").get("/today").text


def test_nothing_is_asked_unless_somebody_chose_it(browser):
    ada = browser("ada")
    assert "Your last" not in ada.get("/today").text
    assert "Nothing is waiting for you." in ada.get("/measures/").text


def test_what_was_typed_when_the_session_ran_out_comes_back(app, browser, at):
    ada = browser("ada")
    page = ada.get("/measures/phq-9")
    typed = page.fields("/measures/phq-9") | answers_of("phq-9", 2, phq9_9=None)
    at.later(minutes=20)
    ada.post("/measures/phq-9", typed)
    assert ada.location.startswith("/sign-in")
    ada.sign_in("ada@example.org", "a long walk by the river", "participant")
    page = ada.get("/measures/phq-9")
    assert "We kept what you typed" in page.text
    assert page.fields("/measures/phq-9")["phq9_1"] == ["2"]
    ada.submit("/measures/phq-9")
    assert count(app) == 1
    assert "We kept" not in ada.get("/measures/phq-9").text


def test_the_form_of_twenty_questions_is_a_small_first_view(browser):
    import brotli

    ada = browser("ada")
    for slug in SERVED:
        ada.get(f"/measures/{slug}")
        assert len(brotli.compress(ada.answer.data, quality=4)) < 14_336 - 8_000


def test_what_was_answered_today_is_given_back_and_what_is_changed_is_a_version_of_it(app, browser, at):
    program_asks(app, "phq-9")
    ada = browser("ada")
    saved = answered(ada, "phq-9", 2, phq9_9=0)
    at.later(minutes=5)
    page = ada.get("/measures/phq-9")
    assert "You answered this today at 10:52 am." in page.text
    assert page.fields("/measures/phq-9")["phq9_1"] == ["2"]
    ada.submit("/measures/phq-9", answers_of("phq-9", 0))
    assert ada.location == saved
    said = ada.get(ada.location).text
    assert "since" not in said, "minutes are no time before"
    at.later(days=14)
    ada = browser("ada")
    assert "You answered this" not in ada.get("/measures/phq-9").text
    ada.submit("/measures/phq-9", answers_of("phq-9", 1, phq9_9=0))
    said = ada.get(ada.location).text
    assert said.count("since Wed, Mar 11") == 1, "of a day the last answers count"
    assert "It has become harder since Wed, Mar 11, by enough to matter." in said


def test_a_number_from_some_of_the_answers_is_called_an_estimate(app, browser):
    program_asks(app, "phq-9")
    ada = browser("ada")
    ada.get("/measures/phq-9")
    ada.submit("/measures/phq-9", answers_of("phq-9", 1, phq9_9=0) | {"phq9_3": ""})
    assert "Your number is 8" in (said := ada.get(ada.location).text)
    assert "so the number is an estimate" in said and "the mean of the others" in said
    ada.get("/my-record/questions.csv")
    assert ada.answer.text.endswith("Total,an estimate: not every question has an answer,8,,\r\n")
