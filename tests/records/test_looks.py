"""Who has looked at my record: what a participant is told, of whom, and how far back."""

import ast
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from portal import access, audit, records
from portal.audit import verification
from portal.db import db
from portal.flags.raising import raise_flag
from portal.people import care
from portal.people.care import time_away
from portal.records import phrases as told
from tests.browser import words
from tests.house.source import ROOT, calls, modules
from tests.measures.asked import answered

PAGE = "/my-record/looks"
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def rows(page):
    return [words(li) for ul in page.all("ul", class_="rows") for li in ul.iter("li")]


def tell(app, *events):
    """Put (actor, event, participant, subject, at) on record."""
    with app.app_context():
        for actor, what, participant, subject, at in events:
            audit.record(actor, what, participant, subject, at=at)
        db.session.commit()


def test_each_thing_that_others_did_is_said_in_words_newest_first(app, browser, cast, at):
    ada = browser("ada")
    ada.post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"})
    at.later(minutes=1)
    cho = browser("cho")
    cho.get(f"/caseload/{cast.ada.key}")
    at.later(minutes=2)
    cho.post(f"/caseload/{cast.ada.key}/check-ins/{'k' * 22}/reviews", {"version": "1", "reply": "Thank you."})
    at.later(minutes=2)
    browser("kit").post(f"/people/{cast.ada.key}/care", {"therapist": cast.dee.key, "role": "covering"})
    page = browser("ada").get(PAGE)
    assert rows(page) == [
        "Kit Larsen, coordinator put Dr Dee on your care team, 10:57 am",
        "Dr Cho, therapist answered your check-in for Wed, Mar 11, 10:55 am",
        "Dr Cho, therapist opened your record, 10:53 am",
    ]
    assert words(page.one("section", class_="card")[0]) == "Wednesday, March 11"
    assert "Thank you." not in page.html


def test_an_opening_in_an_emergency_is_told_with_its_review_and_without_the_reason(app, browser, cast):
    dee = browser("dee")
    dee.get("/break-glass")
    dee.submit("/break-glass", {"who": "Ada Moreno", "reason": "A reason that is not for her."})
    dee.get(f"/caseload/{cast.ada.key}")
    kit = browser("kit")
    kit.get("/break-glass/reviews")
    review = next(f.get("action") for f in kit.page.all("form") if "/reviews/" in (f.get("action") or ""))
    kit.submit(review, {"finding": "justified"})
    page = browser("ada").get(PAGE)
    assert [row.rsplit(", ", 1)[0] for row in rows(page)] == [
        "Kit Larsen, coordinator reviewed why your record was opened in an emergency",
        "Dr Dee, therapist opened your record",
        "Dr Dee, therapist opened your record in an emergency, for one hour, without being on your care team",
    ]
    assert "A reason" not in page.html


@pytest.mark.asvs("8.2.2")
def test_nobody_sees_what_was_done_with_the_record_of_another(app, browser, cast):
    browser("cho").get(f"/caseload/{cast.ada.key}")
    page = browser("ben").get(PAGE)
    assert rows(page) == []
    assert "Nobody else has opened your record yet." in page.text


