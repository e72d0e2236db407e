"""All tables of all rooms, as the migrations make them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import Engine

from mailserver.store import create_all

# Rooms that declare tables on the shared metadata.
SCHEMAS = (
    "mailserver.directory.schema",
    "mailserver.collector.schema",
    "mailserver.delivery.waiting_schema",
    "mailserver.outbound.schema",
    "mailserver.teams.schema",
    "mailserver.boards.schema",
    "mailbox_policies.schema",
    "mailbox_policies.forwarding.schema",
    "mailbox_policies.cleanup.schema",
    "mailbox_policies.retention.schema",
    "mailbox_policies.sending.schema",
    "mailbox_policies.sentfiles.schema",
    "mailbox_policies.spam.schema",
    "routing.schema",
    "routing.inspection.schema",
    "routing.moderation.schema",
    "routing.envelopes.schema",
    "routing.comments.schema",
)


def create_tables(engine: Engine) -> None:
    for name in SCHEMAS:
        if find_spec(name) is not None:
            import_module(name)
    create_all(engine)
