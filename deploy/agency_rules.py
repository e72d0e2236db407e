"""The rules' settings of each agency, in memory: what it has chosen, else what its profile says, else vanthu.toml.

Rules are asked for every message, also on the loop, so nothing here asks the database when asked: the
settings are read once and again when an event tells that an agency has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from mailbox_policies import choices
from mailbox_policies.chain import RULES, Choice, Settings
from mailbox_policies.fields import SettingInvalid, changed
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.rules import forbidden_classes as classes_rule
from mailbox_policies.rules import forward_consent as forward_rule
from mailbox_policies.rules import message_size as size_rule
from mailbox_policies.rules import retention as retention_rule
from mailbox_policies.rules import sender_authentication as sender_rule
from mailbox_policies.rules.message_size import Settings as SizeSettings
from mailbox_policies.rules.message_size import announced_size, most_generous
from mailbox_policies.rules.sender_authentication import Settings as SenderSettings
from mailserver.directory import principals
from mailserver.directory.records import Agency
from mailserver.store.database import Database
from mailserver.store.errors import StoreError
from mailserver.store.events import Event, EventFeed
from routing.errors import ProfileError
from routing.profile import Profile, profile_of

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
        # What holds while no agency is known, and of which settings it was made: every MAIL asks.
        self._unknown: tuple[ByAgency | None, Settings] = (None, self._default)

    def of(self, agency_id: int | None) -> Settings:
        """The settings of an agency; for size the most generous of all if none is known yet."""
        if agency_id is None:
            return self._of_unknown()
        return self._held.get(agency_id, self._default)

    def _of_unknown(self) -> Settings:
        held, (made_of, settings) = self._held, self._unknown
        if made_of is not held:
            settings = self._default.with_(size_rule.RULE, Choice(Mode.ENFORCE, _most_generous(held, self._default)))
            self._unknown = held, settings
        return settings

    def message_size(self, agency_id: int | None) -> SizeSettings:
        """An agency's limit as it bites: none where the rule is only tried."""
        if agency_id is not None:
            return _biting(self.of(agency_id))
        return _most_generous(self._held, self._default)

    def announced_size(self) -> int:
        """Octets on the wire that a door must take for the most generous agency; 0: no limit."""
        return announced_size(self.message_size(None))

    def start(self, conn: Connection, agency_id: int) -> Settings:
        """What holds in an agency that has chosen nothing: its profile's, else the installation's."""
        return self._start(conn, principals.agency_by_id(conn, agency_id))

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
        start = self._start(conn, agency)
        versions = choices.current(conn, agency.id)
        return Settings(of={rule.name: _chosen(rule, start, versions, agency.code) for rule in RULES})

    def _start(self, conn: Connection, agency: Agency) -> Settings:
        default = replace(self._default.get(size_rule.RULE), whose=agency.name)
        start = self._default.with_(size_rule.RULE, Choice(Mode.ENFORCE, default))
        try:
            profile = profile_of(conn, agency.id)
            return Settings(of={rule.name: _profiled(rule, start.choice(rule), profile) for rule in RULES})
        except (ProfileError, SettingInvalid) as error:  # one agency's mistake must not stop the mail of all
            log.error("%s keeps the installation's mail rules: %s", agency.code, error)
            return start


def _profiled(rule: Rule[Any], start: Choice, profile: Profile) -> Choice:
    """What a profile says of a rule. Raises SettingInvalid."""
    values: dict[str, Any] = {}
    mail = profile.mail
    if rule.name == size_rule.NAME:
        values = {"limit": mail.message_size_limit, "counts": mail.message_size_counts}
    elif rule.name == sender_rule.NAME:
        values = {"mode": mail.sender_authentication}
    elif rule.name == classes_rule.NAME:
        values = {one.value: one.value in profile.forbidden for one in classes_rule.Class}
    elif rule.name == retention_rule.NAME:
        kept = {"schedule": profile.retention.schedule, "notice": profile.retention.notice}
        kept["comments"] = profile.retention.comments
        values = {name: retention_rule.period_of(days).value for name, days in kept.items()}
    own = mail.policies.get(rule.name)
    said = {name: value for name, value in values.items() if value is not None}
    mode = Mode(own.mode) if own and own.mode else start.mode
    if rule.name == forward_rule.NAME and mail.forward_consent and not (own and own.mode):
        mode = Mode.ENFORCE
    if rule.name == retention_rule.NAME and profile.retention.limited and not (own and own.mode):
        mode = Mode.WARN  # nothing is removed before an administrator says so
    return Choice(mode, changed(start.settings, rule.fields, {**said, **(own.settings if own else {})}))


def _chosen(rule: Rule[Any], start: Settings, versions: Mapping[str, choices.Version], code: str) -> Choice:
    try:
        return choices.chosen(rule, start.choice(rule), versions.get(rule.name))
    except SettingInvalid as error:
        log.error("%s keeps its profile's settings of %s: %s", code, rule.name, error)
        return start.choice(rule)


def _most_generous(held: ByAgency, default: Settings) -> SizeSettings:
    return most_generous(map(_biting, held.values() or (default,)))


def _biting(settings: Settings) -> SizeSettings:
    choice = settings.choice(size_rule.RULE)
    size: SizeSettings = choice.settings
    return size if choice.mode is Mode.ENFORCE else replace(size, limit=0)


def _concerns_settings(event: Event) -> bool:
    made = event.kind == "principal.created" and event.data.get("principal_kind") == "agency"
    return made or event.kind in ("agency.changed", "policy.changed")
