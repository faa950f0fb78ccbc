"""A PostgreSQL for tests: the one named by NEWS_MONITOR_TEST_POSTGRES, one of our own, or the one on 127.0.0.1:5432.

Each test gets a fresh database, copied from one whose schema was made once.
"""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

NONE = "no PostgreSQL: none is installed, and none answers at NEWS_MONITOR_TEST_POSTGRES or 127.0.0.1:5432"
#: Settings of a server that need not survive anything.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
#: Who has to give a password, where the server is one of ours; everybody else is trusted.
GUARDED, PASSWORD = "guarded", "hunter22secret"


class Server:
    """A server on which databases may be made. `url` leads to the one from where that is done."""

    def __init__(self, url: str) -> None:
        self.url = url

    def of(self, database: str) -> str:
        head, _, _ = self.url.rpartition("/")
        return f"{head}/{database}"

    def run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The name of a database that is gone afterwards, whoever is still connected."""
        name = f"monitor_test_{uuid.uuid4().hex[:12]}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield name
        finally:
            self.run("DROP DATABASE {} WITH (FORCE)", name)


@contextlib.contextmanager
def guarded(here: Server, url: str) -> Iterator[str]:
    """The address of the database `url` for a user who has to give a password."""
    here.run(f"CREATE ROLE {{}} SUPERUSER LOGIN PASSWORD '{PASSWORD}'", GUARDED)
    try:
        yield url.replace("postgres@", f"{GUARDED}:{PASSWORD}@")
    finally:
        here.run("DROP ROLE {}", GUARDED)


@contextlib.contextmanager
def server() -> Iterator[Server | None]:
    """The server of this session; None where there is none and none can be started."""
    named = os.environ.get("NEWS_MONITOR_TEST_POSTGRES")
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if named or not programs:
        url = named or LOCAL
        yield Server(url) if _may_create(url) else None
        return
    with own(Path(programs[-1])) as (url, _):  # one that need not survive anything is five times as quick
        yield Server(url)


def _may_create(url: str) -> bool:
    with contextlib.suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2) as connection:
        row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        return bool(row and row[0])
    return False


class Own:
    """A server of ours in a folder that goes with it; as root it runs as another user, for it refuses root."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self._programs, self._data, self._port = programs, folder / "data", port

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, user=_user(), cwd="/", timeout=60)
        assert done.returncode == 0, done.stderr or done.stdout

    def start(self, *settings: str) -> None:
        here = ("listen_addresses=127.0.0.1", f"port={self._port}", f"unix_socket_directories={self._data}")
        chosen = " ".join(f"-c {one}" for one in (*here, *settings))
        self.run("pg_ctl", "-w", "-l", str(self._data / "log"), "-o", chosen, "start")

    def end_with_us(self) -> None:
        """A test run that is killed leaves no server behind."""
        stop = f"{self._programs}/pg_ctl -D {self._data} -m immediate stop; rm -rf {self._data}"
        subprocess.Popen(
            ["sh", "-c", f"while [ -d /proc/{os.getpid()} ]; do sleep 2; done; {stop}"],
            user=_user(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-w", "-m", mode, "stop")


@contextlib.contextmanager
def own(programs: Path, *settings: str) -> Iterator[tuple[str, Own]]:
    """A fresh server: its address, and the hand that stops and starts it."""
    folder = Path(tempfile.mkdtemp(prefix="monitor-postgres-"))
    try:
        if user := _user():
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        one = Own(programs, folder, _free_port())
        one.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        one.start(*(settings or QUICK))
        one.end_with_us()
        try:
            yield f"postgresql://postgres@127.0.0.1:{one._port}/postgres", one
        finally:
            with contextlib.suppress(AssertionError):
                one.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Whom the server runs as where we are root; itself otherwise."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
