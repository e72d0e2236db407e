"""The tables of the policies.

Invariants:

- `policy_setting` is only added to. Versions of one agency and rule run from 1 without a gap; the last holds.
- A waiting row of `kept_message` names and pins its message (`message.pins`). One that is decided names none:
  what becomes of the message is then its holders' business, and of a destroyed one nothing is left.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

policy_setting = Table(
    "policy_setting",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # Name of the rule; one that is no more stays in the history.
    Column("rule", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    # off | trial | warn | enforce; NULL: as the profile has it.
    Column("mode", String(12)),
    # What differs from the profile, see `fields`.
    Column("settings", JSON, nullable=False),
    # The version that was taken up again, or NULL.
    Column("restores", Integer),
    # Who; NULL: the administrator of the machine.
    Column("actor_id", BigId, ForeignKey("principal.id")),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("agency_id", "rule", "version"),
)

kept_message = Table(
    "kept_message",
    metadata,
    Column("id", BigId, primary_key=True),
    # Whose rule it was, and so whose people decide.
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # held | quarantined
    Column("kind", String(12), nullable=False),
    # waiting | released | refused | withdrawn | expired | destroyed
    Column("state", String(12), nullable=False),
    # NULL once it is decided.
    Column("message_pk", BigId, ForeignKey("message.id")),
    Column("rule", String(60), nullable=False),
    Column("article", String(100), nullable=False),
    Column("cause", String(40), nullable=False),
    Column("facts", JSON, nullable=False),
    # What other rules would keep it for, in turn, when this one is settled.
    Column("further", JSON, nullable=False),
    # data | submission
    Column("stage", String(12), nullable=False),
    # As in our Received field.
    Column("queue_id", String(120), nullable=False),
    # The envelope: "" for the null path; addresses it is kept back for; [principal, detail] of their mailboxes;
    # those outside; what the sender wants to be told of them (RFC 3461).
    Column("sender", String(320), nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("mailboxes", JSON, nullable=False),
    Column("outside", JSON, nullable=False),
    Column("wishes", JSON, nullable=False),
    # Which of these get it by which distribution lists, as `mailbox_policies/holding/circulated.py`.
    Column("lists", JSON, nullable=False, server_default="[]"),
    # Who sent it, if it is one of ours.
    Column("actor_id", BigId, ForeignKey("principal.id")),
    Column("message_id", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    # Who has to agree; "" and NULL: the agency's administrators.
    Column("waits_for", String(320), nullable=False),
    Column("waits_for_id", BigId, ForeignKey("principal.id")),
    Column("at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
    Column("decided_by", BigId, ForeignKey("principal.id")),
    # Why, in the words of who decided.
    Column("reason", Text, nullable=False, server_default=""),
    Index(None, "agency_id", "id"),
    Index(None, "actor_id"),
    Index(None, "waits_for_id"),
    Index(None, "message_pk"),
    sqlite_autoincrement=True,
)
Index(
    "ix_kept_message_due",
    kept_message.c.expires_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
