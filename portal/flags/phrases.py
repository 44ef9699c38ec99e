"""The phrases of flags: their tiers, what can be done about one, and the answers to "are you safe right now"."""

TIERS = {"same_day": "Same day", "urgent": "Urgent"}
SAFE_NOW = {"yes": "Yes", "not_sure": "Not sure", "no": "No"}
TO_DO = {  # an act, as a therapist chooses it
    "tried": "I tried and could not reach them",
    "contacted": "I reached them and we talked",
    "assessed": "I assessed their safety",
    "plan_reviewed": "We went over their safety plan",
    "emergency_services": "Emergency services are involved",
}
DONE = {  # the same, as others read it
    "tried": "could not reach them",
    "contacted": "reached them and talked",
    "assessed": "assessed their safety",
    "plan_reviewed": "went over their safety plan",
    "emergency_services": "got emergency services involved",
    "note": "note",
}
