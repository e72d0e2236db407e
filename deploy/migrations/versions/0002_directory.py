"""The directory: agencies, units, posts, people, addresses, credentials, grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "directory_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_version")),
    )
    op.create_table(
        "domain",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_domain_agency_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_domain")),
    )
    op.create_table(
        "principal",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("locale", sa.String(length=12), server_default="vi", nullable=False),
        sa.Column("service", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_principal_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principal")),
    )
    op.create_index(op.f("ix_principal_agency_id_kind"), "principal", ["agency_id", "kind"], unique=False)
    op.create_table(
        "address",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_address_principal_id")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_principal_id"), "address", ["principal_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=100), server_default="", nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_credential_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    op.create_index(op.f("ix_credential_principal_id"), "credential", ["principal_id"], unique=False)
    op.create_table(
        "mailbox_grant",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("grantee_id", BIG_ID, nullable=False),
        sa.Column("rights", sa.String(length=100), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("granted_by_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["granted_by_id"], ["principal.id"], name=op.f("fk_mailbox_grant_granted_by_id")),
        sa.ForeignKeyConstraint(["grantee_id"], ["principal.id"], name=op.f("fk_mailbox_grant_grantee_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_mailbox_grant_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_grant")),
    )
    op.create_index(op.f("ix_mailbox_grant_grantee_id"), "mailbox_grant", ["grantee_id"], unique=False)
    op.create_index(op.f("ix_mailbox_grant_owner_id"), "mailbox_grant", ["owner_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["principal.id"], name=op.f("fk_membership_group_id")),
        sa.ForeignKeyConstraint(["member_id"], ["principal.id"], name=op.f("fk_membership_member_id")),
        sa.PrimaryKeyConstraint("group_id", "member_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_member_id"), "membership", ["member_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("family_name", sa.String(length=60), nullable=False),
        sa.Column("middle_name", sa.String(length=60), nullable=False),
        sa.Column("given_name", sa.String(length=60), nullable=False),
        sa.Column("staff_code", sa.String(length=40), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_person_agency_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_person_principal_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["principal.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("principal_id", name=op.f("pk_person")),
        sa.UniqueConstraint("agency_id", "staff_code", name=op.f("uq_person_agency_id_staff_code")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_person_role_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["principal.id"], name=op.f("fk_person_role_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "post",
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_post_principal_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["principal.id"], name=op.f("fk_post_unit_id")),
        sa.PrimaryKeyConstraint("principal_id", name=op.f("pk_post")),
    )
    op.create_table(
        "tenure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_tenure_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["principal.id"], name=op.f("fk_tenure_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenure")),
    )
    op.create_index(op.f("ix_tenure_person_id"), "tenure", ["person_id"], unique=False)
    op.create_index(op.f("ix_tenure_post_id"), "tenure", ["post_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["principal.id"], name=op.f("fk_unit_parent_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_unit_principal_id")),
        sa.PrimaryKeyConstraint("principal_id", name=op.f("pk_unit")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("remote", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_web_session_principal_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_principal_id"), "web_session", ["principal_id"], unique=False)
