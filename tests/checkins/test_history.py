"""A participant's own history: zero, skipped and missed are three things; late is marked; readers are named."""

from datetime import date, timedelta

from portal import checkins
from portal.checkins.check_in_versions import ITEMS
from portal.db import db
from tests.browser import words


def log(app, person, at, moment, mood, **more):
    now = at(moment)
    day = more.pop("for_day", date.fromisoformat(moment[:10]))
    answers = dict.fromkeys(ITEMS) | {"mood": mood, "for_day": day} | more
    with app.app_context():
        entry = checkins.log(person, answers, f"key-{moment}", now)
        db.session.commit()
    return entry


def test_zero_skipped_and_missed_are_three_different_things(app, cast, browser, at):
    log(app, cast.ada, at, "2026-03-09T09:00", 0, urges=0)
    log(app, cast.ada, at, "2026-03-11T09:00", 5)
    at("2026-03-11T10:52")
    page = browser("ada").get("/check-ins/")
    assert "Urges 0" in words(page.one("article", id="entry-key-2026-03-09T09:00"))
    assert "Skipped Anxiety, Urges, Sleep" in words(page.one("article", id="entry-key-2026-03-11T09:00"))
    assert "no check-in" in page.one("p", id="day-2026-03-10").text


def test_one_sentence_says_how_many_days_and_how_the_mood_was(app, cast, browser, at):
    log(app, cast.ada, at, "2026-03-09T09:00", 3)
    at("2026-03-10T10:52")
    assert "You checked in on 1 of 27 days, and your mood was 3." in browser("ada").get("/check-ins/").text
    log(app, cast.ada, at, "2026-03-11T09:00", 0)
    log(app, cast.ada, at, "2026-03-11T10:00", 8)
    at("2026-03-11T10:52")
    said = "You checked in on 2 of 28 days, and your mood was between 0 and 8."
    assert said in browser("ada").get("/check-ins/").text


def test_all_four_items_are_drawn_each_with_what_is_usual(app, cast, browser, at):
    for day in range(1, 9):
        log(app, cast.ada, at, f"2026-03-0{day}T09:00", day, anxiety=3, urges=0, sleep_hours=None)
    at("2026-03-08T10:52")
    page = browser("ada").get("/check-ins/")
    charts = [words(one) for one in page.all("figure")]
    assert [chart.split()[0] for chart in charts] == ["Mood", "Anxiety", "Urges", "Sleep,"]
    assert charts[0].startswith("Mood 8 today, usual 0 to 9") and charts[2].startswith("Urges 0 today, usual 0 to 1 ")
    assert charts[3].endswith("0 answers in these days. A chart needs three.")


def test_the_table_is_whole_with_the_notes_as_they_were_written(app, cast, browser, at):
    log(app, cast.ada, at, "2026-03-10T09:00", 4, note="<b>One</b>\ntwo")
    log(app, cast.ada, at, "2026-03-11T09:00", 4)
    page = browser("ada").get("/check-ins/")
    [table] = page.all("table")
    assert "Note" in [words(cell) for cell in table.iter("th")]
    notes = [cell for cell in table.iter("td") if "two" in words(cell)]
    assert [words(cell) for cell in notes] == ["<b>One</b> two"] and notes[0].get("dir") == "auto"


def test_a_reply_stands_beside_the_words_that_it_answers(app, cast, at, browser):
    entry = log(app, cast.ada, at, "2026-03-10T09:00", 4, note="Tired.")
    with app.app_context():
        checkins.review(cast.cho, cast.ada, entry, "See you Thursday.", at("2026-03-10T14:10"))
        db.session.commit()
    page = browser("ada").get("/check-ins/")
    [beside] = page.all("div", class_="said")
    assert words(beside) == "Tired. Read by Dr Cho, today, 2:10 pm , who wrote: See you Thursday. I have seen this"
    assert [quote.get("dir") for quote in beside.iter("blockquote")] == ["auto", "auto"]
    answers = dict.fromkeys(ITEMS) | {"mood": 4, "for_day": entry.for_day, "note": "Less tired."}
    with app.app_context():
        checkins.log(cast.ada, answers, entry.key, at("2026-03-10T15:00"))
        db.session.commit()
    page = browser("ada").get("/check-ins/")
    assert "Read by Dr Cho, today, 2:10 pm , before you changed it, who wrote: See you" in page.text


