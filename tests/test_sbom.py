"""The list of what is installed to run: made by `make sbom`, from the lock, each with its version."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.asvs("15.1.2")
def test_every_locked_library_is_on_the_list_with_its_version(tmp_path):
    """Rule: `make sbom` lists what requirements.lock holds."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    made = tmp_path / "sbom.json"
    command = ["make", "sbom", f"SBOM={made}", f"BIN={Path(sys.executable).parent}", "--old-file=.venv/dev"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = json.loads(made.read_text(encoding="utf-8"))
    versions = {(part["name"], part["version"]) for part in listed["components"]}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert versions == set(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", lock, re.MULTILINE))
    assert {"flask", "sqlalchemy", "cryptography"} <= {name for name, _ in versions}
    assert listed["metadata"]["component"]["name"] == "foothold"
