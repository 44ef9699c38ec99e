"""No sentence promises reading, seeing, calling or answering unless the table says what makes it true."""

import re

import pytest

from tests.house import sentences
from tests.promises.table import FIXED, PROMISES
from tests.test_house_rules import ROOT

KNOWN = [re.compile(one.source) for one in PROMISES] + [
    re.compile(pattern) for patterns in FIXED.values() for pattern in patterns
]


def unknown(root):
    return [f"{place}: {said}" for place, said in sentences.promises(root) if not any(k.search(said) for k in KNOWN)]


def test_every_promise_stands_in_the_table():
    """Rule: a new sentence that says what somebody will do is entered with what makes it true, or it is not said."""
    assert unknown(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/today/show.html", "<p>Dr Cho reads it tonight.</p>".replace("Dr Cho", "{{ name }}")),
        ("templates/today/show.html", "<p>Your care team sees these answers.</p>"),
        ("templates/today/show.html", "<p>Someone will call you.</p>"),
        ("templates/today/show.html", "<p>The link is on the way.</p>"),
        ("portal/today/phrases.py", 'SAID = "Staff read check-ins during working hours."'),
        ("portal/today/phrases.py", 'def said(name):\n    return f"{name} will answer you today."'),
    ],
)
def test_a_new_promise_cannot_be_added_unseen(tmp_path, name, text):
    for folder in ("templates/today", "portal/today", "static"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / name).write_text(text)
    assert unknown(tmp_path), text


def test_the_table_holds_nothing_that_is_said_no_longer():
    said = [sentence for _, sentence in sentences.promises(ROOT)]
    gone = [
        pattern
        for patterns in FIXED.values()
        for pattern in patterns
        if not any(re.search(pattern, one) for one in said)
    ]
    assert gone == []
