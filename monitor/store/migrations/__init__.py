"""Every released schema and the way from one to the next (Alembic).

A released file is never edited; a change of `schema.py` adds one.
"""

from __future__ import annotations

from pathlib import Path

#: The newest revision, known without importing Alembic, which costs a start 0.2 s. A test holds it to the files.
HEAD = "0005"


def revisions() -> set[str]:
    """All revisions this program knows."""
    return {path.name.split("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py")}
