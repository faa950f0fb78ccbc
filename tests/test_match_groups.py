"""Groups of terms: within one another, and those that would never end."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load_watchlist_file
from monitor.errors import ConfigError
from monitor.match import Matcher, compile
from monitor.model import Document
from tests.matchers import CACHE, TABLES


def read(tmp_path: Path, text: str) -> Matcher:
    (tmp_path / "w.yaml").write_text(text, "utf-8")
    return compile([load_watchlist_file(tmp_path / "w.yaml")], cache=CACHE, tables=TABLES)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("x: [$y]\n  y: [$x]", "4:7: $x contains itself (x -> y -> x)"),
        ("x: $x", "3:6: $x contains itself (x -> x)"),
        ("x: [drone, 'title:$x']", "3:14: $x contains itself (x -> x)"),
        ("x: [$y]\n  y: [$z, $nope]\n  z: [$y]", "5:7: $y contains itself (y -> z -> y)"),
    ],
)
def test_a_group_that_contains_itself_is_refused_at_its_place(tmp_path: Path, terms: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"name: C\nterms:\n  {terms}\nwatches: [$x]\n")
    assert said in str(caught.value)


def test_groups_that_double_each_time_are_refused(tmp_path: Path) -> None:
    doubled = "".join(f"  g{n}: [$g{n + 1}, $g{n + 1}]\n" for n in range(18))
    with pytest.raises(ConfigError, match="comes to more than 50000 terms"):
        read(tmp_path, f"name: C\nterms:\n{doubled}  g18: [drone]\nwatches: [$g0]\n")


@pytest.mark.parametrize("order", [1, -1])
def test_groups_too_deep_within_one_another_are_refused(tmp_path: Path, order: int) -> None:
    chain = "".join([f"  g{n}: [$g{n + 1}]\n" for n in range(2_000)][::order])
    with pytest.raises(ConfigError, match="more than 20 groups within one another"):
        read(tmp_path, f"name: C\nterms:\n{chain}  g2000: [drone]\nwatches: [$g0]\n")


def test_groups_within_groups(tmp_path: Path) -> None:
    watch = "{name: w, match: $x AND lang:$y}"
    terms = "  x: [$u]\n  u: [drone]\n  y: [$z, fr]\n  z: [en]"
    matcher = read(tmp_path, f"name: C\nterms:\n{terms}\nwatches:\n  - {watch}\n")
    assert matcher.find(Document("", "a drone", language="en"))
    assert not matcher.find(Document("", "ein drone", language="de"))
