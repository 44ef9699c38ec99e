"""Mail: what may be queued, what goes over the wire, and that each message goes out once or is given up."""

import ipaddress
import logging
import os
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from portal import mail
from portal.db import SQLITE_PRAGMAS, db
from portal.mail import Mail, delivery, smtp
from tests.conftest import settings
from tests.post_office import CUT, PostOffice

ROOT = Path(__file__).parent.parent.parent
SENDER = Address("Foothold", "portal", "clinic.example")
GONE, LATER = "550 5.1.1 nobody of that name", "451 4.3.0 later"


@pytest.fixture
def queued(app):
    """`queued("ada@example.org", "A subject", "A body", ...)` is the key of a message that was queued and committed."""

    def queue(to="ada@example.org", subject="A note for you", body="Hello Ada,\n\nThe day after tomorrow.\n", **more):
        with app.app_context():
            assert mail.queue(to, subject, body, **more)
            db.session.commit()
            return db.session.scalar(select(Mail.key).order_by(Mail.id.desc()).limit(1))

    return queue


@pytest.fixture
def send(app):
    """`send(office, now)` is one run of a sender."""

    def send(office, now, **options):
        limit = options.pop("limit", 500)
        server = smtp.Server("127.0.0.1", office.port, **{"tls": "none", "sender": SENDER, "patience": 5} | options)
        with app.app_context():
            return delivery.send_due(now, lambda: smtp.Conversation(server), limit)

    return send


@pytest.fixture
def outbox(app):
    """`outbox()` is every message of the database, in the order they were made."""

    def rows():
        with app.app_context():
            return db.session.scalars(select(Mail).order_by(Mail.id)).all()

    return rows


# What may be queued


def test_a_message_stands_or_falls_with_the_transaction_that_queued_it(app, outbox):
    with app.app_context():
        mail.queue("ada@example.org", "A note for you", "Hello")
        db.session.rollback()
    assert outbox() == []


def test_the_same_is_never_queued_twice_and_the_rest_of_the_transaction_stands(app, outbox, queued):
    queued(once="reset:1")
    with app.app_context():
        assert mail.queue("ben@example.org", "Another", "Hello")
        assert not mail.queue("ada@example.org", "A note for you", "Hello", once="reset:1")
        assert mail.queue("ada@example.org", "A note for you", "Hello", once="reset:2")
        db.session.commit()
    assert [row.once for row in outbox()] == ["reset:1", None, "reset:2"]


def test_another_fault_is_not_taken_for_a_message_queued_before(app):
    with app.app_context(), pytest.raises(IntegrityError):
        mail.queue("ada@example.org", "A note for you", "Hello", account_id=987654, once="reset:1")


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "",
        "@example.org",
        "ada@",
        "ada@example.org\r\nBcc: ben@example.org",
        "ada\n@example.org",
        "ada@example.org\n",
        "ada@example.org,ben@example.org",
        "ada@example.org>\x00",
        "Ada <ada@example.org>",
        "ada @example.org",
        "ada@example..org",
        "ada@[127.0.0.1]",
        "ada@exa\u2028mple.org",
        "ada\udc80@example.org",
        "a" * 250 + "@example.org",
    ],
)
@pytest.mark.asvs("1.3.11")
def test_what_is_not_one_plain_address_is_refused_without_being_quoted(app, address):
    with app.app_context(), pytest.raises(ValueError, match=r"^This is not an address that email can go to\.$"):
        mail.queue(address, "A note for you", "Hello")


@pytest.mark.parametrize("subject", ["", " ", "A\nB", "A\r\nBcc: ben@example.org", "A\u2028B", "A\x85B", "A" * 121])
@pytest.mark.asvs("1.3.11")
def test_a_subject_is_one_line(app, subject):
    with app.app_context(), pytest.raises(ValueError, match="one line of at most 120"):
        mail.queue("ada@example.org", subject, "Hello")


