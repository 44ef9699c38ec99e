"""One line of the guards taken away after the other: each time a test must turn red."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COPIED = ("portal", "templates", "static", "tests", "wsgi.py", "pyproject.toml", "README.md", "SECURITY.md", "Makefile")

MUTATIONS = {  # what is taken away: file, the line as it stands, what stands there instead, the tests that must see it
    "the question for a sign-in": (
        "portal/door/guard.py",
        "if not current_user.is_authenticated:",
        "if False:",
        "tests/test_access.py",
    ),
    "the look at the role": (
        "portal/door/guard.py",
        "if current_user.role not in audience:",
        "if False:",
        "tests/test_access.py",
    ),
    "the look at how lately it was proved": (
        "portal/door/guard.py",
        'if declared["rules"].fresh and not current_user.is_fresh(now):',
        "if False:",
        "tests/door/devices",
    ),
    "the check at the start": ("portal/access.py", "    if bare:", "    if False:", "tests/test_house_rules.py"),
    "the check that next stays on this site": (
        "portal/web.py",
        ' or not target.startswith("/") or target.startswith(("//", "/\\\\")):',
        ' or not target.startswith("/"):',
        "tests/test_access.py",
    ),
    "whose participant it is": (
        "portal/people/__init__.py",
        "CareRelationship.therapist_id == _therapist_id,",
        "",
        "tests/test_matrix.py",
    ),
    "the end of a care relationship": (
        "portal/people/__init__.py",
        "return and_(CareRelationship.starts_on <= day, over)",
        "return and_(CareRelationship.starts_on <= day)",
        "tests/people",
    ),
    "accounts that were switched off": (
        "portal/door/sign_ins.py",
        "        Account.disabled_at.is_(None),\n    )\n)",
        "    )\n)",
        "tests/test_matrix.py",
    ),
    "sessions that were ended": (
        "portal/door/sign_ins.py",
        "        SignIn.ended_at.is_(None),\n        Account.disabled_at",
        "        Account.disabled_at",
        "tests/door",
    ),
    "half-done sign-ins": (
        "portal/door/sign_ins.py",
        'SignIn.stage == "full",\n        SignIn.ended_at',
        "SignIn.ended_at",
        "tests/door/test_sign_ins.py",
    ),
    "the idle limit": ("portal/door/sign_ins.py", "now - sign_in.last_used_at > idle or ", "", "tests/door"),
    "the absolute limit": (
        "portal/door/sign_ins.py",
        " or now - sign_in.started_at > ABSOLUTE[role]",
        "",
        "tests/door",
    ),
    "whose check-in it is": (
        "portal/checkins/__init__.py",
        "_CURRENT.where(CheckIn.participant_id == participant.id, CheckIn.key == key)",
        "_CURRENT.where(CheckIn.key == key)",
        "tests/test_access.py",
    ),
    "whose practice it is": (
        "portal/exercises/__init__.py",
        "mine = (Practice.participant_id == participant.id, Practice.slug.in_(EXERCISES), *conditions)",
        "mine = (Practice.slug.in_(EXERCISES), *conditions)",
        "tests/test_access.py",
    ),
    "whose flag it is": (
        "portal/flags/__init__.py",
        "_read_called([participant.id], called=key)",
        "_read_called(list(read(select(Account.id))[0]), called=key)",
        "tests/flags",
    ),
    "who leads the session": (
        "portal/schedule/staff_meetings.py",
        'theirs = true() if staff.role == "coordinator" else sessions.c.facilitator_id == staff.id',
        "theirs = true()",
        "tests/schedule/attendance/test_views.py",
    ),
    "who reads why somebody cannot come": (
        "portal/schedule/seats/absences.py",
        'if staff.role != "therapist" or staff.id != session.leader_id:',
        "if False:",
        "tests/schedule",
    ),
    "whose draft it is": (
        "portal/drafts/__init__.py",
        "living = Draft.account_id == person.id, Draft.kept_at",
        "living = Draft.account_id > 0, Draft.kept_at",
        "tests/drafts/test_drafts.py",
    ),
    "the form token": ("portal/__init__.py", "    CSRFProtect(app).exempt(ONE_CLICK)\n", "", "tests/test_access.py"),
    "the seal of a note": (
        "portal/checkins/__init__.py",
        "return None if note is None else seal.close(CheckIn.note, note, participant_id, key, version)",
        "return None if note is None else note.encode()",
        "tests/test_canary.py",
    ),
    "the place a seal is bound to": (
        "portal/seal/__init__.py",
        'return "\\0".join([f"{table}.{column_name}", *map(str, row)])',
        'return ""',
        "tests/seal/test_seal.py",
    ),
    "the look that is put on record": (
        "portal/audit/__init__.py",
        "        record(actor, LOOK, participant)",
        "        pass",
        "tests/test_access.py",
    ),
    "the mac of the row before": (
        "portal/audit/__init__.py",
        'parts = [before, row["id"]',
        'parts = ["", row["id"]',
        "tests/audit/test_audit.py",
    ),
    "the triggers of the audit record": (
        "portal/migrations/versions/first_tables.py",
        "    refuse_changes_of_audit_events()\n\n\ndef downgrade",
        "\n\ndef downgrade",
        "tests/test_migrations.py",
    ),
    "no-store": (
        "portal/web.py",
        'response.headers["Cache-Control"] = "no-store"',
        "pass",
        "tests/test_web.py",
    ),
    "the same words for an unknown name": (
        "portal/door/passwords.py",
        "hasher.verify(known or _NOBODY,",
        "hasher.verify(known,",
        "tests/door/test_sign_in.py",
    ),
}

FAULTS = tomllib.loads(Path(__file__).with_name("faults.toml").read_text(encoding="utf-8"))
MUTATIONS |= {
    f"{area}: {what}": (one["file"], one["line"], one["instead"], one["tests"])
    for area, faults in FAULTS.items()
    for what, one in faults.items()
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the repository that may be damaged."""
    copy = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy / name)
    return copy


@pytest.mark.parametrize("what", MUTATIONS)
def test_each_line_of_the_guards_is_where_it_says(what):
    """Rule: a mutation that no longer finds its line would prove nothing."""
    path, line, _, tests = MUTATIONS[what]
    assert (ROOT / path).read_text().count(line) == 1, what
    assert (ROOT / tests).exists()


@pytest.mark.full
@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize("what", MUTATIONS)
def test_without_any_line_of_the_guards_a_test_turns_red(tree, what):
    """Rule: no line that keeps somebody out can go without a test noticing."""
    path, line, instead, tests = MUTATIONS[what]
    whole = (tree / path).read_text()
    (tree / path).write_text(whole.replace(line, instead))
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not browser and not full", tests],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        (tree / path).write_text(whole)
    assert run.returncode != 0, f"without {what} every test passed\n{run.stdout[-1500:]}"
    assert "failed" in run.stdout or "error" in run.stdout, run.stdout[-1500:] + run.stderr[-1500:]
