"""What fuzzing once broke stays mended: every case in tests/data/fuzz/ runs through its target."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz_targets import TARGETS, configuration, expression, feed, outlines

CASES = sorted((Path(__file__).parents[1] / "data" / "fuzz").glob("*/*"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.name[:20]}")
def test_a_case_that_once_broke(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    feed(data)
    expression(data)
    configuration(data)
    outlines(data)
