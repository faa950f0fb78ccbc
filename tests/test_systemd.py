"""The shipped unit: systemd finds nothing wrong with it, its exposure stays low, and the program keeps its promises."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "systemd"
UNIT = FOLDER / "news-monitor.service"
MOST_EXPOSED = 13  # tenths; 1.3. What is left is the network, which a news monitor is for

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def directives() -> dict[str, list[str]]:
    """Every setting of the unit with its values in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@needs_systemd
def test_exposure_is_low() -> None:
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if "unrecognized option" in done.stderr:  # before systemd 250
        pytest.skip("this systemd-analyze cannot look at a file")
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@needs_systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """With a program that exists here in place of the installed one, which is all that may be missing."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace(directives()["ExecStart"][0], f"{sys.executable} run"), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    about_it = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, about_it) == (0, [])


def test_the_unit_of_a_member_is_the_one_of_a_single_machine_with_a_role() -> None:
    """One hardening for both: what is changed in one has to be changed in the other."""
    own = ("Description=", "After=", "ExecStart=")
    alone, member = (
        (FOLDER / name).read_text("utf-8").partition("[Unit]")[2].splitlines()
        for name in ("news-monitor.service", "news-monitor@.service")
    )
    assert [line for line in alone if not line.startswith(own)] == [line for line in member if not line.startswith(own)]
    assert "ExecStart=/opt/news-monitor/bin/monitor run --role %i" in member


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
def test_the_user_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = ["systemd-sysusers", f"--root={tmp_path}", str(FOLDER / "sysusers.d" / "news-monitor.conf")]
    done = subprocess.run(made, capture_output=True, text=True, timeout=30)
    if "Permission denied" in done.stderr or "not permitted" in done.stderr:
        pytest.skip("making users needs root")
    assert done.returncode == 0, done.stderr
    user = (tmp_path / "etc" / "passwd").read_text("utf-8")
    assert user.startswith("news-monitor:")
    assert ":/var/lib/news-monitor:" in user


def test_every_hardening_line_has_its_reason() -> None:
    """A comment stands above each line, or above the group that the line belongs to."""
    lines = UNIT.read_text("utf-8").splitlines()
    start = lines.index("[Service]")
    explained = False
    for line in lines[start + 1 : lines.index("[Install]")]:
        if not line:
            explained = False
        elif line.startswith("#"):
            explained = True
        else:
            assert explained or line.startswith(("Type=", "User=", "Group=", "Environment=", "ExecStart=")), line


def test_its_user_is_the_one_of_sysusers() -> None:
    names = [
        line.split()[1]
        for line in (FOLDER / "sysusers.d" / "news-monitor.conf").read_text("utf-8").splitlines()
        if line.startswith("u ")
    ]
    assert directives()["User"] == names == ["news-monitor"]


def test_service_install_shows_first_then_writes_what_a_package_would(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.cli import main

    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("news-monitor:x:990:990::/var/lib/news-monitor:/usr/sbin/nologin\n")
    (tmp_path / "etc" / "group").write_text("news-monitor:x:990:\n")
    arguments = ["service", "install", "--root", str(tmp_path)]
    monkeypatch.setattr("sys.executable", "/opt/somewhere/bin/python")
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    said = capsys.readouterr()
    assert (exited.value.code, "--yes" in said.err) == (1, True)
    assert "write a starter configuration" in said.out
    assert not (tmp_path / "etc" / "news-monitor").exists(), "nothing before it is asked"
    for _ in range(2):
        with pytest.raises(SystemExit) as exited:
            main([*arguments, "--yes"])
        assert exited.value.code == 0
    unit = (tmp_path / "etc/systemd/system/news-monitor.service").read_text()
    assert "ExecStart=/opt/somewhere/bin/monitor run" in unit
    folder = tmp_path / "etc" / "news-monitor"
    assert "store: sqlite:////var/lib/news-monitor/monitor.db" in (folder / "monitor.yaml").read_text()
    assert (folder / "monitor.yaml").stat().st_mode & 0o777 == 0o640
    assert (folder / "credentials").stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.rglob("*.before")), "a second time there is nothing to replace"


def test_a_program_in_a_home_is_refused_since_the_unit_hides_homes(tmp_path: Path) -> None:
    from monitor.errors import InputError
    from monitor.installing import plan

    with pytest.raises(InputError, match="cannot see"):
        list(plan(tmp_path, Path("/home/me/venv/bin/monitor")))


def test_no_watchdog_is_promised_that_the_service_does_not_feed() -> None:
    source = (Path(__file__).parents[1] / "monitor" / "systemd.py").read_text("utf-8")
    assert "WatchdogSec" not in directives() or "WATCHDOG=1" in source


def test_a_stop_has_more_time_than_the_service_takes() -> None:
    from monitor.daemon import DRAIN_S

    assert int(directives()["TimeoutStopSec"][0]) > DRAIN_S + 10
