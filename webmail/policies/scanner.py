"""Whether the program that a rule asks is there, for the rule's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mailbox_policies.rule import Rule
from mailbox_policies.rules import rspamd, virus
from mailserver.scanning.scanners import Health
from webmail.services import services

# The section of vanthu.toml that names it.
_NAMES = {virus.NAME: "clamd", rspamd.NAME: "rspamd"}


@dataclass(frozen=True, slots=True)
class Standing:
    """section: of vanthu.toml. health: None where it names none."""

    section: str
    health: Health | None


def of(rule: Rule[Any]) -> Standing | None:
    """None for a rule that asks no other program. Blocks for some seconds at most."""
    name = _NAMES.get(rule.name)
    if name is None:
        return None
    return Standing(name, next((one for one in services().delivery.scanners.health() if one.name == name), None))
