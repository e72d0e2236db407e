"""What the services of this package work with; built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mailbox_policies.chain import SettingsOf
from mailbox_policies.modes import Mode
from mailbox_policies.rules.sent_files import RULE, Settings
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.errors import TurnedOff
from mailserver.actor import Actor
from mailserver.policy import Policy
from mailserver.scanning.scanners import Scanners
from mailserver.store.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """policy: asked about what a file holds. folder: for a file's octets while they are looked at; its files have no
    names."""

    store: Store
    settings_of: SettingsOf
    policy: Policy
    scanners: Scanners
    folder: Path
    addresses: Addresses

    def page(self, file_id: int) -> str:
        return self.addresses.page(file_id)

    def terms(self, actor: Actor) -> Settings:
        """What the agency allows. Raises TurnedOff."""
        choice = self.settings_of(actor.agency_id)
        if choice.choice(RULE).mode is Mode.OFF:
            raise TurnedOff
        return choice.get(RULE)
