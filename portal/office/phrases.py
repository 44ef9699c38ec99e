"""The phrases of the Program page: kinds of sessions, time zones, settings by their columns."""

KINDS = {
    "group": "Group sessions",
    "one_to_one": "One-to-one sessions",
    "family": "Family sessions",
    "medication": "Medicine checks",
    "assessment": "Assessments",
}
ZONES = {
    "America/New_York": "New York",
    "America/Chicago": "Chicago",
    "America/Denver": "Denver",
    "America/Phoenix": "Phoenix",
    "America/Los_Angeles": "Los Angeles",
    "America/Anchorage": "Anchorage",
    "Pacific/Honolulu": "Honolulu",
    "America/Puerto_Rico": "Puerto Rico",
}
CHANGED = {  # a column of the program, as "Last changes" names it
    "asks_safety": "safety questions",
    "urgent_minutes": "minutes, urgent",
    "same_day_minutes": "minutes, same day",
    "question_set": "what everyone is asked",
    "measures": "measures",
    "turned_on": "terms of measures",
    "counted_kinds": "what counts as hours",
    "shown_as": "name on phones and in email",
    "needs_second_factor": "second step for participants",
    "idle_minutes": "minutes without use",
    "phone": "phone",
    "address": "address",
    "opens": "hours",
    "closes": "hours",
    "open_days": "days of the week",
    "holidays": "closed days",
    "zone": "time zone",
    "directions": "directions",
}
