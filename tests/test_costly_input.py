"""The work that any form may cause: every POST there is, sent what is far too long, too many or too deep."""

import inspect
import re
import sys
from urllib.parse import quote

import pytest
from sqlalchemy import delete
from wtforms.form import BaseForm

from portal.db import db
from portal.door.models import SignInTry
from tests.test_hostile_input import SLOW, watch
from tests.test_matrix import addresses, expected

SMALLER, LARGEST = 150_000, 250_000  # bytes: too much to be kept as a draft, and just below what is taken at all
MARKS = "\u0301\u0323"  # in order only after many steps
MUCH = 3_000  # calls more for the longer: whatever goes through such a text by letters makes many more
A_FIELD = 90  # calls more for each field more: there are at most 1,000
READ_BY_HAND = re.compile(r"request\.form(?:\.get|\.getlist)?[\[(]\"(\w+)\"")
ONE_OF_EACH = ("checkins.create", "caseload.review", "groups.create", "devices.keep_draft")
OF_THE_FRAME = ("_form", "_page", "_held", "change", "made", "whose", "next")  # read before any view begins


def names_read_by(app, endpoint):
    """The fields that the view of a POST may read: those of the forms that its module knows, and those by hand."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[endpoint]))
    forms = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, BaseForm)]
    fields = {name for form in forms for name in dir(form) if hasattr(getattr(form, name, None), "field_class")}
    return sorted(fields | set(READ_BY_HAND.findall(inspect.getsource(module)))) or ["text"]


class Counted:
    """A WSGI application that counts the calls it makes, of Python's functions and of those in C, for each request."""

    def __init__(self, inner):
        self.inner, self.calls = inner, 0

    def __call__(self, environ, start_response):
        self.calls = 0
        sys.setprofile(self.count)
        try:
            return self.inner(environ, start_response)
        finally:
            sys.setprofile(None)

    def count(self, _frame, event, _arg):
        self.calls += event in ("call", "c_call")


def filled(names, text, size):
    """A form whose fields share `size` bytes, each full of `text`."""
    each = size // len(names)
    return "&".join(f"{name}={text * (each // len(text.encode()))}" for name in names)


def bodies(names, size):
    """What is sent: each field far too long, of too many parts, many times over, and under a name that is too deep."""
    yield "marks", filled(names, MARKS, size)
    yield "words", filled(names, "a:1+", size)
    yield "digits", filled(names, "9+", size)
    yield "a deep name", "&".join(f"{name}{'-1' * (size // 3 // len(names))}=1" for name in names)
    yield "repeats", "&".join(f"{name}=1" for name in (names * 990)[: size // 253])


def bodies_of_the_frame(size):
    """The same for the fields that are read before any view begins."""
    yield from bodies(OF_THE_FRAME, size)
    yield "marks of fields", "made=1+1+1+" + "a:1+" * (size // 4)


@pytest.mark.asvs("1.3.3", "15.2.2")
@pytest.mark.parametrize("who", ["ada", "cho", "kit"])
def test_no_form_costs_more_for_what_is_far_too_long(app, cast, fill_clinic, browser, monkeypatch, who, drawn_forms):
    """Rule: the length of each field of every form is looked at before anything that takes its time over it.

    The work is counted, not timed, in calls of Python and C; and what is slow in one call is given nothing long.
    """
    person, clinic = browser(who), fill_clinic()
    person.get("/help-now")
    app.extensions["rates"].enabled = False
    counted = Counted(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", counted)
    with app.app_context():
        posts = [
            (row, path)
            for row, path in addresses(app, cast, clinic)
            if row.method == "POST" and drawn_forms(row.endpoint)
        ]
    faults, after = [], 0
    for row, path in posts:
        if row.endpoint == "door.sign_out" or expected(row, who, cast) not in ("in", "open"):
            continue
        names = names_read_by(app, row.endpoint)
        pairs = [*zip(bodies(names, SMALLER), bodies(names, LARGEST), strict=True)]
        if row.endpoint in ONE_OF_EACH:
            pairs += zip(bodies_of_the_frame(SMALLER), bodies_of_the_frame(LARGEST), strict=True)
        for (what, short), (_, long) in pairs:
            with pytest.MonkeyPatch.context() as patch:
                lengths = watch(patch)
                for body in (short, short, long):  # the first may be the first of its kind, and fill what is kept
                    before, after = after, sent(app, person, path, body, counted)
            fields = long.count("&") - short.count("&")
            if after - before > MUCH + A_FIELD * fields:
                faults.append(f"{row.endpoint}, {what}: {before} calls for {SMALLER} bytes, {after} for {LARGEST}")
            slow = {name: most for name, most in lengths.items() if most > SLOW[name]}
            faults += [f"{row.endpoint}, {what}: {most} in {name}" for name, most in slow.items()]
    app.extensions["rates"].enabled = True
    assert faults == [], "\n".join(faults)


def sent(app, person, path, body, counted):
    """Send `body` as a form, with nobody slowed down for what they sent before; the calls that it took."""
    with app.app_context():
        db.session.execute(delete(SignInTry))
        db.session.commit()
    body, kind = f"csrf_token={quote(person.token)}&{body}".encode(), "application/x-www-form-urlencoded"
    person.client.post(path, data=body, content_type=kind, environ_base={"REMOTE_ADDR": person.address})
    return counted.calls
