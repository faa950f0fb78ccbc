"""The configuration that is in force and the rules made of it: the one place where whoever works looks them up.

It is replaced as a whole; nobody keeps a part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.config import Config
from monitor.rules import Rules


@dataclass(slots=True)
class InForce:
    config: Config
    rules: Rules
