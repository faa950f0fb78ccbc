"""Watchlists compiled into one matcher: documents in, hits with their evidence out.

It is pure but for the tables of word forms, which it reads from the cache folder that it is given.
"""

from monitor.match.matcher import Matcher, Verdict, compile
from monitor.match.names import Names
from monitor.match.program import sound

__all__ = ["Matcher", "Names", "Verdict", "compile", "sound"]
