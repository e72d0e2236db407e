"""The tables of the directory: who exists, under which address, with which rights.

Every holder of a mailbox is a row of `principal`: people, and also units, posts, the agency and
groups, which have no credential of their own. An address is never given to somebody else:
`address` rows are not deleted, only marked former.
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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

agency = Table(
    "agency",
    metadata,
    Column("id", BigId, primary_key=True),
    # Fixed abbreviation as it stands in document numbers, "SXD".
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    # Name of the profile (routing/profiles/NAME.toml) that holds the agency's regulation as data.
    Column("profile", String(40), nullable=False),
    # Settings that the agency changed against its profile, by dotted key.
    Column("settings", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

domain = Table(
    "domain",
    metadata,
    # ASCII (A-label), lower case.
    Column("name", String(255), primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    Column("is_primary", Boolean, nullable=False),
)

# The keys that sign the mail of a domain; see `mailserver/senderauth/keys.py`.
dkim_key = Table(
    "dkim_key",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("domain", String(255), ForeignKey("domain.name"), nullable=False),
    Column("selector", String(63), nullable=False),
    # PKCS #8 in PEM. Whoever can read this table can read all mail as well.
    Column("private_key", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # NULL: not in use yet, its record has to be in DNS first. Of several the latest signs.
    Column("active_since", UtcTime),
    UniqueConstraint("domain", "selector"),
)

principal = Table(
    "principal",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # agency | unit | post | person | group | service
    Column("kind", String(12), nullable=False),
    Column("name", String(200), nullable=False),
    # active | locked | left
    Column("status", String(12), nullable=False),
    Column("locale", String(12), nullable=False, server_default="vi"),
    # For kind "service": the folder behaviour that takes what is sent to it.
    Column("service", String(60)),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "agency_id", "kind"),
)

unit = Table(
    "unit",
    metadata,
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("parent_id", BigId, ForeignKey("principal.id")),
    Column("code", String(40), nullable=False),
    Column("position", Integer, nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("unit_id", BigId, ForeignKey("principal.id"), nullable=False),
    # Role code that the agency's profile turns into capabilities: director, deputy_director,
    # chief_of_office, deputy_chief_of_office, unit_head, deputy_unit_head, specialist, registry, it_admin
    Column("role", String(40), nullable=False),
)

# Who holds a post, from when, until when (both days included; NULL: until further notice).
tenure = Table(
    "tenure",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("post_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
)

person = Table(
    "person",
    metadata,
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("unit_id", BigId, ForeignKey("principal.id")),
    Column("family_name", String(60), nullable=False),
    Column("middle_name", String(60), nullable=False),
    Column("given_name", String(60), nullable=False),
    Column("staff_code", String(40)),
    Column("birth_date", Date),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    UniqueConstraint("agency_id", "staff_code"),
)

# Roles a person has besides those of the posts they hold.
person_role = Table(
    "person_role",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("unit_id", BigId, ForeignKey("principal.id")),
)

membership = Table(
    "membership",
    metadata,
    Column("group_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("member_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # What a unit stands for, `mailing_lists.Reach`: mailbox | people | below
    Column("reach", String(12), nullable=False, server_default="mailbox"),
    Index(None, "member_id"),
)

address = Table(
    "address",
    metadata,
    # local@domain, both lower case, domain as A-label.
    Column("address", String(320), primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("is_primary", Boolean, nullable=False),
    # primary | alias | former
    Column("kind", String(12), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

# Addresses elsewhere that somebody may write under (see `external`); no mail is found by them.
external_identity = Table(
    "external_identity",
    metadata,
    Column("id", BigId, primary_key=True),
    # As in `address`.
    Column("address", String(320), nullable=False, unique=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # Mail in the queue names it: its number must not come again.
    sqlite_autoincrement=True,
)

# IMAP capabilities kept from an account (see `masks`): names in capitals.
capability_mask = Table(
    "capability_mask",
    metadata,
    Column("principal_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("capability", String(60), primary_key=True),
)

credential = Table(
    "credential",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # password | app
    Column("kind", String(12), nullable=False),
    Column("hash", Text, nullable=False),
    # For SCRAM, in the form of RFC 5803; all of one principal with the same salt. NULL: not made yet.
    Column("scram", Text),
    Column("label", String(100), nullable=False, server_default=""),
    # For "app": the mail doors it opens, "imap smtp"; "" for all.
    Column("doors", String(40), nullable=False, server_default=""),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

# One row: what the salts of SCRAM are made with (see `verifiers`).
scram_secret = Table(
    "scram_secret",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary(32), nullable=False),
)

# Rights on a mailbox without password-sharing; see `grants`.
mailbox_grant = Table(
    "mailbox_grant",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("grantee_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # read | handle | send_on_behalf | post | manage, sorted, one space between.
    Column("rights", String(100), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime),
    Column("granted_by_id", BigId, ForeignKey("principal.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    # Ids of folders that it leaves out, with all below them, as they are called at the time; one space between.
    Column("closed_folders", Text, nullable=False, server_default=""),
)

# Sign-ins of the web; the cookie holds a random token of which only the hash is kept.
web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("principal_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("remote", String(60), nullable=False),
    Column("agent", String(200), nullable=False),
)

# One row: grows with every change of the tables above that a cache may hold (see `version`).
directory_version = Table(
    "directory_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
