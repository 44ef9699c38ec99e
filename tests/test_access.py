"""Who may open what: the audience on each view, rows reached through people, and what everybody else gets."""

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from portal import access, web
from portal.audit.models import AuditEvent
from portal.checkins.models import CheckIn
from portal.db import Base, db
from portal.exercises.models import Practice
from portal.flags.models import Flag

ANSWERS = {"mood": "4", "key": "k" * 22, "for_day": "2026-03-11"}
POLICY = {  # every address there is, and for whom: a new one does not pass the tests until it stands here
    frozenset(): """
        GET / · GET /sign-in · POST /sign-in · POST /sign-out · GET /help-now · GET /healthz · GET /readyz
        GET /sign-in/code · POST /sign-in/code · POST /sign-in/passkey · GET /sign-in/second-factor
        POST /sign-in/second-factor/authenticator · POST /sign-in/second-factor/passkey
        GET /manifest.webmanifest · GET /.well-known/security.txt · GET /.well-known/change-password
        GET /robots.txt · GET /static/<path:filename> · POST /account/drafts
        GET /stop/<token> · POST /stop/<token>
        GET /join/<token> · GET /join · POST /join · POST /join/code · GET /reset · POST /reset
        GET /calendar/<token>.ics · GET /offline · GET /sw.js
    """,
    frozenset({"participant"}): """
        GET /today · GET /check-ins/ · POST /check-ins/ · GET /check-ins/new · GET /check-ins/<key>/saved
        POST /check-ins/drafts · POST /check-ins/drafts/drop · POST /check-ins/<key>/call-me
        POST /check-ins/<key>/look-back · POST /check-ins/<key>/safe-now · POST /check-ins/<key>/replies/<reply>/seen
        GET /exercises/ · GET /exercises/<slug> · POST /exercises/<slug>
        POST /exercises/<slug>/choice
        POST /exercises/<slug>/drafts/drop · GET /exercises/<slug>/history · GET /exercises/<slug>/practices/<key>
        GET /exercises/<slug>/steps/<step> · POST /exercises/<slug>/steps/<step>
        GET /safety-plan · GET /safety-plan/edit · POST /safety-plan/edit
        GET /safety-plan/versions · GET /safety-plan/versions/<key>
        GET /homework/ · GET /homework/<key> · POST /homework/<key> · POST /homework/<key>/done
        POST /exercises/<slug>/practices/<key>/share · POST /exercises/<slug>/practices/<key>/unshare
        GET /exercises/<slug>/edit · POST /exercises/<slug>/edit
        GET /exercises/<slug>/versions · GET /exercises/<slug>/versions/<key>
        POST /library/<slug>/parts/<part> · POST /library/<slug>/reflection · GET /my-record/looks
        GET /my-record · GET /my-record/check-ins.csv · GET /my-record/questions.csv
        GET /my-record/contact-details.csv · GET /my-record/practice.csv · GET /my-record/given.csv ·
        GET /account/contact-details · POST /account/contact-details
        GET /sessions/<key> · POST /changes/<key>/seen · GET /sessions/<key>/absence · POST /sessions/<key>/absence
        POST /sessions/<key>/absence/withdraw · GET /sessions/<key>/seats · GET /sessions/<key>/seats/<other>
        POST /sessions/<key>/seats/<other>/hold · POST /sessions/<key>/seats/<other>/take
        POST /sessions/<key>/seats/<other>/let-go · POST /sessions/<key>/seats/<other>/give-up
        POST /changes/seen
        GET /measures/ · GET /measures/<slug> · POST /measures/<slug> · GET /measures/<slug>/<key>
        POST /measures/<slug>/<key>/safe-now · POST /measures/<slug>/<key>/call-me
        GET /offline/token · GET /schedule/busy-times · POST /schedule/busy-times
        POST /schedule/busy-times/<key>/remove
    """,
    frozenset({"therapist"}): """
        GET /caseload/ · GET /caseload/rules · GET /caseload/<key> · POST /caseload/<key>/check-ins/<entry>/reviews
        GET /caseload/<key>/check-ins/<entry>/replies/<reply> · POST /caseload/<key>/check-ins/<entry>/replies/<reply>
        POST /caseload/<key>/check-ins/<entry>/replies/<reply>/taken-back
        GET /caseload/<key>/previous · GET /caseload/<key>/next · POST /caseload/<key>/reviews
        GET /caseload/<key>/questions · POST /caseload/<key>/questions
        GET /caseload/<key>/flags/<flag_key> · POST /caseload/<key>/flags/<flag_key> ·
        POST /caseload/<key>/flags/<flag_key>/notes · GET /flags/ · GET /groups/ · GET /sessions/<key>/brief
        GET /break-glass · POST /break-glass
        GET /caseload/<key>/measures · POST /caseload/<key>/measures/plan · POST /caseload/<key>/measures/totals
        POST /caseload/<key>/measures/<entry>/reviews
        GET /caseload/<key>/homework · POST /caseload/<key>/homework
        POST /caseload/<key>/homework/<homework_key>/withdraw
        GET /sessions/<key>/homework · POST /sessions/<key>/homework
        GET /sessions/<key>/agreed · POST /sessions/<key>/agreed · GET /library/give/<kind>/<slug>
        GET /caseload/<key>/practices · GET /caseload/<key>/practices/<practice_key>
        POST /caseload/<key>/practices/<practice_key>
    """,
    frozenset({"coordinator"}): """
        GET /schedule/import · POST /schedule/import · POST /schedule/import/confirm
        GET /people/ · POST /people/search · GET /people/<key>/overview · GET /people/staff · GET /people/switched-off
        GET /people/waiting · GET /program · GET /program/undelivered
        POST /people/<key>/care · POST /people/<key>/care/<therapist_key>/<role>/end
        GET /people/<key>/clinic-number · POST /people/<key>/clinic-number
        GET /people/new · POST /people/ · GET /people/<key> · POST /people/<key>/invitation · POST /people/<key>/reset
        GET /people/<key>/leaving · POST /people/<key>/leaving
        POST /people/<key>/restore · POST /people/<key>/disable · POST /people/<key>/enable
        GET /break-glass/reviews · POST /break-glass/reviews/<key>
        GET /tracks/ · GET /tracks/new · POST /tracks/ · GET /tracks/<key> · GET /tracks/<key>/edit
        POST /tracks/<key>/edit · GET /tracks/<key>/end · POST /tracks/<key>/end · POST /tracks/<key>/people
        POST /tracks/<key>/people/<person>/leave · GET /sessions/new · POST /sessions/ · POST /sessions/<key>/restore
        POST /sessions/<key>/substitute · GET /program/holidays · POST /program/holidays
        POST /program/holidays/restore
        GET /tracks/<key>/remove · POST /tracks/<key>/remove · POST /program/directions
        POST /program/safety · POST /program/flag-minutes · POST /program/on-call · POST /program/question-set
        POST /program/counted-hours · POST /program/shown-as · POST /program/second-factor · POST /program/idle-minutes
        POST /program/phone · POST /program/address · POST /program/hours · POST /program/zone
        GET /program/measures · POST /program/measures
        GET /schedule/report · GET /schedule/report.csv
    """,
    frozenset({"participant", "coordinator"}): "GET /schedule/",
    frozenset({"participant", "therapist"}): "GET /reminders · POST /reminders",
    frozenset({"therapist", "coordinator"}): """
        GET /sessions/<key>/attendance · POST /sessions/<key>/attendance
        GET /sessions/<key>/plan · POST /sessions/<key>/move · POST /sessions/<key>/cancel
        POST /sessions/<key>/place · POST /sessions/<key>/describe
        GET /time-away · POST /time-away · POST /time-away/<key>/end · GET /library/exercises/<slug>
    """,
    frozenset({"participant", "therapist", "coordinator"}): """
        GET /library/ · POST /library/search · GET /library/topics/<slug>
        GET /library/<slug> · GET /library/<slug>/done
        GET /calendar/ · POST /calendar/feed · POST /calendar/feed/revoke · GET /sessions/<key>/calendar.ics
        GET /account · POST /account/devices/<key>/end · POST /account/devices/end-others · POST /account/mail
        GET /account/password · POST /account/password · GET /account/contact · POST /account/contact
        POST /account/stay · GET /confirm · POST /confirm · GET /confirm/unfinished
        GET /account/authenticator · POST /account/authenticator · POST /account/authenticator/end
        GET /account/passkeys · POST /account/passkeys · GET /account/passkeys/<key>
        POST /account/passkeys/<key>/end · GET /account/recovery-codes · POST /account/recovery-codes
    """,
}


