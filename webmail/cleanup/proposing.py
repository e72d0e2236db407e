"""Dọn hộp thư: what could be deleted, with its size; what is chosen goes to Trash and can be taken back at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailbox_policies.cleanup import proposals, reminding
from mailbox_policies.cleanup.proposals import NEEDS, Proposed, Sort
from mailserver.store import access, audit, exporting, folders, quota, rows
from mailserver.store.access import MailboxAccess, mailboxes_for
from mailserver.store.database import Tx
from mailserver.store.folder_names import TRASH
from mailserver.store.quota import Quota
from webmail import streams
from webmail.auth.current import actor, current_user
from webmail.cleanup import words
from webmail.cleanup.views import PER_PAGE, bp
from webmail.downloads import streamed
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.mail import acts
from webmail.notes import Undo, say
from webmail.paging import last_page
from webmail.services import services

MOST_CHOSEN = 1000
MOST_UNDONE = 200


@dataclass(frozen=True, slots=True)
class Page:
    proposed: Proposed
    sort: Sort
    boxes: list[MailboxAccess]
    owner_id: int
    quota: Quota
    reminded: bool
    page: int

    @property
    def last(self) -> int:
        return last_page(self.proposed.count, PER_PAGE)

    def url(self, page: int) -> str:
        return url_for("cleanup.index", hop=self.owner_id, loai=self.sort.value, trang=page)


@bp.get("/")
def index() -> ResponseReturnValue:
    """hop: whose mailbox, one's own without it; loai: which sort; trang: page. 404 for a mailbox that is not theirs."""
    wanted = max(1, request.args.get("trang", 1, type=int))
    sort = next((one for one in Sort if one.value == request.args.get("loai")), Sort.LARGE)
    owner_id = request.args.get("hop", 0, type=identifier) or current_user().principal_id
    agency_id, now = current_user().agency_id, services().clock()

    def read(conn: Connection) -> Page | None:
        boxes = [box for box in mailboxes_for(conn, actor(), now) if box.rights >= NEEDS]
        if owner_id not in [box.owner_id for box in boxes]:
            return None
        found = proposals.propose(conn, agency_id, owner_id, sort, now, PER_PAGE, (wanted - 1) * PER_PAGE)
        used = quota.used_by(conn, [owner_id]).get(owner_id, quota.NOTHING)
        limit = quota.of(conn, owner_id).limit
        reminded = reminding.wanted(conn, current_user().principal_id)
        return Page(found, sort, boxes, owner_id, Quota(used, limit), reminded, wanted)

    page = services().store.db.read(read)
    if page is None:
        abort(404)
    return render_template("cleanup/index.html", page=page, sorts=list(Sort), words=words)


@bp.post("/")
def clean() -> ResponseReturnValue:
    """Form: hop, loai, thu (many, "folder.uid"). Moves them to Trash. 303; 404; 422 for nonsense."""
    owner_id, sort = request.form.get("hop", 0, type=identifier) or 0, request.form.get("loai", "")
    back = url_for("cleanup.index", hop=owner_id, loai=sort or None)
    chosen = _chosen()
    if not chosen:
        say(_("Chưa chọn thư nào."), error=True)
        return redirect(back, code=303)
    agency_id = current_user().agency_id
    moved = services().store.db.write(lambda tx: _trash_tx(tx, agency_id, owner_id, chosen), actor())
    fields = (("hop", str(owner_id)), ("loai", sort), *(("thu", f"{one[0]}.{one[1]}") for one in moved))
    undo = Undo(url_for("cleanup.undo"), fields) if 0 < len(moved) <= MOST_UNDONE else None
    left = sum(map(len, chosen.values())) - len(moved)
    said = [_("Đã chuyển %(n)s thư vào Thùng rác.", n=len(moved))]
    if left:
        said.append(_("%(n)s thư được giữ nên để lại.", n=left))
    say(" ".join(said), undo)
    return redirect(back, code=303)


