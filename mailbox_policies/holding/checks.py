"""What `vanthu fsck` looks at of kept mail, of holds, and of the rules' settings."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.fsck import Finding

# Each query gives a row of facts for every fault.
_CHECKS = (
    (
        "kept-message",
        "kept message {}: it waits, but message {} is not pinned or not there",
        "SELECT k.id, k.message_pk FROM kept_message k LEFT JOIN message m ON m.id = k.message_pk"
        " WHERE k.state = 'waiting' AND (m.id IS NULL OR m.pins < 1)",
    ),
    (
        "kept-decided",
        "kept message {}: decided, but it still names message {}",
        "SELECT id, message_pk FROM kept_message WHERE state <> 'waiting' AND message_pk IS NOT NULL",
    ),
    (
        "legal-hold",
        "hold {}: it stands, but message {} is not pinned",
        "SELECT h.id, h.message_pk FROM legal_hold h JOIN message m ON m.id = h.message_pk"
        " WHERE h.ended_at IS NULL AND m.pins < 1",
    ),
    (
        "policy-versions",
        "agency {}, rule {}: its versions do not run from 1 to {}",
        "SELECT agency_id, rule, max(version) FROM policy_setting GROUP BY agency_id, rule"
        " HAVING count(*) <> max(version) OR min(version) <> 1",
    ),
)


def check(conn: Connection) -> Iterator[Finding]:
    """Everything found wrong with kept mail and the rules' settings."""
    for kind, sentence, query in _CHECKS:
        for facts in raw.rows(conn, query):
            yield Finding(kind, sentence.format(*facts))
