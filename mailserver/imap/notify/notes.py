"""Changes of notes on folders and on the server, as untagged METADATA without values (RFC 5465 §5.6, §5.7, RFC 5464
§4.4.2)."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.directory import grants, principals
from mailserver.imap import responses
from mailserver.imap.session import Session
from mailserver.store.events import Event
from mailserver.store.notes import EVERYBODY


def line(session: Session, mailbox: str, event: Event) -> bytes:
    """mailbox: as the client calls it, "" for the server."""
    names = b" ".join([responses.astring(name.encode()) for name in event.data["names"]])
    return b"* METADATA %b %b\r\n" % (session.mailbox(mailbox), names)


def may_see(conn: Connection, session: Session, event: Event) -> bool:
    """Whether the notes are the person's own, or shared with them: on a folder with all who may read it, on the server
    with the agency."""
    whose = event.data["whose"]
    if event.folder_id is not None:
        return whose in (EVERYBODY, session.principal_id)
    if whose == session.principal_id:
        return True
    agency_id = session.actor.agency_id
    return agency_id is not None and whose == grants.everybody(principals.agency_mailbox(conn, agency_id).id)