def test_the_domain_of_an_address_is_kept_in_ascii():
    assert mail.deliverable("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert mail.deliverable("zoë@example.org") == "zoë@example.org"
    assert mail.deliverable("o'brien+x@clinic.local") == "o'brien+x@clinic.local"


ANYTHING = st.text(max_size=60)
HOSTILE = st.builds(
    "{}{}{}".format, ANYTHING, st.sampled_from(["\r\n", "\n", "\r", "\u2028", "\x85", "", ">"]), ANYTHING
)


@examples(deadline=None)
@given(
    address=st.one_of(HOSTILE, st.builds("{}@{}".format, HOSTILE, HOSTILE)), subject=HOSTILE, name=HOSTILE, body=HOSTILE
)
@pytest.mark.asvs("1.3.11")
def test_whatever_is_not_refused_is_one_message_to_one_address_with_these_headers_and_no_more(
    address, subject, name, body
):
    """Rule: no name, address, subject or body adds a header, a recipient or a second message."""
    try:
        to = mail.deliverable(address)
    except ValueError:
        to = "ada@example.org"
    try:
        said = mail.one_line(subject, 120)
    except ValueError:
        said = "A note for you"
    try:
        sender = Address(mail.one_line(name, 80), "portal", "clinic.example")
    except ValueError:
        sender = SENDER
    body = body.encode(errors="ignore").decode()
    content = smtp.message(delivery.Letter("a-key", to, said, body), sender).as_bytes()
    head, _, rest = content.partition(b"\r\n\r\n")
    assert not any(line.startswith((b".", b"From ")) for line in head.split(b"\r\n"))
    assert b"\r" not in rest.replace(b"\r\n", b"") and b"\n" not in rest.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) < 998
    read = message_from_bytes(content, policy=default)
    assert sorted(read.keys()) == sorted(HEADERS)
    assert len(read["From"].addresses) == len(read["To"].addresses) == 1
    assert read["From"].addresses[0].addr_spec == "portal@clinic.example"
    assert str(read["Subject"]) == said


HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]


# What goes over the wire


def test_a_message_is_delivered_once_and_its_body_is_gone_from_the_database(queued, send, outbox, at):
    key = queued(body="Hello Ada,\n\nhttps://portal.example/join/abc=def\n")
    with PostOffice() as office:
        assert str(send(office, at.now)) == "1 sent, 0 to try again, 0 given up"
        assert str(send(office, at.now)) == "0 sent, 0 to try again, 0 given up"
    [taken] = office.taken
    assert (taken.sender, taken.to) == ("portal@clinic.example", ["ada@example.org"])
    assert {name: str(value) for name, value in taken.message.items()} == {
        "From": "Foothold <portal@clinic.example>",
        "To": "ada@example.org",
        "Subject": "A note for you",
        "Date": "Wed, 11 Mar 2026 14:52:00 +0000",
        "Message-ID": f"<{key}@clinic.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
    }
    assert taken.text == "Hello Ada,\n\nhttps://portal.example/join/abc=def\n"
    [row] = outbox()
    assert row.body is None
    assert row.sent_at - at.now < timedelta(minutes=1)
    assert (row.given_up_at, row.trouble, row.claimed_until) == (None, None, None)


@pytest.mark.asvs("1.3.11")
def test_a_body_that_speaks_smtp_is_one_message(queued, send, at):
    body = "Hello\r\n.\r\nMAIL FROM:<x@example.org>\nRCPT TO:<ben@example.org>\n.\n..\n\r.\rQUIT\nFrom here on\n"
    queued(body=body)
    with PostOffice() as office:
        send(office, at.now)
    [taken] = office.taken
    assert taken.to == ["ada@example.org"]
    assert taken.text == body.replace("\r\n", "\n").replace("\r", "\n")


def test_a_message_of_many_scripts_arrives_as_it_was_written(queued, send, at):
    queued(subject="Für dich: 今日 ✓", body="Grüße, 今日\n" + "long " * 400 + "\n")
    with PostOffice() as office:
        send(office, at.now, sender=Address("Zuhause ✓", "portal", "clinic.example"))
    [taken] = office.taken
    assert str(taken.message["Subject"]) == "Für dich: 今日 ✓"
    assert taken.message["From"].addresses[0].display_name == "Zuhause ✓"
    assert taken.text == "Grüße, 今日\n" + "long " * 400 + "\n"


