"""Every form that shows what stands and saves over it, tried by two who have it open at once.

The forms are found by the declarations of the views, so that a new one is covered by itself: it is tried here, or its
line in CREATES says why there is nothing in it that somebody else could have changed.
"""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from portal import clock
from portal.db import db
from portal.door.models import Authenticator, Passkey
from portal.drafts import MADE, Made
from portal.people import Person
from portal.people.contacts import new_account
from portal.people.models import Account
from portal.rates import RateCount
from tests import passkeys
from tests.conftest import ZONE
from tests.drafts.test_kept_text import forms
from tests.page import Page

CREATES = {  # each adds something, or does something once; none shows a value that stands
    "accounts.create": "an account",
    "care.away_create": "a time away",
    "care.glass_create": "an opening of a record",
    "care.reviews_create": "a finding, which is given once",
    "care.team_create": "a care relationship",
    "caseload.correct_reply": "a version of a reply, which nobody but its writer changes",
    "caseload.review": "a reply beside those before it",
    "checkins.create": "a check-in, or a version of it beside the earlier ones",
    "factors.authenticator_create": "an authenticator",
    "factors.passkey_create": "a passkey",
    "flags.act": "an act on a flag, which is added and never changed",
    "flags.note": "a note on a flag, which is added and never changed",
    "homework.give_to_person": "homework for one person",
    "homework.give_to_session": "homework for the people of a session",
    "homework.stuck": "what somebody says of a homework, beside what they said before",
    "groups.create": "a track",
    "groups.join": "enrollments",
    "groups.stop": "the end of a track",
    "leaving.create": "the handing over of a therapist's people, which is looked at before it is done",
    "measures.create": "the answers to a measure",
    "measuring.enter": "a total, or a version of it beside the earlier ones",
    "seats.busy_create": "busy hours",
    "sessions.cancel": "a cancellation",
    "sessions.create": "a session",
    "sessions.restore": "the restoring of a cancelled session",
    "sessions.substitute": "a substitution; the form does not show who leads now",
}
LOOKS_AGAIN = {"sessions.move"}  # whatever changed the time is looked at first: see the test of it
PAIRS = {"self": ("ada", "ada"), "care": ("cho", "oduya"), "leads": ("kit", "cho"), "program": ("kit", "lee")}
NAMES = {"cho": "Dr Cho", "kit": "Kit Larsen"}
UNSEEN = {
    "csrf_token",
    "whose",
    "confirm",
    "clash_reason",
    "key",
    "topics-rows",
    MADE,
}  # hidden, or about this save alone

# The end of a control's name: two values to change it to. One value is a change that two people cannot make
# differently; none is no change of its own.
OTHERWISE: dict[str, tuple] = {
    "idle_minutes": ("20", "25"),
    "urgent_minutes": ("20", "25"),
    "same_day_minutes": ("90", "100"),
    "opens": ("08:30", "09:00"),
    "closes": ("16:30", "17:30"),
    "contact": ("one@example.org", "two@example.org"),
    "phone": ("(212) 555-0101", "(212) 555-0102"),
    "emergency_phone": ("(212) 555-0103", "(212) 555-0104"),
    "video_url": ("https://video.example.org/one", "https://video.example.org/two"),
    "capacity": ("14", "16"),
    "skips": ("05/04/2026", "05/06/2026"),
    "last_day": ("2026-06-26", "2026-07-31"),
    "zone": ("America/Chicago", "America/Denver"),
    "starts": ("12:30", "12:45"),
    "ends": ("15:30", "15:45"),
    "reason": (),  # why a session or a track changes; not a value that stands
    "starts_on": (),  # the day from which a track changes
    "times": (),  # instead of a last day
    "every_audit-c": (),  # only with its terms
    "every_who-5": (),
    "every_barc-10": (),
}
OF_ONE_FORM: dict[str, dict[str, tuple]] = {
    "seats.absence_create": {"reason": ("One reason", "Another reason")},
    "exercises.save_living_plan": {"reason": ("One reason", "Another reason")},
    "exercises.create": {
        "strength": (),
        "belief_before": ("10", "20"),
        "belief_balanced": ("30", "40"),
        "belief_after": ("50", "60"),
        "feelings_after": ("70", "80"),
    },
    "attendance.update": {"status": ("left_early",), "minutes": ("110", "120")},  # another way has no minutes
    "closed_days.update": {"days": ("05/04/2026", "05/06/2026")},
}
SAID_EACH_TIME = {
    "exercises.create": {"action": "draft"},
    "groups.update": {"reason": "The room is needed"},
    "sessions.place": {"place-reason": "The heating is off"},
}


