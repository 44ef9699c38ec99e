"""Seven actors against every address there is, by real requests: who gets in, and whose data may come out."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select, update

from portal import access, clock
from portal.access import ANYONE
from portal.db import Base, db
from portal.people.models import Account
from tests import world

ACTORS = {  # how each stands to Ada, whose rows are asked for
    "anonymous": None,
    "participant": "ada",
    "fellow group member": "ben",
    "own therapist": "cho",
    "other therapist": "dee",
    "coordinator": "kit",
    "disabled user": "oduya",
}
# What each may read of what is marked; whoever is not here may read nothing of it.
MAY_READ = {
    "ada": set(world.MARKS) - {"secret", "mail", "stop"},
    "cho": world.CARE,
    "kit": {"contact", "glass"} | world.REACHED,
}
TOUCHED = {"audit_events", "audit_heads", "sign_ins", "rate_counts", "sign_in_tries"}  # by every request, or most
WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
OWN_THINGS = {
    "factors.codes_create",
    "factors.authenticator_end",
    "checkins.look_back",
}  # 404 also where somebody has nothing of the kind


def addresses(app, cast, clinic):
    """Every row of the policy with an address that names what is Ada's: (row, path)."""
    named = {
        "checkins": {"key": clinic.entry, "reply": clinic.reply},
        "caseload": {"key": cast.ada.key, "entry": clinic.entry, "reply": clinic.reply},
        "measures": {"slug": "phq-9", "key": clinic.measure},
        "measuring": {"key": cast.ada.key, "entry": clinic.measure},
        "flags": {"key": cast.ada.key, "flag_key": clinic.flag},
        "schedule": {"key": clinic.session},
        "attendance": {"key": clinic.session},
        "sessions": {"key": clinic.session},
        "brief": {"key": clinic.soon},
        "groups": {"key": clinic.track, "person": cast.ada.key},
        "seats": {"key": clinic.missed, "other": clinic.other},
        "calendar": {"key": clinic.session, "token": world.CALENDAR_TOKEN},
        "exercises": {"slug": "notice-and-weigh", "key": clinic.practice, "step": "1"},
        "homework": {"key": cast.ada.key, "homework_key": clinic.homework},
        "sharing": {"key": cast.ada.key, "practice_key": clinic.ladder},
        "library": {"slug": clinic.slug, "part": "1"},
        "learn": {"slug": "urges", "kind": "exercise"},
        "people": {"key": cast.ada.key},
        "contact_details": {"key": cast.ada.key},
        "joining": {"token": world.SECRET_TOKEN},
        "accounts": {"key": cast.ada.key},
        "leaving": {"key": cast.cho.key},
        "care": {"key": cast.ada.key},
        "succession": {"key": cast.ada.key, "therapist_key": cast.cho.key, "role": "primary"},
        "devices": {"key": clinic.device},
        "factors": {"key": clinic.passkey},
        "reminders": {"token": world.SECRET_TOKEN},
        "static": {"filename": "portal.css"},
    } | otherwise(cast, clinic)
    for row in access.policy(app):
        known = named.get(row.address) or named.get(row.endpoint, named.get(row.endpoint.split(".")[0], {}))
        path = row.address
        for name, value in known.items():
            path = path.replace(f"<{name}>", value).replace(f"<path:{name}>", value)
        assert "<" not in path, f"{row.endpoint}: say here which of Ada's keys {path} takes"
        yield row, path


def otherwise(cast, clinic):
    """Endpoints whose keys name something else than their neighbors' do."""
    return {
        "care.review": {"key": clinic.glass},
        "exercises.living_plan_version": {"key": clinic.plan},
        "/exercises/<slug>/versions/<key>": {"slug": "the-ladder", "key": clinic.ladder},
        "exercises.show": {"slug": "the-wave"},
        "exercises.edit_living_plan": {"slug": "staying-on-track"},
        "exercises.save_living_plan": {"slug": "staying-on-track"},
        "exercises.living_plan_versions": {"slug": "staying-on-track"},
        "homework.show": {"key": clinic.homework},
        "learn.exercise": {"slug": "the-wave"},
        "learn.give": {"kind": "exercise", "slug": "the-wave"},
        "homework.did": {"key": clinic.homework},
        "homework.stuck": {"key": clinic.homework},
        "homework.of_session": {"key": clinic.soon},
        "homework.give_to_session": {"key": clinic.soon},
        "homework.agreement_edit": {"key": clinic.begun},
        "homework.agree": {"key": clinic.begun},
        "sharing.create": {"slug": "the-ladder", "key": clinic.ladder},
        "sharing.end": {"slug": "the-ladder", "key": clinic.ladder},
        "exercises.create": {"slug": "the-wave"},
        "care.review_create": {"key": clinic.glass},
        "seats.see": {"key": clinic.change},
        "seats.busy_remove": {"key": clinic.busy},
    }