def test_an_address_beyond_ascii_needs_a_server_that_knows_them(queued, send, outbox, at):
    queued("zoë@bücher.example")
    with PostOffice() as office:
        assert send(office, at.now).sent == 1
    assert office.taken[0].to == ["zoë@xn--bcher-kva.example"]
    queued("zoë@bücher.example")
    with PostOffice(enable_SMTPUTF8=False) as office:
        assert send(office, at.now).given_up == 1
    assert outbox()[1].trouble == "smtputf8"


def test_a_message_is_not_sent_before_it_is_due(queued, send, at):
    queued(due_at=at.now + timedelta(hours=2))
    with PostOffice() as office:
        assert send(office, at.later(minutes=119)).sent == 0
        assert send(office, at.later(minutes=1)).sent == 1


def test_what_is_too_late_is_given_up_and_its_body_is_gone(queued, send, outbox, at):
    queued(expires_at=at.now + timedelta(minutes=30))
    with PostOffice() as office:
        assert str(send(office, at.later(minutes=30))) == "0 sent, 0 to try again, 1 given up"
    assert office.taken == []
    [row] = outbox()
    assert (row.trouble, row.given_up_at, row.body) == ("expired", at.now, None)


def test_one_connection_carries_many_messages(queued, send, at):
    for number in range(60):
        queued(f"p{number}@example.org")
    with PostOffice() as office:
        assert send(office, at.now).sent == 60
    assert office.greeted == 1
    assert [taken.to for taken in office.taken] == [[f"p{number}@example.org"] for number in range(60)]


STOP_URL = "https://portal." + "a-long-name." * 12 + "example.org/stop/0123456789abcdef0123456789abcdef"


def test_where_one_click_ends_such_mail_is_a_header_that_mail_programs_can_read(queued, send, outbox, at):
    """RFC 8058: both headers, the address in angle brackets, neither folded nor encoded, however long it is."""
    queued(stop_url=STOP_URL)
    queued()
    with PostOffice() as office:
        assert send(office, at.now).sent == 2
    first, second = office.taken
    lines = first.content.replace(b"\r\n ", b" ").split(b"\r\n")
    assert b"List-Unsubscribe: <" + STOP_URL.encode() + b">" in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Unsubscribe" not in second.content
    assert [row.stop_url for row in outbox()] == [None, None]


def test_where_it_ends_is_kept_sealed_until_it_has_gone(queued, outbox):
    queued(stop_url=STOP_URL)
    assert STOP_URL.encode() not in outbox()[0].stop_url


# When it does not go


def test_a_passing_failure_is_tried_again_after_1_5_15_60_minutes_3_and_6_hours_and_then_given_up(
    queued, send, outbox, at
):
    queued()
    with PostOffice(lambda step, _: LATER if step == "rcpt" else None) as office:
        for minutes in (1, 5, 15, 60, 180, 360):
            assert send(office, at.now).again == 1
            assert send(office, at.later(minutes=minutes, seconds=-1)).again == 0
            at.later(seconds=5)
        assert outbox()[0].body is not None
        assert send(office, at.now).given_up == 1
        assert str(send(office, at.later(days=3))) == "0 sent, 0 to try again, 0 given up"
    [row] = outbox()
    assert (row.tries, row.trouble, row.sent_at, row.body) == (7, "recipient 451", None, None)


def test_a_refused_recipient_is_given_up_at_once_and_the_others_get_theirs(queued, send, outbox, at):
    for to in ("ada@example.org", "nobody@example.org", "ben@example.org"):
        queued(to)
    with PostOffice(lambda step, about: GONE if about == "nobody@example.org" else None) as office:
        assert str(send(office, at.now)) == "2 sent, 0 to try again, 1 given up"
    assert [taken.to for taken in office.taken] == [["ada@example.org"], ["ben@example.org"]]
    assert [row.trouble for row in outbox()] == [None, "recipient 550", None]