@pytest.mark.asvs("8.1.1", "13.4.5")
def test_every_address_is_for_those_that_the_policy_names(app):
    """Rule: who may open what is written twice, on the view and here, and both say the same."""
    written = {
        address.strip(): audience
        for audience, addresses in POLICY.items()
        for line in addresses.splitlines()
        for address in line.split("·")
        if address.strip()
    }
    declared = {
        f"{method} {rule.rule}": app.view_functions[rule.endpoint].audience
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert declared == written


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(
    ("page", "may"),
    [
        ("/today", {"ada", "ben", "cleo"}),
        ("/schedule/", {"ada", "ben", "cleo", "kit"}),
        ("/check-ins/", {"ada", "ben", "cleo"}),
        ("/check-ins/new", {"ada", "ben", "cleo"}),
        ("/exercises/", {"ada", "ben", "cleo"}),
        ("/safety-plan", {"ada", "ben", "cleo"}),
        ("/library/", {"ada", "ben", "cleo", "cho", "dee", "oduya", "kit"}),
        ("/caseload/", {"cho", "dee", "oduya"}),
        ("/caseload/{ada}", {"cho", "oduya"}),
        ("/caseload/{ben}", {"cho"}),
        ("/caseload/{cleo}", {"dee"}),
        ("/caseload/{kit}", set()),
        ("/caseload/{cho}", set()),
        ("/caseload/no-such-key", set()),
        ("/caseload/rules", {"cho", "dee", "oduya"}),
        ("/flags/", {"cho", "dee", "oduya"}),
        ("/groups/", {"cho", "dee", "oduya"}),
        ("/people/", {"kit"}),
        ("/people/{ada}/overview", {"kit"}),
        ("/people/{cho}/overview", set()),
        ("/schedule/report", {"kit"}),
        ("/program", {"kit"}),
        ("/help-now", {None, "ada", "ben", "cleo", "cho", "dee", "oduya", "kit"}),
        ("/healthz", {None, "ada", "cho", "kit"}),
    ],
)
def test_each_page_opens_for_those_it_is_for(browser, cast, page, may):
    """Rule: whoever a page is not for gets 404, not 403: that a person is a participant is itself private."""
    path = page.format(**{name: person.key for name, person in vars(cast).items()})
    for who in (None, "ada", "ben", "cho", "dee", "oduya", "kit"):
        if who in may:
            browser(who).get(path)
        elif None in may:
            continue
        else:
            browser(who).get(path, 303 if who is None else 404)


def test_what_is_not_yours_looks_like_what_does_not_exist(browser, cast):
    dee = browser("dee")
    foreign = dee.get(f"/caseload/{cast.ada.key}", 404).text
    unknown = dee.get("/caseload/no-such-key", 404).text
    assert foreign == unknown


def test_a_participant_is_told_nothing_of_the_pages_of_staff(browser, cast):
    ada = browser("ada")
    assert ada.get("/caseload/", 404).text == ada.get("/no-such-page", 404).text


@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.parametrize("who", [None, "ada", "cho", "kit"])
def test_every_address_gives_sign_in_or_404_to_those_it_is_not_for(app, browser, who):
    """Rule: the map of addresses, walked as a stranger and as each role, gives sign-in or 404 where it should."""
    person = browser(who)
    for rule in app.url_map.iter_rules():
        audience = app.view_functions[rule.endpoint].audience
        if audience == access.ANYONE or person.role in audience:
            continue
        path = rule.rule.replace("<", "").replace(">", "")
        ask = person.get if "GET" in rule.methods else person.post
        ask(path, status=303 if who is None else 404)
        if who is None:
            assert person.location.startswith("/sign-in"), rule.rule


@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_every_page_without_a_key_opens_for_its_audience(app, browser, who):
    """The other half of the walk: the audience gets in, and no page of theirs breaks where nothing is yet."""
    person = browser(who)
    for rule in app.url_map.iter_rules():
        audience = app.view_functions[rule.endpoint].audience
        if person.role in audience and "GET" in rule.methods and not rule.arguments:
            answer = person.client.get(rule.rule)
            assert answer.status_code in (200, 303), rule.rule
            if answer.status_code == 200:
                person.get(rule.rule)


@pytest.mark.asvs("3.5.3")
def test_reading_changes_nothing(app, browser):
    """Rule: opening pages leaves every row as it was, but for the session's last use and the audit's own."""
    people = [browser(who) for who in ("ada", "cho", "kit")]
    before = _rows(app)
    for person in people:
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and not rule.arguments:
                person.client.get(rule.rule)
    assert _rows(app) == before


SIGNING_IN = {"audit_events", "audit_heads", "sign_ins", "sign_in_tries", "rate_counts", "known_devices"}
SIGNING_IN |= {"spent_challenges"}


def _rows(app):
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(select(*(c for c in table.c if c.name != "last_used_at")))))
            for table in Base.metadata.sorted_tables
            if table.name not in SIGNING_IN
        }


