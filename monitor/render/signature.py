"""The signature of Standard Webhooks 1.0.0, with as many keys as are in force (rotation).

It must not know what is signed, nor read a clock: the timestamp is an argument.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from monitor.errors import InputError
from monitor.model import Secret


def headers(secrets: Iterable[Secret], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` (of this attempt) and, where there is a secret, `webhook-signature`.

    Several secrets give several signatures, separated by spaces. Source:
    github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md. Raises InputError for a
    secret that is none.
    """
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    found = {"webhook-id": message_id, "webhook-timestamp": timestamp}
    signatures = [_sign(key_of(secret), signed) for secret in secrets]
    if signatures:
        found["webhook-signature"] = " ".join(signatures)
    return found


def _sign(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def key_of(secret: Secret) -> bytes:
    """The 24 to 64 bytes behind `whsec_…`; InputError otherwise, without the secret in it."""
    try:
        key = base64.b64decode(secret.reveal().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise InputError(
            "a webhook's secret is whsec_ and the base64 of 24 to 64 bytes; make one with "
            "python -c \"import base64,os;print('whsec_'+base64.b64encode(os.urandom(32)).decode())\""
        )
    return key