def test_their_own_pages_and_lists_of_names_are_no_looks(browser, cast):
    ada, cho, kit = browser("ada"), browser("cho"), browser("kit")
    ada.post("/check-ins/", {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11", "safety": "yes_talk"})
    ada.get("/check-ins/")
    for page in ("/caseload/", "/flags/", "/groups/"):
        cho.get(page)
    kit.get("/people/")
    kit.post("/people/search", {"q": "ada"}, 200)
    assert rows(ada.get(PAGE)) == []


def test_the_page_about_somebody_is_a_look_and_its_words_say_what_is_on_it(browser, cast):
    kit = browser("kit")
    kit.get(f"/people/{cast.ada.key}/overview")
    kit.get(f"/people/{cast.kit.key}/overview", 404)
    about = "opened the page about you, with your week, attendance, contacts and care team"
    assert rows(browser("ada").get(PAGE)) == [f"Kit Larsen, coordinator {about}, 10:52 am"]


def test_what_a_command_did_has_no_name(app, browser, cast):
    tell(app, (None, "account.add", cast.ada, cast.ada.key, None))
    assert rows(browser("ada").get(PAGE)) == ["Whoever runs this site opened your account, 10:52 am"]


def test_what_the_portal_did_by_itself_is_told_as_its_own(app, browser, cast, at):
    with app.app_context():
        care.end(cast.kit, cast.cleo, cast.dee, "primary", at.now)
        at.later(minutes=1)
        raise_flag(cast.cleo, "yes_talk", None, at.now)
        db.session.commit()
    assert rows(browser("cleo").get(PAGE)) == [
        "This portal let Dr Dee open your record, because they are on call, 10:53 am",
        "Kit Larsen, coordinator took Dr Dee off your care team, 10:52 am",
    ]


def test_whoever_covers_is_told_by_name(app, browser, cast, at):
    with app.app_context():
        time_away.enter_time_away(cast.kit, cast.cho, cast.dee, date(2026, 3, 12), date(2026, 3, 13), at.now)
        db.session.commit()
    assert rows(browser("ada").get(PAGE)) == [
        "Kit Larsen, coordinator let Dr Dee cover while your therapist is away, 10:52 am"
    ]


def _without_actor(root) -> set[str]:
    """Modules in which something is put on record, or the program is changed, and nobody did it."""
    return {
        module.name
        for module in modules(root)
        for call, name in calls(module.tree)
        if name.rpartition(".")[2] in ("record", "change_settings")
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value is None
    }


def test_only_a_command_and_a_stranger_act_as_nobody(tmp_path):
    """Rule: what a rule or the timer does goes on record as the portal's own deed, and not as the operator's."""
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "planted.py").write_text('audit.record(None, "plan.burn")')
    assert _without_actor(tmp_path) == {"planted"}
    commands = {"cli", "audit.verification", "operations.audit_reports", "operations.keys"}
    strangers = {"door.views", "door.joining.password_reset"}
    assert _without_actor(ROOT) == commands | strangers


def test_days_are_the_participants_own(app, browser, cast, at):
    with app.app_context():
        from portal.people.models import Account

        db.session.execute(db.update(Account).where(Account.id == cast.ada.id).values(zone="America/Los_Angeles"))
        db.session.commit()
    tell(app, (cast.cho, "record.view", cast.ada, None, datetime(2026, 3, 11, 6, 30, tzinfo=UTC)))
    page = browser("ada").get(PAGE)
    assert "Tuesday, March 10 Dr Cho, therapist opened your record, 11:30 pm" in page.text


def test_a_day_of_another_year_says_so(app, browser, cast):
    tell(app, (cast.cho, "record.view", cast.ada, None, datetime(2025, 12, 30, 15, tzinfo=UTC)))
    assert "Tuesday, December 30, 2025" in browser("ada").get(PAGE).text


def test_pages_hold_fifty_and_part_no_day_and_none_is_lost_or_told_twice(app, browser, cast, at):
    midnight = at("2026-03-11T00:00")
    moments = [midnight - timedelta(hours=7 * number) for number in range(130)]  # some at the stroke of midnight
    moments += [midnight - timedelta(days=10)] * 60  # many at one instant
    tell(app, *((cast.cho, "record.view", cast.ada, None, moment) for moment in sorted(moments)))
    now = at("2026-03-11T10:52")
    until, pages = None, []
    with app.app_context():
        while True:
            page = records.page_of_looks(cast.ada, now, until)
            pages.append(page)
            if page.older is None:
                break
            until = page.older
    found = [[moment for _, those in page.days for look in those for moment in look.times] for page in pages]
    assert [len(moments) >= 25 for moments in found] == [True] * (len(found) - 1) + [False]
    assert len(found) > 2
    assert [moment for page in found for moment in page] == sorted(moments, reverse=True)
    days = [day for page in pages for day, _ in page.days]
    assert len(days) == len(set(days)), "a day is on two pages"
    assert [page.is_newest for page in pages] == [True] + [False] * (len(pages) - 1)
    newest = browser("ada").get(PAGE)
    assert [a.get("href") for a in newest.all("a") if words(a) == "Older"] == [f"{PAGE}?until={pages[0].older}"]


def test_what_someone_did_in_a_row_is_one_line_with_each_minute(app, browser, cast, at):
    start = at("2026-03-11T09:00")
    view = (cast.kit, "account.view", cast.ada, cast.ada.key)
    seconds = (0, 20, 70, 3600)
    tell(app, *((*view, start + timedelta(seconds=count)) for count in seconds))
    tell(app, (cast.cho, "record.view", cast.ada, None, start + timedelta(hours=1, minutes=5)))
    tell(app, (*view, start + timedelta(hours=1, minutes=10)))
    at("2026-03-11T10:52")
    assert rows(browser("ada").get(PAGE)) == [
        "Kit Larsen, coordinator opened your account page, with your contact details, 10:10 am",
        "Dr Cho, therapist opened your record, 10:05 am",
        "Kit Larsen, coordinator opened your account page, with your contact details, 10:00 am , 9:01 am , 9:00 am",
    ]


@pytest.mark.parametrize("until", ["", "x", "0001-01-01", "9999-12-31", "2026-03-12", "2026-03-11", "2026-02-30", "²"])
def test_a_day_that_is_none_shows_the_newest(app, browser, cast, until):
    tell(app, (cast.cho, "record.view", cast.ada, None, None))
    assert len(rows(browser("ada").get(f"{PAGE}?until={until}"))) == 1


def test_a_page_before_everything_says_so_and_leads_back(app, browser, cast):
    tell(app, (cast.cho, "record.view", cast.ada, None, None))
    page = browser("ada").get(f"{PAGE}?until=2001-01-01")
    assert "Nothing is listed from that day or before." in page.text
    assert [a.get("href") for a in page.all("a", class_="link") if words(a) == "Back to the newest"] == [PAGE]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("who", ["cho", "kit"])
def test_the_page_is_for_participants(browser, who):
    browser(who).get(PAGE, 404)


@pytest.mark.asvs("7.5.3")
def test_it_asks_for_a_proof_that_is_not_old(browser, at):
    ada = browser("ada")
    at.later(minutes=5)
    ada.get(PAGE)
    at.later(seconds=1)
    ada.get(PAGE, 303)
    assert ada.location.startswith(f"/confirm?next={PAGE}")


def test_what_was_read_is_named_by_its_day_and_its_measure_as_far_as_that_is_known(app, browser, cast, at):
    saved = answered(browser("ada"), "phq-9", 1)
    tell(
        app,
        (cast.cho, "measure.review", cast.ada, saved.rsplit("/", 1)[1], at.now),
        (cast.cho, "measure.review", cast.ada, "a-key-of-no-row", at.later(minutes=1)),
        (cast.cho, "check_in.review", cast.ada, "a-key-of-no-row", at.later(minutes=1)),
        (cast.cho, "record.view", cast.ada, None, at.later(minutes=1)),
    )
    page = browser("ada").get(PAGE)
    said = [row.rsplit(", ", 1)[0] for row in rows(page)]
    assert said[:4] == [
        "Dr Cho, therapist opened your record",
        "Dr Cho, therapist read a check-in",
        "Dr Cho, therapist read your answers to a set of questions",
        "Dr Cho, therapist read your answers to PHQ-9 for Wed, Mar 11",
    ]
    assert f"Who opened your record could see {told.OPENS}." in page.text


def test_looking_at_the_list_is_no_look(app, browser):
    ada = browser("ada")
    ada.get(PAGE)
    assert rows(ada.get(PAGE)) == []


def _recorded(root) -> set[str]:
    """Every event that some code puts on record: what stands in the second place of an audit.record()."""
    found = set()
    for module in modules(root):
        for call, name in calls(module.tree):
            if name in ("audit.record", "record") and len(call.args) > 1:
                found |= {
                    node.value
                    for node in ast.walk(call.args[1])
                    if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value)
                }
    return found


