"""What a receiver's answer means: accepted, refused for good, to be tried again, or the channel itself is
down.

One table for HTTP and one for Slack's words; it must not send anything. Errors name the channel, never
its address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from monitor.errors import ChannelDown, DeliveryFailed, FetchFailed, Refused
from monitor.fetch import Answer
from monitor.model import Secret
from monitor.render.text import plain, shorten

LONGEST_WAIT = timedelta(hours=24)

#: What is wrong with the message: it is not tried again ("fix first").
_MESSAGE = frozenset({400, 406, 409, 411, 413, 414, 415, 417, 422, 431})
#: The receiver is busy or away; the next message would meet the same.
_AWAY = frozenset({408, 425, 429, 502, 503, 504})

#: The address or the secret is wrong: every message would meet the same until a person mends it. (Standard Webhooks
#: 1.0.0 names 410 alone; a message that waits for the mending is lost to nobody.)
_MISTAKEN = frozenset({401, 403, 404, 405, 407})

#: Somebody before the receiver waited in vain for it: it may have the message.
_PASSED_ON = frozenset({408, 502, 504})

Meaning = Literal["message", "blocks", "thread", "later", "gone"]

# Slack's words, of incoming webhooks and of chat.postMessage (docs.slack.dev, the errors of both).
_SLACK: Mapping[Meaning, str] = {
    # the message is wrong, and stays so
    "message": """
        invalid_payload no_text msg_too_long too_many_attachments too_many_contact_cards
        attachment_payload_limit_exceeded metadata_too_large metadata_must_be_sent_from_app
        invalid_metadata_format invalid_metadata_schema markdown_text_conflict block_mismatch
        invalid_json json_not_object invalid_post_type missing_post_type invalid_form_data
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset message_not_found
        cant_update_message edit_window_closed
    """,
    # wrong only in its blocks: it may go as plain text
    "blocks": "invalid_blocks invalid_blocks_format msg_blocks_too_long invalid_attachments",
    # wrong only in its thread: it may go into the channel
    "thread": """
        cannot_reply_to_message restricted_action_thread_locked
        restricted_action_non_threadable_channel thread_not_found
    """,
    # Slack is busy or in trouble
    "later": """
        rollup_error ratelimited rate_limited message_limit_exceeded accesslimited fatal_error
        internal_error service_unavailable request_timeout team_added_to_org
    """,
    # the channel is gone until a person mends it
    "gone": """
        user_not_found action_prohibited invalid_token channel_not_found no_service
        no_service_id no_team no_active_hooks channel_is_archived
        posting_to_general_channel_denied is_archived not_in_channel not_authed invalid_auth
        account_inactive token_revoked token_expired no_permission missing_scope
        org_login_required ekm_access_denied access_denied restricted_action
        restricted_action_read_only_channel restricted_action_thread_only_channel
        team_access_not_granted messages_tab_disabled not_allowed_token_type
        enterprise_is_restricted two_factor_setup_required method_deprecated deprecated_endpoint
        duplicate_channel_not_found as_user_not_supported
    """,
}
SLACK: Mapping[str, Meaning] = {word: meaning for meaning, words in _SLACK.items() for word in words.split()}


def http(name: str, answer: Answer, now: datetime, secrets: Iterable[Secret] = ()) -> DeliveryFailed | None:
    """The failure that an HTTP answer means, None if it is an acceptance (2xx). Redirects are failures:
    they are not followed (Standard Webhooks 1.0.0)."""
    status, said = answer.status, told(answer, secrets)
    if 200 <= status < 300:
        return None
    wait = _wait(answer, now)
    if answer.headers.get("webhook-delivery", "").strip().lower() == "abort-message":
        return Refused(f"{name} wants no retry of this message ({said})", answer=said)
    if status == 410:
        said = f"gone: {said}; remove it or change its address"
        return ChannelDown(f"{name} is {said}", answer=said, is_gone=True)
    if status in _MISTAKEN:
        said = f"gone: {said}; correct its address or secret"
        return ChannelDown(f"{name} is {said}", answer=said, is_gone=True)
    if status in _MESSAGE:
        return Refused(f"{name} refuses the message ({said})", answer=said)
    if 300 <= status < 400:
        return ChannelDown(f"{name} redirects ({said}), which is not followed; set its final address", answer=said)
    if status in _AWAY or status < 500:
        reason = f"{name} does not take messages now ({said})"
        return ChannelDown(reason, answer=said, wait=wait, in_doubt=status in _PASSED_ON)
    return DeliveryFailed(f"{name} failed at the message ({said})", answer=said, wait=wait, in_doubt=True)


def slack(name: str, answer: Answer, now: datetime, secrets: Iterable[Secret] = ()) -> DeliveryFailed | None:
    """The failure that Slack's answer means, by its word first and by its status where the word is not
    known."""
    word = slack_word(answer)
    if 200 <= answer.status < 300 and not word:
        return None
    said, meaning = told(answer, secrets), SLACK.get(word)
    if meaning == "later" or answer.status == 429:
        wait = _wait(answer, now)
        is_in_doubt = word in ("fatal_error", "internal_error", "request_timeout")
        return ChannelDown(f"{name} asks to wait ({said})", answer=said, wait=wait, in_doubt=is_in_doubt)
    if meaning == "gone":
        reason = f"{name} cannot be posted to ({said}); a person has to mend it in Slack"
        return ChannelDown(reason, answer=said, is_gone=True)
    if meaning is not None or 200 <= answer.status < 300:  # {"ok": false} with a word not known here
        return Refused(f"{name} refuses the message ({said})", answer=said)
    return http(name, answer, now, secrets)


def slack_word(answer: Answer) -> str:
    """Slack's error word, "" if it accepted: `error` of a JSON answer, else a plain body that is one word."""
    text = answer.text.strip()
    is_accepted = 200 <= answer.status < 300
    if text.startswith("{"):
        document = _object(text)
        if document.get("ok") is True:
            return ""
        return plain(str(document.get("error") or ("unknown" if "ok" in document else "")))
    return text if not is_accepted and text.replace("_", "").isalnum() and len(text) < 80 else ""


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def not_reached(name: str, error: FetchFailed) -> DeliveryFailed:
    """The failure of a connection, told without the address (which may be a secret)."""
    why = _UNREACHED.get(error.kind, "no answer")
    if error.kind == "bad-url":
        return ChannelDown(f"{name}: {why}", answer=why, is_gone=True)
    is_sent = error.kind not in ("dns", "connect", "tls", "blocked-address")
    return ChannelDown(f"{name}: {why}", answer=why, wait=error.wait, in_doubt=is_sent)


