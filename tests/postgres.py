"""A PostgreSQL server for the tests that need one: a new cluster in a temporary folder, on a socket of its own.

`postgres_server` is a fixture for the whole session (under pytest-xdist, one for each worker that asks). Without the
server's programs these tests are skipped, and fail where `.ci/run` has installed them (NEEDS_POSTGRESQL, NEEDS_ENGINES).
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from attrs import frozen

USER: Final = "campaign"
MISSING: Final = "left out: PostgreSQL, whose server programs are not installed (apt-get install postgresql)"
_LONGEST: Final = 60
"""Seconds that a busy machine may take to start a server."""


@frozen
class Server:
    """Where the server listens."""

    folder: Path
    port: int = 5432

    @property
    def dsn(self) -> str:
        return f"postgresql://{USER}@/postgres?host={self.folder}&port={self.port}"

    @property
    def url(self) -> str:
        """As SQLAlchemy has it."""
        return self.dsn.replace("postgresql://", "postgresql+psycopg://")

    def run(self, *statements: str) -> None:
        """Statements, each for itself."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, None when there is none."""
    found = shutil.which("initdb")
    beside = [Path(found).resolve().parent] if found else []
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    for folder in (*beside, *reversed(installed)):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _as_user() -> dict[str, Any]:
    """The server will not run as root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def running(bin_folder: Path) -> Iterator[Server]:
    """A server that listens on a socket in a new folder, and is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who = _as_user()
    if who:
        os.chown(folder, who["user"], who["group"])
    data = folder / "data"
    made: list[str | Path] = [
        bin_folder / "initdb",
        "-D",
        data,
        "-U",
        USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(made, check=True, capture_output=True, cwd=folder, **who)
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "TimeZone=Asia/Shanghai"]
    options = [part for setting in settings for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([bin_folder / "postgres", "-D", data, *options], stderr=log, cwd=folder, **who)
    try:
        yield _started(Server(folder), process)
    finally:
        process.send_signal(signal.SIGINT)  # does not wait for connections that tests left open
        process.wait(_LONGEST)
        shutil.rmtree(folder, ignore_errors=True)


def _started(server: Server, process: subprocess.Popen[bytes]) -> Server:
    until = time.monotonic() + _LONGEST
    while True:
        try:
            psycopg.connect(server.dsn).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server with nothing in it yet."""
    bin_folder = programs()
    if bin_folder is None:
        if os.environ.get("NEEDS_POSTGRESQL") or os.environ.get("NEEDS_ENGINES"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with running(bin_folder) as server:
        yield server
