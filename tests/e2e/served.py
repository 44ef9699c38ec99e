"""The portal as it is really served: the production server on a loopback port, with a demo clinic."""

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "foothold-demo"
SECRET_KEY = "not a secret: the browser tests sign with it"
# Servers are forked from one process that has read the code already: reading it is most of what a start takes.
PATIENCE = 60  # seconds until it listens, on a busy machine
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["portal.cli", "portal.operations.serving"])


def _environment(url: str, port: int) -> dict[str, str]:
    return os.environ | {
        "PORTAL_DEMO": "true",
        "PORTAL_URL": f"http://localhost:{port}",
        "PORTAL_SECRET_KEY": SECRET_KEY,
        "PORTAL_DATABASE_URL": url,
    }


def run(url: str, *command: str) -> str:
    """What `flask COMMAND` says of the demo clinic in the database at `url`; it must succeed."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    done = subprocess.run(flask, cwd=ROOT, env=_environment(url, 8000), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def demo_clinic(folder: Path) -> Path:
    """A new database in `folder` that holds the demo clinic as of today."""
    database = folder / "demo.sqlite"
    for command in (["db", "upgrade"], ["demo"]):
        run(f"sqlite:///{database}", *command)
    return database


class Server:
    """The production server on the database at `url`; it can be killed and started again at the same address."""

    def __init__(self, url: str, folder: Path, workers: int = 1) -> None:
        self.url, self.log, self.workers = url, folder / "server.log", workers
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://localhost:{self.port}"

    def start(self) -> None:
        """Serve, and come back when it answers."""
        ready, tells = NURSERY.Pipe(duplex=False)
        made = (_environment(self.url, self.port), self.port, self.workers, self.log, tells)
        self.process = NURSERY.Process(target=_serve, args=made, daemon=True)
        self.process.start()
        tells.close()
        first = wait([ready, self.process.sentinel], timeout=PATIENCE)
        assert first == [ready] and ready.recv() == self.port, self.log.read_text()

    def at_work(self) -> list[int]:
        """The process ids of the workers that are alive now."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text().split()]

    def kill(self) -> None:
        """End it at once, with all its workers; nothing of its own code runs any more."""
        os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join(10)


@contextmanager
def served(clinic: Path, folder: Path) -> Iterator[str]:
    """The address of a portal on a copy of the database `clinic`; it stops with the block."""
    database = folder / "served.sqlite"
    shutil.copyfile(clinic, database)
    for packed in (ROOT / "static").glob("*.[bg][rz]"):  # of an older script, it would be served in its place
        source = packed.with_suffix("")
        if not source.exists() or packed.stat().st_mtime < source.stat().st_mtime:
            packed.unlink(missing_ok=True)
    with serving(Server(f"sqlite:///{database}", folder)) as server:
        yield server.address


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """The server, started; it ends with the block."""
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _serve(environment: dict[str, str], port: int, workers: int, log: Path, tells: Connection) -> None:
    """Be the production server, its workers in a group of its own, until that is ended; `tells` when it listens."""
    os.setsid()
    with log.open("a") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    os.environ.update(environment)
    from portal import create_app
    from portal.operations import serving as production

    ready = {"when_ready": lambda _server: tells.send(port)}
    production.Server(create_app(), bind=f"127.0.0.1:{port}", workers=workers, **ready).run()