@pytest.mark.parametrize(
    ("step", "answer", "trouble", "given_up"),
    [
        ("data", "554 5.7.1 not this", "content 554", 1),
        ("data", "452 4.3.1 full", "content 452", 0),
        ("mail", "550 5.7.1 who are you", "sender 550", 0),
        ("rcpt", "530 5.7.0 sign in first", "recipient 530", 0),
        ("rcpt", "421 4.3.2 closing", "recipient 421", 0),
        ("mail", CUT, "disconnected", 0),
        ("rcpt", CUT, "disconnected", 0),
    ],
)
def test_a_fault_of_the_message_ends_it_and_a_fault_of_the_server_or_the_settings_does_not(
    queued, send, outbox, at, step, answer, trouble, given_up
):
    queued()
    with PostOffice(lambda at_step, _: answer if at_step == step else None) as office:
        counts = send(office, at.now)
    assert (counts.sent, counts.again, counts.given_up) == (0, 1 - given_up, given_up)
    assert outbox()[0].trouble == trouble


def test_a_cut_answer_is_the_one_way_to_a_second_copy_and_both_have_the_same_id(queued, send, outbox, at):
    key = queued()
    answers = [CUT, None]
    with PostOffice(lambda step, _: answers.pop(0) if step == "data" else None) as office:
        assert send(office, at.now).again == 1
        assert send(office, at.later(minutes=2)).sent == 1
    assert [taken.id for taken in office.taken] == [f"<{key}@clinic.example>"] * 2
    assert outbox()[0].tries == 1


def test_a_server_that_does_not_answer_in_time_is_left(queued, send, outbox, at):
    queued()
    with PostOffice(lambda step, _: 30.0 if step == "rcpt" else None) as office:
        assert send(office, at.now, patience=0.3).again == 1
    assert outbox()[0].trouble == "disconnected"


def test_without_a_server_each_message_waits_and_it_is_asked_once_a_run(app, queued, outbox, at):
    for _ in range(60):
        queued()
    asked = []

    def connect():
        asked.append(1)
        return smtp.Conversation(smtp.Server("127.0.0.1", PostOffice().port, "none", SENDER, patience=5))

    with app.app_context():
        assert str(delivery.send_due(at.now, connect)) == "0 sent, 50 to try again, 0 given up"
    assert len(asked) == 1
    assert [row.trouble for row in outbox()] == ["connect"] * 50 + [None] * 10


def test_a_connection_that_breaks_is_opened_again_for_the_next_message(queued, send, at):
    for number in range(5):
        queued(f"p{number}@example.org")
    with PostOffice(lambda step, about: CUT if (step, about) == ("rcpt", "p2@example.org") else None) as office:
        assert str(send(office, at.now)) == "4 sent, 1 to try again, 0 given up"
    assert office.greeted == 2


def test_a_message_that_was_changed_in_the_database_is_given_up_and_the_others_go(app, queued, send, outbox, at):
    for number in range(3):
        queued(f"p{number}@example.org")
    with app.app_context():
        db.session.execute(update(Mail).where(Mail.id == 1).values(recipient=outbox()[1].recipient))
        db.session.commit()
    with PostOffice() as office:
        assert str(send(office, at.now)) == "2 sent, 0 to try again, 1 given up"
    assert [row.trouble for row in outbox()] == ["unreadable", None, None]


def test_what_is_withdrawn_is_not_sent_and_no_failure_and_what_has_gone_stays_sent(app, queued, send, outbox, at):
    queued(), queued()
    with PostOffice() as office:
        send(office, at.now, limit=1)
        with app.app_context():
            assert mail.withdraw(at.now, "stopped", Mail.subject == "A note for you") == 1
            db.session.commit()
            assert mail.stuck(at.now) == []
        assert str(send(office, at.later(hours=1))) == "0 sent, 0 to try again, 0 given up"
    gone, withdrawn = outbox()
    assert (gone.sent_at is None, gone.trouble) == (False, None)
    assert (withdrawn.trouble, withdrawn.body, withdrawn.given_up_at) == ("stopped", None, at.now - timedelta(hours=1))


