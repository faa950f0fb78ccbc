"""The three files as users write them: monitor.yaml, feeds.yaml and watchlists, as models for checks and JSON Schemas.

It checks each file by itself; what one file says of another is checked where all are known.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from monitor.config.channels import AnyChannel, ChannelSettings, Console
from monitor.config.nodes import Items, Map, is_null
from monitor.config.settings import (
    MaybeZone,
    Section,
    Settings,
    StoreUrl,
    choice,
    one_of,
    url_fault,
)
from monitor.config.settings import _every as every
from monitor.config.values import (
    TEXTS_SCHEMA,
    Line,
    MaybeLine,
    MaybeSecret,
    MaybeTexts,
    MaybeWhen,
    Texts,
    as_text,
    expanded,
    positive_duration,
    shown,
    texts,
    vault_of,
    wrong,
)
from monitor.config.vault import has_reference
from monitor.model import Feed, Secret

LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "italian": "it",
    "japanese": "ja", "korean": "ko", "norwegian": "no", "persian": "fa", "farsi": "fa", "polish": "pl",
    "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "turkish": "tr",
    "ukrainian": "uk", "ua": "uk", "gr": "el", "jp": "ja", "cn": "zh", "kr": "ko", "cz": "cs", "dk": "da", "se": "sv",
}  # fmt: skip
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _without_nulls(value: Any) -> Any:
    """Keys with nothing behind them are as good as missing: their lines were commented out."""
    return {key: item for key, item in value.items() if not is_null(item)} if isinstance(value, Map) else value


class _OrText(Section):
    """A model that may also be written as one text."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        made = handler(core)
        return {"anyOf": [{"type": ["string", "number", "boolean"]}, made]}


# ------------------------------------------------------------------------------------------------------ feeds


def feed_url(value: object, info: ValidationInfo) -> str:
    """An http(s) URL. The context's vault remembers how an expanded one was written."""
    text, is_whole = expanded(value, info, "the feed's address")
    text = text.strip()
    if is_whole and (fault := url_fault(text)):
        secretive = has_reference(str(value))
        raise wrong(fault if secretive else f"{shown(text)}: {fault}")
    if (vault := vault_of(info)) is not None and text != value:
        vault.written[text] = str(value)
    return text


def _headers(value: object, info: ValidationInfo) -> dict[str, Secret]:
    if is_null(value) or value == {}:
        return {}
    if not isinstance(value, Map):
        raise wrong('headers are a mapping, like {Cookie: "${COOKIE}"}')
    return {name: _header(name, item, info) for name, item in value.items()}


def _header(name: str, value: object, info: ValidationInfo) -> Secret:
    from monitor.config.values import secret

    if not _HEADER.fullmatch(name):
        raise wrong(f"{shown(name)} is no name of an HTTP header")
    if isinstance(value, Items | Map) or is_null(value):
        raise wrong(f"header {name} needs a text")
    made = secret(value, info)
    if not made.reveal().isprintable():
        raise wrong(f"header {name} holds a line break or control character")
    return made


FeedUrl = Annotated[str, PlainValidator(feed_url), WithJsonSchema({"type": "string", "pattern": r"^(https?://|\$\{)"})]
Headers = Annotated[
    dict[str, Secret],
    PlainValidator(_headers),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number"]}}),
]
FeedEvery = Annotated[
    timedelta | None,
    PlainValidator(every),
    WithJsonSchema({"type": ["string", "null"], "pattern": r"^(auto|(\d+(\.\d+)?\s*[smhd]\s*)+)$"}),
]
Read = Annotated[Literal["auto", "page", "feed"], *choice("auto", "page", "feed")]
Gaps = Annotated[Literal["count", "tell"], *choice("count", "tell")]


