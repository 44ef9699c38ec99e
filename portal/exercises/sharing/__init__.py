"""Shared practice: what participants let their care team read, while they want to, and what is approved in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, select, update

from portal import audit
from portal.db import add_once, db, reader, write
from portal.exercises import EXERCISES, PRACTICES, KeptPractice, kept_practice
from portal.exercises.definition import Exercise, Field
from portal.exercises.forms import PracticeForm
from portal.exercises.models import Practice, PracticeShare, StepApproval
from portal.people import Person

VERSIONS = 500  # of a plan, one for each approval in it, that are looked at for approvals
_IS_SHARED = exists().where(PracticeShare.practice_id == Practice.id, PracticeShare.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class SharedPractice:
    """One line of what somebody shares: which practice, when it was finished, and since when it is shared."""

    key: str
    slug: str
    finished_at: datetime
    shared_at: datetime

    @property
    def exercise(self) -> Exercise:
        return EXERCISES[self.slug]


_SHARED = (
    select(Practice.key, Practice.slug, Practice.finished_at, PracticeShare.shared_at)
    .join(PracticeShare, PracticeShare.practice_id == Practice.id)
    .where(PracticeShare.ended_at.is_(None))
    .order_by(PracticeShare.shared_at.desc(), PracticeShare.id.desc())
)
_shared_practice = reader(SharedPractice, _SHARED)
_WITH_APPROVALS = PRACTICES.add_columns(StepApproval.row).outerjoin(
    StepApproval, and_(StepApproval.practice_id == Practice.id, StepApproval.ended_at.is_(None))
)
_approved_practice = reader(KeptPractice, _WITH_APPROVALS, beside={"row"})


def share(participant: Person, practice: KeptPractice, now: datetime) -> None:
    """Let the care team of `participant` read this practice, and no other. Twice is once."""
    if add_once(PracticeShare(practice_id=practice.id, shared_at=now)):
        audit.record(participant, "practice.share", participant, practice.key)


def stop_sharing(participant: Person, practice: KeptPractice, now: datetime) -> None:
    """Take it back: from now on nobody else can open this practice. What was read before was read."""
    open_share = PracticeShare.practice_id == practice.id, PracticeShare.ended_at.is_(None)
    if write(update(PracticeShare).where(*open_share).values(ended_at=now)):
        audit.record(participant, "practice.unshare", participant, practice.key)


def shared_since(practice: KeptPractice) -> datetime | None:
    """The instant since which a practice is shared; None for one that is not."""
    open_share = PracticeShare.practice_id == practice.id, PracticeShare.ended_at.is_(None)
    return db.session.scalar(select(PracticeShare.shared_at).where(*open_share))


def shared_practices(participant: Person) -> list[SharedPractice]:
    """All that `participant` shares now, what was shared last first."""
    mine = _SHARED.where(Practice.participant_id == participant.id, Practice.slug.in_(EXERCISES))
    return [_shared_practice(row) for row in db.session.execute(mine)]


def shared_practice(participant: Person, key: str) -> KeptPractice | None:
    """The practice of `participant` called `key`, if they share it now."""
    mine = Practice.participant_id == participant.id, Practice.key == key, Practice.slug.in_(EXERCISES), _IS_SHARED
    row = db.session.execute(PRACTICES.where(*mine)).one_or_none()
    return kept_practice(row) if row else None


def rows_to_approve(practice: KeptPractice) -> tuple[Field, list[dict[str, Any]]] | None:
    """The field of a practice whose rows need approval, with the rows; None where there is none, or it is empty."""
    field = next((field for field in practice.exercise.asked if field.approval), None)
    rows = practice.answers.get(field.name) if field else None
    return (field, rows) if field and rows else None


def approved_rows(practice: KeptPractice) -> set[int]:
    """The rows of a practice, from 0, that are approved now."""
    standing = StepApproval.practice_id == practice.id, StepApproval.ended_at.is_(None)
    return set(db.session.scalars(select(StepApproval.row).where(*standing)))


def approve_rows(
    therapist: Person, participant: Person, practice: KeptPractice, chosen: Iterable[int], now: datetime
) -> None:
    """Let exactly the `chosen` rows of a shared practice be approved; an approval that stood and is not chosen ends."""
    asked = rows_to_approve(practice)
    wanted, standing = set(chosen) & set(range(len(asked[1]) if asked else 0)), approved_rows(practice)
    for row in sorted(wanted - standing):
        add_once(StepApproval(practice_id=practice.id, row=row, therapist_id=therapist.id, approved_at=now))
    gone = StepApproval.row.in_(standing - wanted), StepApproval.ended_at.is_(None)
    db.session.execute(update(StepApproval).where(StepApproval.practice_id == practice.id, *gone).values(ended_at=now))
    if wanted != standing:
        audit.record(therapist, "practice.approve", participant, practice.key)


def draw_choices(participant: Person, form: PracticeForm) -> None:
    """Give each choice of a form that is drawn from elsewhere what `participant` wrote there."""
    for field in form.asked:
        if field.drawn_from:
            form[field.name].choices = choices_drawn(participant, field)


def choices_drawn(participant: Person, field: Field) -> dict[str, str]:
    """The choices of a field that is drawn from what `participant` wrote elsewhere. One read.

    They are the texts of that column in the plan as it stands. Where its rows need approval, only those are offered
    whose text a therapist approved, in this version of the plan or in one of the VERSIONS before.
    """
    slug, rows, column = field.drawn_from.split(".")
    mine = Practice.participant_id == participant.id, Practice.slug == slug, Practice.finished_at.is_not(None)
    found = db.session.execute(_WITH_APPROVALS.where(*mine).limit(VERSIONS)).all()
    if not found:
        return {}
    versions = [(_approved_practice(row).answers.get(rows, []), row.row) for row in found]
    texts = [row[column] for row in versions[0][0] if column in row]
    if next(one for one in EXERCISES[slug].asked if one.name == rows).approval:
        approved = {held[at].get(column) for held, at in versions if at is not None and at < len(held)}
        texts = [text for text in texts if text in approved]
    return {text: text for text in texts}