def test_what_is_withdrawn_after_a_sender_has_claimed_it_is_not_sent(app, queued, send, outbox, at):
    """Somebody stops their reminders while a batch goes out."""
    for number in range(3):
        queued(f"p{number}@example.org", stop_url=STOP_URL)

    def stop(step, about):
        if (step, about) == ("data", "p0@example.org"):
            with app.app_context():
                mail.withdraw(at.now, "stopped", Mail.id > 1)
                db.session.commit()

    with PostOffice(stop) as office:
        assert str(send(office, at.now)) == "1 sent, 0 to try again, 0 given up"
    assert [taken.to for taken in office.taken] == [["p0@example.org"]]
    assert [row.trouble for row in outbox()] == [None, "stopped", "stopped"]


def test_what_went_30_days_ago_or_was_given_up_90_days_ago_is_deleted_a_few_at_a_time(app, cast, queued, outbox, at):
    with PostOffice(lambda step, about: GONE if about == "gone@example.org" else None) as office:
        for to in ("ada@example.org", "ben@example.org", "gone@example.org"):
            queued(to)
        run(app, "send", SMTP_PORT=office.port)
        at.later(days=30, minutes=1)
        late = queued("late@example.org", due_at=at.now + timedelta(days=365))
        with app.app_context():
            assert mail.delete_old(at.now, 1) == 1
        assert len(outbox()) == 3
        run(app, "send", SMTP_PORT=office.port)
        assert [row.trouble for row in outbox()] == ["recipient 550", None]
        at.later(days=60)
        run(app, "send", SMTP_PORT=office.port)
    assert [row.key for row in outbox()] == [late]


# Senders side by side


def test_what_one_sender_has_claimed_no_other_takes_for_five_minutes(app, queued, send, outbox, at):
    queued()
    with app.app_context():
        assert len(mail.claim(at.now, 50)) == 1
        assert mail.claim(at.now, 50) == []
    with PostOffice() as office:
        assert send(office, at.later(minutes=4, seconds=59)).sent == 0
        assert send(office, at.later(seconds=2)).sent == 1


def test_a_sender_whose_claim_ran_out_notes_no_failure_but_that_the_message_has_gone(app, queued, outbox, at):
    queued()
    with app.app_context():
        [first] = mail.claim(at.now, 50)
        [second] = mail.claim(at.later(minutes=6), 50)
        mail.note_failure(first, at.now, "disconnected", for_good=True)
        assert outbox()[0].given_up_at is None
        mail.note_failure(second, at.now, "recipient 550", for_good=True)
        mail.note_sent(first, at.now)
    [row] = outbox()
    assert (row.sent_at, row.given_up_at, row.body) == (at.now, None, None)


def test_a_slow_batch_is_let_go_so_that_no_claim_runs_out_under_it(app, queued, send, at, monkeypatch):
    monkeypatch.setattr(delivery, "BEGUN_WITHIN", timedelta(seconds=0.3))
    for number in range(6):
        queued(f"p{number}@example.org")
    with PostOffice(lambda step, _: 0.2 if step == "data" else None) as office:
        sent = send(office, at.now, limit=6).sent
        assert 1 <= sent <= 3
        with app.app_context():
            left = mail.claim(at.now, 50)
            assert len(left) == 6 - sent
            mail.release(left)
        assert send(office, at.now).sent == 6 - sent
    assert len(office.taken) == 6