@dataclass
class Edit:
    """A form that two have open: their browsers, and for each field the one or two ways to change it."""

    endpoint: str
    action: str
    page: str
    people: tuple
    names: tuple
    declared: set  # the actions of all forms with room to write
    ways: dict

    @property
    def is_own(self):
        return self.names[0] == self.names[1]

    def opened(self):
        """What the form sends from the page of each, as it stands."""
        return [person.get(self.page).fields(self.action) for person in self.people]

    def changed(self, fields, way):
        """The controls that change these fields, each in its way of that number; none of a field without it."""
        ways = [self.ways[name][way] for name in fields if way < len(self.ways[name])]
        return {name: values for each in ways for name, values in each.items()}

    def save(self, who, shown, changes=(), *, expected=(303,)):
        """Send the form, and again where there was something to look at first; the page that answers."""
        sent = shown | SAID_EACH_TIME.get(self.endpoint, {}) | dict(changes)
        page, status = self._post(who, sent)
        if status != 303 and page.fields(self.action).get("confirm", [""]) != [""]:
            page, status = self._post(who, page.fields(self.action) | {"clash_reason": "It cannot be helped"})
        assert status in expected, f"{self.endpoint}: {status} for {dict(changes)}\n{page.text}"
        return page

    def _post(self, who, sent):
        person = self.people[who]
        answer = person.client.post(self.action, data=sent, environ_base={"REMOTE_ADDR": person.address})
        return Page(answer.text), answer.status_code

    def stands(self, who=0):
        """What every declared form of the page holds that is not empty: {action: {name: values}}."""
        page = self.people[who].get(self.page)
        actions = {form.get("action", "").split("?")[0] for form in page.all("form")} & self.declared
        held = {action: page.fields(action) for action in actions}
        held = {action: {n: v for n, v in fields.items() if _stands(n, v)} for action, fields in held.items()}
        return {action: fields for action, fields in held.items() if fields}

    def with_changes(self, stood, changes):
        """What would stand with these changes alone."""
        held = {n: v for n, v in (stood.get(self.action, {}) | changes).items() if v not in ([""], [])}
        others = {action: fields for action, fields in stood.items() if action != self.action}
        return others | {self.action: held} if held else others


def _stands(name, values):
    return name not in UNSEEN and values not in ([""], [])


def ways_to_change(endpoint, page, action):
    """{field: [{control: values}, ...]}: two ways to change each field of the form, or the one or none there is."""
    sent, marks = page.fields(action), Made.read(page.fields(action)[MADE][0])
    offered, ways = {}, {}
    for control in page.form(action).iter():
        if (name := control.get("name")) and control.get("type") not in ("hidden", "submit"):
            offered.setdefault(name, []).append(control)
    for name, controls in offered.items():
        if (field := marks.field_of(name)) and field not in ways:
            ways[field] = [{name: values} for values in _values(endpoint, name, controls, sent.get(name, []))]
    return {field: each for field, each in ways.items() if each}


def _values(endpoint, name, controls, held):
    """The lists of values that a control, or the boxes of one name, could send instead of those it `held`."""
    known = OTHERWISE | OF_ONE_FORM.get(endpoint, {})
    for part, values in known.items():
        if name == part or name.endswith(f"-{part}") or name.startswith(f"{part}-"):
            return [value if isinstance(value, list) else [value] for value in values]
    kind = controls[0].get("type", controls[0].tag)
    if kind == "checkbox":
        values = [control.get("value") for control in controls]
        if len(values) == 1:
            return [[] if held else values]
        more = next(value for value in values if value not in held)
        return [[value for value in values if value in [*held, more]], [more] if held else values[:2]]
    if kind in ("radio", "select"):
        options = controls if kind == "radio" else controls[0].iter("option")
        others = [option.get("value") for option in options if option.get("value")]
        return [[value] for value in others if [value] != held][:2]
    return [[f"One {name}"], [f"Another {name}"]]