class Watch:
    """The rows of one person, read again only after a request that wrote to a table: that there are none is quick."""

    def __init__(self, app, whose):
        self.app, self.whose, self.wrote = app, whose, False
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self.look)
        self.held = rows(app, whose)

    def look(self, _connection, _cursor, statement, *_rest):
        write = WRITES.match(statement)
        self.wrote = self.wrote or bool(write and write[1] not in TOUCHED)

    def changed(self):
        """Whether a row is another than before the last request."""
        if not self.wrote:
            return False
        before, self.held, self.wrote = self.held, rows(self.app, self.whose), False
        return self.held != before


def rows(app, whose=None):
    """Every row there is, or every row that names one person; without what each request may touch."""
    with app.app_context():
        held = {}
        for table in Base.metadata.sorted_tables:
            if table.name in TOUCHED:
                continue
            found = select(table)
            if whose is not None:
                mine = [table.c[name] == whose.id for name in ("participant_id", "account_id") if name in table.c]
                mine += [table.c.id == whose.id] if table.name == "accounts" else []
                if not mine:
                    continue
                found = found.where(*mine)
            held[table.name] = sorted(map(repr, db.session.execute(found)))
        return held


def expected(row, who, cast) -> str:
    """What the policy says: "sign in", "404", "open" to anyone, or "in"."""
    if row.audience == ANYONE:
        return "open"
    if who is None or who == "oduya":
        return "sign in"
    return "in" if getattr(cast, who).role in row.audience else "404"


def reaches(row, who) -> bool:
    """Whether the object rule lets this actor, whose role is right, reach what is Ada's by its key."""
    if row.endpoint == "calendar.one":  # whose place it is, who leads it, and who plans
        return who in ("ada", "cho", "kit")
    return {
        "nothing": True,
        "self": who == "ada"
        or row.endpoint.startswith(("library.", "learn."))
        or "<" not in row.address.replace("<slug>", "").replace("<step>", ""),
        "care": who == "cho" or "<key>" not in row.address,
        "leads": who in ("cho", "kit") or "<" not in row.address,
        "brief": who == "cho",
        "program": who == "kit",
        "link": True,
    }[row.rules.of]


@pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.1.1")
@pytest.mark.parametrize(("actor", "who"), ACTORS.items(), ids=list(ACTORS))
def test_every_address_does_for_every_actor_what_the_policy_says(app, cast, fill_clinic, browser, actor, who):
    """Rule: the role and the object rule decide, for every endpoint and method, with Ada's keys in the path."""
    person, clinic = arrive(app, cast, browser, who), fill_clinic()
    faults, watch = [], Watch(app, cast.ada)
    for row, path in in_order(addresses(app, cast, clinic)):
        answer = ask(person, row, path)
        wanted = expected(row, who, cast)
        where = f"{row.method} {path}: {answer.status_code}"
        if wanted == "sign in" and not (answer.status_code == 303 and "/sign-in" in answer.location):
            faults.append(f"{where}, not to the sign-in page")
        if wanted == "404" and answer.status_code != 404:
            faults.append(f"{where}, not 404")
        if wanted == "in" and reaches(row, who) == (answer.status_code == 404) and row.endpoint not in OWN_THINGS:
            faults.append(f"{where}, {'and it is theirs' if answer.status_code == 404 else 'and it is not theirs'}")
        if answer.status_code >= 500:
            faults.append(where)
        leaked = [name for name in leaks(answer, who) if not (name == "contact" and row.rules.of == "link")]
        if leaked:  # whoever holds the link is told which sign-in name it is for
            faults.append(f"{where} shows {leaked}")
        if watch.changed() and (wanted in ("sign in", "404") or not reaches(row, who)):
            faults.append(f"{where} changed a row of Ada's")
    assert not faults, "\n".join(faults)


def arrive(app, cast, browser, who):
    """The actor's browser, signed in; the disabled one was in before the account was switched off."""
    person = browser(who)
    if who == "oduya":
        with app.app_context():
            db.session.execute(update(Account).where(Account.id == cast.oduya.id).values(disabled_at=clock.now()))
            db.session.commit()
    return person


def in_order(pairs):
    """Reading before writing, and what ends the visit or takes things away last."""
    pairs = list(pairs)
    last = ("sign_out", "drop", "end", "remove", "disable", "forget", "restore", "reset", "others")
    return sorted(pairs, key=lambda pair: (pair[0].method != "GET", any(w in pair[0].endpoint for w in last)))


def ask(person, row, path, **more):
    environ = {"REMOTE_ADDR": person.address}
    if row.method == "GET":
        return person.client.get(path, environ_base=environ, **more)
    token = person.token or "none"
    if person.role or person.token is None:
        page = person.client.get("/help-now", environ_base=environ).text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token} | more.pop("data", {})
    return person.client.post(path, data=data, environ_base=environ, **more)


