"""The rules of shared folders, whatever the door: who is named posts, and takes down what is their own.

Rights on the whole mailbox (the registry handles the agency's) do not count here: only the folder's own list says
who posts, or the regulation's choice of posters would be void (04/2017/QĐ-UBND, Điều 8 khoản 1).
"""

from __future__ import annotations

from collections.abc import Collection

from mailserver.boards import posts
from mailserver.boards.kinds import BEHAVIOUR, REMOVED
from mailserver.boards.rights import may_post, refuse, require_author, retired
from mailserver.store import audit
from mailserver.store.behaviours import FolderBehaviour, FolderRef, How, Passing
from mailserver.store.tx import Tx


class Board:
    """A shared folder."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        target, poster = passing.target, tx.actor.principal_id
        assert target is not None
        if poster is None:
            return  # the program itself
        if retired(tx.conn, target.id):
            refuse(tx, "retired", name=target.name)
        if not may_post(tx.conn, tx.actor, target.id, tx.now):
            refuse(tx, "no-poster", name=target.name)
        posts.note_tx(tx, target.id, passing.message_pks, poster)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        assert passing.source is not None
        require_author(tx, passing.source, passing.message_pks)
        if tx.actor.principal_id is not None and passing.how in (How.EXPUNGE, How.MOVE):
            messages = list(passing.message_pks)
            audit.record_tx(
                tx, "board.taken_down", owner_id=passing.source.owner_id, folder=passing.source.name, messages=messages
            )

    def deleting(self, tx: Tx, folder: FolderRef, message_pks: Collection[int]) -> None:
        """\\Deleted is the first half of taking down: refused here, or everybody would see it struck out."""
        require_author(tx, folder, message_pks)


class Removed:
    """Where posts lie that were taken down: only the acts of this room bring them in and out."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        self._closed(tx, passing.target)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        self._closed(tx, passing.source)

    def _closed(self, tx: Tx, folder: FolderRef | None) -> None:
        if tx.actor.principal_id is not None:
            refuse(tx, "no-poster", name=folder.name if folder else "")


def behaviours() -> dict[str, FolderBehaviour]:
    """By the names that folders carry; for `Database.behaviours`."""
    return {BEHAVIOUR: Board(), REMOVED: Removed()}