@pytest.fixture
def edits(app, cast, fill_clinic, browser, monkeypatch, at, drawn_forms):
    """Every edit that the views declare, each with two browsers."""
    monkeypatch.setattr(cast, "lee", a_second_coordinator(app, password_hash="-"), raising=False)
    filled, found = fill_clinic(), []
    with app.app_context():
        db.session.execute(update(Account).values(mail_ok=True))
        for factor in (Authenticator, Passkey):  # which would be asked for in another browser
            db.session.execute(delete(factor).where(factor.account_id == cast.ada.id))
        db.session.commit()
    browsers = {name: browser(name) for name in ("ada", "cho", "oduya", "kit", "lee")}
    again = {"ada": browser("ada")}
    declared = forms(app, cast, filled)
    for endpoint, (_, action, page) in sorted(declared.items(), reverse=True):
        if endpoint in CREATES or endpoint in LOOKS_AGAIN or not drawn_forms(endpoint):
            continue
        names = PAIRS[app.view_functions[endpoint].rules.of]
        people = browsers[names[0]], again.get(names[1], browsers[names[1]])
        edit = Edit(endpoint, action, page, people, names, {action for _, action, _ in declared.values()}, {})
        prepare(edit)
        edit.ways = ways_to_change(endpoint, people[0].get(page), action)
        found.append(edit)
    return sorted(found, key=lambda edit: not edit.is_own)  # a change of the program can end a participant's visit


def prepare(edit):
    """Save what some fields can only be changed from: three targets, or they move up, and minutes of who was late."""
    sent, _ = edit.opened()
    if edit.endpoint == "caseload.choose_questions":
        edit.save(0, sent, {name: [f"{name} at first"] for name in ("first", "second", "third")})
    if edit.endpoint == "attendance.update":
        roster = [name for name in edit.people[0].page.fields(edit.action) if name.startswith("minutes-")]
        late = {name.replace("minutes", "status"): ["late"] for name in roster}
        edit.save(0, sent, late | {name: ["100"] for name in roster})


def a_second_coordinator(app, password_hash):
    with app.app_context():
        lee = new_account(
            "lee@example.org",
            role="coordinator",
            name="Lee Tran",
            called="Lee",
            password_hash=password_hash,
            zone=ZONE,
            created_at=clock.now(),
            joined_at=clock.now(),
        )
        db.session.add(lee)
        db.session.flush()
        db.session.add(passkeys.kept(lee))
        db.session.commit()
        return Person(lee.id, lee.key, lee.role, lee.name, lee.called, lee.zone)


@pytest.fixture
def each(app, edits, at):
    """Every edit in turn, a second later and with no count of how often an address asked."""

    def in_turn():
        for edit in edits:
            at.later(seconds=1)
            with app.app_context():
                db.session.execute(delete(RateCount))
                db.session.commit()
            yield edit

    return in_turn


def test_every_form_is_tried_or_only_creates(app):
    views = {name for name, view in app.view_functions.items() if getattr(view, "form", None)}
    assert set(CREATES) | LOOKS_AGAIN <= views


def halves(edit):
    fields = sorted(edit.ways)
    return fields[::2], fields[1::2]


def test_changes_of_different_fields_both_stand_and_nothing_else_changes(each, subtests):
    """Rule: of every form; the second who saves changes nothing that they did not touch."""
    for edit in each():
        with subtests.test(edit.endpoint):
            for way in (0, 1):
                one, other = (edit.changed(half, way) for half in halves(edit)[:: 1 - 2 * way])
                stood, (first, second) = edit.stands(), edit.opened()
                edit.save(0, first, one)
                edit.save(1, second, other)
                assert edit.stands() == edit.with_changes(stood, one | other), (edit.endpoint, one, other)


def test_a_field_that_both_changed_is_asked_about_and_nothing_overwritten(each, subtests):
    """Rule: of every form; in two browsers of one person it is their own change, and the later one stands."""
    for edit in each():
        with subtests.test(edit.endpoint):
            fields = [name for name, ways in edit.ways.items() if len(ways) > 1]
            one, other = (edit.changed(fields, way) for way in (0, 1))
            stood, (first, second) = edit.stands(), edit.opened()
            edit.save(0, first, one)
            if fields and not edit.is_own:
                page = edit.save(1, second, other, expected=(422,))
                assert page.text.count(f"{NAMES[edit.names[0]]} changed this to “") == 2 * len(fields), page.text
                typed = page.fields(edit.action)
                assert {name: typed[name] for name in other} == other, edit.endpoint
                assert edit.stands() == edit.with_changes(stood, one), edit.endpoint
                second = page.fields(edit.action)
            edit.save(1, second, other)
            assert edit.stands() == edit.with_changes(stood, other), edit.endpoint


