"""The pages of flags: the list, and the page on which one is ended."""

import pytest
from sqlalchemy import update

from portal import flags
from portal.db import db
from portal.flags import handover
from portal.flags.raising import raise_flag
from portal.mail import Mail
from portal.people import contact_details, contacts
from portal.people.models import Account
from tests.browser import words


@pytest.fixture
def raised(app, cast, at):
    """Ada's open flag, raised at 10:52 on a Wednesday: its key."""
    with app.app_context():
        key = raise_flag(cast.ada, "yes_talk", "check-in-1", at.now)
        db.session.commit()
    return key


def address(cast, key):
    return f"/caseload/{cast.ada.key}/flags/{key}"


def state(app, cast, key):
    with app.app_context():
        flag = flags.flag_of(cast.ada, key)
        last = flag.acts[-1] if flag.acts else None
        return (last.kind, last.note, last.by) if last else (None, None, None)


def test_the_list_says_who_why_whose_and_until_when(browser, raised, at):
    at.later(minutes=12)
    text = browser("cho").get("/flags/").text
    assert "Ada Moreno Urgent" in text
    assert "Said “yes, and I want to talk to someone” to the safety question: today, 10:52 am" in text
    assert "Open for 12 minutes. With you. If nothing is done, it goes to Dr Oduya too, today, 11:22 am ." in text


def test_an_empty_list_says_so(browser):
    text = browser("dee").get("/flags/").text
    assert "None open." in text
    assert "No flag is open." in text


def test_the_covering_therapist_sees_a_flag_only_once_nothing_was_done_in_time(browser, raised, at):
    at("2026-03-11T11:21")
    assert "Ada Moreno" not in browser("oduya").get("/flags/").text
    at("2026-03-11T11:22")
    text = browser("oduya").get("/flags/").text
    assert "Ada Moreno Urgent Covering" in text
    assert "With Dr Cho and you. It was passed on today, 11:22 am , because nothing had been done." in text


AGAIN = {"again_day": "2026-03-11", "again_at": "14:45"}


def test_who_was_not_reached_stays_open_and_first_with_who_tries_again(app, browser, raised, cast, at):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "tried", "again_by": cast.oduya.key, "note": "Rang twice.", **AGAIN})
    page = cho.get(cho.location)
    assert "Saved." in page.text
    steps = [words(step) for step in page.one("ol", class_="steps")]
    assert steps[0] == (
        "today, 2:45 pm , Dr Oduya tries again Named by Dr Cho."
        " If nothing is done by then, nobody gets an email about it."
    )
    assert steps[1] == (
        "Done: today, 10:52 am , could not reach them Dr Cho: Rang twice. Dr Oduya tries again, today, 2:45 pm."
        " The email to Dr Oduya has not been sent yet."
    )
    assert "Dr Oduya is to try again, today, 2:45 pm." in cho.get("/caseload/").text
    assert "Ada Moreno" in browser("oduya").get("/flags/").text


def test_it_says_to_whom_an_email_went_and_what_became_of_the_others(app, browser, raised, cast, at):
    """Rule: of a letter it says only what its row says: not sent yet, sent at a time, or could not be sent."""
    app.config.update(SMTP_HOST="localhost", SMTP_TLS="none", MAIL_FROM="portal@clinic.example")

    def steps():
        return [words(step) for step in browser("cho").get(address(cast, raised)).one("ol", class_="steps")]

    def mails(**values):
        with app.app_context():
            db.session.execute(update(Mail).where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None)).values(values))
            db.session.commit()

    assert steps() == ["Done: today, 10:52 am , raised, urgent The email to Dr Cho has not been sent yet."]
    mails(sent_at=at.later(minutes=1))
    assert steps() == ["Done: today, 10:52 am , raised, urgent Emailed to Dr Cho, today, 10:53 am."]
    at.later(minutes=40)
    with app.app_context():
        handover.settle(at.now)
        db.session.commit()
    mails(given_up_at=at.now)
    assert steps()[0] == (
        "Done: today, 11:22 am , went to Dr Oduya too Nothing was done in time."
        " The email to Dr Oduya could not be sent."
    )
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "tried", "again_by": cast.oduya.key, "note": "", **AGAIN})
    assert "If nothing is done by then, Dr Oduya gets an email." in steps()[0]
    mails(sent_at=at.now)
    assert "Emailed to Dr Oduya, today, 11:33 am." in steps()[1]
    at("2026-03-11T14:46")
    assert "That time has passed, and nobody has done anything since." in steps()[0]
    with app.app_context():
        handover.settle(at.now)
        db.session.commit()
    mails(sent_at=at.now)
    assert "Emailed to Dr Oduya, today, 2:46 pm." in steps()[0]


