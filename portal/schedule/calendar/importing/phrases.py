"""Sentences of an import: what becomes other in a group, and what is left as it is."""

from collections.abc import Iterable
from datetime import date, datetime

from portal import words
from portal.schedule.calendar.importing.differences import SessionDifference
from portal.schedule.calendar.importing.outcome import ImportStep, MissingGroup
from portal.schedule.groups.phrases import shifting
from portal.schedule.phrases import first_few

COLUMNS = {
    "title": "name",
    "room": "room",
    "video_url": "video link",
    "minutes": "length",
    "zone": "time zone",
    "facilitator_id": "leader",
    "capacity": "seats",
    "days": "days and times",
}
SHOWN_BY = {"title": "named", "room": "placed", "video_url": "placed", "minutes": "lasts", "zone": "moved"}
LISTED = {"added": "New", "cancelled": "Cancelled", "restored": "On again"}
COUNTED = {
    "added": "added",
    "moved": "moved",
    "lasts": "of another length",
    "placed": "elsewhere",
    "named": "renamed",
    "cancelled": "cancelled",
    "restored": "on again",
}
BECAUSE = {
    "note": "there is a note",
    "topic": "the topic was written here",
    "seat": "someone has a make-up seat",
    "came": "attendance was taken",
    "hand": "this was changed here",
}


def changing(step: ImportStep, today: date) -> list[str]:
    """All that becomes other in a group, in sentences."""
    follows = [one for one in step.differences if one.follows and not (step.is_new and one.kind == "added")]
    kinds = {one.kind for one in follows}
    said = [step.ended.capitalize()] if step.ended else []
    for name, was, becomes in step.turned:
        if name == "days":
            said.append("The rule by which it repeats is another, after the sessions that are planned now.")
        elif name == "video_url" and "placed" not in kinds:
            said.append("Its video link is another." if becomes else "It no longer has a video link.")
        elif SHOWN_BY.get(name) not in kinds:
            said.append(f"{COLUMNS[name].capitalize()}: {was or 'none'} becomes {becomes or 'none'}.")
    return said + sessions(follows, today) + shifting(step.topics, today)


def ending(gone: MissingGroup) -> str:
    """The sentence about the end of a group that its calendar has no more."""
    counted = {"a note": gone.noted, "a topic written here": gone.topics, "a make-up seat": gone.seats}
    of_them = [f"{count} with {what}" for what, count in counted.items() if count]
    sessions_ = words.counted(gone.ahead, "session")
    return f"End {gone.title} and cancel {sessions_}{f' ({words.listed(of_them)})' if of_them else ''}."


def sessions(differences: Iterable[SessionDifference], today: date) -> list[str]:
    """All that is other in single sessions, those that are alike in one sentence."""
    alike: dict[tuple[str, str, str], list[datetime]] = {}
    for one in differences:
        alike.setdefault((one.kind, one.was, one.becomes), []).append(one.wall_at)
    return [_sentence(*what, walls, today) for what, walls in alike.items()]


def _sentence(kind: str, was: str, becomes: str, walls: list[datetime], today: date) -> str:
    days = [words.short_day(wall.date(), today) for wall in walls]
    if kind in LISTED:
        return f"{LISTED[kind]}: {first_few(days)}."
    if kind == "moved" and "," in was:
        return f"{was} becomes {becomes}."
    if len(days) == 1:
        return f"{days[0]}: {was} becomes {becomes}."
    return f"From {days[0]}: {was} becomes {becomes} ({len(days)} sessions)."


def staying(step: ImportStep, today: date) -> list[tuple[str, str]]:
    """(reason, sentence) of all that is left as it is unless somebody lets it follow the file."""
    said = []
    for why, held in step.held.items():
        if why == "group":
            columns = words.listed([COLUMNS[name] for name in step.by_hand])
            sentence = f"Let the {columns} be as in the file, though changed here."
        else:
            sentence = f"Let this follow the file too, though {BECAUSE[why]}:"
        said.append((why, " ".join([sentence, *sessions(held, today)])))
    return said
