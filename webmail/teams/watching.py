"""Which shared message somebody is answering: colleagues are shown that an answer is being written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store.errors import StoreError
from webmail.mail import outgoing, reading


@dataclass(frozen=True, slots=True)
class Watched:
    owner_id: int
    message_pk: int


def answering(conn: Connection, actor: Actor, answers: str | None) -> Watched | None:
    """answers: "folder.uid" of the message answered, or "". None: it is in one's own mailbox, or not to be seen."""
    source = outgoing.ref(answers)
    if source is None:
        return None
    try:
        opened = reading.open_message(conn, actor, source.folder_id, source.uid)
    except StoreError:
        return None
    own = opened.folder.owner_id == actor.principal_id
    return None if own else Watched(opened.folder.owner_id, opened.line.message_pk)
