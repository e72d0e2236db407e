"""All tables of the product, on one metadata: those of the store, the directory, collector, queue, teams,
shared folders, policies and routing."""

from __future__ import annotations

import mailbox_policies.cleanup.schema
import mailbox_policies.forwarding.schema
import mailbox_policies.retention.schema
import mailbox_policies.schema
import mailbox_policies.sending.schema
import mailbox_policies.sentfiles.schema
import mailbox_policies.spam.schema
import mailserver.boards.schema
import mailserver.collector.schema
import mailserver.delivery.waiting_schema
import mailserver.directory.absence_schema
import mailserver.directory.activity_schema
import mailserver.directory.departure_schema
import mailserver.directory.lists_schema
import mailserver.directory.mailing_schema
import mailserver.directory.passkey_schema
import mailserver.directory.requests_schema
import mailserver.directory.schema
import mailserver.directory.second_schema
import mailserver.directory.signing_schema
import mailserver.outbound.schema
import mailserver.redirects.schema
import mailserver.srs.schema
import mailserver.store.schema
import mailserver.teams.schema
import routing.comments.schema
import routing.envelopes.schema
import routing.inspection.schema
import routing.moderation.schema
import routing.schema

# Importing the modules has put their tables on the store's metadata.
MODULES = (
    mailserver.store.schema,
    mailserver.directory.schema,
    mailserver.directory.absence_schema,
    mailserver.directory.activity_schema,
    mailserver.directory.departure_schema,
    mailserver.directory.lists_schema,
    mailserver.directory.mailing_schema,
    mailserver.directory.passkey_schema,
    mailserver.directory.requests_schema,
    mailserver.directory.second_schema,
    mailserver.directory.signing_schema,
    mailserver.collector.schema,
    mailserver.delivery.waiting_schema,
    mailserver.outbound.schema,
    mailserver.srs.schema,
    mailserver.redirects.schema,
    mailserver.teams.schema,
    mailserver.boards.schema,
    mailbox_policies.schema,
    mailbox_policies.forwarding.schema,
    mailbox_policies.spam.schema,
    mailbox_policies.cleanup.schema,
    mailbox_policies.retention.schema,
    mailbox_policies.sending.schema,
    mailbox_policies.sentfiles.schema,
    routing.schema,
    routing.inspection.schema,
    routing.moderation.schema,
    routing.envelopes.schema,
    routing.comments.schema,
)
metadata = mailserver.store.schema.metadata

__all__ = ["metadata"]
