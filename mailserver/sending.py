"""The extension point for how much a person sends: looked up at submission, counted in the delivering transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.policy import Case
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter of the last day. at: seconds since 1970. recipients: of its envelope; fresh: how many of them were
    new then."""

    at: int
    recipients: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a person's sending when a letter comes.

    now: seconds since 1970. sent: the letters of the last day, oldest first. fresh: recipients outside to whom the
    person never wrote, and from whom the mailbox holds no mail. faces: addresses of the person, and of the unit, the
    posts and the groups the person belongs to. lists: addresses of the agency's lists, known where a letter has many
    recipients.
    """

    now: int
    sent: tuple[Sent, ...] = ()
    fresh: tuple[str, ...] = ()
    faces: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()


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
