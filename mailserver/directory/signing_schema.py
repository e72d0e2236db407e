"""Tables of how people sign in besides their secrets: from where they do, and who asks for a new password."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

# Where a person signs in from: one row for each door, network and program (see `devices`).
sign_in = Table(
    "sign_in",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False),
    # web | imap | smtp
    Column("door", String(12), nullable=False),
    # As `throttle.network_of` names it; "" if the peer has no IP address.
    Column("network", String(60), nullable=False),
    # A browser in two words, the label of an app password, "" for a mail client with the main password.
    Column("client", String(100), nullable=False),
    # The last IP address of that network.
    Column("remote", String(60), nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    UniqueConstraint("principal_id", "door", "network", "client"),
)

# Who needs a new password; answered by an administrator.
reset_request = Table(
    "reset_request",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    # The IP address that asked.
    Column("remote", String(60), nullable=False),
    # forgotten | emergency
    Column("cause", String(12), nullable=False),
    Column("answered_at", UtcTime),
    Column("answered_by_id", BigId, ForeignKey("principal.id")),
    # given | refused; NULL while it waits.
    Column("outcome", String(12)),
    Index(None, "principal_id", "answered_at"),
)
