"""The tables of comment requests.

Invariants:

- `comment_answer` rows are written once; the last one of an invitee is what counts.
- A request pins its asker's copy of the mail (`message.pins`), which holds the files; an answer pins its own mail.
- `warned_at`, `overdue_at` and `listed_at` are set in the transaction that puts the mail they tell of into mailboxes.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

comment_request = Table(
    "comment_request",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    Column("asker_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("subject", String(200), nullable=False),
    Column("question", Text, nullable=False),
    # The case file (hồ sơ) of the draft, where there is one.
    Column("case_id", BigId, ForeignKey("case_file.id"), index=True),
    # Answers are in time until just before.
    Column("due_at", UtcTime, nullable=False),
    # From then on who has not answered is reminded.
    Column("remind_at", UtcTime, nullable=False),
    # open | closed | withdrawn
    Column("state", String(12), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    # When it was closed or withdrawn.
    Column("ended_at", UtcTime),
    # When asker and leader got the list of those who had not answered by due_at.
    Column("listed_at", UtcTime),
    # The asker's copy, with the files.
    Column("message_pk", BigId, ForeignKey("message.id"), nullable=False),
    # Message-ID of that copy; all mail of the request refers to it.
    Column("thread_root", String(255), nullable=False),
    Index(None, "state", "due_at"),
)

comment_invitee = Table(
    "comment_invitee",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("request_id", BigId, ForeignKey("comment_request.id"), nullable=False),
    # Who is asked: a person, a unit or a post.
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # Local detail of the address that takes this one's answer.
    Column("token", String(40), nullable=False, unique=True),
    # Message-ID of the mail that asked.
    Column("message_id", String(255), nullable=False, unique=True),
    Column("asked_at", UtcTime, nullable=False),
    # When this one was reminded before the due moment, and told at it; NULL again when that moment changes.
    Column("warned_at", UtcTime),
    Column("overdue_at", UtcTime),
    UniqueConstraint("request_id", "principal_id"),
)

comment_answer = Table(
    "comment_answer",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("invitee_id", BigId, ForeignKey("comment_invitee.id"), nullable=False, index=True),
    # The person who wrote; another than the invitee: for the invitee.
    Column("author_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("text", Text, nullable=False),
    # "Không có ý kiến": text is the reason.
    Column("declined", Boolean, nullable=False),
    # Came after the due moment.
    Column("late", Boolean, nullable=False),
    # As it lies in the asker's mailbox, with its files.
    Column("message_pk", BigId, ForeignKey("message.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
)
