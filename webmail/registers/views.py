"""The register on screen and paper, the statistics, and the search over mail and documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import listing
from mailserver.store.listing import Line
from mailserver.store.personal import reader_of
from mailserver.store.search import SearchIndex
from mailserver.text import accented, fold, has_diacritics
from routing import registers
from routing import search as document_search
from routing.types import DocumentSummary
from webmail.auth.current import actor
from webmail.formats import today
from webmail.mail import places
from webmail.paging import last_page
from webmail.services import services

bp = Blueprint("registers", __name__)

LINES = 100
MOST_FOUND = 200
MOST_MAILS = 50
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class RegisterPage:
    year: int
    years: list[int]
    words: str
    items: tuple[DocumentSummary, ...]
    page: int
    last: int

    @property
    def url(self) -> Callable[[int], str]:
        return lambda page: url_for("registers.incoming", nam=self.year, trang=page)


@dataclass(frozen=True, slots=True)
class Hit:
    """A mail found, and in which mailbox and folder."""

    line: Line
    where: str


def query() -> str:
    return request.args.get("q", "")[:LONGEST_QUERY].strip()


@bp.get("/so/den")
def incoming() -> ResponseReturnValue:
    """Sổ đăng ký văn bản đến (30/2020/NĐ-CP, Phụ lục IV). nam: the year; trang: the page; q: words."""
    asked = request.args.get("nam", 0, type=int)
    year = asked if 1900 <= asked <= 9999 else today().year
    page = max(1, min(request.args.get("trang", 1, type=int), 100_000))
    who, words = actor(), query()

    def read(conn: Connection) -> RegisterPage:
        now = services().clock()
        years = registers.years(conn, who) or [year]
        found = registers.listing(conn, who, year, now=now, offset=(page - 1) * LINES, limit=LINES)
        if not words:
            return RegisterPage(year, years, "", found.items, page, last_page(found.total, LINES))
        matches = document_search.search(conn, who, words, now=now, limit=MOST_FOUND)
        return RegisterPage(year, years, words, tuple(one for one in matches if one.year == year), 1, 1)

    return render_template("registers/incoming.html", page=services().store.db.read(read))


@bp.get("/tim")
def search() -> ResponseReturnValue:
    """Documents and mail the reader may see, by words, folded."""
    who, words = actor(), query()
    documents: list[DocumentSummary] = []
    mails: list[Hit] = []
    if fold(words):
        now = services().clock()
        documents = services().store.db.read(lambda conn: document_search.search(conn, who, words, now=now))
        mails = services().store.db.read(lambda conn: _mails(conn, who, words))
    return render_template("registers/search.html", query=words, documents=documents, mails=mails)


def _mails(conn: Connection, who: Actor, words: str) -> list[Hit]:
    """The newest mails of all mailboxes the reader may read; those with the very diacritics first."""
    seen, index, hits = places.read(conn, who), SearchIndex(), []
    for box in seen.access:
        for folder in seen.folders[box.owner_id]:
            if not folder.messages or "r" not in box.on(folder):
                continue
            found = index.match(conn, folder.id, fold(words), "text")
            reader = reader_of(folder, who)
            where = f"{places.title(box, who.principal_id)} / {places.label(folder)}"
            hits += [Hit(line, where) for line in listing.lines_of(conn, folder.id, found, words, MOST_MAILS, reader)]
    hits.sort(key=lambda hit: hit.line.internal_date, reverse=True)
    if has_diacritics(words):
        exact = accented(words)
        hits.sort(key=lambda hit: not hit.line.shows(exact))
    return hits[:MOST_MAILS]
