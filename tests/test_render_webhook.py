"""The webhook's body and its signature, against the reference library and the published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import standardwebhooks

from monitor.errors import InputError
from monitor.model import Elsewhere, Evidence, Hit, Message, Secret
from monitor.render import Style, atom, signature, webhook
from tests.messages import NOW, PAYLOADS, alert, article, notice, poisoned, summary

SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("monitor.render").joinpath("webhook.schema.json").read_text("utf-8"))
    return found


def body(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(webhook.body(message))
    return found


def test_the_vector_of_standard_webhooks() -> None:
    moment = datetime.fromtimestamp(1614265330, UTC)
    found = signature.headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}')
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_every_key_in_force_verifies_with_the_reference_library() -> None:
    now = datetime.now(UTC)
    old, new = SECRET, Secret("whsec_" + "A" * 64)
    content = webhook.body(alert())
    headers = signature.headers([new, old], "d-1", now, content)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        standardwebhooks.Webhook(secret.reveal()).verify(content, headers)


@pytest.mark.parametrize("text", ["whsec_c2hvcnQ=", "not base64 at all!", "", "whsec_" + "A" * 100])
def test_a_secret_that_is_none_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        signature.key_of(Secret(text))
    assert not text or text not in str(caught.value)


def test_without_a_secret_id_and_timestamp_stay() -> None:
    assert set(signature.headers([], "d-1", NOW, b"{}")) == {"webhook-id", "webhook-timestamp"}


def test_the_fields_of_an_alert() -> None:
    found = body(alert(follows="A-1", reason="new watch"))
    assert found["type"] == "alert.created"
    assert found["timestamp"] == "2026-11-22T13:02:00.000Z"
    data = found["data"]
    assert data["alert"] == {"id": "A-7Q2K", "priority": "normal", "reason": "new watch", "follows": "A-1"}
    assert data["watches"][0] == {"name": "Su-35", "watchlist": "Arms transfers", "priority": "normal"}
    assert data["article"]["feed"] == {"name": "Monde & Cie", "url": "https://feeds.example.org/rss"}
    assert data["article"]["matched_on"] == "full article"
    assert [(hit["watch"], hit["text"]) for hit in data["hits"]] == [("$uav", "drones"), ("Su-35", "Su-35")]
    assert data["story"]["articles"][1]["feed"] == "NBC News"


ELSEWHERE = Elsewhere("Wagner", "Arms transfers", "NBC News", ("Wagner",))
PROMISED = {
    "data": "alert watches article hits story",
    "alert": "id priority reason follows",
    "watches": "name watchlist priority",
    "article": "id url title author published first_seen language matched_on feed",
    "feed": "name url",
    "hits": "watch term text field start end snippet",
    "story": "id first_seen articles",
    "articles": "id url title feed",
    "elsewhere": "watch watchlist feed words",
}


@pytest.mark.parametrize("message", [alert(elsewhere=(ELSEWHERE,)), summary(3, reason="catch-up")])
def test_every_key_that_receivers_were_promised_is_there(message: Message) -> None:
    data = body(message)["data"]
    for one in data.get("alerts", [data]):
        parts = [one, one["article"], one["story"]]
        assert set(one) >= set(PROMISED["data"].split())
        for name, keys in PROMISED.items():
            for found in (part[name] for part in parts if name in part):
                for row in found if isinstance(found, list) else [found]:
                    assert set(row) >= set(keys.split()), name


def test_a_watch_of_another_report_says_where_its_words_stand() -> None:
    data = body(alert(elsewhere=(ELSEWHERE,)))["data"]
    said = {"watch": "Wagner", "watchlist": "Arms transfers", "feed": "NBC News", "words": ["Wagner"]}
    assert data["elsewhere"] == [said]
    entry = atom.feed([alert(elsewhere=(ELSEWHERE,))], Style(), updated=NOW).decode()
    assert "Wagner: “Wagner” in another report, NBC News" in entry
    assert "Also in NBC News" in entry


@pytest.mark.parametrize(
    "message",
    [
        alert(),
        alert(elsewhere=(ELSEWHERE,)),
        summary(3),
        summary(0),
        notice(),
        alert(copy_of=alert().story_articles[1]),
    ],
)
def test_bodies_follow_the_schema_and_the_schema_names_every_key(message: Message) -> None:
    document = schema()
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.validate(body(message), document, format_checker=jsonschema.FormatChecker())
    jsonschema.validate(body(message), _closed(document))


def _closed(part: Any) -> Any:
    """The schema with every object closed, so that a key it does not name is found."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(value) for name, value in part.items()}
    return closed | {"additionalProperties": False} if "properties" in part and "allOf" not in part else closed


def test_the_same_message_gives_the_same_bytes() -> None:
    assert webhook.body(summary(9)) == webhook.body(summary(9))


def test_hostile_fields_stay_valid_and_carry_no_other_scheme() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for payload in PAYLOADS:
        for message in poisoned(payload):
            content = webhook.body(message)
            validator.validate(json.loads(content))
            assert b"\\u0000" not in content
            assert b"\\ud800" not in content
            assert b"\\u202e" not in content
            assert b'"url":"javascript' not in content


def test_offsets_into_a_cleaned_title_still_hold() -> None:
    title = "a\x00b\u202e drones"
    found = body(alert(article=article(title=title)))["data"]["article"]["title"]
    assert len(found) == len(title)
    assert found[5:] == "drones"


def test_a_thousand_hits_are_bounded_and_every_term_is_kept() -> None:
    repeated = tuple(Evidence("drone", "drone", "text", n, n + 5, "a drone") for n in range(1000))
    late = Evidence("Su-35", "Su-35", "text", 6000, 6005, "a Su-35")
    hits = body(replace(alert(), hits=(Hit("w", "l", (*repeated, late)),)))["data"]["hits"]
    assert len(hits) == webhook.MOST_HITS
    assert hits[-1]["term"] == "Su-35"


def test_an_alert_of_a_long_article_stays_within_twenty_kilobytes() -> None:
    assert len(webhook.body(alert())) < 20_000


def test_a_receiver_is_not_given_what_the_user_reads_the_feed_with() -> None:
    secret = "https://reader:pa55word@feeds.example.org/rss?token=abcdefgh12345678SECRET&page=1"
    told = webhook.body(alert(feed_url=secret)).decode()
    assert "SECRET" not in told
    assert "pa55word" not in told
    assert "https://feeds.example.org/rss?" in told
