"""The tables of files that are handed over.

Invariants:

- The pieces of a file that is not gone lie one behind the other, without gaps, up to `received`; each holds its blob
  (`blob.refs`). A file that is gone has none.
- A file has recipients from the moment it is ready; `received = size` then. Its rows are never deleted: they say who
  had what. A recipient is a row of `sent_file_recipient` (ours) or `sent_file_link` (elsewhere).
- A link has `token_hash`, `left_at` and `expires_at`, or none of them: then its letter has not left.
- Acts lock the row of the file first, by an UPDATE that names the state it is in.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

sent_file = Table(
    "sent_file",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False),
    # See the table of the package: coming | ready | stopped | gone
    Column("state", String(8), nullable=False),
    # Why it is gone: expired | withdrawn | abandoned | refused
    Column("why", String(12), nullable=False, server_default=""),
    # Unicode NFC, no path parts.
    Column("name", String(255), nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    # What the sender's browser knows it by, to go on with it: name, size and time of its last change.
    Column("mark", String(400), nullable=False),
    # SHA-256 of the whole, once the rules have looked at it.
    Column("digest", LargeBinary(32)),
    # Whether ClamAV has looked at it.
    Column("scanned", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("expires_at", UtcTime),
    # When it was stopped, or went.
    Column("closed_at", UtcTime),
    # Of the letter that tells of it, without angle brackets; "" for one that the program wrote.
    Column("message_id", String(255), nullable=False, server_default="", index=True),
    Index(None, "owner_id", "state"),
    Index(None, "state", "expires_at"),
    # A number is in letters: it must not come again.
    sqlite_autoincrement=True,
)

sent_file_piece = Table(
    "sent_file_piece",
    metadata,
    Column("file_id", BigId, ForeignKey("sent_file.id"), primary_key=True),
    # Octets of the file in front of it.
    Column("start", BigInteger, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), ForeignKey("blob.digest"), nullable=False),
    sqlite_with_rowid=False,
)

sent_file_recipient = Table(
    "sent_file_recipient",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("file_id", BigId, ForeignKey("sent_file.id"), nullable=False, index=True),
    # A person, or the mailbox of a unit, a post or an agency.
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
)

sent_file_fetch = Table(
    "sent_file_fetch",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("file_id", BigId, ForeignKey("sent_file.id"), nullable=False, index=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    # Address of the peer.
    Column("remote", String(45), nullable=False),
)

sent_file_link = Table(
    "sent_file_link",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("file_id", BigId, ForeignKey("sent_file.id"), nullable=False),
    # Of somebody elsewhere, as the sender wrote it.
    Column("address", String(320), nullable=False),
    # For how many days it opens, from when its letter leaves.
    Column("days", Integer, nullable=False),
    # SHA-256 of the token that opens it.
    Column("token_hash", LargeBinary(32), unique=True),
    Column("left_at", UtcTime),
    Column("expires_at", UtcTime),
    # When the sender ended it.
    Column("ended_at", UtcTime),
    UniqueConstraint("file_id", "address"),
)

sent_file_link_fetch = Table(
    "sent_file_link_fetch",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("link_id", BigId, ForeignKey("sent_file_link.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    # Address of the peer.
    Column("remote", String(45), nullable=False),
)
