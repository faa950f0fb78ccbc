"""What it takes to install the service as a package would, step by step: each in words first, then done.

A plan says what it would do without doing it; it overwrites no configuration, and starts nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from monitor.config import edit
from monitor.errors import InputError

USER = "news-monitor"
UNIT = "etc/systemd/system/news-monitor.service"
SYSUSERS = "etc/sysusers.d/news-monitor.conf"
FOLDER = "etc/news-monitor"
STORE = "sqlite:////var/lib/news-monitor/monitor.db"
#: What stands in the shipped unit for the program.
SHIPPED_PROGRAM = "/opt/news-monitor/bin/monitor"
STARTER = {
    "monitor.yaml": "starter/monitor.yaml",
    "feeds.yaml": "starter/feeds.yaml",
    "watchlists/arms.yaml": "starter/watchlists/arms.yaml",
}
SCHEMAS = ("monitor.json", "feeds.json", "watchlist.json")


@dataclass(frozen=True, slots=True)
class Step:
    """`says` what it does; `act` does it."""

    says: str
    act: Callable[[], None]


def plan(root: Path, program: Path) -> Iterator[Step]:
    """The steps that are left to do, for the machine whose files are at `root`. Raises InputError."""
    _check_program(program)
    is_this_machine = root == Path("/")
    yield from _file(root / SYSUSERS, _packaged("sysusers.conf"), "the service's user")
    if not _has_user(root):
        arguments = [] if is_this_machine else [f"--root={root}"]
        command = ["systemd-sysusers", *arguments, str(root / SYSUSERS)]
        yield Step(f"make the user {USER} ({' '.join(command)})", lambda: _run(command))
    yield from _configuration(root)
    unit = _packaged("news-monitor.service").replace(SHIPPED_PROGRAM, str(program))
    yield from _file(root / UNIT, unit, "the unit")
    if is_this_machine:
        yield Step("let systemd read it (systemctl daemon-reload)", lambda: _run(["systemctl", "daemon-reload"]))


def _check_program(program: Path) -> None:
    """The unit hides people's homes from the service, so that a program in one cannot be started."""
    real = program.resolve().parent.parent  # the virtual environment
    for home in ("/home", "/root", "/run/user"):
        if program.is_relative_to(home) or real.is_relative_to(home):
            message = f"{program} is below {home}, which the service cannot see"
            raise InputError(f"{message}; install it elsewhere: python3 -m venv /opt/news-monitor")


def _packaged(name: str) -> str:
    return (files("monitor") / "unit" / name).read_text("utf-8")


def _file(path: Path, text: str, what: str) -> Iterator[Step]:
    before = path.read_text("utf-8") if path.exists() else None
    if before == text:
        return
    kept = f"; the one that is there stays as {path.name}.before" if before is not None else ""
    yield Step(f"write {path}, {what}{kept}", lambda: _replace(path, text))


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before"))
    path.write_text(text, "utf-8")
    path.chmod(0o644)


def _configuration(root: Path) -> Iterator[Step]:
    folder = root / FOLDER
    if not (folder / "monitor.yaml").exists():
        says = f"write a starter configuration to {folder}, its store in /var/lib/news-monitor"
        yield Step(says, lambda: _starter(folder))
    yield Step(f"let {USER} read {folder}, and root alone write it", lambda: _own(root, folder))
    if not (folder / "credentials").exists():
        yield Step(f"make {folder / 'credentials'} for secrets, which root alone can read", lambda: _secrets(folder))


def _starter(folder: Path) -> None:
    for name, source in STARTER.items():
        text = edit.packaged(source)
        if name == "monitor.yaml":
            lines = [f"store: {STORE}" if line.startswith("store:") else line for line in text.splitlines()]
            text = "\n".join(lines) + "\n"
        edit.create(folder / name, text)
    for name in SCHEMAS:
        edit.replace_file(folder / ".schemas" / name, edit.packaged(f"schemas/{name}"))


def _own(root: Path, folder: Path) -> None:
    group = _group(root)
    for path in (folder, *sorted(folder.rglob("*"))):
        if "credentials" in path.relative_to(folder).parts:
            continue
        path.chmod(0o750 if path.is_dir() else 0o640)
        with suppress(PermissionError):  # who tries it out below a folder of their own is not root
            os.chown(path, 0, group)


def _secrets(folder: Path) -> None:
    (folder / "credentials").mkdir(mode=0o700)


def _has_user(root: Path) -> bool:
    return _line_of(root / "etc/passwd") is not None


def _group(root: Path) -> int:
    line = _line_of(root / "etc/group")
    return int(line.split(":")[2]) if line else 0


def _line_of(path: Path) -> str | None:
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return next((line for line in lines if line.startswith(f"{USER}:")), None)


def _run(command: list[str]) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise InputError(f"{command[0]} is not installed; do by hand what it was to do: {' '.join(command)}")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    if done.returncode:
        raise InputError(f"'{' '.join(command)}' failed: {done.stderr.strip() or done.returncode}")
