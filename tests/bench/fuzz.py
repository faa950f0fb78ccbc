"""Coverage-guided fuzzing of what reads foreign bytes: python -m tests.bench.fuzz [TARGET…] [--seconds 60]

Needs atheris (Google's fuzzer for Python; `pip install atheris`). A case that breaks a target is left in
tests/data/fuzz/TARGET/, where tests/hostile/test_fuzzed.py runs it from then on. Prints executions and cases.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "fuzz"
NAMES = ("feed", "page", "expression", "configuration", "outlines")
SLOWEST_S = 20
SEEDS = {
    "feed": [path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "feeds").iterdir())],
    "page": [b"<html lang=en><head><title>News</title></head><body><article><p>Drones were seen.</p></article>"],
    "expression": [
        b'(Shahed OR $uav) NEAR/30 (Iran OR Tehran) AND NOT "drone racing"',
        b'title:drohn* OR *drohne OR ="As Written" AND lang:fr feed:"Le Monde"',
    ],
    "configuration": [
        b"name: Arms\nterms: {uav: [drone, UAV]}\nwatches:\n  - $uav\n  - {name: x, any: [Iran], none: ['a b']}\n",
        b"watches:\n  - name: a\n    match: >-\n      x AND y\n    must_match: [x y]\n    priority: urgent\n",
    ],
    "outlines": [b"<opml version='2.0'><body><outline text='a' xmlUrl='https://example.org/f'/></body></opml>"],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("targets", nargs="*", default=NAMES, metavar="TARGET", help=", ".join(NAMES))
    options.add_argument("--seconds", type=int, default=60, help="time for each target")
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("atheris is missing; run: pip install atheris")
    if given.inside:
        fuzz(given.targets[0], given.seconds)
        return
    for name in given.targets:
        print(f"{name:14} {_in_a_process(name, given.seconds)}", flush=True)


def _in_a_process(name: str, seconds: int) -> str:
    command = [sys.executable, "-m", "tests.bench.fuzz", name, "--seconds", str(seconds), "--inside"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=seconds + 120)
    said = done.stderr.decode("utf-8", "replace")
    ran = re.findall(r"Done (\d+) runs", said) or re.findall(r"^#(\d+)", said, re.MULTILINE) or ["0"]
    if done.returncode == 0:
        return f"{int(ran[-1]):>8,} executions, no case"
    case = re.findall(r"Test unit written to (\S+)", said)
    return f"{int(ran[-1]):>8,} executions, BROKEN by {case[0] if case else '?'}\n{said[-1500:]}"


def fuzz(name: str, seconds: int) -> None:
    """Run one target in this process until the time is up or a case breaks it."""
    import atheris

    with atheris.instrument_imports(include=["monitor"]):
        from tests.fuzz_targets import TARGETS

    corpus = Path(tempfile.mkdtemp(prefix="news-monitor-fuzz-"))
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    os.makedirs(CASES / name, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-timeout={SLOWEST_S}", "-rss_limit_mb=2048", "-max_len=65536"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={CASES / name}/", str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
