"""APPEND (RFC 3501 §6.3.11), of several messages at once (RFC 3502), with APPENDUID (RFC 4315 §3), also as
a literal8 and with UTF8 (RFC 9051 §6.3.12, RFC 6855 §4)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.directory import principals
from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.errors import reply_to
from mailserver.imap.frames import Frame
from mailserver.imap.parser.cursor import Cursor, LiteralSource
from mailserver.imap.parser.dates import parse_date_time
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.flags import Flags, parse_flags
from mailserver.imap.responses import Reply, bad, no, number_set, ok
from mailserver.imap.session import Session
from mailserver.policy import Action, Case, Stage
from mailserver.store import entries, quota
from mailserver.store.database import Tx
from mailserver.store.errors import MessageTooLarge, StoreFull
from mailserver.store.flags import joined
from mailserver.store.folders import Folder
from mailserver.store.ingest import Prepared, prepare
from mailserver.store.letters import allowed_flags
from mailserver.store.quota import NOTHING, Amount

SMALL = 16 * 1024  # octets of one message parsed on the loop: a thread would cost more than it frees
TOGETHER = 64 * 1024 * 1024  # octets of the messages of one command, where one may not be as large
_UTF8 = b"UTF8 ("
# Tag and command up to the name of the mailbox.
_BRINGING = re.compile(rb"[^ ]{1,200} +(?:APPEND|(?:UID +)?REPLACE +[0-9*]{1,10})(?= )", re.I)
NAME_LIMIT = 8 * 1024  # octets of a mailbox name sent as a literal


@dataclass(frozen=True, slots=True)
class NewMessage:
    """date: None for now."""

    flags: Flags
    date: datetime | None
    content: LiteralSource

    @classmethod
    def parse(cls, cursor: Cursor) -> NewMessage:
        flags, date = _parse_options(cursor)
        return cls(flags, date, _parse_content(cursor))


@dataclass(frozen=True, slots=True)
class AppendCommand:
    name: str
    messages: tuple[NewMessage, ...]

    @classmethod
    def parse(cls, cursor: Cursor) -> AppendCommand:
        cursor.space()
        name = cursor.mailbox()
        messages: list[NewMessage] = []
        while not messages or not cursor.at_end():
            cursor.space()
            messages.append(NewMessage.parse(cursor))
        cursor.end()
        return cls(name, tuple(messages))


def _parse_options(cursor: Cursor) -> tuple[Flags, datetime | None]:
    """What may stand before a message, with the space behind it."""
    flags, date = Flags(0, ()), None
    if cursor.peek() == b"(":
        flags = parse_flags(cursor)
        cursor.space()
    if cursor.peek() == b'"':
        date = parse_date_time(cursor)
        cursor.space()
    return flags, date


def _parse_content(cursor: Cursor) -> LiteralSource:
    """The message: a literal, or one within `UTF8 (…)`. Header fields in UTF-8 are taken in both."""
    wrapped = _skip_utf8(cursor)
    content = cursor.literal_source()
    if content is None:
        raise ParseError("Expected a message as a literal")
    if wrapped:
        cursor.expect(b")", "the end of UTF8")
    return content


def _skip_utf8(cursor: Cursor) -> bool:
    if cursor.data[cursor.at : cursor.at + len(_UTF8)].upper() != _UTF8:
        return False
    cursor.at += len(_UTF8)
    return True


def arguments_at(data: bytes) -> int:
    """Where the name of the mailbox comes, if a command begun like this brings a message; 0 for others."""
    match = _BRINGING.match(data)
    return match.end() if match else 0


def admit(session: Session, frame: Frame, size: int) -> Reply | None:
    """Let the message in only behind arguments that are right and within the size limit; for commands
    that `arguments_at` knows.

    Dovecot invites 100 GB, and hangs on arguments in the wrong order.
    """
    data = frame.data
    cursor = Cursor(data[: data.rfind(b"{")].removesuffix(b"~"), frame.literals, session.enabled.utf8)
    cursor.at = frame.checked or arguments_at(data)
    if not frame.checked:
        cursor.space()
        if cursor.at_end():
            return None if size <= NAME_LIMIT else bad("The mailbox name is too long", b"TOOBIG")
    try:
        _check_before_message(cursor, first=not frame.checked)
    except ParseError as error:
        return bad(str(error), b"CLIENTBUG")
    except NameRefused as error:
        return no(str(error), error.code)
    frame.checked = cursor.at
    limit = session.services.settings.append_limit
    if size > limit or (frame.held and frame.held + size > max(limit, TOGETHER)):
        return no("The message is too large", b"TOOBIG")
    return None if session.services.store.room.has(size) else reply_to(StoreFull(), session.locale)


def _check_before_message(cursor: Cursor, first: bool) -> None:
    """Read what has come of the arguments since the last message began, up to where the next one does."""
    if first:
        cursor.mailbox()
    else:
        _pass_message(cursor)
    while True:
        cursor.space()
        _parse_options(cursor)
        if cursor.at_end() or (_skip_utf8(cursor) and cursor.at_end()):
            return
        _pass_message(cursor)


def _pass_message(cursor: Cursor) -> None:
    if cursor.literal_source() is None:
        raise ParseError("Expected a message as a literal")
    cursor.skip(b")")


@command("APPEND", states=AUTHENTICATED, parse=AppendCommand.parse, try_create=True)
async def append(session: Session, cmd: AppendCommand) -> Reply:
    """Put messages in a folder, all or none; the OK means that they are on disk.

    Flags that the person may not set there are left out (RFC 4314 §4). Raises FolderMissing,
    Forbidden, MessageTooLarge, OverQuota, StoreFull, MoveRefused; then there is no message.
    """
    refuse_empty(cmd.messages)
    prepared = await prepare_all(session, cmd.name, cmd.messages)
    folder, uids = await session.write(lambda tx: append_tx(tx, session, cmd.name, cmd.messages, prepared))
    await mailboxes.note_opening(session, folder)
    await session.refresh_if_open(folder.id)
    return ok("Stored", appenduid(folder, uids))


def refuse_empty(messages: Sequence[NewMessage]) -> None:
    """Raises NameRefused for a message without octets: with it a client takes the whole command back (RFC 3502
    §6.3.11)."""
    if not all(message.content.size for message in messages):
        raise NameRefused("A message is empty; nothing was stored")


def appenduid(folder: Folder, uids: Sequence[int]) -> bytes:
    """The response code of RFC 4315 §3."""
    return b"APPENDUID %d %b" % (folder.uidvalidity, number_set(uids))


def append_tx(
    tx: Tx,
    session: Session,
    name: str,
    messages: Sequence[NewMessage],
    prepared: Sequence[Prepared],
    replaced: Amount = NOTHING,
) -> tuple[Folder, list[int]]:
    """The folder and the new uids. prepared: of each message. replaced: what goes out of the open folder for
    them. Raises as `append`."""
    target = mailboxes.find(tx.conn, session.actor, name)
    mailboxes.must_have(target, "i")
    more = Amount(sum(one.scanned.size for one in prepared), len(prepared))
    if any(replaced) and session.selected.folder.owner_id == target.folder.owner_id:
        more = Amount(more.octets - replaced.octets, more.messages - replaced.messages)
    quota.require_room(tx.conn, target.folder.owner_id, more)
    agency_id = _agency_of(tx.conn, session, target.folder)
    for one in prepared:
        _ask_policy(session, agency_id, one)
    allowed = allowed_flags(target.rights)
    uids = []
    for message, one in zip(messages, prepared, strict=True):
        keywords = joined(message.flags.keywords) if allowed.keywords else ""
        bits = message.flags.bits & allowed.bits
        date = int(message.date.timestamp()) if message.date else tx.now_s
        uids.append(entries.append_tx(tx, target.folder.id, one, bits, keywords, max(date, 0)))
    return target.folder, uids


async def prepare_all(session: Session, name: str, messages: Sequence[NewMessage]) -> list[Prepared]:
    """Parse messages and put their blobs away. Raises FolderMissing, Forbidden, StoreFull."""
    contents, blobs = [message.content for message in messages], session.services.store.blobs
    if any(content.size > SMALL for content in contents):
        # Spare the work for a target that will refuse it.
        mailbox = await session.read(lambda conn: mailboxes.find(conn, session.actor, name))
        mailboxes.must_have(mailbox, "i")
    utf8 = session.enabled.utf8
    if len(contents) == 1 and contents[0].size <= SMALL:
        return [prepare(_octets(contents[0], utf8), blobs)]
    async with session.services.large:
        return await asyncio.to_thread(lambda: [prepare(_octets(content, utf8), blobs) for content in contents])


def _octets(content: LiteralSource, utf8: bool) -> bytes:
    """The message. Python's imaplib, up to 3.12, writes `UTF8 (` and `)` inside the literal instead of around
    it (cpython #78319); no header begins so."""
    octets = content.read()
    if utf8 and octets.startswith(_UTF8) and octets.endswith(b")"):
        return octets[len(_UTF8) : -1]
    return octets


def _agency_of(conn: Connection, session: Session, folder: Folder) -> int | None:
    """Whose rules hold in a folder: those of its owner's agency."""
    if folder.owner_id == session.principal_id:
        return session.actor.agency_id
    return principals.get(conn, folder.owner_id).agency_id


def _ask_policy(session: Session, agency_id: int | None, prepared: Prepared) -> None:
    """Raises MessageTooLarge where a policy rejects; its only cause so far is the size."""
    scanned = prepared.scanned
    verdict = session.services.policy(
        Case(
            Stage.APPEND,
            session.actor,
            agency_id,
            size=scanned.size,
            decoded_size=scanned.decoded_size,
            scanned=scanned,
        )
    )
    if verdict.action is Action.REJECT:
        raise MessageTooLarge(int(verdict.facts.get("limit", 0)))
