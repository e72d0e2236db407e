"""The services the pages call; built once by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import Connection

from mailbox_policies.chain import Settings
from mailserver.policy import Policy, accept_all
from mailserver.vault import Vault, new_key

if TYPE_CHECKING:
    from mailbox_policies.forwarding.consent import Consents
    from mailbox_policies.sentfiles.desk import Desk
    from mailserver.delivery.delivery import Delivery
    from mailserver.directory.login import Authenticator
    from mailserver.store.store import Store
    from webmail.settings import WebSettings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WebServices:
    """store: database, blobs and event feed. auth, delivery: those that all doors of this process share.

    clock: aware UTC. size_limit: octets of a message as people see it, decoded, that an agency (by its
    id) allows; 0: any. sign_profile: signs a configuration profile with the server's key, or gives it back.
    consents: asks original senders, and takes their answers; None: nobody is asked.
    rules_start: what holds of the rules of mail in an agency that has chosen nothing.
    uploads: asked about files that come by a form, as at submission.
    vault: encrypts what is kept of our people's secrets; the default forgets them with the process.
    sent_files: hands over files; None: nobody does.
    undo_seconds: how long an agency lets letters wait of who has chosen nothing, one of `delivery.waiting.CHOICES`.
    """

    store: Store
    auth: Authenticator
    delivery: Delivery
    clock: Callable[[], datetime] = _now
    size_limit: Callable[[int], int] = lambda _agency_id: 10_485_760
    sign_profile: Callable[[bytes], bytes] = bytes
    consents: Consents | None = None
    rules_start: Callable[[Connection, int], Settings] = lambda _conn, _agency_id: Settings()
    uploads: Policy = accept_all
    vault: Vault = field(default_factory=lambda: Vault(new_key()))
    sent_files: Desk | None = None
    undo_seconds: Callable[[Connection, int], int] = lambda _conn, _agency_id: 0


def services() -> WebServices:
    """The services of the application that answers the current request."""
    return cast("WebServices", current_app.extensions["vanthu.services"])


def settings() -> WebSettings:
    return cast("WebSettings", current_app.extensions["vanthu.settings"])