def test_a_letter_about_somebody_else_is_on_no_timeline_of_theirs(app, browser, raised, cast, at):
    with app.app_context():
        raise_flag(cast.ben, "yes_talk", "check-in-2", at.now)
        db.session.commit()
    page = browser("cho").get(address(cast, raised))
    assert words(page.one("ol", class_="steps")).count("The email to Dr Cho") == 1


def test_a_try_needs_who_and_when_beside_their_fields(app, browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    page = cho.submit(address(cast, raised), {"act": "tried", "again_by": "", "again_at": "", "note": "Rang."}, 422)
    assert words(page.one("p", id="again_by-error")) == "Choose who tries again."
    assert words(page.one("p", id="again_at-error")) == "Write when, such as 2:45 pm."
    assert words(page.one("textarea", id="note")) == "Rang."
    late = {"act": "tried", "again_by": cast.cho.key, "again_day": "2026-03-11", "again_at": "9:00 am"}
    page = cho.submit(address(cast, raised), late, 422)
    assert words(page.one("p", id="again_at-error")) == "Choose a time that is still to come, within three days."
    assert state(app, cast, raised) == (None, None, None)


def test_notes_are_added_before_and_after(app, browser, raised, cast):
    cho, notes = browser("cho"), f"{address(cast, raised)}/notes"
    cho.get(address(cast, raised))
    page = cho.submit(notes, {"more": " "}, 422)
    assert words(page.one("p", id="more-error")) == "Write what belongs in the record."
    cho.submit(notes, {"more": "Her sister is there."})
    assert state(app, cast, raised) == ("note", "Her sister is there.", "Dr Cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "assessed"})
    cho.get(address(cast, raised))
    cho.submit(notes, {"more": "Rang at five."})
    text = cho.get(cho.location).text
    assert "Rang at five." in text and "Her sister is there." in text


@pytest.mark.asvs("8.2.2")
def test_nobody_else_sees_it(browser, raised, cast, at):
    at.later(days=3)
    dee = browser("dee")
    assert "Ada" not in dee.get("/flags/").text
    dee.get(address(cast, raised), 404)
    dee.post(address(cast, raised), {"act": "contacted", "answers_read": "1"}, 404)


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["ada", "kit"])
def test_flags_are_for_therapists(browser, raised, cast, who):
    someone = browser(who)
    someone.get("/flags/", 404)
    someone.get(address(cast, raised), 404)
    someone.post(address(cast, raised), {"act": "contacted"}, 404)


@pytest.mark.asvs("8.2.2")
def test_a_flag_is_looked_up_within_its_participant(browser, raised, cast):
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ben.key}/flags/{raised}", 404)
    cho.get(f"/caseload/{cast.ada.key}/flags/no-such-flag", 404)


def test_an_act_closes_the_flag_and_says_so(app, browser, raised, cast, at):
    at.later(minutes=9)
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "contacted", "note": "Talked.\r\nIs with family."})
    assert cho.location == f"{address(cast, raised)}?saved=1"
    assert state(app, cast, raised) == ("contacted", "Talked.\nIs with family.", "Dr Cho")
    page = cho.get(cho.location)
    assert "Saved." in words(page.one("p", class_="leaf"))
    assert not page.all("fieldset", id="act")
    past = cho.get("/flags/")
    assert "None open." in past.text
    assert [words(cell) for cell in past.one("tbody")[0]] == [
        "Ada Moreno",
        "Today, 10:52 am",
        "Said “yes, and I want to talk to someone” to the safety question",
        "I reached them and we talked",
        "Dr Cho",
        "9 minutes",
    ]


