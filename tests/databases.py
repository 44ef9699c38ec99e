"""The two databases the suite runs on: one migrated template each, and a fresh copy of it for every test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

OWNER = "foothold"
MIGRATED = "migrated"
OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "timezone": "UTC",
}


class Absent(RuntimeError):
    """The database cannot run here; the message says what is missing."""


class Sqlite:
    """Files in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def prepare(self, migrate: Callable[[str], None]) -> None:
        """Make the template: a database that `migrate(url)` has brought to the newest revision."""
        url = self.empty()
        migrate(url)
        self.keep(url, MIGRATED)

    def keep(self, url: str, name: str) -> None:
        """Make the database at `url`, which nobody has open, the template of this name."""
        made = Path(url.removeprefix("sqlite:///"))
        assert not Path(f"{made}-wal").exists(), "the template is still open"
        made.rename(self.folder / f"{name}.template")

    def empty(self) -> str:
        """The address of a database without a single table."""
        self.count += 1
        return f"sqlite:///{self.folder / f'{self.count}.sqlite'}"

    def fresh(self, name: str = MIGRATED) -> str:
        """The address of a new copy of a template."""
        url = self.empty()
        shutil.copyfile(self.folder / f"{name}.template", url.removeprefix("sqlite:///"))
        return url

    def drop(self, url: str) -> None:
        for tail in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + tail).unlink(missing_ok=True)

    def stop(self) -> None:
        """Nothing runs."""


class Postgresql:
    """A cluster of its own on a Unix socket: no port, nothing of another installation is touched."""

    def __init__(self, _folder: Path) -> None:
        self.programs = _programs()
        self.home = Path(tempfile.mkdtemp(prefix="pg-", dir=_memory()))  # a socket's path must stay short
        self.count = 0
        if os.getuid() == 0:
            shutil.chown(self.home, "postgres")
        self._run("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
        self._run("pg_ctl", "-l", self.home / "log", "-w", "-o", f"-k {self.home} {options}", "start")
        self.admin = psycopg.connect(host=str(self.home), user=OWNER, dbname="postgres", autocommit=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [self.programs / program, "-D", self.home / "data", *arguments]
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")

    def _url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.home}"

    def prepare(self, migrate: Callable[[str], None]) -> None:
        """Make the template: a database that `migrate(url)` has brought to the newest revision."""
        url = self.empty()
        migrate(url)
        self.keep(url, MIGRATED)

    def keep(self, url: str, name: str) -> None:
        """Make the database at `url`, which nobody has open, the template of this name."""
        self.admin.execute(f"alter database {_name(url)} rename to template_{name}")

    def _make(self, template: str) -> str:
        self.count += 1
        self.admin.execute(f"create database test_{self.count} template {template} strategy file_copy")
        return self._url(f"test_{self.count}")

    def empty(self) -> str:
        """The address of a database without a single table."""
        return self._make("template0")

    def fresh(self, name: str = MIGRATED) -> str:
        """The address of a new copy of a template."""
        return self._make(f"template_{name}")

    def drop(self, url: str) -> None:
        self.admin.execute(f"drop database if exists {_name(url)} with (force)")

    def stop(self) -> None:
        self.admin.close()
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.home)


def _name(url: str) -> str:
    return url.split("@/")[1].split("?")[0]


def _memory() -> Path:
    """Where files cost least: in memory, where there is enough of it; a database for each test is many files."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else Path("/tmp")


def _programs() -> Path:
    folders = [Path(folder) for folder in os.get_exec_path()]
    for folder in [*folders, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return (folder / "initdb").resolve().parent
    raise Absent("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")


KINDS = {"sqlite": Sqlite, "postgresql": Postgresql}