def leaks(answer, who) -> list[str]:
    """Which of Ada's marks are in this answer, body and headers, and may not be read by this actor."""
    text = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return [name for name, mark in world.MARKS.items() if mark in text and name not in MAY_READ.get(who, set())]


@pytest.mark.asvs("8.2.2", "8.2.3", "2.2.2")
@pytest.mark.parametrize("who", ["ben", "cho", "dee", "kit"])
def test_foreign_keys_in_the_query_the_body_and_the_headers_change_and_show_nothing(
    app, cast, fill_clinic, browser, who
):
    """Rule: what a request is about is found through who asks and the path alone, however else Ada is named in it."""
    person, clinic = browser(who), fill_clinic()
    foreign = dict(vars(clinic))
    smuggled = {
        **dict.fromkeys(("entry", "key", "check_in_key", "check_in"), foreign["entry"]),
        **dict.fromkeys(("participant", "participant_key", "account", "person", "as", "user"), cast.ada.key),
        **{name: str(cast.ada.id) for name in ("participant_id", "account_id", "id", "by_id", "therapist_id")},
        "role": "coordinator",
        "flag": foreign["flag"],
        "flag_key": foreign["flag"],
        "session": foreign["session"],
        "device": foreign["device"],
        "passkey": foreign["passkey"],
        "email": "ada@example.org",
        "contact": "ada@example.org",
    }
    headers = {
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Target": f"entry-{foreign['entry']}",
        "HX-Source": f"form#entry-{foreign['entry']}",
        "HX-Current-URL": f"http://localhost/caseload/{cast.ada.key}?entry={foreign['entry']}",
        "X-Forwarded-User": "ada@example.org",
        "X-HTTP-Method-Override": "GET",
    }
    role = getattr(cast, who).role
    mine = {cast.ada.key: getattr(cast, who).key}  # their own key where Ada's would stand
    watch, faults = Watch(app, cast.ada), []
    for row, path in in_order(addresses(app, cast, clinic)):
        theirs = role in row.audience and (row.rules.of == "self" or "<" not in row.address)
        if not theirs or row.endpoint in WRITES_ABOUT_OTHERS:
            continue
        for old, new in mine.items():
            path = path.replace(old, new)
        answers = [ask(person, row, path, query_string=smuggled), ask(person, row, path, headers=headers)]
        if row.method == "POST":
            answers.append(ask(person, row, path, data=smuggled))
        for answer in answers:
            leaked = set(leaks(answer, who)) - {"contact"}  # what they typed themselves comes back to them
            if who != "cho" and leaked:
                faults.append(f"{row.method} {path} shows {leaked}")
            if answer.status_code >= 500:
                faults.append(f"{row.method} {path}: {answer.status_code}")
        if watch.changed():
            faults.append(f"{row.method} {path} changed a row of Ada's")
    assert not faults, "\n".join(faults)


# Their forms name another person on purpose, and are tried in their own tests.
WRITES_ABOUT_OTHERS: set[str] = set()


@pytest.mark.asvs("8.1.1", "8.1.2")
def test_a_view_without_a_line_in_the_policy_stops_the_start(make_app):
    """Rule: one that says for whom it is but not whose data it reaches is as bare as one that says neither."""
    app = make_app()
    app.view_functions["planted"] = access.members(lambda: "")
    app.url_map.add(app.url_rule_class("/planted", endpoint="planted", methods=["GET"]))
    with pytest.raises(RuntimeError, match="planted"):
        access.check_audiences(app)


@pytest.mark.parametrize("of", ["everything", "", None])
def test_a_rule_that_is_none_is_refused_where_it_is_written(of):
    with pytest.raises(ValueError, match="is not one of"):
        access.rules(of)


@pytest.mark.asvs("16.3.3", "16.2.1")
def test_what_a_view_says_it_puts_on_record_is_what_it_puts_on_record(app, cast, fill_clinic, browser):
    """Every event that the views declare is known, and each that a member of staff causes by reading is written."""
    from portal.audit.models import AuditEvent

    clinic = fill_clinic()
    for who in ("cho", "kit"):
        person = browser(who)
        for row, path in addresses(app, cast, clinic):
            role = getattr(cast, who).role
            if row.method != "GET" or role not in row.audience or not row.rules.audits or not reaches(row, who):
                continue
            with app.app_context():
                last = db.session.scalar(select(db.func.max(AuditEvent.id))) or 0
            answer = ask(person, row, path)
            if answer.status_code != 200:
                continue
            with app.app_context():
                written = set(db.session.scalars(select(AuditEvent.what).where(AuditEvent.id > last)))
                ever = set(
                    db.session.scalars(select(AuditEvent.what).where(AuditEvent.actor_id == person_id(cast, who)))
                )
            assert written & set(row.rules.audits) or set(row.rules.audits) & ever, f"{path} left nothing on record"


def person_id(cast: SimpleNamespace, who: str) -> int:
    return getattr(cast, who).id
