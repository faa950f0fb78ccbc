"""`monitor demo`: a small invented news site, two receivers and the real program between them, all on this machine.

It uses the program only by its public doors (configuration files, App, Service, store) and must not replace any part.
"""

from monitor.demo.show import Outcome, Show, play

__all__ = ["Outcome", "Show", "play"]
