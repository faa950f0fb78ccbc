"""The text of an article from its page, and which text counts when there are several.

It must not fetch, nor see the store; trafilatura's types stay in here.
"""

from monitor.extract.choice import choose, choose_again, needs_page
from monitor.extract.page import Page, extract

__all__ = ["Page", "choose", "choose_again", "extract", "needs_page"]
