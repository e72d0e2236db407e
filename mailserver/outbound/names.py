"""Names of hosts with a "*" for their first label, in policies and certificates."""

from __future__ import annotations

from collections.abc import Iterable


def covers(patterns: Iterable[str], host: str) -> bool:
    """Whether a pattern is this name, or has "*" for exactly its first label (RFC 8461 §4.1, RFC 6125 §6.4.3)."""
    name = host.lower().rstrip(".")
    parent = name.partition(".")[2]
    return any(one == name or (one.startswith("*.") and one[2:] == parent) for one in map(str.lower, patterns))