def test_a_database_that_is_busy_or_restarts_keeps_the_note_that_a_message_has_gone(
    app, queued, send, outbox, at, monkeypatch
):
    monkeypatch.setitem(SQLITE_PRAGMAS, "busy_timeout", 50)
    queued()
    with app.app_context():
        db.engine.dispose()
        other = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        sqlite = other.dialect.name == "sqlite"

    def disturb(step, _):
        if step == "data" and sqlite:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            threading.Timer(0.5, other.exec_driver_sql, ["COMMIT"]).start()
        elif step == "data":
            other.exec_driver_sql(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    with PostOffice(disturb) as office:
        assert send(office, at.now).sent == 1
        other.close()
        assert send(office, at.later(hours=1)).sent == 0
    assert len(office.taken) == 1
    assert outbox()[0].body is None


def test_a_killed_sender_loses_nothing_and_repeats_at_most_what_was_not_answered(
    app, cast, queued, send, outbox, at, tmp_path
):
    keys = [queued(f"p{number}@example.org", due_at=datetime(2020, 1, 1, tzinfo=UTC)) for number in range(3)]
    moods = {"p1@example.org": 60.0}
    with PostOffice(lambda step, about: moods.get(about) if step == "data" else None) as office:
        sender = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "send"], cwd=ROOT, env=environment(app, office)
        )
        for _ in range(600):
            if office.asked.count("data") == 2:
                break
            assert sender.poll() is None
            time.sleep(0.05)  # another process works: there is no clock to freeze
        sender.kill()
        sender.wait()
        moods.clear()
        killed = datetime.now(UTC)
        assert send(office, killed + timedelta(minutes=4)).sent == 0
        assert send(office, killed + timedelta(minutes=6)).sent == 2
    assert [taken.id for taken in office.taken] == [f"<{keys[n]}@clinic.example>" for n in (0, 1, 1, 2)]
    assert all(row.sent_at for row in outbox())


def environment(app, office):
    """The settings of `app` and `office` for another process."""
    own = settings(app.config["DATABASE_URL"]) | SETTINGS | {"SMTP_PORT": office.port}
    return os.environ | {f"PORTAL_{name}": str(value) for name, value in own.items()}


# Encryption and sign-in


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody trusts yet, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def encrypted(certificate):
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_without_an_offer_of_starttls_nothing_is_sent(queued, send, outbox, at):
    queued()
    with PostOffice() as office:
        assert send(office, at.now, tls="starttls", user="portal", password="a password").again == 1
    assert (office.asked, office.taken) == ([], [])
    assert outbox()[0].trouble == "starttls"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(queued, send, outbox, at, encrypted, tls):
    queued()
    with PostOffice(**offer(tls, encrypted)) as office:
        assert send(office, at.now, tls=tls).again == 1
    assert office.asked == []
    assert outbox()[0].trouble == f"{'starttls' if tls == 'starttls' else 'connect'} certificate"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test's server does not count TLS from the start as TLS
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_known_server_gets_the_message_encrypted_and_after_sign_in(
    queued, send, outbox, at, encrypted, certificate, monkeypatch, tls
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tried = []

    def authenticate(server, _session, _envelope, _mechanism, login):
        encrypted = server.transport.get_extra_info("cipher") is not None
        tried.append((encrypted, login.login, login.password))
        return AuthResult(success=login.password == b"0.50", handled=False)

    queued()
    with PostOffice(**offer(tls, encrypted), authenticator=authenticate, auth_required=True) as office:
        assert send(office, at.now, tls=tls, user="portal", password="0.5").again == 1
        assert outbox()[0].trouble == "sign-in 535"
        assert send(office, at.later(minutes=2), tls=tls, user="portal", password="0.50").sent == 1
    assert tried[-1] == (True, b"portal", b"0.50")
    assert {encrypted for encrypted, _, _ in tried} == {True}


def offer(tls, context):
    if tls == "starttls":
        return {"tls_context": context, "require_starttls": True}
    return {"ssl_context": context, "auth_require_tls": False}


# The commands

SETTINGS = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "MAIL_FROM": "portal@clinic.example"}


def run(app, *arguments, **overrides):
    app.config.update(SETTINGS | overrides)
    return app.test_cli_runner().invoke(args=["mail", *arguments])


