"""More than one machine: the same program on a shared store, each machine scheduler and worker in one or split by role.

The stages are those of one machine (`monitor.app`); here stands only who does what when, and what wakes whom.
"""

from monitor.cluster.member import ROLES, Member

__all__ = ["ROLES", "Member"]
