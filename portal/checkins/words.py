"""The words of the daily check-in: its questions and what each stored answer is called."""

QUESTION_SET = ("daily", 1)

QUESTIONS = {
    "mood": "How is your mood right now?",
    "anxiety": "How anxious do you feel?",
    "urges": "How strong are your urges?",
    "sleep_hours": "How many hours did you sleep?",
    "medication": "Did you take your medicine as planned?",
    "substance_use": "Since your last check-in, did you drink or use?",
    "skills": "What has helped since then?",
    "note": "Anything you want us to know?",
    "safety": "Since your last check-in, have you had thoughts of hurting yourself or of not wanting to be alive?",
    "for_day": "Which day is this for?",
}
SHORT = {
    "mood": "Mood",
    "anxiety": "Anxiety",
    "urges": "Urges",
    "sleep_hours": "Sleep",
    "medication": "Medicine",
    "substance_use": "Drank or used",
    "skills": "Helped",
    "safety": "Safety question",
}
MEDICATION = {"yes": "Yes", "some": "Some of it", "no": "No", "none": "I have none to take"}
SUBSTANCE_USE = {"no": "No", "yes": "Yes", "not_say": "Rather not say"}
SAFETY = {
    "no": "No",
    "yes_safe": "Yes, and I can keep myself safe",
    "yes_talk": "Yes, and I want to talk to someone",
    "not_say": "Rather not say",
}
SAFE_NOW = {"yes": "Yes", "not_sure": "I am not sure", "no": "No"}
SKILLS = {
    "paced_breathing": "Paced breathing",
    "cold_water": "Cold water",
    "called_someone": "Called someone",
    "meeting": "A meeting",
    "rode_it_out": "Rode out an urge",
    "walk": "A walk",
    "music": "Music",
    "nothing_yet": "Nothing yet",
}
SKIPPED = "Skipped"


def hours(value: float) -> str:
    """7.5 as "7.5 h", 7.0 as "7 h"."""
    return f"{value:g} h"


def answer(item: str, value: object) -> str:
    """A stored answer in words. None is a skip, never a zero."""
    if value is None:
        return SKIPPED
    if item == "sleep_hours":
        return hours(value)  # type: ignore[arg-type]
    if item == "skills":
        return ", ".join(SKILLS.get(skill, skill) for skill in value) or SKIPPED  # type: ignore[attr-defined]
    words = {"medication": MEDICATION, "substance_use": SUBSTANCE_USE, "safety": SAFETY}.get(item)
    return words[value] if words else str(value)  # type: ignore[index]
