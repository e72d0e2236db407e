"""The tables of routing.

Invariants:

- `register.next_number` is taken by an UPDATE of its row in the transaction that inserts the
  document: numbers have no gap and no double, whatever runs at the same time.
- A document has at most one pending main step (`step.role = 'main' AND state = 'pending'`); its
  `document.state` and `document.holder_id` say the same. Every act locks the document's row first.
- `direction`, `opinion`, `history`, `correction` and `document_file` rows are written once.
- A file's blob and the source message are held by the document (`blob.refs`, `message.pins`).
- Columns of `document` that the clerk typed change only together with a `correction` row.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

register = Table(
    "register",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # incoming | outgoing
    Column("kind", String(12), nullable=False),
    # Which of the agency's books, as its profile names it.
    Column("book", String(100), nullable=False),
    # Numbers run from 1 on 1 January (30/2020/NĐ-CP, Điều 15).
    Column("year", Integer, nullable=False),
    Column("next_number", Integer, nullable=False, server_default="1"),
    UniqueConstraint("agency_id", "kind", "book", "year"),
)

document = Table(
    "document",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # incoming | outgoing
    Column("kind", String(12), nullable=False),
    Column("state", String(24), nullable=False),
    # Whose turn it is: principal of the pending main step, or NULL.
    Column("holder_id", BigId, ForeignKey("principal.id")),
    # Index into the route of the profile while awaiting direction.
    Column("stage", SmallInteger),
    Column("register_id", BigId, ForeignKey("register.id"), nullable=False),
    Column("register_number", Integer, nullable=False),
    Column("register_year", Integer, nullable=False),
    # What the clerk typed; see `types.Fields`.
    Column("number", String(20), nullable=False),
    Column("notation", String(40), nullable=False),
    Column("issued_on", Date),
    Column("issuer", String(200), nullable=False),
    Column("type_name", String(100), nullable=False),
    Column("summary", String(500), nullable=False),
    Column("summary_original", String(500), nullable=False),
    Column("signer", String(50), nullable=False),
    Column("signer_position", String(100), nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("treatment", String(12), nullable=False),
    Column("subject_field", String(100), nullable=False),
    Column("pages", Integer),
    Column("arrived_on", Date, nullable=False),
    Column("due_on", Date),
    Column("note", String(500), nullable=False),
    # When it has to be settled: due_on at first, then what the leader who assigned it set.
    Column("deadline", Date),
    # Where the deadline comes from: `types.DueBy`; and by which procedure of the profile.
    Column("due_by", String(12), nullable=False, server_default=""),
    Column("procedure", String(100), nullable=False, server_default=""),
    # Folded, for search; code_folded without spaces, for number search and the duplicate warning.
    Column("words", Text, nullable=False),
    Column("code_folded", String(60), nullable=False),
    Column("issuer_folded", String(200), nullable=False),
    # The message it came in, held by a pin; NULL for paper.
    Column("message_pk", BigId, ForeignKey("message.id")),
    # Message-ID that all its step messages refer to.
    Column("thread_root", String(255), nullable=False),
    Column("registered_by_id", BigId, ForeignKey("principal.id")),
    Column("registered_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    # Grows with every act; a message composed against an older version is composed again.
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("register_id", "register_number"),
    Index(None, "agency_id", "state"),
    Index(None, "code_folded"),
    Index(None, "message_pk"),
)

document_file = Table(
    "document_file",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    Column("role", String(12), nullable=False),
    Column("position", Integer, nullable=False),
    # Unicode NFC, no path parts.
    Column("filename", String(255), nullable=False),
    Column("media_type", String(127), nullable=False),
    # SHA-256 of the content (1201/QĐ-SYT knows the scan as the copy of record).
    Column("digest", LargeBinary(32), ForeignKey("blob.digest"), nullable=False),
    Column("size", BigInteger, nullable=False),
    # Where it came from: an attachment of a message, or NULL for an upload.
    Column("message_pk", BigId, ForeignKey("message.id")),
    Column("part", String(40)),
    Column("opinion_id", BigId, ForeignKey("opinion.id"), index=True),
    Column("added_by_id", BigId, ForeignKey("principal.id")),
    Column("added_at", UtcTime, nullable=False),
)

step = Table(
    "step",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False),
    Column("parent_id", BigId, ForeignKey("step.id")),
    # main | cc
    Column("role", String(8), nullable=False),
    # pending | done | returned | withdrawn | read
    Column("state", String(12), nullable=False),
    # The act that made it: submit, direct, assign, return, notify.
    Column("action", String(12), nullable=False),
    Column("sender_id", BigId, ForeignKey("principal.id")),
    Column("sender_for_id", BigId, ForeignKey("principal.id")),
    Column("assignee_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("stage", SmallInteger),
    Column("text", Text, nullable=False),
    Column("due_on", Date),
    Column("opened_at", UtcTime, nullable=False),
    Column("read_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("closed_by_id", BigId, ForeignKey("principal.id")),
    Column("close_note", Text, nullable=False, server_default=""),
    Column("message_pk", BigId, ForeignKey("message.id")),
    # Local detail of its Reply-To; shared by the cc's of one act that carry the same words.
    Column("token", String(40), nullable=False, index=True),
    Index(None, "document_id"),
    Index(None, "assignee_id", "state"),
    Index(None, "message_pk"),
    # The one-main-handler rule (132/QĐ-STTTT, Điều 10 khoản 9), kept by the database too.
    Index(
        "uq_step_one_main_handler",
        "document_id",
        unique=True,
        sqlite_where=text("role = 'main' AND state = 'pending'"),
        postgresql_where=text("role = 'main' AND state = 'pending'"),
    ),
)

direction = Table(
    "direction",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    # The step at which it was given.
    Column("step_id", BigId, ForeignKey("step.id"), nullable=False),
    Column("author_id", BigId, ForeignKey("principal.id")),
    Column("on_behalf_of_id", BigId, ForeignKey("principal.id")),
    Column("text", Text, nullable=False),
    Column("main_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("due_on", Date),
    Column("at", UtcTime, nullable=False),
)

opinion = Table(
    "opinion",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    Column("step_id", BigId, ForeignKey("step.id")),
    Column("author_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("on_behalf_of_id", BigId, ForeignKey("principal.id")),
    Column("level", String(12), nullable=False),
    Column("text", Text, nullable=False),
    # The reply it came in, held by a pin; NULL for the web.
    Column("message_pk", BigId, ForeignKey("message.id")),
    Column("at", UtcTime, nullable=False),
)

case_file = Table(
    "case_file",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # The person or unit that keeps it.
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("year", Integer, nullable=False),
    # Notation in the agency's list of case files, "05.QH" (30/2020/NĐ-CP, Phụ lục V: FileNotation).
    Column("code", String(20), nullable=False),
    Column("title", String(300), nullable=False),
    Column("words", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("created_by_id", BigId, ForeignKey("principal.id")),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("agency_id", "year", "code"),
)

case_file_document = Table(
    "case_file_document",
    metadata,
    Column("case_file_id", BigId, ForeignKey("case_file.id"), primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), primary_key=True),
    # STT of the document in the file (DocOrdinal).
    Column("ordinal", Integer, nullable=False),
    Column("filed_by_id", BigId, ForeignKey("principal.id")),
    Column("filed_at", UtcTime, nullable=False),
    Index(None, "document_id"),
)

history = Table(
    "history",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    Column("step_id", BigId, ForeignKey("step.id")),
    Column("at", UtcTime, nullable=False),
    Column("actor_id", BigId, ForeignKey("principal.id")),
    Column("on_behalf_of_id", BigId, ForeignKey("principal.id")),
    Column("action", String(24), nullable=False),
    Column("from_state", String(24), nullable=False),
    Column("to_state", String(24), nullable=False),
    Column("target_id", BigId, ForeignKey("principal.id")),
    Column("note", Text, nullable=False),
    Column("door", String(12), nullable=False),
    Column("detail", JSON, nullable=False),
)

# What the clerk typed and was wrong: the old value stays readable (132/QĐ-STTTT, Điều 14 khoản 4).
correction = Table(
    "correction",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    Column("field", String(40), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("corrected_by_id", BigId, ForeignKey("principal.id")),
    Column("at", UtcTime, nullable=False),
)

# Asking for more time (04/2017/QĐ-UBND, Điều 11 khoản 6): what was due before stays readable.
extension = Table(
    "extension",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("document_id", BigId, ForeignKey("document.id"), nullable=False, index=True),
    # Open only as long as the document is at this step.
    Column("step_id", BigId, ForeignKey("step.id"), nullable=False),
    Column("asked_by_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("asked_for_id", BigId, ForeignKey("principal.id")),
    Column("asked_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("was_due_on", Date),
    Column("wanted_on", Date, nullable=False),
    # asked | granted | refused
    Column("state", String(12), nullable=False, index=True),
    Column("decided_by_id", BigId, ForeignKey("principal.id")),
    Column("decided_for_id", BigId, ForeignKey("principal.id")),
    Column("decided_at", UtcTime),
    Column("granted_on", Date),
    Column("words", Text, nullable=False, server_default=""),
)

# What a head has given, or asks leave to give, to somebody on the mailbox of a unit or a post (see `delegation`).
delegation = Table(
    "delegation",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("grantee_id", BigId, ForeignKey("principal.id"), nullable=False),
    # As in `mailbox_grant`.
    Column("rights", String(100), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime),
    Column("asked_by_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    # pending | granted | refused | withdrawn | ended
    Column("state", String(12), nullable=False, index=True),
    Column("decided_by_id", BigId, ForeignKey("principal.id")),
    Column("decided_at", UtcTime),
    # Once it is granted: what gives the rights.
    Column("grant_id", BigId, ForeignKey("mailbox_grant.id")),
    # As in `mailbox_grant`.
    Column("closed_folders", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
