"""The phrases of flags: their tiers, and the answers to "are you safe right now"."""

TIERS = {"same_day": "Same day", "urgent": "Urgent"}
SAFE_NOW = {"yes": "Yes", "not_sure": "I am not sure", "no": "No"}
