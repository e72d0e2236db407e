"""What an agency has chosen for a rule: kept as versions that are only added to.

A version holds the mode and the fields that differ from where the agency starts, which is its profile and the
installation's settings; a mode of None and no fields are "as the profile has it".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mailbox_policies.chain import Choice
from mailbox_policies.fields import SettingInvalid, changed
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.schema import policy_setting
from mailserver.store import audit
from mailserver.store.database import Tx


class ChangedMeanwhile(Exception):
    """Somebody else has chosen since; nothing has changed."""


class NoSuchVersion(Exception):
    """There is no such version of this rule in this agency."""


@dataclass(frozen=True, slots=True)
class Version:
    """One choice. settings: JSON, see `fields`. restores: the version taken up again. actor_id: None for the
    administrator of the machine. at: aware."""

    rule: str
    version: int
    mode: Mode | None
    settings: Mapping[str, Any]
    restores: int | None
    actor_id: int | None
    at: datetime


def history(conn: Connection, agency_id: int, rule: str) -> list[Version]:
    """All versions, the newest first."""
    query = (
        select(policy_setting)
        .where(policy_setting.c.agency_id == agency_id, policy_setting.c.rule == rule)
        .order_by(policy_setting.c.version.desc())
    )
    return [_version(row) for row in conn.execute(query)]


def current(conn: Connection, agency_id: int) -> dict[str, Version]:
    """The newest version of each rule for which the agency has chosen anything."""
    newest = (
        select(policy_setting.c.rule, func.max(policy_setting.c.version).label("version"))
        .where(policy_setting.c.agency_id == agency_id)
        .group_by(policy_setting.c.rule)
        .subquery()
    )
    query = (
        select(policy_setting)
        .join(newest, (policy_setting.c.rule == newest.c.rule) & (policy_setting.c.version == newest.c.version))
        .where(policy_setting.c.agency_id == agency_id)
    )
    return {row.rule: _version(row) for row in conn.execute(query)}


def chosen(rule: Rule[Any], start: Choice, version: Version | None) -> Choice:
    """What holds: the start with the version's choices put in. Raises SettingInvalid for what does not fit the
    rule as it is today."""
    if version is None:
        return start
    return Choice(version.mode or start.mode, changed(start.settings, rule.fields, version.settings))


def set_tx(
    tx: Tx,
    agency_id: int,
    rule: Rule[Any],
    mode: Mode | None,
    settings: Mapping[str, Any],
    *,
    after: int | None = None,
    restores: int | None = None,
) -> int:
    """Choose; the new version's number. It holds in every process as soon as the commit is told ("policy.changed").

    after: the version that was seen, 0 for none; None: whatever there is. Raises SettingInvalid,
    ChangedMeanwhile. Who may do so is the caller's to check.
    """
    changed(rule.start, rule.fields, settings)
    before = history(tx.conn, agency_id, rule.name)[:1]
    last = before[0].version if before else 0
    if after is not None and after != last:
        raise ChangedMeanwhile(rule.name)
    values = {
        "agency_id": agency_id,
        "rule": rule.name,
        "version": last + 1,
        "mode": mode.value if mode else None,
        "settings": dict(settings),
        "restores": restores,
        "actor_id": tx.actor.principal_id,
        "at": tx.now,
    }
    tx.conn.execute(policy_setting.insert().values(values))
    facts: dict[str, Any] = {"rule": rule.name, "version": last + 1, "mode": values["mode"], "settings": dict(settings)}
    was: dict[str, Any] = {"was_mode": _mode(before), "was_settings": dict(before[0].settings) if before else {}}
    audit.record_tx(tx, "policy.changed", agency_id=agency_id, restores=restores, **facts, **was)
    tx.emit("policy.changed", agency_id=agency_id, rule=rule.name, version=last + 1)
    return last + 1


def restore_tx(tx: Tx, agency_id: int, rule: Rule[Any], version: int) -> int:
    """Choose again what an earlier version said, 0: as the profile has it. Raises NoSuchVersion, SettingInvalid
    (it does not fit the rule as it is today)."""
    if version == 0:
        return set_tx(tx, agency_id, rule, None, {}, restores=0)
    found = next((one for one in history(tx.conn, agency_id, rule.name) if one.version == version), None)
    if found is None:
        raise NoSuchVersion(version)
    return set_tx(tx, agency_id, rule, found.mode, found.settings, restores=version)


def _mode(before: list[Version]) -> str | None:
    return before[0].mode.value if before and before[0].mode else None


def _version(row: Row[Any]) -> Version:
    mode = Mode(row.mode) if row.mode else None
    return Version(row.rule, row.version, mode, row.settings, row.restores, row.actor_id, row.at)


__all__ = [
    "ChangedMeanwhile",
    "NoSuchVersion",
    "SettingInvalid",
    "Version",
    "chosen",
    "current",
    "history",
    "restore_tx",
    "set_tx",
]
