"""What a participant is told of each thing that others did with their record."""

SHOWN = {  # event: what somebody did; {whom} is the therapist it is about
    "record.view": "looked at your record",
    "check_in.review": "read a check-in",
    "check_in.reply": "answered a check-in",
    "flag.acknowledge": "signed a safety flag",
    "attendance.take": "took attendance",
    "attendance.correct": "corrected your attendance",
    "glass.break": "opened your record in an emergency, for one hour, without being on your care team",
    "glass.review": "reviewed why your record was opened in an emergency",
    "care.add": "put {whom} on your care team",
    "care.end": "took {whom} off your care team",
    "account.view": "opened your account page (nothing you wrote is on it)",
    "account.add": "opened your account",
    "account.invite": "invited you",
    "account.reset": "started a new password for you",
    "account.restore": "started to restore your account",
    "account.disable": "switched your account off",
    "account.enable": "switched your account on again",
    "audit.report": "made a list of who has looked at your record",
}
LEFT_OUT = {  # event: why no participant is told of it here
    "check_in.log": "their own",
    "check_in.change": "their own",
    "safety.answer": "their own",
    "safety.call_me": "their own",
    "plan.save": "their own",
    "practice.draft": "their own",
    "practice.drop": "their own",
    "practice.finish": "their own",
    "material.read": "their own",
    "material.reflect": "their own",
    "account.join": "their own",
    "account.return": "their own",
    "account.contact": "their own",
    "account.mail": "their own",
    "account.password": "their own",
    "account.ask": "about no record: somebody asked for a new password",
    "factor.add": "their own",
    "factor.codes": "their own",
    "factor.remove": "their own",
    "session.start": "their own",
    "session.confirm": "their own",
    "session.end": "their own",
    "session.end_others": "their own",
    "session.refuse": "about no record: a sign-in that failed",
    "caseload.view": "a list of names is no look",
    "flags.view": "a list of names is no look",
    "glass.list": "a list of names is no look",
    "groups.view": "a list of names is no look",
    "people.view": "a list of names is no look",
    "roster.view": "a list of names is no look",
    "glass.miss": "about no record: nothing was opened",
    "access.refuse": "about no record: nothing was opened",
    "program.change": "about no record",
    "session.move": "about no record: it is in the schedule",
    "session.cancel": "about no record: it is in the schedule",
    "keys.rotate": "about no record",
    "audit.go_on": "about no record",
}
ROLES = {"therapist": "therapist", "coordinator": "coordinator", "participant": "participant"}
OPERATOR = "Whoever runs this site"


def did(what: str, whom: str | None) -> str:
    """What was done, as it follows the name: "looked at your record", "put Dr Cho on your care team"."""
    return SHOWN[what].format(whom=whom or "someone")
