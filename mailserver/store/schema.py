"""The tables of the store.

Invariants, kept by the functions of this package and checked by `vanthu fsck`:

- A row of `message` and its `message_segment` rows never change. The segments in order of `position`
  are the message as it came in, octet for octet; the header is at the beginning of the first.
- `folder.uidnext` only grows; a uid is never used twice in one folder (RFC 9051 §2.3.1.1).
  `folder.uidvalidity` is never 0.
- `folder.highestmodseq` grows with every change of the folder's entries, in the same transaction;
  `messages`, `unseen`, `deleted` and `size` always equal what a scan of the entries would give.
- A row of `personal_flag` is about an entry that is there, in a folder with personal flags.
- An entry that goes away leaves a row in `tombstone` (RFC 7162 §3.2.7). It may be missing where its modseq is not
  above `folder.forgotten_modseq`, which only grows and never passes `folder.highestmodseq`.
- A row of `removed_entry` names a message that is there: what it holds the collector leaves alone.
- A blob is on disk, synced, before any row names it.
- Locks are taken in this order: folder rows by ascending id, then messages, then the event log.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mailserver.store.columns import BigId, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

folder = Table(
    "folder",
    metadata,
    Column("id", BigId, primary_key=True),
    # The principal whose mailbox this folder is in (table `principal` of the directory).
    Column("owner_id", BigId, nullable=False),
    # Full path, Unicode NFC, "/" between levels; "INBOX" in capitals.
    Column("name", String(1000), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uidnext", BigInteger, nullable=False, server_default="1"),
    Column("highestmodseq", BigInteger, nullable=False, server_default="1"),
    # What went away up to this modseq is not remembered one by one any more, see `tombstones`.
    Column("forgotten_modseq", BigInteger, nullable=False, server_default="0"),
    # Entries with uid >= this one have not been \Recent in any session yet (RFC 3501 §2.3.2).
    Column("recent_from", BigInteger, nullable=False, server_default="1"),
    Column("messages", Integer, nullable=False, server_default="0"),
    Column("unseen", Integer, nullable=False, server_default="0"),
    Column("deleted", Integer, nullable=False, server_default="0"),
    Column("size", BigInteger, nullable=False, server_default="0"),
    # RFC 6154 attribute with its backslash, as in \Sent, or NULL.
    Column("special_use", String(20)),
    # Name under which a folder behaviour is registered (see `behaviours`), or NULL.
    Column("behaviour", String(60)),
    # Bits of `flags.Flag` that each reader has for himself, see `personal`; all folders of a mailbox alike.
    Column("personal", SmallInteger, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("owner_id", "name"),
    # A session may still have a deleted folder open by its id: the id must not come again.
    sqlite_autoincrement=True,
)

# The last UIDVALIDITY given out in a mailbox: a name that comes again has a greater one than before.
uidvalidity_counter = Table(
    "uidvalidity_counter",
    metadata,
    Column("owner_id", BigId, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("principal_id", BigId, primary_key=True),
    # The name as this principal sees it, namespace prefix included ("Shared/…"); with "/" in front: not wanted.
    Column("name", String(1000), primary_key=True),
)

# Rights on one folder, besides those on its whole mailbox (RFC 4314); see `access`.
folder_acl = Table(
    "folder_acl",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True),
    # A person, unit, post or group; or everybody of an agency (`grants.everybody`, a negative number).
    Column("grantee_id", BigId, primary_key=True),
    # RFC 4314 §2.1 letters in the order of `letters.ORDER`.
    Column("rights", String(20), nullable=False),
    Index(None, "grantee_id"),
    sqlite_with_rowid=False,
)

# Notes of clients (RFC 5464), see `notes`.
annotation = Table(
    "annotation",
    metadata,
    # 0: the server.
    Column("folder_id", BigId, primary_key=True, autoincrement=False),
    # 0: shared by all who may read the folder; negative: by everybody of an agency (`grants.everybody`).
    Column("principal_id", BigId, primary_key=True, autoincrement=False),
    Column("name", String(255), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What is chosen for a mailbox; no row: nothing.
mailbox_settings = Table(
    "mailbox_settings",
    metadata,
    Column("owner_id", BigId, primary_key=True, autoincrement=False),
    # For `folder.personal` of folders to come.
    Column("personal_flags", SmallInteger, nullable=False, server_default="0"),
    # Where mail goes that somebody sends in its name: "sender", "owner" or "both", see `delivery.sentcopy`.
    Column("sent_copy", String(8), nullable=False, server_default="sender"),
    # How much it may hold, see `quota`: NULL as the agency has it, 0 no limit.
    Column("octets_limit", BigInteger),
    Column("messages_limit", BigInteger),
    # In the row of an agency's mailbox: for all mailboxes of the agency.
    Column("members_octets_limit", BigInteger),
    Column("members_messages_limit", BigInteger),
)

message = Table(
    "message",
    metadata,
    Column("id", BigId, primary_key=True),
    # Octets on the wire, header included (RFC822.SIZE), and with transfer encodings undone.
    Column("size", BigInteger, nullable=False),
    Column("decoded_size", BigInteger, nullable=False),
    # Octets of the header block with its closing empty line.
    Column("header_size", Integer, nullable=False),
    # Ready for the wire: the parenthesised lists of RFC 3501 §7.4.2.
    Column("envelope", LargeBinary, nullable=False),
    Column("bodystructure", LargeBinary, nullable=False),
    # `mailserver.mime.structure.Structure.encode()`: part tree with offsets.
    Column("structure", LargeBinary, nullable=False),
    # Sort keys: seconds since 1970 of the Date field (NULL: none), folded texts for SORT and SEARCH.
    Column("sent_at", BigInteger),
    Column("subject", Text, nullable=False),
    Column("subject_folded", Text, nullable=False),
    Column("base_subject", Text, nullable=False),
    # Display form of the first From address, for lists; and everything folded, for SEARCH FROM/TO/CC/BCC.
    Column("sender", Text, nullable=False),
    # The first To address as `sender`.
    Column("recipient", Text, nullable=False, server_default=""),
    Column("from_folded", Text, nullable=False),
    Column("to_folded", Text, nullable=False),
    Column("cc_folded", Text, nullable=False),
    Column("bcc_folded", Text, nullable=False),
    # The Message-ID without angle brackets, cut at 255 characters; and a 63-bit number that
    # messages of one thread share (from the first Reference, else In-Reply-To, else Message-ID).
    Column("message_id", String(255)),
    Column("thread_id", BigInteger, nullable=False),
    # Numbers of its Message-ID and of those it refers to (see `ancestry`), for THREAD; NULL only for
    # messages older than this column.
    Column("ancestry", LargeBinary),
    Column("attachments", SmallInteger, nullable=False, server_default="0"),
    # The header fields that clients list mail by (`mailserver.mime.listed`); NULL where they take up much room,
    # and for messages older than this column: then they are found in the header.
    Column("listed_fields", LargeBinary),
    # First words of the text, for lists; at most 200 characters.
    Column("preview", Text, nullable=False, server_default=""),
    # How many holders outside folders (a document's original, say) keep this message alive.
    Column("pins", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "message_id"),
    sqlite_autoincrement=True,
)

# For SEARCH SUBJECT of a folder on SQLite: a third of the octets of a row are looked at. PostgreSQL has its rows' large
# columns elsewhere, and refuses long subjects in an index.
Index("ix_message_subject_folded", message.c.id, message.c.subject_folded).ddl_if(dialect="sqlite")

message_segment = Table(
    "message_segment",
    metadata,
    Column("message_pk", BigId, ForeignKey("message.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # Exactly one of data and blob_digest is set.
    Column("data", LargeBinary),
    Column("blob_digest", LargeBinary(32), ForeignKey("blob.digest")),
    # "raw": the blob's octets. "base64-76": the blob in base64, 76 characters a line, CRLF after each
    # line; used only where that gives back the octets that came in.
    Column("codec", String(12), nullable=False, server_default="raw"),
    # Octets this segment contributes to the message.
    Column("size", BigInteger, nullable=False),
)
# Most segments have no blob: a partial index costs a delivery nothing.
Index(
    "ix_message_segment_blob_digest",
    message_segment.c.blob_digest,
    sqlite_where=message_segment.c.blob_digest.is_not(None),
    postgresql_where=message_segment.c.blob_digest.is_not(None),
)

# Files that no blob is named by, by the SHA-256 of their decoded octets; see `files`.
message_file = Table(
    "message_file",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("message_pk", BigId, ForeignKey("message.id"), primary_key=True),
    Index(None, "message_pk"),
    sqlite_with_rowid=False,
)

blob = Table(
    "blob",
    metadata,
    # SHA-256 of the content, decoded where the codec says so.
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_size", BigInteger, nullable=False),
    # References from message_segment and from documents' files.
    Column("refs", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    # When refs last fell to 0; the collector deletes a day later.
    Column("orphaned_at", UtcTime),
    sqlite_with_rowid=False,
)

entry = Table(
    "entry",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("message_pk", BigId, ForeignKey("message.id"), nullable=False),
    # Bits of `flags.Flag`; keywords in sorted order with one space between, "" for none.
    Column("flags", Integer, nullable=False),
    Column("keywords", Text, nullable=False, server_default=""),
    # Seconds since 1970, UTC.
    Column("internal_date", BigInteger, nullable=False),
    Column("save_date", BigInteger, nullable=False),
    Column("modseq", BigInteger, nullable=False),
    # The message's size, so that listing and counting a folder need no other table.
    Column("size", BigInteger, nullable=False),
    Index(None, "folder_id", "modseq"),
    Index(None, "message_pk"),
    sqlite_with_rowid=False,
)

# A reader's own flags on an entry; only where `folder.personal` is not 0, see `personal`.
personal_flag = Table(
    "personal_flag",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True),
    Column("reader_id", BigId, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("flags", SmallInteger, nullable=False),
    # Of the folder's sequence, when the reader changed them last.
    Column("modseq", BigInteger, nullable=False),
    Index(None, "folder_id", "reader_id", "modseq"),
    sqlite_with_rowid=False,
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("modseq", BigInteger, nullable=False),
    # When it went; 0, which is long ago, for what went before this was written down.
    Column("at", UtcTime, nullable=False, server_default="0"),
    Index(None, "folder_id", "modseq"),
    sqlite_with_rowid=False,
)

# Mail that was taken out of a mailbox for good, and is kept for its owner some days longer; see `vault`.
removed_entry = Table(
    "removed_entry",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("owner_id", BigId, nullable=False),
    # Where it lay, and under which uid. The folder may be gone, or have another name by now.
    Column("folder_id", BigId, nullable=False),
    Column("folder_name", String(1000), nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_pk", BigId, ForeignKey("message.id"), nullable=False),
    # As in `entry`.
    Column("flags", Integer, nullable=False),
    Column("keywords", Text, nullable=False),
    Column("internal_date", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("removed_at", UtcTime, nullable=False),
    # Who; NULL: the office's rule of retention.
    Column("removed_by_id", BigId),
    Index(None, "owner_id", "id"),
    Index(None, "message_pk"),
    Index(None, "removed_at"),
    sqlite_autoincrement=True,
)

# Messages that lost an entry or a pin and may be nobody's now; the collector looks at them.
orphan_candidate = Table(
    "orphan_candidate",
    metadata,
    Column("message_pk", BigId, ForeignKey("message.id"), primary_key=True),
    Column("since", UtcTime, nullable=False),
)

# Folded text for SEARCH; the full-text index over it is made by the migration
# (FTS5 on SQLite, tsvector with GIN on PostgreSQL), see `search`.
message_text = Table(
    "message_text",
    metadata,
    Column("message_pk", BigId, ForeignKey("message.id"), primary_key=True),
    Column("head", Text, nullable=False),
    Column("body", Text, nullable=False),
    # True once attachments have been read too (done later, by the worker).
    Column("complete", Boolean, nullable=False),
)
# What the worker has yet to read.
Index(
    "ix_message_text_waiting",
    message_text.c.message_pk,
    sqlite_where=text("NOT complete"),
    postgresql_where=text("NOT complete"),
)

event = Table(
    "event",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", UtcTime, nullable=False),
    # Dotted name: "message.delivered", "message.flagged", "message.expunged", "folder.created", …
    Column("kind", String(60), nullable=False),
    Column("actor_id", BigId),
    Column("owner_id", BigId),
    Column("folder_id", BigId),
    Column("data", JSON, nullable=False),
    # PostgreSQL: the transaction's number (pg_current_xact_id); ids become visible out of order, a
    # reader goes by this (see `events`). SQLite, with its one writer: 0.
    Column("txid", BigInteger, nullable=False),
    # On SQLite txid is 0: the condition keeps the index empty there.
    Index(None, "txid", "id", sqlite_where=text("txid > 0")),
    sqlite_autoincrement=True,
)

# Where each reader of the event log (search worker, deadlines, …) has got to.
event_cursor = Table(
    "event_cursor",
    metadata,
    Column("reader", String(60), primary_key=True),
    Column("event_id", BigInteger, nullable=False),
    Column("txid", BigInteger, nullable=False, server_default="0"),
)

audit = Table(
    "audit",
    metadata,
    # Without gaps: the next id is taken under the lock that also fixes prev_hash.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor_id", BigId),
    Column("on_behalf_of_id", BigId),
    Column("action", String(60), nullable=False),
    Column("owner_id", BigId),
    Column("detail", JSON, nullable=False),
    # SHA-256 over prev_hash and the canonical JSON of the other columns.
    Column("prev_hash", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index(None, "owner_id", "id"),
)
