"""The extension point for how much a person sends: looked up at submission, counted in the delivering transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.policy import Case
from mailserver.sending import Pace
from mailserver.store.database import Tx


class Sending(Protocol):
    """Counts what people send."""

    def look(self, conn: Connection, actor: Actor, recipients: Sequence[str], outside: Sequence[str]) -> Pace | None:
        """What the rules need to know; None for who is no person of ours."""
        ...

    def count_tx(self, tx: Tx, case: Case) -> None:
        """Count a letter, in the transaction that sends it.

        Raises PolicyRefused if others that the same person sent meanwhile have taken what was left.
        """
        ...


class NobodyCounts:
    """Of a server without such rules."""

    def look(self, conn: Connection, actor: Actor, recipients: Sequence[str], outside: Sequence[str]) -> Pace | None:
        return None

    def count_tx(self, tx: Tx, case: Case) -> None:
        return None
