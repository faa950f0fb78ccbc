"""Where secrets come from: the environment, files, systemd credentials; resolved in read values, never in YAML text.

It never prints what it found, and an error names the source only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.model import Secret

_REFERENCE = re.compile(r"\$\$|\$\{([^}]*)\}|\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_SECRET_BYTES = 64 * 1024


class Unset(Exception):
    """A reference that leads to nothing; the text says which and what to do."""


class UnsetSecret(Secret):
    """A secret whose source is not set, for commands that do not need it; holds the reference as written."""

    __slots__ = ()


def has_reference(text: str) -> bool:
    return "${" in text.replace("$$", "")


@dataclass(frozen=True, slots=True)
class Vault:
    """Resolves references for one file. `is_needed`: whether an unset one is an error for the command at hand."""

    directory: Path  # relative ${file:…} start here
    is_needed: bool = True
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    written: dict[str, str] = field(default_factory=dict, repr=False)  # expanded feed URL -> as written

    def expand(self, text: str) -> str:
        """`${NAME}`, `${NAME:-default}`, `${file:PATH}`, `${credential:NAME}`, `$$` for a dollar sign. Raises Unset."""
        return _REFERENCE.sub(self._resolve, text)

    def _resolve(self, found: re.Match[str]) -> str:
        if found.group(0) == "$$":
            return "$"
        inside = found.group(1)
        if inside is None:
            raise Unset("'${' is never closed with '}'; write $${ for the characters themselves")
        if inside.startswith("file:"):
            return _content(self.directory / Path(inside[5:]).expanduser(), inside)
        if inside.startswith("credential:"):
            return self._credential(inside[11:])
        return self._variable(inside)

    def _variable(self, inside: str) -> str:
        name, has_default, default = inside.partition(":-")
        if not _NAME.fullmatch(name):
            forms = "${NAME}, ${NAME:-default}, ${file:PATH} or ${credential:NAME}"
            raise Unset(f"'${{{inside}}}' is not understood; write {forms}, or $$ for a dollar sign")
        value = self.environment.get(name, "")
        if value or has_default:
            return value or default.replace("$$", "$")
        state = "is empty" if name in self.environment else "is not set"
        raise Unset(f"environment variable {name} {state}; set it before starting, e.g. export {name}=…")

    def _credential(self, name: str) -> str:
        folder = self.environment.get("CREDENTIALS_DIRECTORY")
        if not name or "/" in name or name in (".", ".."):
            raise Unset(f"'{name}' is no name of a credential; write ${{credential:NAME}}")
        if not folder:
            raise Unset(
                f"credential {name} is not there: $CREDENTIALS_DIRECTORY is not set; start by systemd with "
                f"LoadCredential={name}:…"
            )
        return _content(Path(folder) / name, f"credential:{name}")


def _content(path: Path, source: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        raise Unset(f"${{{source}}} cannot be read: {path}: {error.strerror}") from None
    if len(raw) > MAX_SECRET_BYTES:
        raise Unset(f"${{{source}}} holds more than {MAX_SECRET_BYTES // 1024} kB; that is no secret")
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Unset(f"${{{source}}} is not UTF-8 text") from None
    if not text:
        raise Unset(f"${{{source}}} is empty")
    return text
