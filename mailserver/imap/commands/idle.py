"""IDLE (RFC 2177): changes are pushed as they happen."""

from __future__ import annotations

from mailserver.imap.commands import notify
from mailserver.imap.commands.registry import AUTHENTICATED, command, no_arguments
from mailserver.imap.connection import Interrupted, LineTooLong
from mailserver.imap.responses import Reply, bad, ok
from mailserver.imap.session import Session, State

MAX_LINE = 8 * 1024


@command("IDLE", states=AUTHENTICATED, parse=no_arguments)
async def idle(session: Session, _arguments: None) -> Reply:
    """Push news until the client says DONE, or for half an hour after its last word.

    Octets after DONE stay for the next command: iOS 18 sends both in one packet (stalwart #765).
    """
    session.say(b"+ idling\r\n")
    if session.state is State.SELECTED:
        await session.refresh()
    session.idling = True
    session.services.entrance.end(session)
    try:
        line = await _until_line(session)
    except LineTooLong:
        return bad("Expected DONE")
    finally:
        session.idling = False
    return ok("Idle done") if line.strip().upper() == b"DONE" else bad("Expected DONE")


async def _until_line(session: Session) -> bytes:
    """The client's next line; says "Still here" now and then, which keeps NAT entries and Outlook alive
    (Dovecot `imap_idle_notify_interval`; James `IdleProcessor.java:145`)."""
    connection, settings = session.connection, session.services.settings
    quiet = 0.0
    while True:
        session.tell(expunges=True)
        await notify.tell(session)
        await session.flush()
        if session.has_news:
            continue
        if connection.has_line():
            return await connection.line(MAX_LINE, settings.idle_notify)
        try:
            await connection.wait(settings.idle_notify)
        except TimeoutError:
            quiet += settings.idle_notify
            if quiet >= settings.idle_timeout:
                raise Interrupted("Idle for too long") from None
            await session.check_rights()
            session.say(b"* OK Still here\r\n")
        if connection.buffered() > MAX_LINE:
            return await connection.line(MAX_LINE, settings.idle_notify)