@pytest.mark.asvs("3.5.1")
def test_every_writing_address_refuses_a_form_without_a_token(app, browser):
    """Rule: no form is taken without its CSRF token, and nothing changes."""
    before = _rows(app)
    for who in (None, "ada", "cho", "kit"):
        person = browser(who)
        for rule in app.url_map.iter_rules():
            if "POST" in rule.methods:
                answer = person.client.post(rule.rule.replace("<", "").replace(">", ""), data=ANSWERS)
                assert answer.status_code in (303, 400, 404), rule.rule
                assert answer.status_code != 303 or "/sign-in" in answer.headers["Location"], rule.rule
    assert _rows(app) == before


@pytest.mark.asvs("8.2.1", "8.3.1")
def test_a_therapist_cannot_write_as_a_participant(app, browser):
    browser("cho").post("/check-ins/", ANSWERS, 404)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CheckIn)) == 0


@pytest.mark.asvs("16.2.1")
def test_opening_a_record_is_one_audit_row_that_names_both(app, cast, browser):
    cho = browser("cho")
    before = _views(app, cast)
    cho.get(f"/caseload/{cast.ada.key}")
    assert _views(app, cast) == [*before, (cast.cho.id, cast.ada.id)]


def test_a_refused_look_is_no_look(app, cast, browser):
    browser("dee").get(f"/caseload/{cast.ada.key}", 404)
    assert _views(app, cast) == []


