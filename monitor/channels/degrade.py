"""A message whose better form cannot be made goes in its plainer one: a formatting fault never holds up news.

It must not hide a failure: what could not be made is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")
log = logging.getLogger(__name__)


def best(channel: str, *forms: Callable[[], Made]) -> Made:
    """The first of `forms` that can be made; the last one's error if none can."""
    for form in forms[:-1]:
        try:
            return form()
        except Exception:
            # Whatever a feed wrote that a renderer did not foresee: the reader still gets the plainer form.
            log.exception("channel %s: message could not be formatted, sending it plainer", channel)
    return forms[-1]()
