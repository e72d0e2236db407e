"""What an actor is in their agency: whose mailboxes they act for, and their capabilities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import absences
from mailserver.directory.capabilities import roles_of
from mailserver.directory.grants import Right, Rights, effective_rights
from mailserver.directory.principals import agency_mailbox, get, office_day
from routing.errors import NotYourTurn
from routing.profile import Profile, profile_of


@dataclass(frozen=True, slots=True)
class Standing:
    """acts_for: principals whose tasks the person may do, the own one included: through an office
    (post, head of a unit), a grant to handle, or as deputy of somebody who is away (1201/QĐ-SYT, Điều 5, Điều 6;
    04/2017/QĐ-UBND, Điều 13 khoản 1). reads: those whose mailbox the person may read, or whose documents.
    """

    person_id: int | None
    agency_id: int | None
    acts_for: frozenset[int]
    reads: frozenset[int]
    capabilities: frozenset[str]
    agency_mailbox: int | None

    def can(self, capability: str, agency_id: int) -> bool:
        return self.agency_id == agency_id and capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raises NotYourTurn to who does not have it."""
        if capability not in self.capabilities:
            raise NotYourTurn("not-your-turn", holder="—")

    def is_clerk_of(self, agency_id: int) -> bool:
        """Registers for the agency. The clerk of a subordinate centre has the role, not the mailbox."""
        return self.can("register_incoming", agency_id) and self.agency_mailbox in self.acts_for


NOBODY = Standing(None, None, frozenset(), frozenset(), frozenset(), None)


def standing_of(conn: Connection, actor: Actor, now: datetime) -> Standing:
    """The actor's standing at `now`; the system itself has none: it registers and decides nothing."""
    if actor.principal_id is None:
        return NOBODY
    person = get(conn, actor.principal_id)
    rights = effective_rights(conn, person.id, now)
    readable = {owner for owner, granted in rights.items() if Right.READ in granted}
    deputised = absences.deputised(conn, person.id, now)
    profile = profile_of(conn, person.agency_id)
    return Standing(
        person_id=person.id,
        agency_id=person.agency_id,
        acts_for=acting_for(person.id, rights, deputised),
        reads=frozenset((person.id, *readable)) | deputised,
        capabilities=_capabilities(conn, person.id, profile, now),
        agency_mailbox=agency_mailbox(conn, person.agency_id).id,
    )


def acting_for(person_id: int, rights: Mapping[int, Rights], deputised: Collection[int]) -> frozenset[int]:
    """See `Standing.acts_for`. rights: of `effective_rights`; deputised: of `absences`."""
    handled = (owner for owner, granted in rights.items() if Right.HANDLE in granted)
    return frozenset((person_id, *handled, *deputised))


def _capabilities(conn: Connection, person_id: int, profile: Profile, now: datetime) -> frozenset[str]:
    roles = {role for role, _unit in roles_of(conn, person_id, office_day(now))}
    return frozenset().union(*(profile.capabilities.get(role, frozenset()) for role in roles))