@pytest.mark.asvs("16.3.2", "16.3.3")
def test_a_refused_look_is_on_record_as_refused(app, cast, browser):
    """Rule: asking for what is not one's own leaves a trace of who and which view, and nothing of whom."""
    dee = browser("dee")
    for _ in range(3):  # the same again is no row of its own
        dee.get(f"/caseload/{cast.ada.key}", 404)
    browser("ada").get("/caseload/", 404)
    browser().get("/no-such-page", 404)
    with app.app_context():
        found = select(AuditEvent.actor_id, AuditEvent.participant_id, AuditEvent.subject)
        refused = [tuple(row) for row in db.session.execute(found.where(AuditEvent.what == "access.refuse"))]
    assert refused == [(cast.dee.id, None, "caseload.show"), (cast.ada.id, None, "caseload.index")]


def _views(app, cast):
    with app.app_context():
        rows = db.session.execute(
            select(AuditEvent.actor_id, AuditEvent.participant_id).where(AuditEvent.what == "record.view")
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def ada_wrote(app, browser):
    """Keys of what Ada has: a check-in with a flag, and a finished practice."""
    ada = browser("ada")
    ada.post("/check-ins/", ANSWERS | {"safety": "yes_talk"})
    ada.post("/exercises/notice-and-weigh", {"key": "p" * 22, "situation": "A call.", "action": "finish"})
    with app.app_context():
        return SimpleNamespace(
            entry=ANSWERS["key"],
            flag=db.session.scalar(select(Flag.key)),
            practice=db.session.scalar(select(Practice.key)),
        )


@pytest.mark.asvs("8.2.2")
def test_nobody_reaches_what_a_participant_has_by_its_key(app, cast, browser, ada_wrote):
    """Every address with a key, asked for by everybody it is not for: 404, and nothing changes."""
    own = [f"/check-ins/{ada_wrote.entry}/saved", f"/exercises/notice-and-weigh/practices/{ada_wrote.practice}"]
    flag, review = f"flags/{ada_wrote.flag}", f"check-ins/{ada_wrote.entry}/reviews"
    before = _rows(app)
    for who in ("ben", "cleo", "cho", "dee", "kit"):
        person = browser(who)
        for path in own:
            person.get(path, 404)
        for path in (f"/check-ins/{ada_wrote.entry}/safe-now", f"/check-ins/{ada_wrote.entry}/call-me"):
            person.post(path, {"safe_now": "yes"}, 404)
    for who, whose in (
        ("dee", "ada"),
        ("cho", "ben"),
        ("cho", "cleo"),
        ("dee", "cleo"),
        ("oduya", "ben"),
        ("kit", "ada"),
    ):
        therapist, key = browser(who), getattr(cast, whose).key
        therapist.get(f"/caseload/{key}/{flag}", 404)
        therapist.post(f"/caseload/{key}/{flag}", {"act": "contacted"}, 404)
        therapist.post(f"/caseload/{key}/{review}", {"version": "1", "reply": "Hello"}, 404)
    assert _rows(app) == before


def test_her_own_people_reach_it(cast, browser, ada_wrote):
    ada, cho = browser("ada"), browser("cho")
    ada.get(f"/check-ins/{ada_wrote.entry}/saved")
    ada.get(f"/exercises/notice-and-weigh/practices/{ada_wrote.practice}")
    cho.get(f"/caseload/{cast.ada.key}/flags/{ada_wrote.flag}")
    cho.post(f"/caseload/{cast.ada.key}/check-ins/{ada_wrote.entry}/reviews", {"version": "1", "reply": "Hello"})


def test_asking_for_the_head_of_a_page_is_guarded_like_the_page(browser):
    stranger = browser()
    assert stranger.client.head("/today").status_code == 303
    assert browser("ada").client.head("/caseload/").status_code == 404


@pytest.mark.asvs("4.1.4", "13.4.4")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
def test_methods_that_nobody_needs_do_nothing(browser, method):
    assert browser("ada").client.open("/today", method=method).status_code in (404, 405)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000"])
def test_a_request_for_another_host_is_refused(browser, host):
    assert browser().client.get("/sign-in", headers={"Host": host}).status_code == 400


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "target", [None, "", "today", "//x", "/\\x", "/a b", "/a\x00", "https://x/", "/\u2028"[:1] + "\\"]
)
def test_next_takes_a_path_of_this_site_only(target):
    assert web.safe_next(target) is None


@pytest.mark.parametrize("target", ["/", "/today", "/check-ins/?days=28", "/library/the-wave?part=2"])
def test_next_takes_every_path_of_this_site(target):
    assert web.safe_next(target) == target
