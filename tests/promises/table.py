"""The table of promises, and the states in which each is tried.

A sentence that says that somebody reads, sees, calls, answers or is told stands here, or test_table fails. PROMISES are
tried in every state of STATES on the real page; FIXED say in words why they are true in all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from portal.db import db, new_key
from portal.episodes.models import Episode
from portal.people import contact_details
from portal.people.contact_details import OWN
from portal.people.models import Account, CareRelationship, TimeAway
from portal.program.models import Program

NUMBER = "(212) 555-0171"
WEDNESDAY = date(2026, 3, 11)


@dataclass(frozen=True)
class State:
    """How things are for Ada: `made` makes it so, of the cast; the rest is what must follow, worked out by hand.

    `reader` reads what she writes, `away` is her primary therapist who is not there, `has_it` those who have an answer
    about safety. `hours` is what stands beside the clinic's number, "" for none; `calls` that we call today.
    """

    made: Callable[[Any], object] = lambda cast: None
    at: str = "2026-03-11T10:52"
    reader: str | None = "Dr Cho"
    away: str | None = None
    has_it: str = "Dr Cho"
    hours: str = "Open now, until 5:00 pm today"
    is_closed_day: bool = False
    phone: str | None = NUMBER
    no_message: bool = False
    calls: bool = True
    asks: bool = True
    settings: dict[str, str] = field(default_factory=dict)


def _end_care(*roles):
    def made(cast):
        db.session.execute(
            delete(CareRelationship).where(
                CareRelationship.participant_id == cast.ada.id, CareRelationship.role.in_(roles)
            )
        )

    return made


def _cover(cast, name):
    return cast.dee if name == "oduya" else cast.oduya


def _away(*names):
    def made(cast):
        days = {
            "first_day": WEDNESDAY,
            "last_day": WEDNESDAY + timedelta(days=2),
            "entered_at": datetime(2026, 3, 1, tzinfo=UTC),
        }
        db.session.add_all(
            TimeAway(key=new_key(), therapist_id=getattr(cast, name).id, covered_by_id=_cover(cast, name).id, **days)
            for name in names
        )

    return made


def _settings(**values):
    return lambda cast: db.session.execute(update(Program).values(values))


def _off(*names):
    def made(cast):
        ids = [getattr(cast, name).id for name in names]
        off = update(Account).where(Account.id.in_(ids)).values(disabled_at=Account.created_at)
        db.session.execute(off)

    return made


def reached(phone, may_leave_message=None):
    def made(cast):
        from portal import clock

        contact_details.keep(cast.ada, dict.fromkeys(OWN) | {"phone": phone}, may_leave_message, clock.now())

    return made


def _on_call_only(cast):
    _end_care("primary", "covering")(cast)
    row = {"participant_id": cast.ada.id, "therapist_id": cast.dee.id, "role": "on_call", "starts_on": WEDNESDAY}
    db.session.add(CareRelationship(**row))


def _finished(cast):
    db.session.execute(update(Episode).where(Episode.participant_id == cast.ada.id).values(status="finished"))


def _all(*acts):
    return lambda cast: [act(cast) for act in acts]


SERVER = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "MAIL_FROM": "portal@clinic.example"}
STATES = {
    "as usual": State(settings=SERVER),
    "no care team": State(_end_care("primary", "covering"), reader=None, has_it="Dr Dee"),
    "covering only": State(_end_care("primary"), reader="Dr Oduya", has_it="Dr Oduya"),
    "on call only": State(_on_call_only, reader=None, has_it="Dr Dee"),
    "primary away": State(_away("cho"), reader="Dr Oduya", away="Dr Cho", has_it="Dr Oduya"),
    "primary away and nobody covers": State(
        _all(_end_care("covering"), _away("cho")), reader=None, away="Dr Cho", has_it="Dr Dee"
    ),
    "everybody away": State(_away("cho", "oduya", "dee"), reader=None, away="Dr Cho", has_it="", calls=False),
    "outside hours": State(at="2026-03-11T20:00", hours="Closed now. Open tomorrow at 8:00 am", calls=False),
    "before hours": State(at="2026-03-11T06:00", hours="Closed now. Open today at 8:00 am"),
    "too late for today": State(at="2026-03-11T16:45", calls=False),
    "a weekend": State(
        at="2026-03-14T11:00", hours="Closed now. Open on Monday, March 16 at 8:00 am", is_closed_day=True, calls=False
    ),
    "a holiday today": State(
        _settings(holidays=["2026-03-11"]),
        hours="Closed now. Open tomorrow at 8:00 am",
        is_closed_day=True,
        calls=False,
    ),
    "closed all week": State(_settings(open_days=[]), hours="", calls=False),
    "no phone": State(reached(None), phone=None, calls=False),
    "message not allowed": State(reached(NUMBER, may_leave_message=False), no_message=True),
    "no mail server": State(),
    "safety question off": State(_settings(asks_safety=False), asks=False),
    "the therapist's account off": State(_off("cho"), reader="Dr Oduya", has_it="Dr Oduya"),
    "every therapist's account off": State(_off("cho", "oduya", "dee"), reader=None, has_it="", calls=False),
    "continuing": State(_finished),
    "discharged": State(_all(_finished, _end_care("primary", "covering")), reader=None, has_it="Dr Dee"),
}


@dataclass(frozen=True)
class Promise:
    """A sentence as it stands in a source, with x where something is filled in; as a page says it, and when it may."""

    source: str
    page: str  # one of PAGES
    said: Callable[[State], str]
    when: Callable[[State], object]


FORM, HELP, ASKED, RESET = (
    "a form",
    "the page after a yes",
    "the same once a call was asked for",
    "a forgotten password",
)
PROMISES = (
    Promise(
        r"x\w+x reads this on x\w+x, not right away\.",
        FORM,
        lambda s: f"{s.reader} reads this on weekdays, 8 am to 5 pm, not right away.",
        lambda s: s.reader and s.hours,
    ),
    Promise("We are closed today", FORM, lambda s: "We are closed today.", lambda s: s.reader and s.is_closed_day),
    Promise(
        r"x\w+x can read this\.",
        FORM,
        lambda s: f"{s.reader} can read this. We cannot say when: no hours are set right now.",
        lambda s: s.reader and not s.hours,
    ),
    Promise(
        r"x\w+x is away, and nobody reads this for them right now\.",
        FORM,
        lambda s: f"{s.away} is away, and nobody reads this for them right now.",
        lambda s: s.away and not s.reader,
    ),
    Promise(
        r"Nobody is named to read this right now\.",
        FORM,
        lambda s: "Nobody is named to read this right now.",
        lambda s: not (s.away or s.reader),
    ),
    Promise("x is away.", FORM, lambda s: f"{s.away} is away. {s.reader} reads this", lambda s: s.away and s.reader),
    Promise("Open now", HELP, lambda s: s.hours or "Open", lambda s: s.hours),
    Promise("No hours are set", HELP, lambda s: "No hours are set right now", lambda s: not s.hours),
    Promise(r"We would call x\w+x \.", HELP, lambda s: f"We would call {NUMBER} .", lambda s: s.phone),
    Promise(
        "You asked us not to leave a message there",
        HELP,
        lambda s: "You asked us not to leave a message there.",
        lambda s: s.no_message,
    ),
    Promise(
        r"We have no number to call you at\.",
        HELP,
        lambda s: "We have no number to call you at.",
        lambda s: not s.phone,
    ),
    Promise(
        r"Once you add yours, you can ask your team here to call you\.",
        HELP,
        lambda s: "Once you add yours, you can ask your team here to call you.",
        lambda s: not s.phone,
    ),
    Promise(r"Your answer is with( x\.)?", HELP, lambda s: f"Your answer is with {s.has_it}.", lambda s: s.has_it),
    Promise(r"We will call you today\.", HELP, lambda s: "We will call you today.", lambda s: s.calls),
    Promise(
        r"We cannot promise that someone calls you today\.",
        HELP,
        lambda s: "We cannot promise that someone calls you today.",
        lambda s: not s.calls,
    ),
    Promise(
        r"You asked us to call you( at x\w+x)?( \.|\.)",
        ASKED,
        lambda s: f"You asked us to call you at {NUMBER} .",
        lambda s: s.phone,
    ),
    Promise(
        r"If this address is known and you said that only you read it, a message is on its way\.",
        RESET,
        lambda s: "If this address is known and you said that only you read it, a message is on its way.",
        lambda s: s.settings,
    ),
    Promise("We cannot send email", RESET, lambda s: "We cannot send email right now", lambda s: not s.settings),
)

FIXED = {  # why they are true in every state: the sentences, as patterns
    "who is on it, and only they": (
        r"[Ww]hoever is on (your care team|it) can (see|read)",
        r"x can see this too",
        r"can see this too",
    ),
    "coordinators always, a care team where there is one": (r"Your care team and our coordinators can see this page",),
    "what somebody is called stands on every page of theirs": (
        r"Staff here can see it",
        r"The people you work with see it",
    ),
    "whoever holds the address, and of a phone whoever holds that": (
        r"Anyone who has (it|the address) can see",
        r"Others can see it",
        r"others see it on a phone",
    ),
    "what it means to have it": (r"Anyone who holds this phone unlocked could read it",),
    "a warning, of what the reader does": (r"The next page can change how you sign in or what others can see",),
    "named from the session, and said not to be sure": (
        r"The coordinator sees that you can't make it, and not why",
        r"Who reads this:",
    ),
    "rows that Today and the week show to everybody with a place in the session": (
        r"([Tt]hose|[Tt]he people) who come see (it|this)? ?(on Today|in their week)",
        r"who come see on Today",
        r"who come read (it|this)",
    ),
    "it stands on that page": (
        r"Staff (read it with|see this beside)",
        r"sees? these questions",
        r"They see it at the top",
    ),
    "each is a line of the audit record, which their list of looks shows": (
        r"Each person sees that you looked",
        r"The person sees that it happened",
        r"can see that you opened this page",
        r"The participant sees that their record was opened",
    ),
    "a form of broken glass that coordinators review, open until one did": (r"[Tt]he coordinator reads it",),
    "nobody is given it, or it is the reader's own word": (
        r"nobody else ever sees it",
        r"Only you see this",
        r"Nobody else sees it, not even your care team",
        r"\bonly (you|I|they) read",
        r"others read",
    ),
    "it promises nobody": (r"Nobody reads (this|these answers) right away",),
    "said only where a server is set, of those who have an address": (r"gets an email",),
    "it asks, and promises nothing": (r"Agree who reads flags",),
    "a row": (
        r"Someone read this",
        r"has seen your answer",
        r"^x\w+x has seen it, x\w+x(, so it stays as it is)?\.$",
        r"^x has seen this reply, so it stays as it is\.$",
        r"has not said yet that they have seen it",
        r"until x\w+x says “I have seen this”",
        r"Told us that they cannot come",
        r"nobody on the care team has marked as (seen|read)",
        r"not seen (this|the latest change)",
        r"parts read",
        r"^x, x read$",
    ),
    "the page after such an answer: tests/checkins/test_safety": (r"At 7 or more x\w+x sees people to reach first",),
    "the care team of that day": (r"A covering therapist sees someone here while",),
    "access": (
        r"Staff also see lists of names",
        r"answers are theirs and the participant's to see",
        r"you cannot read them here",
    ),
    "what a thing is for or is not": (
        r"It helps you and your therapist see how your days go",
        r"We never see those",
    ),
    "it asks or warns, and promises nothing": (
        r"anyone else reads their email",
        r"people can be told",
        r"What (people are|x\w+x) told",
        r"others could see",
        r"Save who reads your email",
        r"Who opened your record could see",
    ),
    "worked out of the rows as they will be, in a preview: tests/episodes/test_succession": (
        r"who can read the record\.",
    ),
    "another meaning of the word": (
        r"Mark (all )?x\w+x as seen",
        r"We read them as",
        r"^On the way$",
        r"What should we call you\?",
        r"a number to call you at",
        r"Read: x",
    ),
    "no row of an act, or it would say by whom": (r"Nobody has signed that they have seen this answer yet",),
    "what the reader did, from its row": (
        r"We know that you have seen it",
        r"You asked us to call you",
    ),
    "said where a server is set: tests/door/accounts": (r"The link is on its way by email",),
    "the participant's pages show the reply as it stands: tests/checkins/test_replies": (
        r"sees the new words, and that the reply was changed",
        r"then sees that you took a reply back, and no longer what it said",
        r"can still read the words here",
    ),
    "a possibility, and no more": (r"may already have read it", r"may have read it before that"),
    "the flag's owners after those of now": (
        r"If the therapist does nothing about a safety flag in time, it goes to them",
    ),
    "said of nobody who is not named, or holds the file": (
        r"Only the people named here read their check-ins",
        r"Only a covering therapist reads their check-ins",
        r"Anyone who has the file can read it",
        r"[Ss]ome(one|body) else reads it too",
        r"we read no source",
    ),
    "the rule of owners, in the program's settings and on the caseload": (
        r"An answer that needs someone goes to the person's own therapist, then to whoever covers or is on call",
        r"A flag of someone whose therapists are all away, or who has none, goes to",
        r"their primary therapist is the one to see to it",
    ),
    "a setting that stands on that page, or the page after a yes without its questions": (
        r"Participants (read|see)",
        r"people see your phone number",
    ),
    "what somebody did or has yet to do, from its row": (
        r"(until|when) someone marks (it|the check-in) as seen|marks that check-in or measure as seen",
        r"like it not seen yet",
        r"They told us they can't make it",
        r"they cannot sign in, or read a reply",
        r"Nobody is told by email now: tell them yourself",
        r"nobody is told about it by email",
    ),
}
