"""What happens to documents when messages come and go, whatever the door (`mailserver.store.behaviours`)."""

from __future__ import annotations

from mailserver.store.behaviours import FolderBehaviour
from mailserver.store.blobs import BlobStore
from routing import setup
from routing.behaviours.reply import Replies
from routing.behaviours.tasks import Copies, Finished, Pending, Registered


def behaviours(blobs: BlobStore) -> dict[str, FolderBehaviour]:
    """By the names that folders carry; for `Database.behaviours`."""
    return {
        setup.PENDING: Pending(),
        setup.FINISHED: Finished(),
        setup.COPY: Copies(),
        setup.REGISTERED: Registered(),
        setup.REPLY: Replies(blobs),
    }
