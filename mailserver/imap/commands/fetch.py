"""FETCH and UID FETCH (RFC 3501 §6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162 §3.1.4, §3.2.6) and
PARTIAL (RFC 9394 §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.commands.resync import say_vanished
from mailserver.imap.errors import NOT_ALLOWED, Refusal
from mailserver.imap.fetch.answer import CHUNK, Answer
from mailserver.imap.fetch.items import Item, Simple, parse_items, sets_seen
from mailserver.imap.fetch.plan import make_plan, spans
from mailserver.imap.parser.cursor import MAX_MODSEQ, Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import Reply, bad, ok
from mailserver.imap.search.page import Page
from mailserver.imap.session import Extension, Session
from mailserver.store import entries
from mailserver.store.entries import FlagChange
from mailserver.store.flags import Flag


@dataclass(frozen=True, slots=True)
class FetchCommand:
    """changed_since: a modseq, or None. vanished: whether to tell of those removed since, too. page: which
    of the messages, or None for all of them."""

    messages: SequenceSet
    items: tuple[Item, ...]
    changed_since: int | None
    vanished: bool
    page: Page | None
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> FetchCommand:
        cursor.space()
        messages = SequenceSet.parse(cursor)
        cursor.space()
        items = parse_items(cursor)
        modifiers = _Modifiers()
        if not cursor.at_end():
            cursor.space()
            cursor.items(modifiers.take)
        cursor.end()
        if modifiers.vanished and (modifiers.changed_since is None or not uid):
            raise ParseError("VANISHED needs UID FETCH with CHANGEDSINCE")
        if modifiers.page is not None and not uid:
            raise ParseError("PARTIAL needs UID FETCH")
        return cls(messages, items, modifiers.changed_since, modifiers.vanished, modifiers.page, uid)


@dataclass(slots=True)
class _Modifiers:
    """The modifiers of one FETCH as they are read; each may come once."""

    changed_since: int | None = None
    vanished: bool = False
    page: Page | None = None

    def take(self, cursor: Cursor) -> None:
        """`(CHANGEDSINCE 0)` is sent too, by iOS (mox `imapserver/fetch.go:107`)."""
        word = cursor.word("a modifier")
        if word == b"VANISHED" and not self.vanished:
            self.vanished = True
        elif word == b"CHANGEDSINCE" and self.changed_since is None:
            cursor.space()
            self.changed_since = cursor.number(MAX_MODSEQ, "a mod-sequence")
        elif word == b"PARTIAL" and self.page is None:
            cursor.space()
            self.page = Page.parse(cursor)
        else:
            raise ParseError("Unknown modifier")


def by_number(cursor: Cursor) -> FetchCommand:
    return FetchCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> FetchCommand:
    return FetchCommand.parse(cursor, uid=True)


@command("FETCH", states=SELECTED, parse=by_number, expunges=False)
@command("UID FETCH", states=SELECTED, parse=by_uid)
async def fetch(session: Session, cmd: FetchCommand) -> Reply:
    """Send parts of messages.

    By UID, news is taken in first: `UID FETCH N:*` must show what another session has moved in
    (stalwart 0.16.6). Messages expunged elsewhere and not told yet are sent as they were
    (RFC 2180 §4.1.1). Raises BeyondEnd.
    """
    if "r" not in session.selected.rights:
        raise Refusal(NOT_ALLOWED)
    if cmd.vanished and not session.enabled.qresync:
        return bad("QRESYNC has not been enabled", b"CLIENTBUG")
    if cmd.vanished:
        await session.refresh()
        session.tell(expunges=True)
        await say_vanished(session, cmd.changed_since or 0, cmd.messages)
    elif cmd.uid:
        await session.refresh_for(cmd.messages)
    ranges = session.view.resolve(cmd.messages, cmd.uid)
    items = _completed(session, cmd)
    if cmd.changed_since is not None:
        ranges = _changed(session, ranges, cmd.changed_since)
    if cmd.page is not None:
        ranges = spans(cmd.page.of([index for span in ranges for index in span]))
    marks = sets_seen(items) and not session.selected.read_only
    if not marks:
        answer = Answer(session, make_plan(items))
        for span in ranges:
            await answer.send(span)
        return ok("Fetched")
    for span in ranges:
        for start in range(span.start, span.stop, CHUNK):
            await _send_marking(session, items, range(start, min(start + CHUNK, span.stop)))
    return ok("Fetched")


def _completed(session: Session, cmd: FetchCommand) -> tuple[Item, ...]:
    """The items with those that the form of the command implies."""
    items = list(cmd.items)
    if cmd.uid:
        items.insert(0, Simple.UID)
    if cmd.changed_since is not None:
        items.append(Simple.MODSEQ)
    if Simple.MODSEQ in items:
        session.enable(Extension.CONDSTORE)
    return tuple(dict.fromkeys(items))


def _changed(session: Session, ranges: Sequence[range], modseq: int) -> list[range]:
    view = session.view
    found = []
    for span in ranges:
        for index in span:
            rows, at = view.row(index)
            if rows.modseqs[at] > modseq:
                found.append(index)
    return spans(found)


async def _send_marking(session: Session, items: tuple[Item, ...], span: range) -> None:
    """Send messages and mark them \\Seen; FLAGS comes along for those that were not (RFC 3501 §6.4.5), with
    what the session wants to know of any change (RFC 7162 §3.1, §3.2.4)."""
    unseen = []
    for index in span:
        rows, at = session.view.row(index)
        if not rows.flags[at] & Flag.SEEN:
            unseen.append(index)
    marked = await _mark_seen(session, [session.view.rows.uids[index] for index in unseen])
    news = [Simple.FLAGS]
    if session.condstore:
        news.append(Simple.MODSEQ)
    if session.enabled.qresync:
        news.append(Simple.UID)
    plain, telling = make_plan(items), make_plan((*items, *news))
    fresh = set(unseen) if marked else set()
    at = span.start
    try:
        while at < span.stop:
            end, is_fresh = at, at in fresh
            while end < span.stop and (end in fresh) == is_fresh:
                end += 1
            await Answer(session, telling if is_fresh else plain).send(range(at, end))
            at = end
    except NameRefused:  # [UNKNOWN-CTE]: what is marked is told all the same
        session.tell_flags(sorted(fresh))
        raise


async def _mark_seen(session: Session, uids: list[int]) -> bool:
    """Returns whether the flags may be changed at all; without "s" reading leaves no mark (RFC 4314 §4)."""
    if not uids or "s" not in session.selected.rights:
        return False
    folder_id = session.selected.folder.id
    stored = await session.write(
        lambda tx: (
            entries.store_flags_tx(tx, folder_id, uids, FlagChange.ADD, Flag.SEEN)
            if "s" in mailboxes.rights_now(tx.conn, session)
            else None
        )
    )
    if stored is None:
        return False
    await session.services.hub.absorb(session.selected.open, stored.marks, stored.modseq, session)
    return True
