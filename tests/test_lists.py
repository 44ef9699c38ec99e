"""Lists past 25 are paged: with more than 30 of everything, no page shows more of one thing than fit on a page."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal import audit, clock, exercises, seal
from portal.db import db, new_key
from portal.door.models import Passkey, SignIn
from portal.exercises import EXERCISES
from portal.flags import acts
from portal.flags.raising import raise_flag
from portal.mail import Mail
from portal.measures import measure_entries
from portal.people.contacts import new_account
from portal.people.models import BreakGlass, CareRelationship, OnCall, TimeAway
from portal.program.models import Program
from portal.schedule.seats import busy
from portal.web import A_PAGE
from tests.caseload.diary import TODAY, month, write
from tests.page import Page, words
from tests.schedule.timetable import session, track
from tests.test_matrix import addresses, arrive, ask

MANY = 31
CELLS = ("option", "td", "th", "span", "br", "path", "input", "b", "a")
# The lists that stand whole, each with the reason: (endpoint, rows in what).
WHOLE = {
    ("caseload.index", "li in ol triage"): "nobody who needs a look stands on a second page; the others are paged",
    ("flags.index", "article in section stack"): "no open flag stands on a second page",
    ("people.wait", "tr in tbody"): "nobody who waits for somebody stands on a second page; the other two are paged",
    ("devices.show", "li in ul rows"): "a page of passkeys, and the three other ways",
    ("checkins.index", "tr in tbody"): "the days of the month that is shown",
    ("caseload.show", "tr in tbody"): "the days that are shown",
    ("caseload.show", "article in section card"): "a page of whole days: the way to older ones is below",
    ("records.looks_index", "li in ul rows"): "a page of whole days: the way to older ones is below",
    ("schedule.index", "div in div stack"): "one week, by its days",
    ("schedule.index", "li in ul"): "one week, on a grid",
    ("schedule.index", "li in ol tight"): "one week, on a grid",
    ("schedule.groups", "div in div stack"): "one week, by its days",
    ("people.show", "tr in tbody"): "one person's week",
    ("leaving.show", "div in div stack"): "one form for all of a leaver's people: a second page would lose the choices",
    ("office.show", "label in div chips col"): "one form: on call is chosen among all therapists",
    ("office.show", "bdi in dd"): "the names of those on call, in a sentence",
    ("office.show", "time in dd"): "since when each of them is, in the same sentence",
    ("sessions.new", "label in div chips"): "one form: people are chosen among all",
    ("groups.show", "label in div chips"): "one form: people are chosen among all",
    ("groups.index", "li in ul card rows"): "every track of the program",
}


PAGED = {  # what must have more than one page here, so that the rest of this file sees a full list
    "ada": {"/account", "/measures/", "/schedule/busy-times"},
    "cho": {"/account", "/caseload/", "/caseload/ADA/measures", "/flags/", "/groups/", "/time-away"},
    "kit": {
        "/account",
        "/break-glass/reviews",
        "/people/",
        "/people/staff",
        "/people/switched-off",
        "/people/waiting",
        "/program/holidays",
        "/program/undelivered",
        "/schedule/report",
        "/time-away",
    },
}


@pytest.fixture
def crowd(app, cast, fill_clinic):
    """`crowd()` makes more than 30 of everything that a page lists, and returns the keys of what is Ada's."""

    def fill():
        clinic = fill_clinic()
        with app.app_context():
            now = clock.now()
            _fill(cast, now)
            db.session.commit()
        return clinic

    return fill


def _person(name, role, now, **facts):
    account = new_account(
        f"{new_key()}@example.org",
        **{"role": role, "name": name, "called": name.split()[0], "password_hash": "-", "joined_at": now}
        | {"zone": "America/New_York", "created_at": now}
        | facts,
    )
    db.session.add(account)
    db.session.flush()
    return account


def _fill(cast, now):
    ada, cho = cast.ada, cast.cho
    crowd = [_person(f"Person Number{n:02}", "participant", now) for n in range(4 * MANY)]
    staff = [_person(f"Dr Number{n:02}", "therapist", now) for n in range(MANY)]
    for n in range(MANY):
        _person(f"Gone Number{n:02}", "therapist", now, disabled_at=now)
    waiting, closed, steady, _nobodys = (crowd[n * MANY : (n + 1) * MANY] for n in range(4))
    treated = [*waiting, *closed, *steady]
    db.session.add_all(
        CareRelationship(participant_id=one.id, therapist_id=cho.id, role="primary", starts_on=date(2026, 2, 2))
        for one in treated
    )
    db.session.add_all(OnCall(therapist_id=one.id, since=now) for one in staff)
    track(cho, *treated, title="Everyone's group")
    for n, one in enumerate(steady):
        write(one, *month(days=8, mood=6, safety="no"))
        track(cho, ada, title=f"Group {n}", rule="FREQ=WEEKLY;BYDAY=WE")
        session("one_to_one", f"2026-03-12T{8 + n // 4:02}:{15 * (n % 4):02}", 15, cho, ada)
    for one in waiting:
        raise_flag(one, "yes_safe", None, now)
    for one in closed:
        acts.act(cho, one, raise_flag(one, "yes_safe", None, now), "contacted", None, now)
    _fill_record(cast, now)
    _fill_accounts(cast, now, staff)


