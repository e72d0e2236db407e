"""The door of `tests/mailserver/imap/`, for the transcripts to be played at."""

from __future__ import annotations

from tests.mailserver.imap.conftest import door, office, open_door, pytest_asyncio_loop_factories

__all__ = ["door", "office", "open_door", "pytest_asyncio_loop_factories"]
