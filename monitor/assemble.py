"""From a configuration to the parts of the program: rules, channels, fetcher.

The one place that knows both the configuration's form and what the parts want; it opens nothing.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config as configuration
from monitor.alerting import AlertsPolicy, ChannelPolicy, Limit, Quiet
from monitor.channels import Channel, can_amend, open_channel
from monitor.config import Config
from monitor.config.checks import problem
from monitor.config.files import LANGUAGES
from monitor.errors import ConfigError, Problem
from monitor.fetch import Fetcher, Gate, Network
from monitor.guard import Allowed
from monitor.hindsight import Audience
from monitor.intake import Terms
from monitor.language.tables import default_cache
from monitor.match import Matcher, Names, sound
from monitor.match import compile as compile_watches
from monitor.model import Watchlist, When
from monitor.render import Style
from monitor.rules import Rules, policies
from monitor.schedule import Pace
from monitor.tasks import Watches
from monitor.websub import callbacks


def load_checked(path: str | None) -> Config:
    """The configuration with its secrets, its expressions compiled and its examples tried. Raises ConfigError."""
    config, problems, _ = examined(path, is_advised=False)
    if any(not problem.is_warning for problem in problems):
        raise ConfigError(problems)
    return config


def examined(path: str | None, *, is_advised: bool = True) -> tuple[Config, list[Problem], Matcher | None]:
    """The configuration, every problem of files, expressions and examples, and the matcher if it compiles.

    `is_advised`: also what is right but perhaps not meant, which may take seconds to find out.
    """
    result = configuration.examine(path, secrets=True)
    config, problems = result.config, [*_no_folder(result.config), *result.problems]
    matcher, more = _compiled(config, result.doubtful, is_advised=is_advised)
    order = {problem.file: number for number, problem in enumerate(problems)}
    known = {(problem.file, problem.line, problem.message) for problem in problems}
    problems += [one for one in more if (one.file, one.line, one.message) not in known]
    problems.sort(key=lambda one: (order.get(one.file, len(order)), one.line, one.column))
    return config, problems, matcher


def _no_folder(config: Config) -> list[Problem]:
    """A store whose folder is not there cannot be made."""
    if config.store_file is None or config.store_file.parent.is_dir():
        return []
    folder = config.store_file.parent
    message = f"the folder {folder} of the store does not exist; make it (mkdir -p {folder}), or change 'store'"
    return [problem(config.store_at, message)]


def _compiled(
    config: Config, written: Sequence[Watchlist], *, is_advised: bool
) -> tuple[Matcher | None, list[Problem]]:
    """What is wrong with expressions hides nothing that is wrong elsewhere; the matcher is of what is right in all.

    `written` are the watchlists with their watches of which a part is wrong.
    """
    readable, problems = sound(written)
    matcher = compile_watches(readable)
    advice = matcher.warnings(languages(config)) if is_advised and not problems else []
    problems += [*matcher.failures(), *matcher.strangers(_names(config)), *advice]
    is_whole = not any(one.watches != kept.watches for one, kept in zip(config.watchlists, readable, strict=True))
    return (matcher if is_whole else None), problems


def _names(config: Config) -> Names:
    """What expressions may call the feeds."""
    return Names(
        frozenset(feed.name for feed in config.feeds if feed.name),
        frozenset(tag for feed in config.feeds for tag in feed.tags),
        all(feed.name for feed in config.feeds),
    )


def languages(config: Config) -> dict[str, int]:
    """How many feeds are tagged with each language; feeds without such a tag are not counted."""
    codes = set(LANGUAGES.values())
    return dict(Counter(tag for feed in config.feeds for tag in feed.tags if tag in codes))


def make_network(config: Config) -> Network:
    settings = config.settings.network
    return Network(
        user_agent=settings.user_agent,
        timeout=settings.timeout,
        max_feed=settings.max_feed,
        max_page=settings.max_page,
        allow_private=Allowed.parse(settings.allow_private),
        proxy=settings.proxy.reveal() if settings.proxy else None,
    )


def make_fetcher(config: Config, gate: Gate | None = None) -> Fetcher:
    polling = config.settings.polling
    delay = polling.per_host_delay.total_seconds()
    return Fetcher(
        make_network(config),
        concurrency=polling.concurrency,
        per_host=polling.per_host,
        per_host_delay=delay,
        gate=gate,
    )


def make_channels(config: Config) -> Mapping[str, Channel]:
    network, style = make_network(config), make_style(config)
    return {name: open_channel(name, settings, network, style=style) for name, settings in config.channels.items()}


def make_style(config: Config) -> Style:
    """How messages, and the feed of alerts, are written."""
    return Style(
        zone=ZoneInfo(config.timezone), sentences=config.settings.alerts.evidence, commands=frozenset({"silence"})
    )


def make_rules(config: Config, channels: Mapping[str, Channel], folder: Path) -> Rules:
    """The rules in force; the watchlists go to workers as a file in `folder`, which is the service's own."""
    alerts = config.settings.alerts
    polling = config.settings.polling
    return Rules(
        feeds={feed.key: feed for feed in config.feeds},
        watches=_watches(config, folder),
        watch_policies=policies(config.watchlists),
        alerts=_alerts(config),
        channels=tuple(_channel(config, name) for name in channels),
        targets={name: channel.recipients for name, channel in channels.items()},
        intake=Terms(fresh=alerts.fresh, is_first_archived=alerts.first == "archive"),
        pace=Pace(every=polling.every, fastest=polling.fastest, slowest=polling.slowest),
        amending=frozenset(name for name, channel in channels.items() if can_amend(channel)),
        health=config.settings.health.to,
        health_summary=config.settings.health.summary,
        callbacks=callbacks(config.settings.web.public_url) if config.settings.web.listen else None,
    )


