"""Tables of the second factor (see `second`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

second_factor = Table(
    "second_factor",
    metadata,
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # The secret, encrypted.
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # NULL: shown to the person, not yet proved by a code; it is not asked for then.
    Column("confirmed_at", UtcTime),
    # The last step a code was taken of: none counts twice.
    Column("last_step", BigInteger, nullable=False),
    # Wrong codes since the last right one.
    Column("failures", Integer, nullable=False),
    Column("failed_at", UtcTime),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("hash", String(80), nullable=False),
    Column("used_at", UtcTime),
)
