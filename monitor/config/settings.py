"""The sections of monitor.yaml but for channels: every key, its built-in value and what it means, as frozen models.

The built-in values are written as a user would write them, and are validated like the user's.
"""

from __future__ import annotations

import ipaddress
import string
import zoneinfo
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from monitor import __version__
from monitor.config.nodes import is_null
from monitor.config.values import (
    Duration,
    MaybeDuration,
    MaybeHours,
    MaybeRate,
    MaybeSecret,
    MaybeTexts,
    MaybeWhen,
    PositiveDuration,
    Size,
    Texts,
    as_text,
    integer,
    maybe_secret,
    meant,
    positive_duration,
    shown,
    texts,
    wrong,
)
from monitor.config.vault import UnsetSecret
from monitor.model import Secret
from monitor.schedule import LEAST_EVERY

#: The same as monitor.fetch's; a test holds them together, since this module must load without the network's libraries.
USER_AGENT = f"news-monitor/{__version__} (+https://github.com/news-monitor/news-monitor)"


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        populate_by_name=False,
    )


def written(value: str) -> Any:
    """A built-in value as a user would write it; validation makes the setting's type of it."""
    return value


# ------------------------------------------------------------------------------------------- single settings


def whole(least: int, most: int) -> Any:
    """A whole number within bounds."""

    def check(value: object) -> int:
        number = integer(value)
        if not least <= number <= most:
            raise wrong(f"{number} is out of bounds; write a number from {least} to {most}")
        return number

    return check


def often(value: object) -> timedelta:
    """How often a feed is polled: not more often than once a minute."""
    made = positive_duration(value)
    if made < LEAST_EVERY:
        raise wrong(f"{shown(value)} is too often; no feed is asked more than once a minute: write 1m or longer")
    return made


def _every(value: object) -> timedelta | None:
    return None if is_null(value) or value == "auto" else often(value)


def _keep(value: object) -> timedelta | None:
    return None if is_null(value) or value == "forever" else positive_duration(value)


def one_of(*choices: str) -> Any:
    def check(value: object) -> str:
        text = as_text(value, f"one of {', '.join(choices)}")
        if text not in choices:
            raise wrong(f"{shown(text)} is not one of {', '.join(choices)}{meant(text, choices)}")
        return text

    return check


