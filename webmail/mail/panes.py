"""The three panes of the mail page as one value: folders, list, and the message if one is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from sqlalchemy import Connection

from mailbox_policies.spam.moves import Place, place_of
from mailserver.actor import Actor
from mailserver.store import access, folders, listing
from mailserver.store.folders import Folder
from mailserver.store.listing import Line
from mailserver.store.personal import Reader, reader_of
from mailserver.store.search import SearchIndex
from mailserver.text import fold
from webmail.mail import places
from webmail.mail.reading import Letter
from webmail.paging import last_page

MOST_FOUND = 200
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class May:
    """What the actor may do in this folder. judge: the word for telling the filter what mail is, "" where it makes
    no sense (what one has written, what is thrown away)."""

    flag: bool
    move: bool
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a folder is asked for: its page, the words to find, unread mail only."""

    page: int = 1
    words: str = ""
    unseen_only: bool = False

    @property
    def args(self) -> dict[str, Any]:
        """As query arguments, without what is the default."""
        found: dict[str, Any] = {}
        if self.words:
            found["q"] = self.words
        if self.unseen_only:
            found["loc"] = "chua-doc"
        if self.page > 1:
            found["trang"] = self.page
        return found


@dataclass(slots=True)
class Panes:
    folder: Folder
    title: str
    mailbox_title: str
    mailboxes: tuple[places.Mailbox, ...]
    targets: tuple[places.Target, ...]
    may: May
    wanted: Wanted
    lines: list[Line]
    total: int
    pane: str
    message: Letter | None = None
    list_args: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return self.wanted.words

    @property
    def unseen_only(self) -> bool:
        return self.wanted.unseen_only

    @property
    def page(self) -> int:
        return self.wanted.page

    @property
    def last(self) -> int:
        return 1 if self.words else last_page(self.total, listing.PAGE)

    @property
    def back(self) -> str:
        return url_for("mail.folder", folder_id=self.folder.id, **self.list_args)

    @property
    def here(self) -> str:
        if self.message is None:
            return self.back
        line = self.message.line
        return url_for("mail.message", folder_id=line.folder_id, uid=line.uid, **self.list_args)

    @property
    def toggle_unseen(self) -> dict[str, str]:
        return {} if self.unseen_only else {"loc": "chua-doc"}

    @property
    def page_url(self) -> Callable[[int], str]:
        rest = {name: value for name, value in self.list_args.items() if name != "trang"}
        return lambda page: url_for("mail.folder", folder_id=self.folder.id, **rest, trang=page)


def wanted() -> Wanted:
    """What the request's address asks for; nonsense counts as nothing asked."""
    page = request.args.get("trang", 1, type=int)
    words = request.args.get("q", "")[:LONGEST_QUERY].strip()
    return Wanted(max(1, min(page, 100_000)), words, request.args.get("loc") == "chua-doc")


def read(conn: Connection, actor: Actor, folder_id: int, asked: Wanted, pane: str) -> Panes:
    """Raises FolderMissing if the folder is not the actor's to see."""
    folder = folders.by_id(conn, folder_id)
    access.require(conn, actor, folder, "r")
    seen = places.read(conn, actor)
    rights = seen.rights(folder)
    access.check(rights, "l", folder.name)
    lines, total = _lines(conn, folder, reader_of(folder, actor), asked)
    return Panes(
        folder=folder,
        title=places.label(folder),
        mailbox_title=next(one.name for one in seen.access if one.owner_id == folder.owner_id),
        mailboxes=places.mailboxes(seen, actor.principal_id, folder),
        targets=places.targets(seen, actor.principal_id, folder) if "t" in rights else (),
        may=May(flag="s" in rights, move="t" in rights, judge=_judge(conn, folder) if "t" in rights else ""),
        wanted=asked,
        lines=lines,
        total=total,
        pane=pane,
        list_args=asked.args,
    )


def _judge(conn: Connection, folder: Folder) -> str:
    place = place_of(conn, folder)
    if place is Place.JUNK:
        return "not-junk"
    return "" if place is Place.TRASH or folder.behaviour or folder.special_use in ("\\Drafts", "\\Sent") else "junk"


def _lines(conn: Connection, folder: Folder, reader: Reader | None, asked: Wanted) -> tuple[list[Line], int]:
    if asked.words:
        found = SearchIndex().match(conn, folder.id, fold(asked.words), "text")
        return listing.lines_of(conn, folder.id, found, asked.words, MOST_FOUND, reader), len(found)
    offset = (asked.page - 1) * listing.PAGE
    lines = listing.lines(conn, folder.id, offset=offset, unseen_only=asked.unseen_only, reader=reader)
    if not asked.unseen_only and not folder.deleted:
        return lines, folder.messages
    return lines, listing.count(conn, folder.id, unseen_only=asked.unseen_only, reader=reader)
