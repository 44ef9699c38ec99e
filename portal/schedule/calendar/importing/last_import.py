"""All that a file said of a group when it was last imported: what a later file is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.schedule.calendar.importing.overrides import FileSession
from portal.schedule.models import Track

COLUMNS = ("title", "room", "video_url", "minutes", "zone")


@dataclass(frozen=True, slots=True)
class LastImport:
    """The words of a file: of every session (`plain`, without its times), and of those that are `apart` from that.

    None is a session that the file does not have. `asked` is what it said of days and times, and `made` what the
    track's own columns became of it, so that what was changed by hand since can be told. It named `leader_id`, if a
    therapist; `led_by` led then.
    """

    plain: FileSession
    asked: tuple[str, ...]
    made: tuple[Any, ...]
    leader_id: int | None = None
    led_by: int | None = None
    apart: Mapping[datetime, FileSession | None] = ()  # type: ignore[assignment]

    def session(self, occurrence: datetime) -> FileSession | None:
        """The session that the rule gave this wall time, as the file had it."""
        if occurrence in self.apart:
            return self.apart[occurrence]
        return replace(self.plain, occurrence=occurrence, wall_at=occurrence)

    def keep_on(self, track: Track) -> None:
        """Keep it with the track."""
        track.imported = {
            **{name: getattr(self.plain, name) for name in COLUMNS},
            "asked": list(self.asked),
            "made": list(self.made),
            "leader_id": self.leader_id,
            "led_by": self.led_by,
            "apart": {at.isoformat(): _row(one) for at, one in sorted(self.apart.items())},
        }


def last_import(track: Track) -> LastImport:
    """The file as `track` was last imported from it; as the track is now where nobody knows."""
    kept = track.imported or {}
    held = {name: kept.get(name, getattr(track, name)) for name in COLUMNS}
    plain = FileSession(track.first_at, track.first_at, **held)
    apart = {datetime.fromisoformat(at): _session(at, row, plain) for at, row in kept.get("apart", {}).items()}
    made = tuple(kept.get("made", made_of(track)))
    return LastImport(
        plain,
        tuple(kept.get("asked", ())),
        made,
        kept.get("leader_id"),
        kept.get("led_by", track.facilitator_id),
        apart,
    )


def made_of(track: Track) -> tuple[Any, ...]:
    """The track's own columns of days and times, as they can be kept."""
    return (track.first_at.isoformat(), track.rule, *track.skips)


def _row(one: FileSession | None) -> list[Any] | None:
    return None if one is None else [one.wall_at.isoformat(), *(getattr(one, name) for name in COLUMNS)]


def _session(at: str, row: list[Any] | None, plain: FileSession) -> FileSession | None:
    if row is None:
        return None
    columns = dict(zip(COLUMNS, row[1:], strict=True))
    return replace(plain, occurrence=datetime.fromisoformat(at), wall_at=datetime.fromisoformat(row[0]), **columns)
