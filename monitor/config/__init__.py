"""The user's files as a frozen Config: monitor.yaml, feeds (YAML or OPML) and watchlists, with every problem at once.

What is wrong is said as file:line:column, what is wrong, what was probably meant; secrets become Secret values.
"""

from monitor.config.channels import Apprise, ChannelSettings, Console, Email, Slack, Webhook
from monitor.config.load import examine, find, load, load_watchlist_file
from monitor.config.opml import read_opml, write_opml
from monitor.config.result import Config, Examined
from monitor.config.settings import Alerts, Health, Keep, Network, Polling, Settings, Web
from monitor.config.values import Hours, Rate

__all__ = [
    "Alerts",
    "Apprise",
    "ChannelSettings",
    "Config",
    "Console",
    "Email",
    "Examined",
    "Health",
    "Hours",
    "Keep",
    "Network",
    "Polling",
    "Rate",
    "Settings",
    "Slack",
    "Web",
    "Webhook",
    "examine",
    "find",
    "load",
    "load_watchlist_file",
    "read_opml",
    "write_opml",
]
