"""One-use links and printed codes: what they open, how long, and that each works once."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import seal
from portal.db import db
from portal.door import joining
from portal.door.joining import invitations
from portal.door.joining.invitations import InvitationClosed
from portal.door.models import Invitation

GOOD = "seven wet paper lanterns"


@pytest.fixture(autouse=True)
def _people(cast):
    """Somebody must be there whom links are for."""


@pytest.fixture
def clinic(app):
    """An application context for the domain alone; no browser is used beside it."""
    with app.app_context():
        yield


@pytest.mark.asvs("6.4.1")
def test_a_link_holds_256_random_bits_and_only_their_keyed_hash_is_kept(cast, at, clinic):
    texts = {invitations.make(cast.ada, "reset", cast.kit, at.now).text for _ in range(50)}
    assert len(texts) == 50
    assert all(len(text) == 43 for text in texts)
    db.session.flush()
    row = db.session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    newest = next(text for text in texts if seal.index(f"invitation:{text}") == row.token_hash)
    assert newest not in repr(vars(row))


def test_a_code_has_no_letter_that_is_read_as_another(cast, at, clinic):
    codes = [invitations.make(cast.ada, "reset", cast.kit, at.now, printed=True) for _ in range(50)]
    assert all(re.fullmatch(r"[A-HJKMNP-Z2-9]{12}", code.text) for code in codes)
    assert all(re.fullmatch(r"(\w{4})-(\w{4})-(\w{4})", code.spelled) for code in codes)
    assert len({code.text for code in codes}) == 50


def test_what_a_link_says_is_in_no_log_by_accident(cast, at, clinic):
    made = invitations.make(cast.ada, "reset", cast.kit, at.now)
    assert made.text not in repr(made)


@pytest.mark.parametrize(
    ("purpose", "printed", "lives"),
    [
        ("join", False, timedelta(days=7)),
        ("join", True, timedelta(days=14)),
        ("reset", False, timedelta(minutes=30)),
        ("reset", True, timedelta(days=14)),
        ("restore", False, timedelta(minutes=30)),
    ],
)
@pytest.mark.asvs("6.4.1")
def test_each_kind_has_its_time(cast, at, clinic, purpose, printed, lives):
    text = invitations.make(cast.ada, purpose, cast.kit, at.now, printed=printed).text
    find = invitations.find_by_code if printed else invitations.find_by_link
    made_at = at.now
    assert find(text, made_at + lives - timedelta(seconds=1)).purpose == purpose
    assert find(text, made_at + lives) is None


def test_a_new_one_ends_the_older_ones_for_the_same_purpose_and_account(cast, at, clinic):
    first, other = (
        invitations.make(cast.ada, "reset", cast.kit, at.now),
        invitations.make(cast.ben, "reset", cast.kit, at.now),
    )
    second = invitations.make(cast.ada, "reset", cast.kit, at.now)
    assert invitations.find_by_link(first.text, at.now) is None
    assert invitations.find_by_link(second.text, at.now).person.id == cast.ada.id
    assert invitations.find_by_link(other.text, at.now).person.id == cast.ben.id


def test_what_anyone_can_ask_for_does_not_end_what_a_coordinator_gave(cast, at, clinic):
    given = invitations.make(cast.ada, "reset", cast.kit, at.now, printed=True)
    invitations.make(cast.ada, "reset", None, at.now)
    assert invitations.find_by_code(given.text, at.now)


def test_using_one_ends_every_other_of_the_account(cast, at, clinic):
    code = invitations.make(cast.ada, "restore", cast.kit, at.now, printed=True)
    link = invitations.make(cast.ada, "reset", None, at.now)
    joining.come_back(invitations.find_by_link(link.text, at.now), at.now, password=GOOD)
    assert invitations.find_by_code(code.text, at.now) is None


def test_a_code_is_taken_however_it_is_spaced_and_opens_nothing_as_a_link(cast, at, clinic):
    """Codes are short, so their tries are counted; as the end of an address nobody would count them."""
    code = invitations.make(cast.ada, "join", cast.kit, at.now, printed=True)
    for typed in (code.spelled, code.spelled.lower(), " ".join(code.text), f" {code.text}\n"):
        assert invitations.find_by_code(typed, at.now).person.id == cast.ada.id
    assert invitations.find_by_link(code.text, at.now) is None
    assert invitations.find_by_link(code.spelled, at.now) is None


def test_a_link_opens_nothing_as_a_code(cast, at, clinic):
    assert invitations.find_by_code(invitations.make(cast.ada, "join", cast.kit, at.now).text, at.now) is None


@pytest.mark.asvs("15.4.2")
def test_of_many_who_use_it_at_once_one_wins(app, cast, at):
    """Rule: using up is one UPDATE that asks whether it is unused; nobody reads first and writes later."""
    with app.app_context():
        text = invitations.make(cast.ada, "join", cast.kit, at.now).text
        db.session.commit()
    barrier, won, closed = threading.Barrier(8), [], []

    def use(number):
        with app.app_context():
            invitation = invitations.find_by_link(text, at.now)
            barrier.wait()
            try:
                joining.join(invitation, at.now, password=GOOD, called=f"Ada {number}", mail_ok=False)
                db.session.commit()
                won.append(number)
            except InvitationClosed:
                db.session.rollback()
                closed.append(number)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(closed) == 7
