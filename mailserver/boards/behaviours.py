"""The rules of shared folders, whatever the door: who is named posts, and takes down what is their own.

Rights on the whole mailbox (the registry handles the agency's) do not count here: only the folder's own list says
who posts, or the regulation's choice of posters would be void (04/2017/QĐ-UBND, Điều 8 khoản 1).
"""

from __future__ import annotations

from collections.abc import Collection

from mailserver.boards import hiding, posts
from mailserver.boards.kinds import BEHAVIOUR, BY_MAIL, REMOVED
from mailserver.boards.rights import may_post, refuse, require_author, retired
from mailserver.store import access, audit, folders, messages, quota
from mailserver.store.behaviours import FolderBehaviour, FolderRef, How, Passing
from mailserver.store.letters import NONE
from mailserver.store.quota import Amount
from mailserver.store.tx import Tx

# Of a folder's number in an address: the largest a database gives has fewer.
MOST_DIGITS = 15


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
        if hiding.any_hidden(tx.conn, passing.message_pks):
            refuse(tx, "hidden")
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


class ByMail:
    """The address to which posts are sent: "+" and the folder's number say where (RFC 4314 §2.1, the right "p").

    Only for people who have signed in to send: what comes from outside has no poster, whatever stands in From. That
    From is theirs the submission door has seen to.
    """

    def destination(self, tx: Tx, passing: Passing) -> int:
        poster, detail = tx.actor.principal_id, passing.recipient_detail
        if poster is None or not detail.isascii() or not detail.isdigit() or len(detail) > MOST_DIGITS:
            refuse(tx, "no-address")
        found = folders.of_ids(tx.conn, (int(detail),))
        letters = access.rights_on(tx.conn, tx.actor, found[0], tx.now) if found else NONE
        if not found or found[0].behaviour != BEHAVIOUR or "r" not in letters:
            refuse(tx, "no-address")
        if not may_post(tx.conn, tx.actor, found[0].id, tx.now, "p"):
            refuse(tx, "no-poster", name=found[0].name)
        message = messages.load_many(tx.conn, passing.message_pks, ("size",))
        quota.require_room(tx.conn, found[0].owner_id, Amount(sum(size for (size,) in message.values()), 1))
        return found[0].id

    def entering(self, tx: Tx, passing: Passing) -> None:
        refuse(tx, "no-address")

    def leaving(self, tx: Tx, passing: Passing) -> None:
        """Nothing is ever there."""


def behaviours() -> dict[str, FolderBehaviour]:
    """By the names that folders carry; for `Database.behaviours`."""
    return {BEHAVIOUR: Board(), REMOVED: Removed(), BY_MAIL: ByMail()}
