"""Types of settings: durations, sizes, rates, hours, times to speak, texts, secrets; read from text, refused in words.

It holds no setting itself and touches no file; `${…}` is resolved by the `Vault` that validation is given as context.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from monitor.config.nodes import Items, Map, Text, is_null
from monitor.config.vault import Unset, UnsetSecret, Vault, has_reference
from monitor.model import Secret, When

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
#: Longer durations mean "for ever" and must still be addable to a date.
LONGEST = timedelta(days=365_000)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` alerts in any stretch of `per`."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        names = {timedelta(minutes=1): "minute", timedelta(hours=1): "hour", timedelta(days=1): "day"}
        return f"{self.count} per {names.get(self.per, self.per)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day, local time, from `start` up to but without `end`; over midnight when `end` is earlier."""

    start: time
    end: time

    def __contains__(self, moment: object) -> bool:
        if not isinstance(moment, time):
            return False
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def wrong(message: str, key: str = "") -> PydanticCustomError:
    """An error of our own; `key` is the one of a mapping's keys that it speaks of."""
    return PydanticCustomError("setting", "{message}", {"message": message, "key": key})


def meant(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """`; did you mean …?` for the nearest choice, else `otherwise`."""
    known = list(choices)
    lowered = {choice.lower(): choice for choice in known}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean '{lowered[near[0]]}'?" if near else otherwise


def shown(value: object) -> str:
    if isinstance(value, Items | Map):
        return "a list" if isinstance(value, Items) else "a mapping"
    text = str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"


def as_text(value: object, what: str = "a text") -> str:
    """The scalar as written.

    Raises PydanticCustomError `not_text` for lists, mappings and nothing; whoever reports it knows the line.
    """
    if isinstance(value, str) and not (isinstance(value, Text) and value.is_plain and value == ""):
        return str(value)
    raise PydanticCustomError("not_text", "{what}", {"what": what})


# ------------------------------------------------------------------------------------------------ plain kinds


def duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    text = as_text(value, "a duration like 30s, 10m, 6h or 2d")
    parts = re.fullmatch(r"((?:\d+(?:\.\d+)?\s*[smhd]\s*)+)", text.strip())
    if parts is None:
        fix = f"; did you mean '{text}s' or '{text}m'?" if text.isdigit() else ""
        raise wrong(f"{shown(text)} is no duration; write a number and s, m, h or d, like 30s, 10m, 6h or 2d{fix}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)\s*([smhd])", text))
    return timedelta(seconds=min(seconds, LONGEST.total_seconds()))


def every_text(value: timedelta) -> str:
    """A duration as it is written in a file."""
    seconds = int(value.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def positive_duration(value: object) -> timedelta:
    made = duration(value)
    if not made:
        raise wrong(f"{shown(value)} is no time at all; write a longer one, like 30s")
    return made


def size(value: object) -> int:
    if isinstance(value, int):
        return value
    text = as_text(value, "a size like 5MB")
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text.strip())
    units = {name.lower(): factor for name, factor in _SIZES.items()}
    if parts is None or parts.group(2).lower() not in units:
        raise wrong(f"{shown(text)} is no size; write a number and B, kB, MB or GB, like 5MB")
    made = int(float(parts.group(1)) * units[parts.group(2).lower()])
    if not made:
        raise wrong(f"{shown(text)} is no size at all; write a larger one, like 5MB")
    return made


def rate(value: object) -> Rate | None:
    if is_null(value) or isinstance(value, Rate):
        return value if isinstance(value, Rate) else None
    text = as_text(value, "a rate like 6 per hour")
    parts = re.fullmatch(r"(\d+)\s*(?:per|/)\s*(minute|hour|day)", text.strip())
    if parts is None or not int(parts.group(1)):
        raise wrong(
            f"{shown(text)} is no rate; write a number per minute, hour or day, like 6 per hour (null: no limit)"
        )
    per = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}[parts.group(2)]
    return Rate(int(parts.group(1)), per)


def clock(text: str) -> time:
    parts = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if parts is None or int(parts.group(1)) > 23 or int(parts.group(2)) > 59:
        raise wrong(f"{shown(text)} is no time of day; write hours and minutes, like 07:30")
    return time(int(parts.group(1)), int(parts.group(2)))


def hours(value: object) -> Hours | None:
    if is_null(value) or isinstance(value, Hours):
        return value if isinstance(value, Hours) else None
    text = as_text(value, 'hours like "22:00-06:30"')
    start, dash, end = (part.strip() for part in re.sub("[–—]", "-", text).partition("-"))
    if not dash:
        raise wrong(f'{shown(text)} are no hours; write from-to, like "22:00-06:30" (null: none)')
    made = Hours(clock(start), clock(end))
    if made.start == made.end:
        raise wrong(f"{shown(text)} begins and ends at the same time; write two different ones")
    return made


_WHEN = "now, hourly, daily 07:30, weekdays 07:30 or mon 08:00"


