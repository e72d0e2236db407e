"""Who has signed in."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.actor import Actor
from mailserver.directory.records import Principal


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who has signed in. must_change: let them do nothing but choose a new password (web only).

    hidden: IMAP capabilities not to announce to them.
    """

    principal: Principal
    credential_id: int
    credential_kind: str
    must_change: bool
    hidden: frozenset[str] = frozenset()

    def actor(self, door: str, remote: str = "") -> Actor:
        who = self.principal
        return Actor(who.id, who.agency_id, door, remote, who.locale)
