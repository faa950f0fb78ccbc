"""What a page is: a template and the function that reads its values.

It must not know any page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from monitor.web.desk import Look

Read = Callable[[Connection, Look], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """`name` is the entry of the navigation that it stands under, and its title until it knows a better one."""

    template: str
    name: str
    read: Read