def web_address(value: object, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An absolute http(s) URL, checked; raises what is wrong without repeating it (it may hold a secret)."""
    text = as_text(value, "an address like https://example.org/")
    if fault := url_fault(text, schemes):
        raise wrong(fault)
    return text


def url_fault(text: str, schemes: tuple[str, ...] = ("http", "https")) -> str | None:
    """What keeps a text from being an absolute URL of one of `schemes`, in words; None when it is one."""
    if any(character.isspace() or not character.isprintable() or character in '\\<>"' for character in text):
        return "an address holds no spaces, quotes, backslashes or control characters; write them as %20 and the like"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "this address does not parse; check its host and port"
    if parts.scheme.lower() not in schemes:
        return _scheme_fault(text, parts.scheme, schemes)
    if not parts.hostname:
        return "this address has no host; write it as in https://example.org/feed.xml"
    if port == 0:
        return "port 0 cannot be connected to"
    return None


def _scheme_fault(text: str, scheme: str, schemes: tuple[str, ...]) -> str:
    first = schemes[-1]
    expected = f"an address begins with {' or '.join(f'{name}://' for name in schemes)}"
    if scheme == "feed":
        return f"{expected}; write https:// in place of feed:"
    if text.startswith("//") or ("." in text.split("/")[0] and "://" not in text and "@" not in text):
        return f"{expected}; put {first}:// before it"
    near = meant(scheme, schemes) if scheme and "://" in text else ""
    return f"{expected}{near}"


def private_addresses(value: object) -> tuple[str, ...]:
    """Addresses, address:port or CIDR."""
    found = texts(value)
    for item in found:
        _private_address(item)
    return found


def _private_address(item: str) -> None:
    address, port = item, ""
    if item.startswith("["):
        address, _, port = item[1:].partition("]")
        port = port.removeprefix(":")
    elif item.count(":") == 1:
        address, _, port = item.partition(":")
    try:
        ipaddress.ip_network(address, strict=False)
        is_good = not port or 0 < int(port) < 65536
    except ValueError:
        is_good = False
    if not is_good:
        raise wrong(
            f"{shown(item)} is no address; write an address, address:port or CIDR, like 10.0.0.5, 127.0.0.1:8025 or "
            '10.0.0.0/8 (IPv6 in quotes: "fd00::/8")'
        )


def _listen(value: object) -> str | None:
    if is_null(value):
        return None
    text = as_text(value, 'an address like "127.0.0.1:8484"')
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise wrong(f'{shown(text)} is no address to listen at; write host:port, like "127.0.0.1:8484" (null: off)')
    return text


def _user_agent(value: object) -> str:
    text = as_text(value, "a text")
    if not text.strip() or not text.isprintable():
        raise wrong("a user agent is a line of text, like news-monitor/1.0 (+https://example.org/contact)")
    return quote(text, safe=string.punctuation + " ")  # headers are ASCII


def _secret_address(value: object, info: ValidationInfo) -> Secret | None:
    made = maybe_secret(value, info)
    if made is not None and not isinstance(made, UnsetSecret) and (fault := url_fault(made.reveal())):
        raise wrong(fault)
    return made


def zone(value: object) -> str | None:
    """A name of the time zone database."""
    if is_null(value):
        return None
    name = as_text(value, "a time zone like Europe/Paris")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        cities = {city.rpartition("/")[2]: city for city in sorted(known)}
        near = meant(name, known) or meant(name, cities)
        for city, whole_name in cities.items():
            near = near.replace(f"'{city}'", f"'{whole_name}'")
        raise wrong(f"{shown(name)} is no time zone{near or '; write one like Europe/Paris'}") from None
    return name


_ADDRESS = {"type": "string", "pattern": "^https?://"}


def _or_word(word: str) -> dict[str, Any]:
    pattern = rf"^({word}|(\d+(\.\d+)?\s*[smhd]\s*)+)$"
    return {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "null"}]}


def choice(*choices: str) -> tuple[Any, Any]:
    return PlainValidator(one_of(*choices)), WithJsonSchema({"enum": list(choices)})


Often = Annotated[
    timedelta,
    PlainValidator(often),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?\s*[smhd]\s*)+$"}),
]
Every = Annotated[timedelta | None, PlainValidator(_every), WithJsonSchema(_or_word("auto"))]
KeptFor = Annotated[timedelta | None, PlainValidator(_keep), WithJsonSchema(_or_word("forever"))]
Count = Annotated[
    int, PlainValidator(whole(1, 10_000)), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 10_000})
]
Private = Annotated[
    tuple[str, ...], PlainValidator(private_addresses), WithJsonSchema({"type": "array", "items": {"type": "string"}})
]
MaybeAddress = Annotated[
    str | None,
    PlainValidator(lambda value: None if is_null(value) else web_address(value)),
    WithJsonSchema({"anyOf": [_ADDRESS, {"type": "null"}]}),
]
MaybeSecretAddress = Annotated[
    Secret | None, PlainValidator(_secret_address), WithJsonSchema({"type": ["string", "null"]})
]
MaybeListen = Annotated[str | None, PlainValidator(_listen), WithJsonSchema({"type": ["string", "null"]})]
UserAgent = Annotated[str, PlainValidator(_user_agent), WithJsonSchema({"type": "string", "minLength": 1})]
MaybeZone = Annotated[str | None, PlainValidator(zone), WithJsonSchema({"type": ["string", "null"]})]
Group = Annotated[Literal["story", "article"], *choice("story", "article")]
First = Annotated[Literal["summary", "alert", "archive"], *choice("summary", "alert", "archive")]
Late = Annotated[Literal["alert", "digest", "archive"], *choice("alert", "digest", "archive")]
Sentences = Annotated[int, PlainValidator(whole(0, 3)), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 3})]


# -------------------------------------------------------------------------------------------------- sections


class Alerts(Section):
    """What is told to whom, and when."""

    to: MaybeTexts = Field(
        None, description="Channels that are told; a watchlist's or a watch's `to` replaces it. Built in: all."
    )
    when: MaybeWhen = Field(
        default=written("now"),
        description="now, hourly, daily 07:30, weekdays 07:30 or mon 08:00; a channel's or a watch's replaces it.",
    )
    quiet: MaybeHours = Field(
        None,
        description='Hours like "22:00-06:30" in which channels hold all but urgent alerts, then send one summary.',
    )
    at_most: MaybeRate = Field(
        None,
        description="Alerts a channel gets one by one, like 20 per hour; the rest is folded into one summary. "
        "Built in: 20 per hour for slack, email and apprise, none for webhook and console.",
    )
    group: Group = Field(default=written("story"), description="One alert per story, or per article.")
    fresh: MaybeDuration = Field(
        default=written("48h"),
        description="What a feed's first poll shows and is older than this is archived without an alert.",
    )
    first: First = Field(
        default=written("summary"),
        description="What a first poll shows and is fresh: one summary, alerts one by one, or none.",
    )
    late: Late = Field(
        default=written("alert"),
        description="What is first seen when over 30 days old and not urgent: an alert, in the next digest, or none.",
    )
    evidence: Sentences = Field(3, description="Sentences shown in an alert.")


class Polling(Section):
    """How often feeds are asked, and how many at once."""

    every: Every = Field(
        default=written("auto"),
        description="How often a feed is polled: auto (by how often it brings news) or like 10m.",
    )
    fastest: Often = Field(default=written("2m"), description="auto polls no feed more often than this.")
    slowest: Often = Field(default=written("1h"), description="auto polls every feed at least this often.")
    concurrency: Count = Field(100, description="Requests under way at once.")
    per_host: Count = Field(1, description="Requests under way at once to one host.")
    per_host_delay: Duration = Field(default=written("1s"), description="Time between two requests to one host.")

    @model_validator(mode="after")
    def _in_order(self) -> Polling:
        if self.fastest > self.slowest:
            raise wrong("fastest is longer than slowest; exchange the two")
        return self


class Network(Section):
    """Bounds of every request, and which private addresses may be reached."""

    user_agent: UserAgent = Field(
        USER_AGENT, description="How the program introduces itself; publishers want a way to reach you."
    )
    timeout: PositiveDuration = Field(default=written("30s"), description="A whole request, redirects included.")
    max_feed: Size = Field(default=written("10MB"), description="The largest feed that is read, after decompression.")
    max_page: Size = Field(default=written("5MB"), description="The largest page that is read, after decompression.")
    allow_private: Private = Field(
        (), description="Private addresses that may be reached: address, address:port or CIDR (IPv6 in quotes)."
    )
    proxy: MaybeSecretAddress = Field(
        None, description="Proxy for all HTTP requests, like http://proxy.example.org:3128."
    )


class Keep(Section):
    """How long articles stay, counted from when they were first seen; hits, alerts and deliveries are always kept."""

    articles: KeptFor = Field(default=written("forever"), description="Texts of articles: forever, or like 400d.")
    evidence: KeptFor = Field(
        default=written("forever"), description="Articles that were part of an alert: forever, or like 400d."
    )


#: Characters of the page's password.
LEAST_PASSWORD = 8


class Web(Section):
    """The web page."""

    listen: MaybeListen = Field(
        default=written("127.0.0.1:8484"),
        description="Where the page listens; null switches it off, and WebSub with it.",
    )
    password: MaybeSecret = Field(None, description="Needed when it listens on anything but this machine.")
    public_url: MaybeAddress = Field(None, description="The address under which others reach it, for links and WebSub.")

    @model_validator(mode="after")
    def _behind_a_password(self) -> Web:
        """What others can reach is behind a password that takes long to guess."""
        if isinstance(self.password, UnsetSecret):
            return self
        password = self.password.reveal() if self.password else ""
        if self.password and len(password) < LEAST_PASSWORD:
            raise wrong(f"web.password is too easy to guess; make it at least {LEAST_PASSWORD} characters long")
        if self.listen and not password and not is_loopback(self.listen.rpartition(":")[0]):
            raise wrong(f"{shown(self.listen)} can be reached by others; set web.password, or listen at 127.0.0.1:8484")
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Health(Section):
    """Who hears how the program itself fares."""

    to: Texts = Field(
        (), description="Channels told what is wrong: a channel, the line, the disk, feeds; name two at least."
    )
    heartbeat: MaybeSecretAddress = Field(
        None, description="An address asked while all is well, for a watchdog service."
    )
    summary: MaybeWhen = Field(None, description="When a summary of the program's health is sent, like mon 08:00.")


class Settings(Section):
    """The sections of monitor.yaml that hold for the whole program."""

    alerts: Alerts = Field(default_factory=Alerts, description="What is told to whom, and when.")
    polling: Polling = Field(default_factory=Polling, description="How often feeds are asked.")
    network: Network = Field(default_factory=Network, description="Bounds of every request.")
    keep: Keep = Field(default_factory=Keep, description="How long articles stay.")
    web: Web = Field(default_factory=Web, description="The web page.")
    health: Health = Field(default_factory=Health, description="Who hears how the program itself fares.")


def _store(value: object, info: ValidationInfo) -> str:
    from monitor.config.values import expanded

    text, is_whole = expanded(value, info, "a store like sqlite:///monitor.db")
    if is_whole and not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise wrong("a store is sqlite:///FILE or postgresql://…; write store: sqlite:///monitor.db")
    if is_whole and text in ("sqlite:///", "sqlite:///:memory:"):
        raise wrong("a store needs a file, or everything is forgotten at the end; write store: sqlite:///monitor.db")
    return text


StoreUrl = Annotated[str, PlainValidator(_store), WithJsonSchema({"type": "string"})]
