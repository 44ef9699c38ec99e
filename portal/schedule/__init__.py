"""The schedule: when a participant meets whom, what was moved or cancelled, and whether they came."""