def test_saving_needs_an_act_and_keeps_the_note(app, browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    page = cho.submit(address(cast, raised), {"note": "Tried twice."}, 422)
    assert words(page.one("p", id="act-error")) == "Choose what was done. Only an act closes a flag."
    assert words(page.one("textarea", id="note")) == "Tried twice."
    assert state(app, cast, raised) == (None, None, None)


@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize("sent", [{"act": "ignored"}, {"act": "contacted", "note": "x" * 2001}])
def test_what_cannot_be_is_refused_beside_its_field(app, browser, raised, cast, sent):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), sent, 422)
    assert state(app, cast, raised) == (None, None, None)


@pytest.mark.asvs("15.4.2")
def test_a_second_act_changes_nothing_and_gives_the_words_back(app, browser, raised, cast):
    cho, oduya = browser("cho"), browser("oduya")
    for one in (cho, oduya):
        one.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "contacted"})
    page = oduya.submit(address(cast, raised), {"act": "assessed", "note": "Came in."}, 409)
    assert "Dr Cho closed this flag first. What you wrote was not saved." in page.text
    assert "I assessed their safety. Came in." in page.text
    assert state(app, cast, raised) == ("contacted", None, "Dr Cho")


def test_an_answer_that_comes_in_meanwhile_is_read_before_it_is_closed(app, browser, raised, cast, at):
    cho = browser("cho")
    cho.get(address(cast, raised))
    with app.app_context():
        raise_flag(cast.ada, "safe_now_no", "check-in-1", at.now)
        db.session.commit()
    page = cho.submit(address(cast, raised), {"act": "contacted", "note": "Talked."}, 409)
    assert "Another answer came in while this page was open." in page.text
    assert "Said “no” to being safe right now" in page.text
    assert words(page.one("textarea", id="note")) == "Talked."
    cho.submit(address(cast, raised))
    assert state(app, cast, raised) == ("contacted", "Talked.", "Dr Cho")


@pytest.mark.asvs("1.4.2")
@pytest.mark.parametrize("read", ["", "x", "0", "9", "9" * 5000, None])
def test_a_damaged_form_closes_nothing(app, browser, raised, cast, read):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.post(address(cast, raised), {"act": "contacted"} | ({} if read is None else {"answers_read": read}), 409)
    assert state(app, cast, raised) == (None, None, None)


def test_a_closed_flag_takes_notes_alone(browser, raised, cast):
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "assessed", "note": "No plan."})
    page = cho.get(address(cast, raised))
    assert [area.get("id") for area in page.all("textarea")] == ["more"]
    assert "I assessed their safety Closed by Dr Cho, today, 10:52 am" in page.text
    assert "No plan." in page.text


def test_the_time_to_the_first_act_is_working_time_and_says_so(browser, raised, cast, at):
    at("2026-03-11T13:02")
    cho = browser("cho")
    cho.get(address(cast, raised))
    cho.submit(address(cast, raised), {"act": "contacted"})
    page = cho.get("/flags/")
    assert "First act, in working time" in page.text
    assert "2 h 10 min" in page.text


def test_what_was_typed_comes_back_after_the_session_has_run_out(browser, raised, cast, at):
    cho = browser("cho")
    cho.get(address(cast, raised))
    at.later(minutes=20)
    cho.submit(address(cast, raised), {"act": "assessed", "note": "Half a thought", "answers_read": "1"})
    assert cho.location.startswith("/sign-in")
    page = browser("cho").get(address(cast, raised))
    assert words(page.one("textarea", id="note")) == "Half a thought"
    assert page.fields(address(cast, raised))["act"] == ["assessed"]


