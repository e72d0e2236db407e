"""The tables of the collector.

`collector_message` has one row for every message that was ever met, by the SHA-256 of its octets: it is
what keeps a message from being delivered twice, so rows stay as long as their account does.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

collector_account = Table(
    "collector_account",
    metadata,
    Column("id", BigId, primary_key=True),
    # Address of the mailbox here that gets the mail.
    Column("target", String(320), nullable=False),
    Column("host", String(255), nullable=False),
    Column("port", Integer, nullable=False),
    # tls | starttls | none
    Column("security", String(12), nullable=False),
    # SHA-256 of the only certificate that is taken; NULL: any that is valid for the host's name.
    Column("fingerprint", LargeBinary(32)),
    Column("login", String(320), nullable=False),
    # The password, encrypted with the key of the installation (see `vault`).
    Column("secret", LargeBinary, nullable=False),
    Column("folders", JSON, nullable=False),
    # leave | flag | delete
    Column("after", String(12), nullable=False),
    Column("poll_s", Integer, nullable=False),
    Column("since", Date),
    Column("paused", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    # How it goes; written by the collector alone.
    Column("collected", BigInteger, nullable=False, server_default="0"),
    Column("refused", BigInteger, nullable=False, server_default="0"),
    Column("last_success_at", UtcTime),
    Column("last_failure_at", UtcTime),
    Column("trouble", String(20)),
    Column("detail", String(200), nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcTime),
    UniqueConstraint("host", "login"),
    # A loop may still write about an account that was removed: its number must not come again.
    sqlite_autoincrement=True,
)

# Accounts by whose submission server mail under their address goes out.
collector_sending = Table(
    "collector_sending",
    metadata,
    Column("account_id", BigId, ForeignKey("collector_account.id"), primary_key=True),
    # Who may write under it is told by the directory.
    Column("identity_id", BigId, ForeignKey("external_identity.id"), nullable=False, unique=True),
    Column("address", String(320), nullable=False),
    Column("host", String(255), nullable=False),
    Column("port", Integer, nullable=False),
    # tls | starttls | none
    Column("security", String(12), nullable=False),
    Column("login", String(320), nullable=False),
    # NULL: as the account's own.
    Column("secret", LargeBinary),
)

# How far each folder has been read: everything up to last_uid was dealt with.
collector_folder = Table(
    "collector_folder",
    metadata,
    Column("account_id", BigId, ForeignKey("collector_account.id"), primary_key=True),
    Column("name", String(1000), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
)

collector_message = Table(
    "collector_message",
    metadata,
    Column("account_id", BigId, ForeignKey("collector_account.id"), primary_key=True),
    # SHA-256 of the octets; of one that was not read, of where it lies.
    Column("digest", LargeBinary(32), primary_key=True),
    Column("message_id", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    # Where it was met first.
    Column("folder", String(1000), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    # delivered | refused
    Column("outcome", String(12), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("at", UtcTime, nullable=False),
)

# What was delivered and is still to be flagged or deleted on the remote.
collector_act = Table(
    "collector_act",
    metadata,
    Column("account_id", BigId, ForeignKey("collector_account.id"), primary_key=True),
    Column("folder", String(1000), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
)
