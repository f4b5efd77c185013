"""Roles: what a person may be in a cycle, relative to the instance at hand."""

from __future__ import annotations

from engine.definition import ADMINISTRATOR

OWNER = "owner"
"""Who owes what is owed on the instance: the responsible section."""
VICE_LEADER = "vice_leader"
"""The deputy in charge of the owner's section (R-35)."""
GROUP_OFFICE = "group_office"
"""Runs the cycle, collects, chases (R-06)."""
LEADING_GROUP = "leading_group"
"""Decides inside the body; top of every ladder (R-05)."""
REVIEWER = "reviewer"
AUDITOR = "auditor"
DAEMON = "daemon"
"""Time itself: what a plan declares to happen on a date."""

ROLES = (OWNER, VICE_LEADER, GROUP_OFFICE, LEADING_GROUP, REVIEWER, AUDITOR, ADMINISTRATOR)
"""Roles that people may have."""
