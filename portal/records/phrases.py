"""The words for each thing that others did with a participant's record, as the participant is told of it."""

from datetime import date

from portal import audit, words
from portal.measures import INSTRUMENTS, TOTALS

OPENS = "your check-ins, questionnaires, sessions, practice and safety answers"
SHOWN = {  # event: what somebody did; {whom} is the therapist it is about, the other names are of what they did it with
    "record.view": "opened your record",
    "brief.view": "read one line about you, as the leader of your session",
    "check_in.review": "read {check_in}",
    "check_in.reply": "answered {check_in}",
    "check_in.correct_reply": "changed an answer to {check_in}",
    "check_in.take_back_reply": "took back an answer to {check_in}",
    "checkin_plan.choose": "chose what your check-ins ask",
    "flag.act": "wrote down what was done after an answer about safety",
    "flag.note": "added a note after an answer about safety",
    "measure.review": "read your answers to {questions}",
    "homework.view": "opened what you were given to do",
    "homework.give": "gave you something to do",
    "homework.agree": "wrote down what you agreed in a session",
    "homework.withdraw": "took back something that you were given to do",
    "practices.view": "opened the list of what you share of your practice",
    "practice.view": "read an exercise or a plan that you shared",
    "practice.approve": "chose which steps of your ladder are approved",
    "measure.plan": "chose how often you are asked a set of questions",
    "measure.enter": "entered a total of {questions}",
    "attendance.take": "took attendance",
    "attendance.correct": "corrected your attendance",
    "glass.break": "opened your record in an emergency, for one hour, without being on your care team",
    "glass.review": "reviewed why your record was opened in an emergency",
    "track.enroll": "put you in a group",
    "track.leave": "ended your place in a group",
    "seat.give": "gave you a place in a session",
    "care.add": "put {whom} on your care team",
    "care.cover": "let {whom} cover while your therapist is away",
    "care.on_call": "let {whom} open your record, because they are on call",
    "care.end": "took {whom} off your care team",
    "participant.view": "opened the page about you, with your week, attendance, contacts and care team",
    "account.view": "opened your account page, with your contact details",
    "contact_details.number": "changed the clinic’s own number for you",
    "account.add": "opened your account",
    "account.invite": "invited you",
    "account.reset": "gave you a link or a code for a new password",
    "account.restore": "gave you a link or a code to get back into your account",
    "account.disable": "switched your account off",
    "account.enable": "switched your account on again",
    "audit.report": "made a list of who has looked at your record",
}
ABOUT_SOMEONE = [what for what, said in SHOWN.items() if "{whom}" in said]
OPERATOR, ITSELF = "Whoever runs this site", "This portal"


def actor(name: str | None, actor_id: int | None) -> str:
    """The one who did something: by name, or the portal itself, or who runs it where it was a command."""
    return name or (ITSELF if actor_id == audit.PORTAL.id else OPERATOR)


def did(what: str, whom: str | None, day: date | None = None, slug: str | None = None) -> str:
    """The words for a deed, as they follow the name: "read your check-in for Mon, Mar 9".

    `day` is that of the check-in or the measure, and `slug` names the measure, where the record has them.
    """
    on_day = f" for {words.short_day(day)}" if day else ""
    measure = INSTRUMENTS.get(slug or "")
    name = measure.short_title if measure else TOTALS[slug].name if slug in TOTALS else "a set of questions"
    return SHOWN[what].format(
        whom=whom or "someone", check_in=f"your check-in{on_day}" if day else "a check-in", questions=f"{name}{on_day}"
    )
