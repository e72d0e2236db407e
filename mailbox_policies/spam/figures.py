"""How much an agency's filter has learned, for its administrators."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailbox_policies.spam.model import LEAST_TRAINED, Count
from mailserver.store import raw

_AGENCY = (
    "SELECT coalesce(s.ham, 0), coalesce(s.spam, 0) FROM principal p LEFT JOIN spam_scope s ON s.scope_id = p.id"
    " WHERE p.agency_id = ? AND p.kind = 'agency'"
)
_ABLE = (
    "SELECT count(*) FROM spam_scope s JOIN principal p ON p.id = s.scope_id"
    " WHERE p.agency_id = ? AND p.kind <> 'agency' AND s.ham >= ? AND s.spam >= ?"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """agency: messages learned from all its mailboxes. able: mailboxes and units that have learned enough by
    themselves. needed: of each kind, before anything is judged."""

    agency: Count
    able: int
    needed: int = LEAST_TRAINED

    @property
    def may_judge(self) -> bool:
        return min(self.agency.ham, self.agency.spam) >= self.needed


def figures(conn: Connection, agency_id: int) -> Figures:
    ham, spam = raw.row(conn, _AGENCY, (agency_id,)) or (0, 0)
    (able,) = raw.row(conn, _ABLE, (agency_id, LEAST_TRAINED, LEAST_TRAINED)) or (0,)
    return Figures(Count(ham, spam), able)
