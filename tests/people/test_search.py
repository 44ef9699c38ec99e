"""The search for people: by name, by the clinic's number, by the last digits of the phone."""

import pytest

from portal import clock
from portal.db import db
from portal.people import contact_details, directory
from portal.people.contacts import new_account
from portal.people.search import search

PEOPLE = (  # name, what they are called, phone, clinic number
    ("Hanna Quarrie", "Hanna", "(212) 555-0187", "LC 1644"),
    ("Hanna Quarrie", "Hanna", "(917) 555-7702", None),
    ("Hanna Quarrie", "Hanni", None, "LC 1310"),
    ("José Ångström-Núñez", "Pepe", "+44 20 7946 0018", "B-7"),
    ("Anne-Marie O’Neil", "Annie", "(646) 555-0199, extension 7702", None),
    ("李明", "李明", None, None),
)


@pytest.fixture
def everyone(app, cast):
    """Those of PEOPLE, in their order."""
    with app.app_context():
        made = []
        for place, (name, called, phone, number) in enumerate(PEOPLE):
            account = new_account(f"p{place}@example.org", role="participant", name=name, called=called, zone="UTC")
            db.session.add(account)
            db.session.flush()
            contact_details.keep(account, dict.fromkeys(contact_details.OWN) | {"phone": phone}, None, clock.now())
            if number:
                contact_details.number(cast.kit, account, number)
            made.append(account.key)
        db.session.commit()
        known = directory.participants(cast.kit)
        yield [known[key] for key in made]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("  ", [0, 1, 2, 3, 4, 5]),
        ("hanna", [0, 1, 2]),
        ("HANNA Q", [0, 1, 2]),
        ("quarrie hanna", [0, 1, 2]),
        ("hanni", [2]),
        ("LC 1644", [0]),
        ("lc1644", [0]),
        ("1644", [0]),
        ("1310", [2]),
        ("7702", [1]),
        ("quarrie 7702", [1]),
        ("(212) 555-0187", [0]),
        ("212 555 0187", [0]),
        ("+44 20 7946 0018", [3]),
        ("702", []),
        ("jose angstrom", [3]),
        ("nunez", [3]),
        ("NÚÑEZ", [3]),
        ("b7", [3]),
        ("anne", [4]),
        ("marie", [4]),
        ("annemarie", [4]),
        ("o'neil", [4]),
        ("oneil", [4]),
        ("明", [5]),
        ("anna", []),
        ("hanna 0018", []),
        ("-", [0, 1, 2, 3, 4, 5]),
        ("%", [0, 1, 2, 3, 4, 5]),
        ("h" * 81, []),
    ],
)
def test_it_finds_those_to_whom_every_word_belongs(app, everyone, asked, found):
    with app.app_context():
        assert [everyone.index(one) for one in search(everyone, asked)] == found
