"""The tables of the queue.

Invariants:

- An outgoing message refers to the stored message and pins it (`message.pins`) as long as a recipient is
  waiting or held; after that `message_pk` is NULL and the rows stay for a while as its history.
- Whoever sends to a recipient holds its lease: `lease_owner` until `lease_until`. A lease that runs out is free.
- Every change of a recipient's state leaves a row in `outbound_step`, in the same transaction.
- Locks are taken in this order: the outgoing message, its recipients, then what the store locks.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

outbound_message = Table(
    "outbound_message",
    metadata,
    Column("id", BigId, primary_key=True),
    # NULL when every recipient has come to its end.
    Column("message_pk", BigId, ForeignKey("message.id")),
    # The id of our Received field, as in the log and in the door's 250.
    Column("queue_id", String(64), nullable=False),
    # Of the envelope; "" for the null path.
    Column("sender", Text, nullable=False),
    # The Message-ID without angle brackets, "" for none; it outlives the stored message.
    Column("message_id", String(255), nullable=False),
    # Octets as stored.
    Column("size", BigInteger, nullable=False),
    # ENVID (decoded) and RET ("", "FULL", "HDRS") of RFC 3461.
    Column("envid", String(200), nullable=False, server_default=""),
    Column("ret", String(4), nullable=False, server_default=""),
    # Who sent it: a principal, or NULL for the system; and the agency whose administrators see it.
    Column("actor_id", BigId),
    Column("agency_id", BigId),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    # By which redirect of a mailbox it leaves (`mailserver/redirects/`); NULL: by nobody's.
    Column("redirect_id", BigId),
    Index(None, "message_id"),
    Index(None, "message_pk"),
    Index(None, "finished_at"),
    sqlite_autoincrement=True,
)

outbound_recipient = Table(
    "outbound_recipient",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("outbound_id", BigId, ForeignKey("outbound_message.id"), nullable=False),
    Column("address", Text, nullable=False),
    # The domain as A-label in lower case, or the server of an identity elsewhere (`destinations.via`): who shares it
    # shares connections and back-off.
    Column("destination", String(255), nullable=False),
    # `states.State`
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UtcTime, nullable=False),
    Column("lease_owner", String(40)),
    Column("lease_until", UtcTime),
    # The last answer: reply code (0: none came), enhanced status, words of the remote or of ours, which host.
    Column("last_code", SmallInteger, nullable=False, server_default="0"),
    Column("last_status", String(12), nullable=False, server_default=""),
    Column("last_answer", Text, nullable=False, server_default=""),
    Column("last_host", String(255), nullable=False, server_default=""),
    # NOTIFY ("" if not given; words with commas) and ORCPT (decoded) of RFC 3461.
    Column("notify", String(30), nullable=False, server_default=""),
    Column("orcpt", Text, nullable=False, server_default=""),
    # The sender has been told of the delay.
    Column("delay_told", Boolean, nullable=False),
    # NULL while waiting or held.
    Column("finished_at", UtcTime),
    Index(None, "outbound_id"),
    sqlite_autoincrement=True,
)
# What is still to be done: few rows, however long the history. Queries name the condition for SQLite's sake.
Index(
    "ix_outbound_recipient_open",
    outbound_recipient.c.next_attempt_at,
    sqlite_where=outbound_recipient.c.finished_at.is_(None),
    postgresql_where=outbound_recipient.c.finished_at.is_(None),
)

# The story of a message: only ever added to.
outbound_step = Table(
    "outbound_step",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("outbound_id", BigId, ForeignKey("outbound_message.id"), nullable=False),
    # NULL: the message as a whole.
    Column("recipient_id", BigId),
    Column("at", UtcTime, nullable=False),
    # `states.Step`
    Column("kind", String(12), nullable=False),
    # Who did it, for what people do; else NULL.
    Column("actor_id", BigId),
    # Remote host, and its answer or our words.
    Column("host", String(255), nullable=False, server_default=""),
    Column("answer", Text, nullable=False, server_default=""),
    Index(None, "outbound_id", "id"),
    sqlite_autoincrement=True,
)

# MTA-STS policies of other domains (RFC 8461), as they were last fetched.
outbound_policy = Table(
    "outbound_policy",
    metadata,
    # A-label in lower case.
    Column("domain", String(255), primary_key=True),
    # `mtasts.Mode`
    Column("mode", String(8), nullable=False),
    # Patterns with spaces between them.
    Column("hosts", Text, nullable=False),
    # Seconds.
    Column("max_age", Integer, nullable=False),
    # Of the TXT record when it was fetched.
    Column("policy_id", String(32), nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
