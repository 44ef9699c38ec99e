"""The portal as it is really served: the production server on a loopback port, with a demo clinic."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SERVER = ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket"]
PASSWORD = "foothold-demo"


def _environment(database: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "PORTAL_DEMO": "true",
        "PORTAL_URL": f"http://localhost:{port}",
        "PORTAL_SECRET_KEY": "not a secret: the browser tests sign with it",
        "PORTAL_DATABASE_URL": f"sqlite:///{database}",
    }


def demo_clinic(folder: Path) -> Path:
    """A new database in `folder` that holds the demo clinic as of today."""
    database = folder / "demo.sqlite"
    for command in (["db", "upgrade"], ["demo"]):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=_environment(database, 8000),
            check=True,
            capture_output=True,
        )
    return database


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(clinic: Path, folder: Path) -> Iterator[str]:
    """The address of a portal on a copy of the database `clinic`; it stops with the block."""
    database, port = folder / "served.sqlite", _free_port()
    shutil.copyfile(clinic, database)
    for packed in (ROOT / "static").glob("*.[bg][rz]"):  # of an older script, it would be served in its place
        if packed.stat().st_mtime < packed.with_suffix("").stat().st_mtime:
            packed.unlink(missing_ok=True)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *SERVER, "--bind", f"127.0.0.1:{port}", "wsgi:app"],
            cwd=ROOT,
            env=_environment(database, port),
            stdout=log,
            stderr=log,
        )
        try:
            _wait(server, f"http://localhost:{port}/healthz", folder / "server.log")
            yield f"http://localhost:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # at once: nobody is being served any more
            server.wait(10)


def _wait(server: subprocess.Popen, address: str, log: Path) -> None:
    for _ in range(100):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)  # another process starts: there is no clock to freeze
    raise AssertionError(f"no answer from {address}\n{log.read_text()}")
