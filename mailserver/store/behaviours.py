"""Folder behaviours: how another room turns what happens in a folder into its own act, or refuses it.

A folder carries the name of its behaviour (`folder.behaviour`). Whatever the door, IMAP MOVE, COPY
then EXPUNGE, or the web, the store calls the behaviour inside the transaction that changes the
folder; what the behaviour writes is committed, or rolled back, with the change itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from mailserver.store.tx import Tx


@unique
class How(Enum):
    """The way entries come or go."""

    MOVE = "move"
    COPY = "copy"
    APPEND = "append"
    DELIVER = "deliver"
    EXPUNGE = "expunge"


@dataclass(frozen=True, slots=True)
class FolderRef:
    """A folder as behaviours and doors see it."""

    id: int
    owner_id: int
    name: str
    behaviour: str | None


@dataclass(frozen=True, slots=True)
class Passing:
    """Entries about to enter or leave a folder.

    source: None for APPEND and delivery. target: None for EXPUNGE.
    uids: of the entries in `source`, ascending; () where there is no source.
    message_pks: parallel to uids, or the one message coming in.
    recipient_detail: what stood after "+" in the local part, for deliveries, else "".
    """

    how: How
    source: FolderRef | None
    target: FolderRef | None
    uids: Sequence[int]
    message_pks: Sequence[int]
    recipient_detail: str = ""


class FolderBehaviour(Protocol):
    """Both methods run before the change, inside its transaction.

    Raise `MoveRefused` (a sentence in `tx.actor.locale`) to refuse: nothing has changed then.
    They are not called for changes that the registering room makes itself (`guarded=False`).
    """

    def entering(self, tx: Tx, passing: Passing) -> None: ...

    def leaving(self, tx: Tx, passing: Passing) -> None: ...


@runtime_checkable
class HearsLate(Protocol):
    """A behaviour that also wants to hear of entries that somebody meant to bring in, but which are gone from
    where they lay: two people have moved the same mail.

    uids: those that are gone; message_pks: (). Called before `entering`; raises as that does.
    """

    def late(self, tx: Tx, passing: Passing) -> None: ...


@runtime_checkable
class GuardsDeletion(Protocol):
    """A behaviour that is also asked before \\Deleted is set or taken away: where people take down only their own.

    Raise `MoveRefused` to refuse; nothing has changed then.
    """

    def deleting(self, tx: Tx, folder: FolderRef, message_pks: Collection[int]) -> None: ...


@runtime_checkable
class SendsOn(Protocol):
    """A behaviour of a folder in which nothing stays: what is delivered there goes to another one, by the detail of
    the address. The other one's behaviour is asked next, as for any delivery.

    Raise `MoveRefused` to refuse; nothing has changed then.
    """

    def destination(self, tx: Tx, passing: Passing) -> int: ...


Behaviours = Mapping[str, FolderBehaviour]