def _fill_record(cast, now):
    ada, cho = cast.ada, cast.cho
    write(ada, *month(TODAY - timedelta(days=4), days=40))
    for n in range(MANY):
        at = now - timedelta(days=n)
        exercises.finish(ada, EXERCISES["six-steps"], new_key(), {"problem": f"{n}"}, at)
        exercises.finish(ada, EXERCISES["safety-plan"], new_key(), {"signs": f"{n}"}, at)
        measure_entries.enter_total(cho, ada, "y-bocs", n, at.date(), now)
        busy.add(ada, "work", [n % 7], time(n // 7), time(n // 7, 30))
        for look in ("record.view", "flag.act"):
            audit.record(cho, look, ada)


def _fill_accounts(cast, now, staff):
    everybody = (cast.ada, cast.cho, cast.kit)
    for n in range(MANY):
        began = {"started_at": now, "last_used_at": now, "confirmed_at": now}
        for one in everybody:
            db.session.add(SignIn(token_hash=new_key(), account_id=one.id, device=f"Browser {n}", **began))
            made = {"credential_id": new_key().encode(), "public_key": b"-", "sign_count": 1, "made_at": now}
            db.session.add(Passkey(account_id=one.id, name=f"Key {n}", **made))
        day = TODAY + timedelta(days=2 * n)
        away = {"covered_by_id": cast.dee.id, "entered_at": now, "first_day": day, "last_day": day}
        db.session.add(TimeAway(therapist_id=cast.cho.id, **away))
        key, mail_key = new_key(), new_key()
        for_hours = {"starts_at": now - timedelta(hours=n + 2), "ends_at": now - timedelta(hours=n + 1)}
        reason = seal.close(BreakGlass.reason, "Called us", key)
        glass = {"therapist_id": staff[n].id, "participant_id": cast.ada.id, "reason": reason}
        db.session.add(BreakGlass(key=key, **glass, **for_hours))
        sent = {name: seal.close(getattr(Mail, name), "-", mail_key) for name in ("recipient", "body")}
        db.session.add(
            Mail(key=mail_key, account_id=cast.ada.id, subject="-", made_at=now, due_at=now, given_up_at=now, **sent)
        )
    program = db.session.scalars(select(Program)).one()
    program.holidays = [(TODAY + timedelta(days=n)).isoformat() for n in range(30, 30 + MANY)]


@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_no_page_shows_more_of_one_thing_than_fit_on_a_page(app, cast, crowd, browser, who):
    """Rule: a list longer than a page is paged, but for those of WHOLE."""
    person, clinic = arrive(app, cast, browser, who), crowd()
    long, seen = set(), set()
    asked = [(row, path) for row, path in addresses(app, cast, clinic) if row.method == "GET"]
    while asked:
        row, path = asked.pop()
        answer = ask(person, row, path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Page(answer.text)
            long |= {(row.endpoint, found) for found in overlong(page)}
            ways = {link.get("href") for nav in page.all("nav", **{"aria-label": "Pages"}) for link in nav.iter("a")}
            asked += [(row, way) for way in ways - seen]
            seen |= ways
    assert long <= WHOLE.keys(), long - WHOLE.keys()
    assert {way.partition("?")[0].replace(cast.ada.key, "ADA") for way in seen} >= PAGED[who]


def overlong(page: Page) -> Iterator[str]:
    """Each list of a page that shows more rows than a page holds: "li in ul rows"."""
    for element in page.tree.iter():
        for tag, count in Counter(one.tag for one in element if one.tag not in CELLS).items():
            if count > A_PAGE:
                yield f"{tag} in {element.tag} {element.get('class') or ''}".strip()


def test_the_pages_of_the_caseload_show_everybody_and_each_who_needs_a_look_on_every_one(cast, crowd, browser):
    crowd()
    cho = browser("cho")
    first = cho.get("/caseload/?rows=compact")
    (way,) = (link for link in first.one("nav", **{"aria-label": "Pages"}).iter("a"))
    pages = [first, cho.get(way.get("href"))]
    looks, rest = zip(*(_by_section(page) for page in pages), strict=True)
    assert looks[0] == looks[1] and len(looks[0]) > A_PAGE
    assert len(rest[0]) == A_PAGE and rest[1] and not {*rest[0]} & {*rest[1]}
    assert f"Steady {len(rest[0]) + len(rest[1])}" in first.text, "the count is of all of them"
    assert "data-density" in pages[1].html, "the choice of rows is kept"


def _by_section(page):
    """The names of those who need a look, and of the rest."""
    sections = [page.parents[page.one("h2", id=name)] for name in ("look", "steady")]
    return [[words(p.find("a")) for p in section.iter("p") if p.get("class") == "who"] for section in sections]