def _alerts(config: Config) -> AlertsPolicy:
    alerts = config.settings.alerts
    return AlertsPolicy(
        to=alerts.to,
        group=alerts.group,
        fresh=alerts.fresh,
        first=alerts.first,
        late=alerts.late,
        zone=config.timezone,
    )


def make_audience(config: Config) -> Audience:
    """Who would be told, and when: without opening a channel, and so without its secrets."""
    return Audience(_alerts(config), tuple(_channel(config, name) for name in config.channels))


def _channel(config: Config, name: str) -> ChannelPolicy:
    """The configuration has already resolved what a channel takes over from `alerts`."""
    settings = config.channels[name]
    routed = sum(
        name in _first_given(watch.to, watchlist.to, config.settings.alerts.to, tuple(config.channels))
        for watchlist in config.watchlists
        for watch in watchlist.watches
    )
    return ChannelPolicy(
        name=name,
        when=settings.when or When(),
        only_urgent=settings.only == "urgent",
        quiet=Quiet(settings.quiet.start, settings.quiet.end) if settings.quiet else None,
        at_most=Limit(settings.at_most.count, settings.at_most.per) if settings.at_most else None,
        watches=routed,
    )


def _first_given(*settings: tuple[str, ...] | None) -> tuple[str, ...]:
    """An empty list is a setting, a missing one is not."""
    return next(setting for setting in settings if setting is not None)


def keep_watches(config: Config, watches: Watches) -> None:
    """See to it that the workers' file stays: folders of temporary files are swept of what is days old."""
    if watches.file.exists():
        watches.file.touch()
    else:
        watches.file.parent.mkdir(parents=True, exist_ok=True)
        watches.file.write_bytes(pickle.dumps(config.watchlists))


def _watches(config: Config, folder: Path) -> Watches:
    data = pickle.dumps(config.watchlists)
    version = hashlib.blake2b(data, digest_size=8).hexdigest()
    file = folder / f"watchlists-{version}.pickle"
    file.write_bytes(data)
    return Watches(version, file, default_cache())
