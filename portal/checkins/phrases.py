"""The words of check-ins beside those of a set: what the named items are called across all sets, and their answers."""

from portal.checkins.sets import DEFAULT, SETS, latest

QUESTION_SET = (DEFAULT, latest(DEFAULT).version)

FOR_DAY = "Which day is this for?"
TOO_OLD = "This waited longer than 7 days to be sent, or its time is wrong. Choose its day again."
TOO_OLD_TO_CHANGE = (
    "This check-in is for a day that is over, so it can no longer be changed. You can write a new one for today."
)
WRITE_ANOTHER = "You can write another one."
NOTHING_YET = "nothing_yet"
SHORT = {item.id: item.short for item in latest(DEFAULT).items if item.kind not in ("text", "target")}


def _choices(item: str) -> dict[str, str]:
    """The codes of a named item with their words, from every set; the daily one decides where they differ."""
    ordered = sorted(SETS.values(), key=lambda one: (one.name == DEFAULT, one.version))
    found = [dict(one.by_id[item].choices or {}) for one in ordered if item in one.by_id]
    merged = {code: words for choices in found for code, words in choices.items()}
    return {code: merged[code] for code in dict.fromkeys([*found[-1], *merged])}


MEDICATION, SUBSTANCE_USE, SKILLS, SAFETY = map(_choices, ("medication", "substance_use", "skills", "safety"))


def reply_ended(kind: str, called: str) -> str:
    """The sentence that a reply can no longer be changed, after the last step of it, `kind`."""
    why = f"{called} has seen this reply, so it stays as it is." if kind == "seen" else "You took this reply back."
    return f"{why} {WRITE_ANOTHER}"
