"""NAMESPACE (RFC 2342)."""

from __future__ import annotations

from mailserver.imap import responses
from mailserver.imap.commands.registry import AUTHENTICATED, command, no_arguments
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Session
from mailserver.store.folder_names import OTHER_USERS, SHARED


@command("NAMESPACE", states=AUTHENTICATED, parse=no_arguments)
async def namespace(session: Session, _arguments: None) -> Reply:
    """Personal folders without prefix, colleagues' and offices' mailboxes under theirs."""
    spaces = [b'((%b "/"))' % responses.quoted(prefix.encode()) for prefix in ("", OTHER_USERS + "/", SHARED + "/")]
    session.say(b"* NAMESPACE %b\r\n" % b" ".join(spaces))
    return ok("Namespaces listed")
