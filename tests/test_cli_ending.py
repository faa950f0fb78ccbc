"""How commands end when the machine says no: one sentence with the next step, and quietly when nobody reads on."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.cli.ending import sentence

PIPED = """
import os, sys
sys.argv = ["monitor", *sys.argv[1:]]
from monitor.cli import main
main()
"""


def ended(*args: str) -> tuple[int, str]:
    """Exit code and standard error of a command whose output nobody reads."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", PIPED, *args], stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=50
    )
    os.close(write)
    return done.returncode, done.stderr


@pytest.mark.parametrize("args", [("--help",), ("init", "--pack", "list"), ("feeds", "list", "--json")])
def test_a_reader_that_goes_away_is_no_error(
    args: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor.yaml").write_text("watchlists: []\n", encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text("feeds: [https://a.org/f, https://b.org/f]\n", encoding="utf-8")
    monkeypatch.setenv("MONITOR_CONFIG", str(tmp_path / "monitor.yaml"))
    assert ended(*args) == (0, "")


def stderr_of(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(args)
    assert stopped.value.code == 1
    return capsys.readouterr().err


def test_a_folder_and_a_missing_file_as_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is a folder; name a file in it" in stderr_of(["parse", str(tmp_path)], capsys)
    assert "no such file; check its name" in stderr_of(["parse", str(tmp_path / "x")], capsys)


def test_a_missing_watchlist_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = stderr_of(["match", "--watchlist", str(tmp_path / "x.yaml")], capsys)
    assert said == f"monitor: {tmp_path / 'x.yaml'}: no such file; check its name and the folder you are in\n"
    said = stderr_of(["match", "--watchlist", str(tmp_path)], capsys)
    assert "is a folder; name a file in it" in said


def test_what_may_not_be_written_names_the_folder_and_no_temporary_file(tmp_path: Path) -> None:
    said = sentence(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".feeds.yaml.x1")))
    assert said.startswith(f"the folder {tmp_path} is read-only for this user; ")
    (tmp_path / "a").touch()
    said = sentence(OSError(errno.EROFS, "Read-only file system", str(tmp_path / "a")))
    assert said.startswith(f"{tmp_path / 'a'} is on a disk that is mounted read-only; ")