_UNREACHED = {
    "timeout": "no answer in time",
    "dns": "its address could not be looked up",
    "connect": "no connection",
    "tls": "no trustworthy TLS connection",
    "http": "no HTTP answer",
    "blocked-address": "it is at a private address; if this is meant, add that to allow_private",
    "bad-url": "its address is none; correct it in the configuration",
}


def _wait(answer: Answer, now: datetime) -> timedelta | None:
    """How long the receiver asks to be left alone; Discord says it in the body, where its header may be missing."""
    asked = answer.headers.get("retry-after")
    if asked is None and answer.status == 429:
        asked = str(_object(answer.text).get("retry_after") or "")
    return retry_after(asked, now)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds (whole or not) or an HTTP date (RFC 9110 section 10.2.3), at most a day; None if neither."""
    if not value:
        return None
    text = value.strip()
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta()), LONGEST_WAIT)


def told(answer: Answer, secrets: Iterable[Secret] = ()) -> str:
    """`403 invalid_token`: status and what was said, short, without secrets."""
    return f"{answer.status} {scrub(shorten(plain(answer.text), 200), secrets)}".strip()


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without any of the secrets, should the receiver have repeated one, or a part of an address
    that is one."""
    pieces = {piece for secret in secrets for piece in _pieces(secret.reveal())}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "***")
    return text


def _pieces(secret: str) -> Iterable[str]:
    _, scheme, rest = secret.partition("://")
    parts = re.split(r"[/?&=#@:]", rest) if scheme else []
    return (piece for piece in (secret, *parts[1:]) if len(piece) >= 6)
