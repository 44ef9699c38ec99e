"""The words for each thing that others did with a participant's record, as the participant is told of it."""

from portal import audit

SHOWN = {  # event: what somebody did; {whom} is the therapist it is about
    "record.view": "looked at your record",
    "brief.view": "read one line about you, as the leader of your session",
    "check_in.review": "read a check-in",
    "check_in.reply": "answered a check-in",
    "checkin_plan.choose": "chose what your check-ins ask",
    "flag.act": "wrote down what was done after an answer about safety",
    "flag.note": "added a note after an answer about safety",
    "measure.review": "read your answers to a set of questions",
    "measure.plan": "chose how often you are asked a set of questions",
    "measure.enter": "entered the total of a set of questions",
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


def did(what: str, whom: str | None) -> str:
    """The words for a deed, as they follow the name: "looked at your record", "put Dr Cho on your care team"."""
    return SHOWN[what].format(whom=whom or "someone")
