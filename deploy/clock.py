"""The clock of all doors."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Aware, UTC."""
    return datetime.now(UTC)
