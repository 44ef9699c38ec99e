"""What no database can hold or look up is refused before it gets there; PostgreSQL is the strict one."""

import random
from importlib import import_module
from urllib.parse import parse_qsl

import pytest

from portal import web


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("path", ["/library/%00", "/check-ins/%00/saved", "/exercises/%00", "/check-ins/?until=%00"])
def test_a_nul_in_an_address_is_not_found(browser, path):
    browser("ada").get(path, 404)


def test_a_nul_in_a_participants_key_is_not_found(browser):
    browser("cho").get("/caseload/%00", 404)


def test_a_nul_in_a_sign_in_name_is_simply_a_name_that_does_not_match(browser):
    stranger = browser()
    stranger.get("/sign-in")
    page = stranger.submit("/sign-in", {"email": "nobody\x00", "password": "a\x00b"}, 422)
    assert "That did not match" in page.text


@pytest.mark.asvs("5.3.2")
@pytest.mark.parametrize("key", ["x" * 500, "a\x00b-and-more", "../..", ""])
def test_a_damaged_practice_key_becomes_a_new_one(browser, key):
    ada = browser("ada")
    ada.get("/exercises/the-wave")
    ada.submit("/exercises/the-wave", {"before": "3", "key": key, "action": "finish"})
    ada.get(ada.location)


def test_an_endless_address_keeps_no_draft_and_breaks_nothing(browser, at):
    ada = browser("ada")
    ada.get("/exercises/the-wave")
    at.later(minutes=16)
    ada.post("/exercises/" + "x" * 500, {"before": "3"})
    assert ada.location.startswith("/sign-in")


@pytest.mark.asvs("5.2.1")
def test_a_form_of_a_megabyte_is_refused_in_words(browser):
    ada = browser("ada")
    page = ada.post("/check-ins/drafts", {"mood": "4", "note": "x" * 1_000_000}, 413)
    assert "more than we can take" in page.text


@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize("path", ["/sign-in", "/check-ins/", "/check-ins/drafts", "/account/contact"])
def test_a_form_of_countless_tiny_fields_is_refused_before_one_is_made(browser, monkeypatch, path):
    """Rule: what one request may cost does not grow with how many fields it sends."""
    made = []
    ada = browser("ada") if path != "/sign-in" else browser()
    monkeypatch.setattr("portal.web.decode_field", lambda sent: made.append(sent) or "")
    answer = ada.client.post(path, data="a&" * 100_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert made == []


@pytest.mark.asvs("1.1.1")
def test_a_form_is_decoded_as_werkzeug_does_whatever_it_holds(app):
    """Rule: the fast way of reading a form gives each text as the library's own way does, damaged ones too."""
    chance, pieces = (
        random.Random(13),
        [b"%", b"%4", b"%C3%A9", b"%c3", b"=", b"+", b" ", b"\n", b"\r", b"_", b"%00", b"a", b"%FF"],
    )
    for _ in range(20_000):
        sent = b"".join(chance.choices(pieces, k=chance.randrange(9)))
        [(_, text)] = parse_qsl(
            "x=" + sent.decode(errors="surrogateescape"), keep_blank_values=True, errors="werkzeug.url_quote"
        )
        assert web.decode_field(sent) == text, sent


MARKS = "e" + "\u0301\u0323" * 10_000  # each pair is the wrong way round: in order only after many steps
SLOW = {  # what takes much longer for a longer text
    "unicodedata.normalize": 600,
    "portal.people.contacts.validate_email": 254,
    "portal.mail.deliverable": 254,
    "portal.phones.tidy": 80,
    "portal.fields.read_day": 80,
    "portal.door.password_rules._score": 513,
    "portal.door.password_rules._mostly": 513,
}


@pytest.mark.asvs("1.3.3", "15.2.2")
@pytest.mark.parametrize(
    ("who", "page", "action", "field"),
    [
        (None, "/sign-in", "/sign-in", "password"),
        (None, "/sign-in", "/sign-in", "email"),
        ("ada", "/account/password", "/account/password", "password"),
        ("ada", "/account/contact", "/account/contact", "contact"),
        ("ada", "/account/contact-details", "/account/contact-details", "phone"),
        ("cho", "/break-glass", "/break-glass", "who"),
        ("kit", "/people/new", "/people/", "email"),
        ("kit", "/sessions/new", "/sessions/", "video_url"),
    ],
)
@pytest.mark.parametrize(
    "text", [MARKS, f"{'a.' * 30_000} @example.org", "9 " * 30_000], ids=["marks", "dots", "digits"]
)
def test_nothing_long_reaches_what_is_slow(browser, monkeypatch, who, page, action, field, text):
    """Rule: the length of a text is looked at before anything that takes its time over it."""
    person = browser(who)
    person.get(page)
    lengths = watch(monkeypatch)
    person.submit(action, {field: text}, 422)
    assert {name: most for name, most in lengths.items() if most > SLOW[name]} == {}


def watch(monkeypatch):
    """The longest text that each of SLOW is given from now on."""
    longest = {}
    for name in SLOW:
        module, _, called = name.rpartition(".")
        real = getattr(import_module(module), called)

        def measured(*given, name=name, real=real, **named):
            longest[name] = max(longest.get(name, 0), *(len(each) for each in given if isinstance(each, str)))
            return real(*given, **named)

        monkeypatch.setattr(name, measured)
    return longest
