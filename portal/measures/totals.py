"""Measures whose words are not shown, by their owners' terms: a clinician may enter their total and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import content

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class TotalOnly:
    """One such measure: its range, both ends within it, its direction, who made it, and why no more is here."""

    slug: str
    name: str
    lowest: int
    highest: int
    low_is_worse: bool
    made_by: str
    why: str


def load(folder: Path = FOLDER) -> dict[str, TotalOnly]:
    """The measures of totals.md in `folder`, by slug; raises ContentError, naming the file, when it cannot be used."""
    return content.load(folder, _list)["totals"]


def _list(_slug: str, front: dict[str, Any], _body: str) -> dict[str, TotalOnly]:
    if unknown := sorted(front.keys() - {"measures", "left_out"}):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    made = [content.record(TotalOnly, dict(values)) for values in front["measures"]]
    for measure in made:
        if measure.lowest >= measure.highest:
            raise ValueError(f"{measure.slug} should have a range")
    content.once("measure", [measure.slug for measure in made])
    return {measure.slug: measure for measure in made}
