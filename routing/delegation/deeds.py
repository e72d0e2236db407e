"""What has been done in somebody's place in a mailbox, from the audit: "Y thay X" (132/QĐ-STTTT, Điều 11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.columns import from_milliseconds

# Actions of the audit that are told.
ACTIONS = ("mail.sent_for", "team.take", "team.pass", "team.finish", "team.release", "team.reopen")


@dataclass(frozen=True, slots=True)
class Deed:
    """at: aware, UTC. action: one of ACTIONS. person: who has done it; replaced: in whose place. about: the subject
    of the letter or message, "" if it is gone."""

    at: datetime
    action: str
    owner: str
    person: str
    replaced: str
    about: str


def of(conn: Connection, owner_ids: Collection[int], limit: int) -> list[Deed]:
    """The newest first, in these mailboxes."""
    if not owner_ids:
        return []
    condition, owners = raw.among(conn, "a.owner_id", owner_ids)
    wanted = ", ".join("?" for _ in ACTIONS)
    query = (
        "SELECT a.at, a.action, o.name, p.name, x.name, a.detail FROM audit a JOIN principal o ON o.id = a.owner_id"
        " JOIN principal p ON p.id = a.actor_id JOIN principal x ON x.id = a.on_behalf_of_id"
        f" WHERE {condition} AND a.action IN ({wanted}) ORDER BY a.id DESC LIMIT ?"
    )
    found = raw.rows(conn, query, (owners, *ACTIONS, limit))
    details: list[dict[str, Any]] = [raw.from_json(row[5]) for row in found]
    subjects = _subjects(conn, {detail["message"] for detail in details if "message" in detail})
    return [
        Deed(
            at=from_milliseconds(row[0]),
            action=row[1],
            owner=row[2],
            person=row[3],
            replaced=row[4],
            about=detail.get("subject") or subjects.get(detail.get("message", 0), ""),
        )
        for row, detail in zip(found, details, strict=True)
    ]


def _subjects(conn: Connection, message_pks: Collection[int]) -> dict[int, str]:
    if not message_pks:
        return {}
    condition, numbers = raw.among(conn, "id", message_pks)
    return dict(raw.rows(conn, f"SELECT id, subject FROM message WHERE {condition}", (numbers,)))
