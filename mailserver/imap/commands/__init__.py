"""One module a command family; importing this package fills the registry."""

from __future__ import annotations

from mailserver.imap.commands import (
    acl,
    append,
    capabilities,
    copy,
    expunge,
    fetch,
    folders,
    idle,
    listing,
    login,
    metadata,
    namespace,
    notify,
    quota,
    replace,
    search,
    select,
    sort,
    status,
    store,
    thread,
)
from mailserver.imap.commands.registry import COMMANDS

__all__ = [
    "COMMANDS", "acl", "append", "capabilities", "copy", "expunge", "fetch", "folders", "idle", "listing", "login",
    "metadata", "namespace", "notify", "quota", "replace", "search", "select", "sort", "status", "store", "thread",
]  # fmt: skip