def when(value: object) -> When | None:
    if is_null(value) or isinstance(value, When):
        return value if isinstance(value, When) else None
    text = as_text(value, f"one of {_WHEN}").strip()
    word, _, at = text.partition(" ")
    if text in ("now", "hourly"):
        return When("now" if text == "now" else "hourly")
    if word in ("daily", "weekdays"):
        return When("daily" if word == "daily" else "weekdays", _at(text, at))
    if word[:3].lower() in DAYS and (len(word) == 3 or word.lower().endswith("day")):
        return When("weekly", _at(text, at), DAYS.index(word[:3].lower()))
    near = meant(word, ("now", "hourly", "daily", "weekdays", *DAYS))
    raise wrong(f"{shown(text)} is no time to speak; write {_WHEN}{near}")


def _at(text: str, at: str) -> time:
    if not at.strip():
        raise wrong(f"'{text}' needs a time of day: write {text} 07:30")
    return clock(at.strip())


def integer(value: object) -> int:
    if isinstance(value, int):
        return value
    text = as_text(value, "a number")
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise wrong(f"{shown(text)} is no whole number")
    return int(text)


def texts(value: object) -> tuple[str, ...]:
    """A list of texts; a single text is a list of one. Errors inside name the item's place in the list."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Items):
        for number, item in enumerate(value):
            if not isinstance(item, str) or (isinstance(item, Text) and item.is_plain and item == ""):
                raise PydanticCustomError("not_text", "{what}", {"what": "a text", "item": number})
        return tuple(map(str, value))
    if is_null(value) and value != "null":
        raise PydanticCustomError("not_text", "{what}", {"what": "a list of texts"})
    return (as_text(value, "a list of texts"),)


def _maybe(parse: Any) -> Any:
    return lambda value: None if is_null(value) else parse(value)


# ---------------------------------------------------------------------------------------------------- secrets


def vault_of(info: ValidationInfo) -> Vault | None:
    return info.context if isinstance(info.context, Vault) else None


def expanded(value: object, info: ValidationInfo, what: str) -> tuple[str, bool]:
    """The text with its `${…}` resolved, and whether it is whole (False: something is unset, no error now)."""
    text = as_text(value, what)
    vault = vault_of(info)
    if vault is None or "$" not in text:
        return text, not has_reference(text)
    try:
        return vault.expand(text), True
    except Unset as error:
        if vault.is_needed:
            raise wrong(str(error)) from None
        return text, False


def secret(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    text, is_whole = expanded(value, info, "a text")
    return Secret(text) if is_whole else UnsetSecret(text)


def maybe_secret(value: object, info: ValidationInfo) -> Secret | None:
    if is_null(value):
        return None
    made = secret(value, info)
    return made if made.reveal() else None  # "${PROXY:-}" means none


_DURATION = {"type": "string", "pattern": r"^(\d+(\.\d+)?\s*[smhd]\s*)+$"}
_RATE = {"type": "string", "pattern": r"^[1-9]\d*\s*(per|/)\s*(minute|hour|day)$"}
_HOURS = {"type": "string", "pattern": r"^\d{1,2}:\d{2}\s*[-–—]\s*\d{1,2}:\d{2}$"}
_WHEN_SCHEMA = {
    "type": "string",
    "pattern": r"^(now|hourly|(daily|weekdays|[Mm]on(day)?|[Tt]ue(sday)?|[Ww]ed(nesday)?|[Tt]hu(rsday)?|[Ff]ri(day)?"
    r"|[Ss]at(urday)?|[Ss]un(day)?) \d{1,2}:\d{2})$",
}
_NULL = {"type": "null"}
#: What YAML takes for a number or a date is still the text as written for us.
TEXT_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
TEXTS_SCHEMA: dict[str, Any] = {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}]}

Duration = Annotated[timedelta, PlainValidator(duration), WithJsonSchema(_DURATION)]
PositiveDuration = Annotated[timedelta, PlainValidator(positive_duration), WithJsonSchema(_DURATION)]
MaybeDuration = Annotated[
    timedelta | None, PlainValidator(_maybe(duration)), WithJsonSchema({"anyOf": [_DURATION, _NULL]})
]
Size = Annotated[
    int, PlainValidator(size), WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[KkMG]?i?B$"})
]
MaybeRate = Annotated[Rate | None, PlainValidator(rate), WithJsonSchema({"anyOf": [_RATE, _NULL]})]
MaybeHours = Annotated[Hours | None, PlainValidator(hours), WithJsonSchema({"anyOf": [_HOURS, _NULL]})]
MaybeWhen = Annotated[When | None, PlainValidator(when), WithJsonSchema({"anyOf": [_WHEN_SCHEMA, _NULL]})]
Line = Annotated[str, PlainValidator(as_text), WithJsonSchema(TEXT_SCHEMA)]
MaybeLine = Annotated[str | None, PlainValidator(_maybe(as_text)), WithJsonSchema({"anyOf": [TEXT_SCHEMA, _NULL]})]
Texts = Annotated[tuple[str, ...], PlainValidator(texts), WithJsonSchema(TEXTS_SCHEMA)]
MaybeTexts = Annotated[
    tuple[str, ...] | None, PlainValidator(_maybe(texts)), WithJsonSchema({"anyOf": [TEXTS_SCHEMA, _NULL]})
]
SecretText = Annotated[Secret, PlainValidator(secret), WithJsonSchema({"type": ["string", "number"]})]
MaybeSecret = Annotated[
    Secret | None, PlainValidator(maybe_secret), WithJsonSchema({"type": ["string", "number", "null"]})
]
