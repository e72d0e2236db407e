"""What one version of an agency's choice changed of the one before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mailbox_policies.chain import Choice
from mailbox_policies.choices import Version
from mailbox_policies.fields import Field, values_of
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule


@dataclass(frozen=True, slots=True)
class Change:
    """One field that another value was chosen for; before, after: JSON (see `fields`)."""

    field: Field
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """A version beside the one before. was, now: how far the rule went."""

    version: Version
    was: Mode
    now: Mode
    fields: tuple[Change, ...]


def of_history(rule: Rule[Any], start: Choice, history: Sequence[Version]) -> list[Changed]:
    """history: the newest first, as it is returned. start: what holds where nothing is chosen; a field that the rule
    has no more is left out."""
    beginning = values_of(rule.fields, start.settings)
    olds = [*history, None][1:]
    return [_changed(rule, start.mode, beginning, old, new) for old, new in zip(olds, history, strict=True)]


def _changed(rule: Rule[Any], mode: Mode, beginning: dict[str, Any], old: Version | None, new: Version) -> Changed:
    was, now = beginning | dict(old.settings if old else {}), beginning | dict(new.settings)
    fields = tuple(
        Change(field, was[field.name], now[field.name]) for field in rule.fields if was[field.name] != now[field.name]
    )
    return Changed(new, (old and old.mode) or mode, new.mode or mode, fields)