class FeedItem(_OrText):
    """A feed: its address alone, or with settings."""

    url: FeedUrl = Field(description="Where the feed is; http or https.")
    name: Line = Field("", description="What you call it; without one, what it calls itself.")
    tags: Texts = Field((), description="Words to choose feeds by, as tag:press in a watch.")
    every: FeedEvery = Field(None, description="How often it is polled, like 10m; auto by how often it brings news.")
    read: Read = Field("auto", description="What is matched: the article's page, the feed's own text, or auto.")
    gaps: Gaps = Field("count", description="A possible gap is counted and shown (count), or told to health.to (tell).")
    headers: Headers = Field({}, description="HTTP headers, sent to the feed's registrable domain only.")
    user: MaybeSecret = Field(None, description="User for HTTP Basic authentication.")
    password: MaybeSecret = Field(None, description="Password for HTTP Basic authentication.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, Items) or is_null(value):
            raise wrong("a feed is an address, or a mapping with url")
        return value if isinstance(value, dict) else {"url": value}

    def feed(self, where: str) -> Feed:
        """As the program knows it; a user and password in the address are taken out of it, where they would show."""
        url, user, password = _without_userinfo(self.url)
        return Feed(
            url=url,
            name=self.name,
            tags=frozenset(self.tags),
            every=self.every,
            read=self.read,
            gaps=self.gaps,
            headers=self.headers,
            user=self.user.reveal() if self.user else user,
            password=self.password or password,
            where=where,
        )


def _without_userinfo(url: str) -> tuple[str, str | None, Secret | None]:
    if "@" not in url:
        return url, None, None
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None, None
    user, colon, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), unquote(user), Secret(unquote(password)) if colon else None


