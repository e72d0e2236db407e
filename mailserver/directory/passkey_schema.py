"""Tables of passkeys (see `passkeys`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

passkey = Table(
    "passkey",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # At most 1,023 octets, chosen by the authenticator (WebAuthn-3 §4, Credential ID).
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # Random octets that stand for the person, the same in all of theirs: no address leaves for a stranger's device.
    Column("handle", LargeBinary, nullable=False),
    # As the authenticator gave it (COSE, RFC 9052 §7).
    Column("public_key", LargeBinary, nullable=False),
    # The authenticator's counter at the last use; 0 for ever where it has none.
    Column("sign_count", BigInteger, nullable=False),
    Column("label", String(100), nullable=False),
    # What browsers said of the way to it, "internal hybrid"; given back to them.
    Column("transports", String(100), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    # Since when its counter has gone back; it opens nothing any more.
    Column("blocked_at", UtcTime),
)

# Challenges that were answered, rightly or not: none is taken twice.
passkey_spent = Table(
    "passkey_spent",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
)