LEFT_OUT = {  # why no participant is told of an event: the events
    "their own": (
        "check_in.log check_in.change check_in.see_reply measure.keep measure.change safety.answer safety.call_me "
        "plan.save record.export practice.draft practice.drop practice.finish practice.share practice.unshare "
        "practice.choose "
        "homework.done homework.stuck "
        "material.read material.reflect "
        "account.join account.return account.contact account.mail account.password factor.add factor.codes "
        "contact_details.keep factor.remove session.start session.confirm session.end session.end_others change.see "
        "absence.say absence.withdraw seat.hold seat.take seat.give_up seat.let_go busy.change calendar.make "
        "calendar.revoke reminder.choose reminder.stop"
    ),
    "about no record: somebody asked for a new password": "account.ask",
    "about no record: a sign-in that failed": "session.refuse",
    "a list of names is no look": (
        "caseload.view flags.view glass.list groups.view people.view waiting.view roster.view report.view mail.view"
        " report.export"
    ),
    "about no record: nothing was opened": "glass.miss access.refuse",
    "about no record": "program.change keys.rotate audit.go_on on_call.begin on_call.end time_away.enter time_away.end",
    "about no record: it is in the schedule": (
        "session.plan session.move session.cancel session.restore session.substitute session.place "
        "session.describe track.open track.change track.end track.import"
    ),
    "about no record: nobody was ever in it": "track.remove",
}


def _declared(app) -> set[str]:
    """Every event that some view says it may put on record."""
    return {event for row in access.policy(app) for event in row.rules.audits}


def test_every_event_has_words_or_a_reason_to_be_left_out(app, tmp_path):
    """Rule: whatever is put on record is either told to the participant it is about, or left out for a reason."""
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "planted.py").write_text('audit.record(me, "plan.burn" if x else "plan.bury", them)')
    assert _recorded(tmp_path) == {"plan.burn", "plan.bury"}
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/x", "x", access.rules("nothing", "plan.burn")(access.anyone(lambda: "")))
    assert _declared(bare) == {"plan.burn"}
    left_out = {event for events in LEFT_OUT.values() for event in events.split()}
    known = set(told.SHOWN) | left_out
    assert _recorded(ROOT) | _declared(app) | {audit.LOOK, verification.GO_ON} <= known
    assert not set(told.SHOWN) & left_out


def test_words_that_need_a_name_get_one(app, cast, at):
    with app.app_context():
        care.add(cast.kit, cast.ben, cast.dee, "primary", at.now)
        db.session.commit()
        said = [look.did for _, those in records.page_of_looks(cast.ben, at.now).days for look in those]
    assert said == ["put Dr Dee on your care team", "took Dr Cho off your care team"]
    assert {told.did(what, "Dr X") for what in told.SHOWN}
    assert told.did("care.add", None) == "put someone on your care team"
