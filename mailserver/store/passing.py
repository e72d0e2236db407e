"""Asking the folder behaviours before entries come or go (see `behaviours`)."""

from __future__ import annotations

from collections.abc import Collection

from mailserver.store.behaviours import FolderBehaviour, FolderRef, GuardsDeletion, HearsLate, How, Passing, SendsOn
from mailserver.store.errors import StoreUnavailable
from mailserver.store.tx import Tx


def guards(*folders: FolderRef | None) -> bool:
    """Whether any of the folders has a behaviour to ask."""
    return any(folder is not None and folder.behaviour for folder in folders)


def ask(tx: Tx, passing: Passing) -> None:
    """Call `leaving` of the source, then `entering` of the target. COPY leaves nothing.

    Raises what they raise (MoveRefused), and StoreUnavailable if this process does not know a
    behaviour: an unguarded step would be worse than none.
    """
    if passing.source is not None and passing.source.behaviour and passing.how is not How.COPY:
        _behaviour(tx, passing.source).leaving(tx, passing)
    if passing.target is not None and passing.target.behaviour:
        _behaviour(tx, passing.target).entering(tx, passing)


def destination(tx: Tx, passing: Passing) -> int | None:
    """The folder to which the target's behaviour sends on what is delivered there; None: it stays. Raises as `ask`."""
    if passing.target is None or not passing.target.behaviour:
        return None
    behaviour = _behaviour(tx, passing.target)
    return behaviour.destination(tx, passing) if isinstance(behaviour, SendsOn) else None


def tell_late(tx: Tx, passing: Passing) -> None:
    """Tell the target's behaviour of entries that are not there any more, if it wants to hear of it."""
    if passing.target is not None and passing.target.behaviour:
        behaviour = _behaviour(tx, passing.target)
        if isinstance(behaviour, HearsLate):
            behaviour.late(tx, passing)


def ask_deletion(tx: Tx, folder: FolderRef, message_pks: Collection[int]) -> None:
    """Ask the folder's behaviour, if it minds, whether \\Deleted may change on these. Raises MoveRefused."""
    if folder.behaviour and message_pks:
        behaviour = _behaviour(tx, folder)
        if isinstance(behaviour, GuardsDeletion):
            behaviour.deleting(tx, folder, message_pks)


def _behaviour(tx: Tx, folder: FolderRef) -> FolderBehaviour:
    found = tx.behaviours.get(folder.behaviour or "")
    if found is None:
        raise StoreUnavailable(f"folder behaviour {folder.behaviour!r} is not known here")
    return found