def test_the_list_costs_the_same_with_one_flag_and_with_two(app, browser, raised, cast, at):
    cho = browser("cho")
    cho.get("/flags/")
    few = len(cho.selects)
    with app.app_context():
        raise_flag(cast.ben, "yes_safe", None, at.now)
        db.session.commit()
    cho.get("/flags/")
    assert len(cho.selects) == few


def test_a_flag_that_nobody_covers_goes_to_who_is_on_call(app, browser, cast, at):
    with app.app_context():
        key = raise_flag(cast.ben, "yes_safe", None, at.now)
        db.session.commit()
    address = f"/caseload/{cast.ben.key}/flags/{key}"
    text = browser("cho").get(address).text
    assert "With you. If nothing is done, it goes to Dr Dee too, today, 12:52 pm ." in text
    browser("dee").get(address, 404)
    at("2026-03-11T12:52")
    with app.app_context():
        handover.settle(at.now)
        db.session.commit()
    assert (
        "With Dr Cho and you. It was passed on today, 12:52 pm , because nothing had been done."
        in browser("dee").get(address).text
    )


def test_a_flag_without_a_primary_therapist_is_the_covering_ones_at_once(app, cast, browser, at):
    from portal.people.models import CareRelationship

    with app.app_context():
        raise_flag(cast.ada, "yes_talk", None, at.now)
        primary = db.session.scalar(
            db.select(CareRelationship).where(
                CareRelationship.participant_id == cast.ada.id, CareRelationship.role == "primary"
            )
        )
        primary.ended_at = at.now
        db.session.commit()
    oduya = browser("oduya")
    assert "Ada Moreno" in oduya.get("/flags/").text
    assert "Safety" in oduya.get("/caseload/").text


def test_the_page_has_the_number_to_call_and_whether_a_message_may_be_left(app, browser, raised, cast, at):
    cho = browser("cho")
    assert "Ada has given no phone number here." in cho.get(address(cast, raised)).text
    said = dict.fromkeys(contact_details.OWN) | {"phone": "(646) 555-0133", "video_place": "9 Fern Slip"}
    with app.app_context():
        contact_details.keep(cast.ada, said, True, at.now)
        contact_details.number(cast.kit, cast.ada, "LC 1207")
        db.session.commit()
    page = cho.get(address(cast, raised))
    assert page.all("a", href="tel:+16465550133")
    assert "Call (646) 555-0133 A message may be left." in page.text
    assert "Ada Moreno , LC 1207. Joins by video from 9 Fern Slip." in page.text.replace("Ada Moreno,", "Ada Moreno ,")


def test_it_promises_an_email_to_who_tries_again_only_where_one_leaves(app, browser, raised, cast):
    cho, promise = browser("cho"), "Whoever tries again gets an email now, unless it is you"
    text = cho.get(address(cast, raised)).text
    assert "Nobody is told by email now: tell them yourself." in text and promise not in text
    app.config.update(SMTP_HOST="localhost", SMTP_TLS="none", MAIL_FROM="portal@clinic.example")
    text = cho.get(address(cast, raised)).text
    assert promise in text and "tell them yourself" not in text
    with app.app_context():
        contacts.give(db.session.get(Account, cast.oduya.id), "m.oduya")
        db.session.commit()
    assert "Dr Oduya has no email address here: tell them yourself." in cho.get(address(cast, raised)).text


def test_whom_to_call_in_an_emergency_is_there_beside_their_own_number(app, browser, raised, cast, at):
    named = {"phone": "(212) 555-0107", "emergency_name": "Inez Moreno", "emergency_phone": "(212) 555-0108"}
    with app.app_context():
        contact_details.keep(cast.ada, dict.fromkeys(contact_details.OWN) | named, None, at.now)
        db.session.commit()
    page = browser("cho").get(address(cast, raised))
    assert "In an emergency: Inez Moreno (212) 555-0108" in page.text
    assert "Call (212) 555-0107" in page.text