class FeedsFile(Section):
    """A list of feeds."""

    feeds: list[FeedItem] = Field([], description="Addresses, or mappings with url.")

    @model_validator(mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        return {} if is_null(value) else _without_nulls(value)


# -------------------------------------------------------------------------------------------------- watchlists


def _languages(value: object) -> tuple[str, ...]:
    from monitor.language.codes import mistaken  # only where languages are named: the package is slow to load

    found = texts(value)
    for code in found:
        if not re.fullmatch(r"[a-z]{2,3}", code) or code in LANGUAGES:
            known = LANGUAGES.get(code.lower()) or LANGUAGES.get(code.lower()[:2]) or code[:2].lower()
            raise wrong(f"{shown(code)} is no language code; did you mean {known}?")
        if mistaken(code) == "":
            raise wrong(f"{shown(code)} is no language code; write one like en, fr, ru")
    return found


Languages = Annotated[tuple[str, ...], PlainValidator(_languages), WithJsonSchema(TEXTS_SCHEMA)]
Priority = Annotated[Literal["urgent", "normal"], *choice("urgent", "normal")]
MaybeSpan = Annotated[
    timedelta | None,
    PlainValidator(lambda value: None if is_null(value) else positive_duration(value)),
    WithJsonSchema({"type": ["string", "null"], "pattern": r"^(\d+(\.\d+)?\s*[smhd]\s*)+$"}),
]
Flood = Annotated[
    Literal["ok"] | None,
    PlainValidator(lambda value: None if is_null(value) else one_of("ok")(value)),
    WithJsonSchema({"enum": ["ok", None]}),
]
Spellings = Annotated[
    tuple[str, ...],
    PlainValidator(lambda value: tuple(one_of("translit")(item) for item in texts(value))),
    WithJsonSchema({"type": "array", "items": {"enum": ["translit"]}}),
]


class WatchItem(_OrText):
    """What you want to hear about: a term or $group, or a mapping with `match` or the lists all, any, none."""

    name: MaybeLine = Field(None, description="What you call it; alerts show it. Without one, what it looks for.")
    match: MaybeLine = Field(
        None, description='An expression: terms, $groups, "phrases", AND, OR, NOT, NEAR/10, ( ), title: …'
    )
    all: Texts = Field((), description="Each of these must be there.")
    any: Texts = Field((), description="One of these must be there.")
    none: Texts = Field((), description="None of these may be there.")
    languages: Languages = Field((), description="Only in articles of these languages: en, fr, …")
    feeds: Texts = Field((), description="Only from these feeds: names, or tag:NAME.")
    spellings: Spellings = Field((), description="translit: names also as other scripts spell them.")
    not_forms: Texts = Field((), description="Forms of the terms that do not count.")
    priority: Priority = Field("normal", description="urgent alerts pass quiet hours and limits.")
    confirm: Texts = Field((), description="Feeds (names, or tag:NAME) whose report of a told story is told again.")
    to: MaybeTexts = Field(None, description="Channels that hear of it; replaces the watchlist's.")
    when: MaybeWhen = Field(
        None, description="now, hourly, daily 07:30, weekdays 07:30 or mon 08:00; replaces the channel's."
    )
    since: MaybeSpan = Field(
        None, description="Apply the watch, when it is new or changed, to the archive's articles of this time, like 2d."
    )
    flood: Flood = Field(None, description="ok: it may send over 50 a day; others like it go into the digest.")
    must_match: Texts = Field((), description="Texts in which this watch must be found; checked before every start.")
    must_not_match: Texts = Field((), description="Texts in which this watch must not be found.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        term = as_text(value, "a term, or a mapping with match")
        return {"name": term, "any": (term,)}

    @model_validator(mode="after")
    def _whole(self) -> WatchItem:
        lists = [key for key in ("all", "any", "none") if getattr(self, key)]
        if self.match is not None and lists:
            raise wrong(f"match stands beside {' and '.join(lists)}; keep match, or the lists", lists[0])
        if self.match is not None and not self.match.strip():
            raise wrong("match is empty; write what to look for, like match: drone AND Iran", "match")
        if self.match is None and not lists:
            raise wrong("this watch looks for nothing; write match: drone AND Iran, or any: [drone, UAV]")
        if lists == ["none"]:
            raise wrong(
                "none alone finds every other article; write beside it what to look for: any: [drone, UAV]", "none"
            )
        return self

    @property
    def title(self) -> str:
        """Its name, or what it looks for as written."""
        return self.name or self.match or ", ".join(self.all + self.any)


def _terms(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Map):
        return value if isinstance(value, dict) else _refuse_terms()
    for name in value:
        if not re.fullmatch(r"\w[\w-]*", name):
            raise wrong(f"{shown(name)} is no name of a group; use letters, digits, - and _, like uav")
    return dict(value)


def _refuse_terms() -> Any:
    raise wrong("terms are groups with a name, like uav: [drone, UAV]")


class WatchlistFile(Section):
    """A watchlist: watches, and groups of words for them."""

    name: MaybeLine = Field(None, description="What you call this list; without one, the file's name.")
    to: MaybeTexts = Field(None, description="Channels that hear of its watches; replaces alerts.to.")
    editors: MaybeTexts = Field(None, description="Channels that hear what became of an edit of this file.")
    terms: dict[str, Texts] = Field({}, description="Groups of words, usable in every watchlist as $name.")
    watches: list[WatchItem] = Field([], description="Terms, $groups, or mappings.")

    @model_validator(mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        return {} if is_null(value) else _without_nulls(value)

    @field_validator("terms", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return _terms(value)


# ------------------------------------------------------------------------------------------------ monitor.yaml


def _console() -> dict[str, ChannelSettings]:
    return {"console": Console(type="console")}


class MainFile(Settings):
    """monitor.yaml: where feeds and watchlists are, where alerts go, and how."""

    store: StoreUrl = Field(
        "sqlite:///monitor.db", description="Where everything is kept: sqlite:///FILE or postgresql://…"
    )
    feeds: Texts = Field(("feeds.yaml",), description="Files of feeds, YAML or OPML; patterns like *.opml too.")
    watchlists: Texts = Field(("watchlists/*.yaml",), description="Files of watches; patterns too.")
    channels: dict[str, AnyChannel] = Field(
        default_factory=_console, description="Places alerts go, by the name you give them."
    )
    timezone: MaybeZone = Field(
        None, description="Of quiet hours and digests, like Europe/Paris. Built in: the system's."
    )

    @model_validator(mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        return {} if is_null(value) else _without_nulls(value)
