"""APPEND (RFC 3501 §6.3.11, RFC 4315 §3, RFC 7889)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.literals import Literal
from mailserver.imap.parser.cursor import Cursor, LiteralSource
from mailserver.imap.parser.dates import parse_date_time
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.flags import Flags, parse_flags
from mailserver.imap.responses import Reply, bad, no, ok
from mailserver.imap.rights import allowed_flags
from mailserver.imap.session import Session
from mailserver.policy import Action, Case, Stage
from mailserver.store import entries
from mailserver.store.database import Tx
from mailserver.store.errors import MessageTooLarge
from mailserver.store.flags import joined
from mailserver.store.folders import Folder
from mailserver.store.ingest import Prepared, prepare

SMALL = 16 * 1024  # octets that are parsed on the loop: a thread would cost more than it frees
NAME_LIMIT = 8 * 1024  # octets of a mailbox name sent as a literal


@dataclass(frozen=True, slots=True)
class AppendCommand:
    """date: None for now."""

    name: str
    flags: Flags
    date: datetime | None
    message: LiteralSource

    @classmethod
    def parse(cls, cursor: Cursor) -> AppendCommand:
        name, flags, date = _parse_before_message(cursor)
        message = cursor.literal_source()
        if message is None:
            raise ParseError("Expected a message as a literal")
        cursor.end()
        return cls(name, flags, date, message)


def _parse_before_message(cursor: Cursor) -> tuple[str, Flags, datetime | None]:
    cursor.space()
    name = cursor.mailbox()
    cursor.space()
    flags, date = Flags(0, ()), None
    if cursor.peek() == b"(":
        flags = parse_flags(cursor)
        cursor.space()
    if cursor.peek() == b'"':
        date = parse_date_time(cursor)
        cursor.space()
    return name, flags, date


def is_append(data: bytes) -> bool:
    """Whether a command begun like this is an APPEND."""
    words = data[:300].split(b" ", 2)
    return len(words) == 3 and words[1].upper() == b"APPEND"


def admit(session: Session, data: bytes, literals: Mapping[int, Literal], size: int) -> Reply | None:
    """Let the message in only behind arguments that are right and within the size limit.

    Dovecot invites 100 GB, and hangs on arguments in the wrong order.
    """
    start = data.rfind(b"{")
    cursor = Cursor(data[:start], literals)
    cursor.at = data.index(b" ", data.index(b" ") + 1)
    if cursor.data[cursor.at :].strip() == b"":
        return None if size <= NAME_LIMIT else bad("The mailbox name is too long", b"TOOBIG")
    try:
        _parse_before_message(cursor)
        cursor.end()
    except ParseError as error:
        return bad(str(error), b"CLIENTBUG")
    except NameRefused as error:
        return no(str(error), error.code)
    if size > session.services.settings.append_limit:
        return no("The message is too large", b"TOOBIG")
    return None


@command("APPEND", states=AUTHENTICATED, parse=AppendCommand.parse, try_create=True)
async def append(session: Session, cmd: AppendCommand) -> Reply:
    """Put a message in a folder; the OK means that it is on disk.

    Flags that the person may not set there are left out (RFC 4314 §4). Raises FolderMissing,
    Forbidden, MessageTooLarge, StoreFull, MoveRefused; then there is no message.
    """
    if cmd.message.size > SMALL:  # spare the work for a target that will refuse it
        mailbox = await session.read(lambda conn: mailboxes.find(conn, session.actor, cmd.name))
        mailboxes.must_have(mailbox, "i")
    prepared = await _prepare(session, cmd.message)
    _ask_policy(session, prepared)
    date = int(cmd.date.timestamp()) if cmd.date else int(time.time())

    def work(tx: Tx) -> tuple[Folder, int]:
        target = mailboxes.find(tx.conn, session.actor, cmd.name)
        mailboxes.must_have(target, "i")
        allowed = allowed_flags(target.rights)
        keywords = joined(cmd.flags.keywords) if allowed.keywords else ""
        bits = cmd.flags.bits & allowed.bits
        uid = entries.append_tx(tx, target.folder.id, prepared, bits, keywords, max(date, 0))
        return target.folder, uid

    folder, uid = await session.write(work)
    await session.refresh_if_open(folder.id)
    return ok("Message stored", b"APPENDUID %d %d" % (folder.uidvalidity, uid))


async def _prepare(session: Session, message: LiteralSource) -> Prepared:
    blobs = session.services.store.blobs
    if message.size <= SMALL:
        return prepare(message.read(), blobs)
    async with session.services.large:
        return await asyncio.to_thread(lambda: prepare(message.read(), blobs))


def _ask_policy(session: Session, prepared: Prepared) -> None:
    """Raises MessageTooLarge where a policy rejects; its only cause so far is the size."""
    scanned = prepared.scanned
    verdict = session.services.policy(
        Case(
            Stage.APPEND,
            session.actor,
            session.actor.agency_id,
            size=scanned.size,
            decoded_size=scanned.decoded_size,
            scanned=scanned,
        )
    )
    if verdict.action is Action.REJECT:
        raise MessageTooLarge(int(verdict.facts.get("limit", 0)))
