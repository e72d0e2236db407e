"""The rules' settings of each agency, in memory: what its profile says, else what vanthu.toml says.

Rules are asked for every message, also on the loop, so nothing here asks the database when asked: the
settings are read once and again when an event tells that an agency has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from mailbox_policies.chain import Settings
from mailbox_policies.rules.message_size import Counts, announced_size, most_generous
from mailbox_policies.rules.message_size import Settings as SizeSettings
from mailbox_policies.rules.sender_authentication import Mode
from mailbox_policies.rules.sender_authentication import Settings as SenderSettings
from mailserver.directory import principals
from mailserver.directory.records import Agency
from mailserver.store.database import Database
from mailserver.store.errors import StoreError
from mailserver.store.events import Event, EventFeed
from routing.errors import ProfileError
from routing.profile import profile_of

log = logging.getLogger(__name__)

ByAgency = Mapping[int, Settings]
SENDERS = SenderSettings()


class AgencyRules:
    """One for a process; `of` is what the chain of rules asks. Safe to share between threads."""

    def __init__(self, db: Database, default: SizeSettings, senders: SenderSettings = SENDERS) -> None:
        """Reads the settings. default, senders: for what an agency does not say. Raises StoreUnavailable."""
        self._db = db
        self._default = Settings(default, senders)
        self._held: ByAgency = db.read(self._load)
        self._reading: asyncio.Task[None] | None = None

    def of(self, agency_id: int | None) -> Settings:
        """The settings of an agency; for size the most generous of all if none is known yet."""
        if agency_id is None:
            return replace(self._default, message_size=self.message_size(None))
        return self._held.get(agency_id, self._default)

    def message_size(self, agency_id: int | None) -> SizeSettings:
        if agency_id is not None:
            return self.of(agency_id).message_size
        held = self._held.values() or (self._default,)
        return most_generous(one.message_size for one in held)

    def announced_size(self) -> int:
        """Octets on the wire that a door must take for the most generous agency; 0: no limit."""
        return announced_size(self.message_size(None))

    def follow(self, feed: EventFeed, changed: Callable[[], None] = lambda: None) -> None:
        """Read the settings again after each change, then call `changed`; on the feed's loop."""

        def look(events: list[Event]) -> None:
            if any(_concerns_settings(event) for event in events):
                self.look_again(changed)

        feed.subscribe(look)

    def look_again(self, changed: Callable[[], None] = lambda: None) -> None:
        """Read the settings again soon; on a running loop."""
        self._reading = asyncio.get_running_loop().create_task(self._read_again(changed, self._reading))

    async def _read_again(self, changed: Callable[[], None], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        try:
            self._held = await self._db.aread(self._load)
        except StoreError as error:
            log.error("the agencies' settings could not be read again: %r", error)
            return
        changed()

    def _load(self, conn: Connection) -> ByAgency:
        return {agency.id: self._settings(conn, agency) for agency in principals.agencies(conn)}

    def _settings(self, conn: Connection, agency: Agency) -> Settings:
        default = replace(self._default.message_size, whose=agency.name)
        senders = self._default.sender_authentication
        try:
            mail = profile_of(conn, agency.id).mail
        except ProfileError as error:  # one agency's mistake must not stop the mail of all
            log.error("%s keeps the installation's mail rules: %s", agency.code, error)
            return Settings(default, senders)
        limit = default.limit if mail.message_size_limit is None else mail.message_size_limit
        counts = Counts(mail.message_size_counts) if mail.message_size_counts else default.counts
        if mail.sender_authentication is not None:
            senders = SenderSettings(Mode(mail.sender_authentication))
        return Settings(replace(default, limit=limit, counts=counts), senders)


def _concerns_settings(event: Event) -> bool:
    made = event.kind == "principal.created" and event.data.get("principal_kind") == "agency"
    return made or event.kind == "agency.changed"
