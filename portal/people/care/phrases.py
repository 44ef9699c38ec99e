"""The words for what was done with a record that was opened in an emergency."""

DID = {  # event: in words, for the coordinator, who sees nothing of what the record says
    "record.view": "looked at the record",
    "flag.act": "wrote down what was done about a flag",
    "flag.note": "added a note to a flag",
    "attendance.take": "took attendance",
    "attendance.correct": "corrected attendance",
    "care.add": "joined the care team",
}


def did(events: tuple[tuple[str, int], ...]) -> str:
    """ "Looked at the record 2 times, added a note to a flag."; of an hour in which nothing was done, that."""
    said = [DID.get(what, "did something else") + (f" {count} times" if count > 1 else "") for what, count in events]
    return f"{', '.join(said).capitalize()}." if said else "Did not look at the record."
