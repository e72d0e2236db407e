"""For whom a mailbox's mail counts: itself, its unit, its agency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.store import raw

_FIND = (
    "SELECT p.id, coalesce(n.unit_id, t.unit_id), a.id, p.kind FROM principal p"
    " JOIN principal a ON a.agency_id = p.agency_id AND a.kind = 'agency'"
    " LEFT JOIN person n ON n.principal_id = p.id LEFT JOIN post t ON t.principal_id = p.id WHERE "
)


@dataclass(frozen=True, slots=True)
class Scopes:
    """own: the mailbox itself. unit: of a person or a post, None for none. agency: its principal.

    of_office: no person's: of the agency, a unit or a post, where what is official arrives.
    """

    own: int
    unit: int | None
    agency: int
    of_office: bool = False

    @property
    def all(self) -> tuple[int, ...]:
        """Each once, ascending."""
        return tuple(sorted({self.own, self.agency} | ({self.unit} if self.unit is not None else set())))

    def used(self, *, own: bool, unit: bool, agency: bool) -> tuple[int, ...]:
        """Those of these kinds, each once, ascending."""
        wanted = ((self.own, own), (self.unit, unit), (self.agency, agency))
        return tuple(sorted({scope for scope, use in wanted if use and scope is not None}))


def scopes_of(conn: Connection, owners: Collection[int]) -> dict[int, Scopes]:
    """The scopes of mailboxes, in one query."""
    if not owners:
        return {}
    condition, numbers = raw.among(conn, "p.id", owners)
    return {
        row[0]: Scopes(row[0], row[1], row[2], row[3] != "person")
        for row in raw.rows(conn, _FIND + condition, (numbers,))
    }
