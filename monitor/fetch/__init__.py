"""Feeds and pages over HTTP: polite, bounded in size, time and redirects, through the one gate
(`monitor.guard`).

It must not parse what it gets, decide when to ask, or remember anything but robots.txt and who was asked
when.
"""

from monitor.fetch.address import host_of, is_trusted
from monitor.fetch.client import Fetcher
from monitor.fetch.hosts import Gate
from monitor.fetch.post import post
from monitor.fetch.values import Answer, Fetched, Network

__all__ = ["Answer", "Fetched", "Fetcher", "Gate", "Network", "host_of", "is_trusted", "post"]
