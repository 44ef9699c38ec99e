"""The portal as it is really served: the production server on a loopback port, with a demo clinic."""

import multiprocessing
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
PASSWORD = "foothold-demo"
# Servers are forked from one process that has read the code already: reading it is most of what a start takes.
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["portal.cli"])


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
    log = folder / "server.log"
    server = NURSERY.Process(target=_serve, args=(_environment(database, port), port, log), daemon=True)
    server.start()
    try:
        _wait(server, f"http://localhost:{port}/healthz", log)
        yield f"http://localhost:{port}"
    finally:
        os.killpg(server.pid or 0, signal.SIGKILL)  # at once, with its worker: nobody is being served any more
        server.join(10)


def _serve(environment: dict[str, str], port: int, log: Path) -> None:
    """Be the production server, with its worker in a group of its own, until the group is ended."""
    os.setsid()
    with log.open("w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    os.environ.update(environment)
    from portal import cli, create_app

    options = {"workers": 1, "threads": 4, "worker_class": "gthread", "control_socket_disable": True}
    cli.Server(create_app(), bind=f"127.0.0.1:{port}", **options).run()


def _wait(server: multiprocessing.process.BaseProcess, address: str, log: Path) -> None:
    for _ in range(200):
        assert server.exitcode is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.05)  # another process starts: there is no clock to freeze
    raise AssertionError(f"no answer from {address}\n{log.read_text()}")
