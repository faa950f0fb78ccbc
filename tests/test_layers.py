"""The rings of the program: an import only ever points inward (the contract stands in pyproject.toml)."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

import monitor

ROOT = Path(__file__).parents[1]


def test_an_arrow_only_ever_points_inward() -> None:
    pytest.importorskip("importlinter")
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(program), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_every_module_has_its_ring() -> None:
    """A new file at the top of the package has to be given its place."""
    placed = {name.strip("() ") for layer in _layers() for name in layer.split("|")}
    present = {
        f"monitor.{path.stem}"
        for path in (ROOT / "monitor").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.name.startswith("_")
    }
    assert present == placed


def test_the_map_names_what_there_is_and_in_the_order_of_the_rings() -> None:
    """`monitor/__init__.py` is read by people, the contract by the linter: they are to say the same."""
    layers = [[name.strip("() ").removeprefix("monitor.") for name in layer.split("|")] for layer in _layers()]
    depth = {name: number for number, layer in enumerate(layers) for name in layer}
    rings = _rings()
    assert set(rings) == {"words", "thinking", "touching", "running"}
    assert [name for names in rings.values() for name in names if name not in depth] == []
    for inner, outer in pairwise(("words", "thinking", "touching", "running")):
        assert min(depth[name] for name in rings[inner]) > max(depth[name] for name in rings[outer]), (inner, outer)


def _layers() -> list[str]:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    layers: list[str] = contract["layers"]
    return layers


def _rings() -> dict[str, list[str]]:
    """The modules of each ring, as the map has them; remarks stand in parentheses."""
    assert monitor.__doc__
    rings: dict[str, list[str]] = {}
    for line in monitor.__doc__.partition("Four rings")[2].splitlines()[2:]:
        words = re.sub(r"\(.*?\)", "", line).replace(",", " ").split()
        if line[4:5].strip():  # a ring's name stands further left than what its line goes on with
            ring = words.pop(0)
        if words:
            rings.setdefault(ring, []).extend(words)
    return rings