def test_a_save_without_a_change_leaves_what_the_other_saved(each, subtests):
    for edit in each():
        with subtests.test(edit.endpoint):
            one = edit.changed(edit.ways, 0)
            stood, (first, second) = edit.stands(), edit.opened()
            edit.save(0, first, one)
            edit.save(1, second, expected=(303, 422))  # some say that nothing was changed
            assert edit.stands() == edit.with_changes(stood, one), edit.endpoint


def test_a_session_that_was_moved_meanwhile_is_looked_at_again_before_it_moves(fill_clinic, browser, at):
    """Rule: day and hour mean nothing one without the other, so that not even another field is merged."""
    session = fill_clinic().session
    page, action = f"/sessions/{session}/plan", f"/sessions/{session}/move"
    kit, cho = browser("kit"), browser("cho")
    kit.get(page)
    cho.get(page)
    at.later(seconds=1)
    kit.submit(action, {"move-day": "2026-03-13", "move-reason": "The room is needed"})
    answer = cho.submit(action, {"move-starts": "11:00", "move-reason": "I am late"}, 422)
    assert "This session changed while the page was open" in answer.text
    assert "Friday, March 13, 10:00" in answer.text
    assert answer.fields(action)["move-starts"] == ["11:00"]
    assert kit.get(page).fields(action)["move-day"] == ["2026-03-13"]
    assert kit.page.fields(action)["move-starts"] == ["10:00"]
    cho.submit(action)
    assert kit.get(page).fields(action)["move-starts"] == ["11:00"]


PROPERTY = (
    "asking.update",
    "attendance.update",
    "caseload.choose_questions",
    "exercises.save_living_plan",
    "reminders.update",
    "sessions.describe",
)
sequences = st.lists(st.booleans(), min_size=2, max_size=4)  # which of the two saves, one after the other


def some_changes(data, edit, began):
    """Any of the fields, each as it was when all `began` or in one of its ways: {control: values}."""
    found = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(edit.ways)), unique=True, max_size=5)):
        control = next(iter(edit.ways[name][0]))
        values = [began.get(control, []), *(way[control] for way in edit.ways[name])]
        found[control] = data.draw(st.sampled_from(values))
    return found


def of_action(edit, stood, controls):
    """What stands in these controls of the form: [] for what is empty."""
    return {name: stood.get(edit.action, {}).get(name, []) for name in controls}


@pytest.mark.parametrize("examples", [2, pytest.param(25, marks=pytest.mark.full)])
def test_no_field_that_somebody_did_not_touch_ever_changes(each, subtests, at, examples):
    """Rule: any changes, saved in any order: nothing untouched changes, and nobody's change is lost unasked."""
    for edit in each():
        if edit.endpoint in PROPERTY:
            with subtests.test(edit.endpoint):
                run_saves(edit, at, examples)


def run_saves(edit, at, examples):
    controls = [next(iter(ways[0])) for ways in edit.ways.values()]
    began = edit.opened()[0]

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(order=sequences, data=st.data())
    def any_saves(order, data):
        at.later(milliseconds=10)
        stood, pages = edit.stands(), edit.opened()
        seen = [of_action(edit, stood, controls)] * 2
        for who in map(int, order):
            now, typed = of_action(edit, stood, controls), some_changes(data, edit, began)
            mine = {name: values for name, values in typed.items() if _text(values) != _text(seen[who][name])}
            both = {n for n in mine if len({_text(each[n]) for each in (seen[who], now, mine)}) == 3}
            asked = both if not edit.is_own else set()
            sent = pages[who] | typed
            page = edit.save(who, sent, expected=(422,) if asked else (303,))
            if asked:
                assert page.text.count("while this page was open") == 2 * len(asked), (asked, page.text)
                assert edit.stands(1 - who)[edit.action] == stood[edit.action]  # their own page holds what they typed
                edit.save(who, page.fields(edit.action))
            stood = edit.with_changes(stood, mine)
            for viewer in (0, 1):
                assert edit.stands(viewer)[edit.action] == stood[edit.action], typed
            at.later(milliseconds=10)
            seen[who], pages[who] = of_action(edit, stood, controls), edit.opened()[who]

    any_saves()


def _text(values):
    return tuple(values) if values != [""] else ()
