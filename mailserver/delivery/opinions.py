"""Asking for opinions of a message on its way in."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from mailserver.assessor import Assessor
from mailserver.delivery.mailboxes import Inbox
from mailserver.mime.contents import Contents
from mailserver.opinions import Opinion
from mailserver.senderauth.results import Results
from mailserver.store.database import Database
from mailserver.store.errors import StoreError

log = logging.getLogger(__name__)


def opinions_of(
    assessor: Assessor, db: Database, contents: Contents, found: Results, boxes: Sequence[Inbox]
) -> tuple[Opinion, ...]:
    """One for each mailbox that wants one; none after a fault of ours. Blocks. Raises StoreUnavailable."""
    mailboxes = list(dict.fromkeys((box.owner_id, box.agency_id) for box in boxes))
    try:
        return db.read(lambda conn: assessor.opinions(conn, contents, found, mailboxes))
    except StoreError:
        raise
    except Exception:
        # The same mail must not be put off for ever.
        log.exception("no opinion of a message could be formed")
        return ()
