"""The table of questions to original senders.

Invariants: a row is written once; its `state` changes in the transaction that records who answered, and by which way.
A letter (`kept_message`) has one row for each sender whose mail it passes on.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

consent = Table(
    "consent",
    metadata,
    Column("id", BigId, primary_key=True),
    # The letter that waits.
    Column("held_id", BigId, ForeignKey("kept_message.id"), nullable=False, index=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    Column("forwarder_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # Who is asked: an address as the original letter has it; and what of theirs is passed on.
    Column("author", String(320), nullable=False),
    Column("subjects", Text, nullable=False),
    # The new readers, ", " between; and the subject of the letter that waits.
    Column("readers", Text, nullable=False),
    Column("letter_subject", Text, nullable=False),
    # SHA-256 of the token in link and reply address; the token itself is only in the mail.
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    # asked | agreed | refused | expired | withdrawn
    Column("state", String(12), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    # Who answered, as far as it is one of ours; link | mail | override | schedule; a leader's reason.
    Column("answered_by_id", BigId, ForeignKey("principal.id")),
    Column("answered_by", String(12), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Index(None, "state", "until"),
)
