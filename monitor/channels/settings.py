"""Channel settings as the channels want them, whether the configuration holds texts, secrets or lists of
them.

It must not check what the configuration's own models check.
"""

from __future__ import annotations

from typing import Any

from monitor.fetch import Network
from monitor.guard import Allowed
from monitor.model import Secret


def secrets_of(value: Any) -> tuple[Secret, ...]:
    """None, a text, a secret or a list of them as a tuple of secrets."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(secret for one in value for secret in secrets_of(one))
    return (value if isinstance(value, Secret) else Secret(str(value)),)


def secret_of(value: Any) -> Secret | None:
    found = secrets_of(value)
    return found[0] if found else None


def allowed(settings: Any, network: Network) -> Allowed:
    """The network's private addresses and the channel's own."""
    own = getattr(settings, "allow_private", None) or ()
    return network.allow_private | (own if isinstance(own, Allowed) else Allowed.parse(map(str, own)))
