"""Tables of distribution lists (see `mailing_lists`). A list is a principal of kind group; its members of ours are
rows of `membership`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

# How a group takes letters; one without a row takes those of everybody, as groups did before there were rows.
mailing_list = Table(
    "mailing_list",
    metadata,
    Column("group_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # `mailing_lists.Posting`
    Column("posting", String(12), nullable=False),
    # Letters of those without the right wait for an owner, instead of being refused.
    Column("moderated", Boolean, nullable=False),
    # Octets, decoded; 0: as everywhere.
    Column("size_limit", BigInteger, nullable=False),
    # `mailing_lists.ReplyTo`
    Column("reply_to", String(12), nullable=False),
    # `mailing_lists.ShownTo`
    Column("shown_to", String(12), nullable=False),
    Column("may_leave", Boolean, nullable=False),
    # Whether addresses elsewhere may be members.
    Column("takes_outside", Boolean, nullable=False),
)

# Who answers for a list, and who may post where few may.
mailing_list_role = Table(
    "mailing_list_role",
    metadata,
    Column("group_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # owner | poster
    Column("role", String(12), primary_key=True),
    Column("since", UtcTime, nullable=False),
)

# Members elsewhere.
mailing_list_outsider = Table(
    "mailing_list_outsider",
    metadata,
    Column("group_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # As it was written; the domain in lower case.
    Column("address", String(320), primary_key=True),
    Column("since", UtcTime, nullable=False),
)