@bp.post("/nhac")
def remind() -> ResponseReturnValue:
    """Form: do, "on" | "off": the monthly letter. 303 to the page; 422."""
    choice = request.form.get("do", "")
    if choice not in ("on", "off"):
        raise UnprocessableEntity
    services().store.db.write(lambda tx: reminding.want_tx(tx, choice == "on"), actor())
    back = Undo(url_for("cleanup.remind"), (("do", "off" if choice == "on" else "on"),))
    said = (
        _("Hằng tháng bạn được nhắc dọn hộp thư.") if choice == "on" else _("Đã tắt thư nhắc dọn hộp thư hằng tháng.")
    )
    say(said, back)
    return redirect(url_for("cleanup.index"), code=303)


@bp.post("/hoan-tac")
def undo() -> ResponseReturnValue:
    """Form: hop, loai, thu (many, "folder.uid": where it was, and its uid in Trash). 303; 404; 422."""
    owner_id, chosen = request.form.get("hop", 0, type=identifier) or 0, _chosen()
    back = url_for("cleanup.index", hop=owner_id, loai=request.form.get("loai") or None)
    count = services().store.db.write(lambda tx: _untrash_tx(tx, owner_id, chosen), actor())
    say(_("Đã đưa %(n)s thư về chỗ cũ.", n=count))
    return redirect(back, code=303)


@bp.get("/xuat")
def export() -> Response:
    """The whole mailbox as a file. hop: whose, one's own without it; kieu: zip | mbox. 404 for one that is not theirs;
    for another's it leaves an audit entry; 503 for one too many."""
    owner_id = request.args.get("hop", 0, type=identifier) or current_user().principal_id
    store, now, kind = services().store, services().clock(), request.args.get("kieu", "zip")
    if kind not in ("zip", "mbox"):
        abort(404)
    if not store.db.read(lambda conn: access.mailbox_rights(conn, actor(), owner_id, now)) >= NEEDS:
        abort(404)
    make = exporting.as_zip if kind == "zip" else exporting.as_mbox
    day: date = now.date()
    media = "application/zip" if kind == "zip" else "application/mbox"
    octets: Iterator[bytes] = make(store.db, store.blobs, owner_id)
    stream = streams.of_person(octets, actor().principal_id)
    store.db.write(lambda tx: audit.record_tx(tx, "mailbox.exported", owner_id=owner_id, kind=kind), actor())
    return streamed(stream, _("hộp thư %(day)s.%(kind)s", day=day.isoformat(), kind=kind), media)


def _trash_tx(tx: Tx, agency_id: int, owner_id: int, chosen: Mapping[int, Sequence[int]]) -> list[tuple[int, int]]:
    """(where it was, its uid in Trash) of each that went; what is pinned or held stays. Raises as `acts.trash_tx`."""
    moved: list[tuple[int, int]] = []
    for folder_id, uids in chosen.items():
        _own(tx, owner_id, folder_id)
        found = rows.of_uids(tx.conn, folder_id, uids)
        kept = proposals.kept_among(tx.conn, agency_id, owner_id, [row.message_pk for row in found])
        free = [row.uid for row in found if row.message_pk not in kept]
        if free:
            moved += [(folder_id, uid) for uid in acts.trash_tx(tx, folder_id, free).uids]
    return moved


def _untrash_tx(tx: Tx, owner_id: int, chosen: Mapping[int, Sequence[int]]) -> int:
    trash = folders.by_special_use(tx.conn, owner_id, TRASH)
    if trash is None:
        abort(404)
    count = 0
    for folder_id, uids in chosen.items():
        _own(tx, owner_id, folder_id)
        count += len(acts.move_mail_tx(tx, trash.id, uids, folder_id).uids)
    return count


def _own(tx: Tx, owner_id: int, folder_id: int) -> None:
    if folders.by_id(tx.conn, folder_id).owner_id != owner_id:
        abort(404)


def _chosen() -> dict[int, list[int]]:
    """The uids by folder. Raises 422 for what is no pair of numbers."""
    found: dict[int, list[int]] = {}
    for value in request.form.getlist("thu")[:MOST_CHOSEN]:
        folder_id, _dot, uid = value.partition(".")
        if not (folder_id.isdecimal() and uid.isdecimal() and value.isascii() and len(value) <= 26):
            raise UnprocessableEntity
        found.setdefault(identifier(folder_id), []).append(int(uid))
    return {folder_id: sorted(set(uids)) for folder_id, uids in sorted(found.items())}