def test_the_command_sends_what_is_due_under_the_name_that_the_program_is_shown_as(app, cast, queued):
    for number in range(3):
        queued(f"p{number}@example.org")
    with PostOffice() as office:
        first = run(app, "send", "--limit", "2", SMTP_PORT=office.port)
        second = run(app, "send", SMTP_PORT=office.port)
    assert (first.exit_code, first.output) == (0, "2 sent, 0 to try again, 0 given up\n")
    assert (second.exit_code, second.output) == (0, "1 sent, 0 to try again, 0 given up\n")
    assert str(office.taken[0].message["From"]) == "Foothold <portal@clinic.example>"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"SMTP_HOST": None}, "Set PORTAL_SMTP_HOST to the name"),
        ({"SMTP_PORT": "smtp"}, "PORTAL_SMTP_PORT must be a number"),
        ({"SMTP_PORT": 0}, "PORTAL_SMTP_PORT must be a number"),
        ({"SMTP_TLS": "ssl"}, "PORTAL_SMTP_TLS must be starttls, tls or none"),
        ({"SMTP_HOST": "mail.example.org"}, "PORTAL_SMTP_TLS may be none only for an email server on this machine"),
        ({"SMTP_PASSWORD": 0.5}, "Put double quotes around the value of PORTAL_SMTP_PASSWORD"),
        ({"MAIL_FROM": None}, "Set PORTAL_MAIL_FROM to the address"),
        ({"MAIL_FROM": "Foothold <portal@clinic.example>"}, "Set PORTAL_MAIL_FROM to the address"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_said_in_one_sentence(app, cast, queued, outbox, overrides, said):
    queued()
    refused = run(app, "send", **overrides)
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: {said}")
    assert refused.output.count("\n") == 1
    assert outbox()[0].tries == 0


def test_a_database_that_is_not_there_yet_is_said_in_one_sentence(make_app, server):
    refused = run(make_app(DATABASE_URL=server.empty()), "send")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert refused.output.count("\n") == 1


def test_a_sender_name_of_two_lines_sends_nothing(app, cast, queued):
    queued()
    with app.app_context():
        db.session.execute(text("update programs set shown_as = :name"), {"name": "A\r\nBcc: b@example.org"})
        db.session.commit()
    with PostOffice() as office:
        assert "must be one line" in run(app, "send", SMTP_PORT=office.port).output
    assert office.asked == []


def test_the_list_names_what_was_given_up_or_waits_and_not_what_has_gone(app, cast, queued, send, at):
    moods = {"gone@example.org": GONE, "later@example.org": LATER}
    with PostOffice(lambda step, about: moods.get(about)) as office:
        gone, later = queued("gone@example.org"), queued("later@example.org")
        queued()
        send(office, at.now)
        fresh = queued()
        queued(due_at=at.now + timedelta(days=7))
        assert run(app, "list").output.splitlines() == [
            f"{gone}  2026-03-11T14:52:00Z  1 try  given up  recipient 550",
            f"{later}  2026-03-11T14:52:00Z  1 try  waits  recipient 451",
        ]
        at.later(minutes=16)
        assert run(app, "list").output.splitlines()[2:] == [
            f"{fresh}  2026-03-11T14:52:00Z  0 tries  waits  not tried yet"
        ]
        at.later(days=31)
        assert gone not in run(app, "list").output


@pytest.mark.parametrize("mood", [{}, {"rcpt": "550 5.1.1 nobody of that name ada@example.org"}, {"data": CUT}])
def test_no_address_subject_or_word_of_it_is_in_a_log_an_output_or_the_trouble(
    app, cast, queued, outbox, caplog, capfd, mood
):
    queued()
    with caplog.at_level(logging.DEBUG), PostOffice(lambda step, _: mood.get(step)) as office:
        done = run(app, "send", SMTP_PORT=office.port)
        listed = run(app, "list")
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]  # the server's
    shown = "\n".join([*own, *capfd.readouterr(), done.output, listed.output, outbox()[0].trouble or ""])
    assert done.exit_code == 0
    for word in ("ada@example.org", "Ada", "A note for you", "day after", "nobody"):
        assert word not in shown