def test_several_moments_of_a_day_all_show_and_charts_use_the_last(app, cast, at):
    from portal.checkins.check_in_days import each_day

    log(app, cast.ada, at, "2026-03-11T09:00", 2)
    log(app, cast.ada, at, "2026-03-11T21:00", 6)
    with app.app_context():
        day = each_day(checkins.on_day(cast.ada, date(2026, 3, 11)), date(2026, 3, 11), date(2026, 3, 11))[0]
    assert [e.mood for e in day.entries] == [2, 6]
    assert day.values["mood"] == 6


def test_a_check_in_for_yesterday_is_welcome_and_marked(app, browser, at):
    ada = browser("ada")
    ada.get("/check-ins/new?for_day=2026-03-10")
    ada.submit("/check-ins/", {"mood": "5"})
    assert "for yesterday" in ada.get(ada.location).text
    assert "Written today" in ada.get("/check-ins/").text


def test_a_form_opened_before_midnight_is_still_for_that_day(browser, at):
    at("2026-03-11T23:55")
    ada = browser("ada")
    ada.get("/check-ins/new")
    at("2026-03-12T00:05")
    ada.submit("/check-ins/", {"mood": "5"})
    assert "for yesterday" in ada.get(ada.location).text


def test_the_day_is_the_participants_own_and_not_the_servers(app, cast, at, browser):
    at("2026-03-12T03:30+00:00")
    ada = browser("ada")
    assert ada.get("/check-ins/new").fields("/check-ins/")["for_day"] == ["2026-03-11"]


def test_the_participant_sees_who_read_it_and_what_they_wrote(app, cast, at, browser):
    entry = log(app, cast.ada, at, "2026-03-10T09:00", 4)
    with app.app_context():
        checkins.review(cast.cho, cast.ada, entry, "See you Thursday.", at("2026-03-10T14:10"))
        db.session.commit()
    at("2026-03-11T10:52")
    ada = browser("ada")
    for page in (ada.get("/check-ins/"), ada.get(f"/check-ins/{entry.key}/saved")):
        assert "Read by Dr Cho, yesterday, 2:10 pm" in page.text
        assert "See you Thursday." in page.text


def test_marking_as_seen_twice_adds_nothing(app, cast, at):
    entry = log(app, cast.ada, at, "2026-03-10T09:00", 4)
    with app.app_context():
        for _ in range(2):
            checkins.review(cast.cho, cast.ada, entry, None, at.now)
            db.session.commit()
        assert len(checkins.reviews_of(cast.ada, [entry.key])) == 1


def test_earlier_days_are_one_link_away_as_page_and_as_fragment(app, cast, at, browser):
    log(app, cast.ada, at, "2026-02-05T09:00", 4, note="far back")
    at("2026-03-11T10:52")
    ada = browser("ada")
    page = ada.get("/check-ins/")
    earlier = next(a.get("href") for a in page.all("a") if "until=" in (a.get("href") or ""))
    assert "far back" in ada.get(earlier).text
    part = ada.get(earlier, fragment=True)
    assert not part.whole
    assert "far back" in part.text


def test_an_empty_history_offers_the_first_step(browser):
    page = browser("ada").get("/check-ins/")
    assert "No check-ins in these 28 days" in page.text
    assert page.all("a", href="/check-ins/new")


def test_the_history_costs_the_same_number_of_queries_with_one_entry_and_with_many(app, cast, at, browser):
    ada = browser("ada")
    ada.get("/check-ins/")
    few = len(ada.selects)
    for n in range(25):
        log(app, cast.ada, at, (date(2026, 2, 12) + timedelta(days=n)).isoformat() + "T09:00", n % 11)
    at("2026-03-11T10:52")
    ada = browser("ada")
    ada.get("/check-ins/")
    assert len(ada.selects) <= max(few, 3)


def test_nonsense_for_a_day_is_simply_now(browser):
    assert "Today" in browser("ada").get("/check-ins/?until=soon").text


def test_a_change_on_the_next_day_does_not_make_it_late(app, cast, at):
    entry = log(app, cast.ada, at, "2026-03-10T09:00", 4)
    answers = {item: getattr(entry, item) for item in ITEMS} | {"for_day": entry.for_day, "mood": 5}
    with app.app_context():
        checkins.log(cast.ada, answers, entry.key, at("2026-03-11T08:00"))
        db.session.commit()
        changed = checkins.find(cast.ada, entry.key)
    assert (changed.version, changed.late) == (2, False)
