"""The part of the portal that a browser keeps to show without a network. It holds nobody's data."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path

from portal.checkins import sets
from portal.checkins.forms import CheckInForm, form_of
from portal.checkins.question_plans import QuestionPlan
from portal.program import ProgramFacts

SCRIPT = (Path(__file__).parent.parent.parent / "static" / "sw.js").read_text(encoding="utf-8")
NOBODYS = "offline"  # what stands in the page's forms for a token: it was made for no session, and opens nothing


def form(program: ProgramFacts, now: datetime) -> CheckInForm:
    """The check-in that can be written without a network: the program's own questions, and nobody's targets."""
    plan = QuestionPlan(None, sets.latest(program.question_set))
    zone, asks_safety = program.zone, program.asks_safety
    return form_of(plan, now=now, zone=zone, asks_safety=asks_safety, meta={"csrf": False}, formdata=None)


def worker(shell: str) -> str:
    """The service worker's script, which names what it keeps: the page `shell` and all that this page loads.

    It changes when any of these does, and so browsers fetch the new ones.
    """
    files = sorted(set(re.findall(r'"(/static/[^"#]+)', shell)))
    version = hashlib.sha256("\n".join([shell, *files]).encode()).hexdigest()[:16]
    return f"const SHELL = {json.dumps({'version': version, 'files': files})};\n{SCRIPT}"
