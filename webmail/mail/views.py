"""Folders, lists and messages."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import folders, messages, openings
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder
from routing import views as documents
from webmail.auth.current import actor, current_user
from webmail.downloads import download
from webmail.i18n import _
from webmail.mail import panes, reading, unwanted
from webmail.security import FRAME_CSP
from webmail.services import services

bp = Blueprint("mail", __name__, url_prefix="/thu")

# Which foreign folders this process has already noted as opened, per session: newest kept.
_noted: OrderedDict[tuple[bytes, int], None] = OrderedDict()
NOTED = 10_000


@bp.get("/")
def home() -> ResponseReturnValue:
    """One's own inbox."""
    who = actor()
    assert who.principal_id is not None
    own = who.principal_id
    inbox = services().store.db.read(lambda conn: folders.get(conn, own, "INBOX"))
    return redirect(url_for("mail.folder", folder_id=inbox.id), code=303)


@bp.get("/<int:folder_id>")
def folder(folder_id: int) -> ResponseReturnValue:
    """A folder's list; `xem=thu-muc` shows the folders where only one pane fits. 404 for strangers."""
    pane = "folders" if request.args.get("xem") == "thu-muc" else "list"
    who, asked = actor(), panes.wanted()
    view = services().store.db.read(lambda conn: panes.read(conn, who, folder_id, asked, pane))
    note_opened(who, view.folder)
    return render_template("mail/index.html", view=view)


@bp.get("/<int:folder_id>/danh-sach")
def list_part(folder_id: int) -> ResponseReturnValue:
    """The list alone, for refreshing it."""
    who, asked = actor(), panes.wanted()
    view = services().store.db.read(lambda conn: panes.read(conn, who, folder_id, asked, "list"))
    return render_template("mail/_list.html", view=view)


@bp.get("/thu-muc/<int:current>")
def folders_part(current: int) -> ResponseReturnValue:
    """The folders alone, for refreshing their counts."""
    who = actor()
    view = services().store.db.read(lambda conn: panes.read(conn, who, current, panes.Wanted(), "list"))
    return render_template("mail/_folders.html", view=view)


@bp.get("/<int:folder_id>/<int:uid>")
def message(folder_id: int, uid: int) -> ResponseReturnValue:
    """A message beside its list; it counts as read from now on. 404 for strangers.

    `goc=1` shows a text from before Unicode as it came.
    """
    who, asked, as_written = actor(), panes.wanted(), "goc" in request.args
    store = services().store

    def read(conn: Connection) -> panes.Panes:
        opened = reading.open_message(conn, who, folder_id, uid)
        view = panes.read(conn, who, folder_id, asked, "message")
        found = reading.letter(conn, store.blobs, opened, as_written=as_written)
        view.message = replace(
            found,
            why=unwanted.why(conn, opened.folder, opened.line.message_pk, opened.info.header),
            document_id=_document_of(conn, opened.line.message_pk),
            may_register=_waits_at_desk(view),
        )
        return view

    view = store.db.read(read)
    assert view.message is not None
    if view.may.flag and not view.message.line.seen:
        store.db.write(lambda tx: store_flags_tx(tx, folder_id, [uid], FlagChange.ADD, Flag.SEEN), who)
        view = store.db.read(read)
    note_opened(who, view.folder)
    return render_template("mail/index.html", view=view)


def _document_of(conn: Connection, message_pk: int) -> int | None:
    found = documents.document_of_message(conn, message_pk)
    return None if found is None else found[0]


def _waits_at_desk(view: panes.Panes) -> bool:
    owner = next(box for box in view.mailboxes if box.owner_id == view.folder.owner_id)
    return current_user().may_register and view.folder.name == "INBOX" and owner.kind == "agency"


@bp.get("/<int:folder_id>/<int:uid>/noi-dung")
def body(folder_id: int, uid: int) -> ResponseReturnValue:
    """The HTML of a mail, cleaned, for the sandboxed frame only (see `security.FRAME_CSP`)."""
    who, store, as_written = actor(), services().store, "goc" in request.args

    def read(conn: Connection) -> tuple[str, str, int]:
        opened = reading.open_message(conn, who, folder_id, uid)
        clean = reading.html_body(conn, store.blobs, opened, as_written=as_written)
        return opened.info.subject, clean.html, clean.blocked

    title, html, blocked = store.db.read(read)
    # Cleaned by nh3 above; nothing is added inside it afterwards.
    page = render_template("mail/frame.html", title=reading.plain(title), html=Markup(html), blocked=blocked)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = FRAME_CSP
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/<int:folder_id>/<int:uid>/thu.eml")
def source(folder_id: int, uid: int) -> Response:
    """The message as it came in, octet for octet, as a download."""
    who, store = actor(), services().store

    def read(conn: Connection) -> bytes:
        opened = reading.open_message(conn, who, folder_id, uid)
        return messages.read_octets(conn, store.blobs, opened.line.message_pk)

    return download(store.db.read(read), _("thư %(uid)s.eml", uid=uid), "message/rfc822")


def note_opened(who: Actor, opened: Folder) -> None:
    """Reading in a mailbox not one's own leaves a trace, once a session and folder."""
    if opened.owner_id == who.principal_id:
        return
    key = (current_user().session.id, opened.id)
    if key in _noted:
        return
    services().store.db.write(lambda tx: openings.note_tx(tx, opened), who)
    _noted[key] = None
    while len(_noted) > NOTED:
        _noted.popitem(last=False)
