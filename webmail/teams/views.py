"""The mail of a unit as a queue: what nobody has taken, who has what, what is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory import principals
from mailserver.directory.records import Principal
from mailserver.store import access, folders
from mailserver.store.database import Tx
from mailserver.store.errors import MoveRefused
from mailserver.store.folder_names import INBOX
from mailserver.store.folders import Folder
from mailserver.teams import items, service, viewers
from mailserver.teams import queue as queues
from mailserver.teams.queue import Queue, Tab
from routing.profile import profile_of
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.mail.views import note_opened
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("teams", __name__, url_prefix="/don-vi")

MOST_CHOSEN = 200


@dataclass(frozen=True, slots=True)
class Page:
    """people: whom mail may be given to. untaken_hours: after which mail is late; 0: never."""

    owner: Principal
    tab: Tab
    tabs: tuple[tuple[Tab, str, int], ...]
    queue: Queue
    people: tuple[Principal, ...]
    untaken_hours: int


@bp.get("/<int:owner_id>")
def queue(owner_id: int) -> ResponseReturnValue:
    """One tab of the queue; tab: a value of `Tab`. 404 for who does not handle this mailbox."""
    tab, who, now = _tab(request.args.get("tab", "")), actor(), services().clock()

    def read(conn: Connection) -> tuple[Page, Folder]:
        inbox = folders.get(conn, owner_id, INBOX)
        owner = principals.get(conn, owner_id)
        hours = profile_of(conn, owner.agency_id).mail.untaken_hours
        found = queues.read(conn, who, owner_id, tab, now, timedelta(hours=hours) if hours else None)
        people = tuple(service.receivers(conn, owner_id, now))
        return Page(owner, tab, _tabs(found), found, people, hours), inbox

    view, inbox = services().store.db.read(read)
    note_opened(who, inbox)
    return render_template("teams/queue.html", view=view)


@bp.post("/<int:owner_id>/viec")
def act(owner_id: int) -> ResponseReturnValue:
    """Form: do: take, give, back, done, reopen, undo; message (many), or one: "do:message"; to: whom;
    note_MESSAGE: what was done; tab.

    303 back to the queue, with the reason if it was refused; 404 for strangers; 422 for nonsense.
    """
    what, chosen = _chosen()
    to, note = identifier(request.form.get("to")), request.form.get(f"note_{chosen[0]}", "") if chosen else ""
    here = url_for("teams.queue", owner_id=owner_id, tab=_tab(request.form.get("tab", "")).value)
    if not chosen:
        say(_("Chưa chọn thư nào."), error=True)
        return redirect(here, code=303)
    if what == "give" and not to:
        say(_("Chưa chọn giao cho ai."), error=True)
        return redirect(here, code=303)
    own = what == "back" and services().store.db.read(lambda conn: _are_own(conn, owner_id, chosen))
    try:
        services().store.db.write(lambda tx: _act_tx(tx, what, owner_id, chosen, to, note), actor())
    except MoveRefused as refusal:
        say(refusal.sentence, error=True)
        return redirect(here, code=303)
    back = _BACK.get(what) or ("take" if own else None)
    fields = (("do", back or ""), ("tab", request.form.get("tab", "")), *(("message", str(one)) for one in chosen))
    say(_said(what, len(chosen)), Undo(url_for("teams.act", owner_id=owner_id), fields) if back else None)
    return redirect(here, code=303)


@bp.post("/<int:owner_id>/xem")
def watch(owner_id: int) -> ResponseReturnValue:
    """Form: message; writing, present while an answer is being written. 204; told by scripts every 15 seconds."""
    try:
        message_pk = identifier(request.form.get("message"))
    except ValueError:
        raise UnprocessableEntity from None
    writing = "writing" in request.form

    def work(tx: Tx) -> None:
        access.check(access.work_rights(tx.conn, tx.actor, owner_id), "r", str(owner_id))
        viewers.seen_tx(tx, owner_id, message_pk, writing=writing)

    services().store.db.write(work, actor())
    return "", 204


_BACK = {"take": "back", "give": "undo", "done": "reopen"}
_ACTS: dict[str, Callable[[Tx, int, list[int]], None]] = {
    "take": service.take_by_tx,
    "back": service.release_by_tx,
    "undo": service.take_back_tx,
    "reopen": service.reopen_tx,
}


def _are_own(conn: Connection, owner_id: int, chosen: list[int]) -> bool:
    """Whether whoever asks has all of these, so that giving them back can be undone by taking them."""
    me = current_user().principal_id
    return all(items.get(conn, owner_id, one).handler_id == me for one in chosen)


def _act_tx(tx: Tx, what: str, owner_id: int, chosen: list[int], to: int, note: str) -> None:
    if what == "give":
        service.give_tx(tx, owner_id, chosen, to)
    elif what == "done":
        service.finish_by_tx(tx, owner_id, chosen, note)
    else:
        _ACTS[what](tx, owner_id, chosen)


def _chosen() -> tuple[str, list[int]]:
    """What to do to which messages. Raises 422."""
    what, _colon, single = request.form.get("one", "").partition(":")
    values = [single] if single else request.form.getlist("message")[:MOST_CHOSEN]
    what = what or request.form.get("do", "")
    try:
        chosen = sorted({identifier(value) for value in values})
        identifier(request.form.get("to"))
    except ValueError:
        raise UnprocessableEntity from None
    if what not in (*_ACTS, "give", "done"):
        raise UnprocessableEntity
    return what, chosen


def _tab(text: str) -> Tab:
    return Tab(text) if text in set(Tab) else Tab.WAITING


def _tabs(found: Queue) -> tuple[tuple[Tab, str, int], ...]:
    names = {
        Tab.WAITING: _("Chưa ai nhận"),
        Tab.MINE: _("Của tôi"),
        Tab.GIVEN: _("Đã giao"),
        Tab.DONE: _("Xong"),
    }
    return tuple((tab, name, found.counts[tab]) for tab, name in names.items())


def _said(what: str, count: int) -> str:
    said = {
        "take": _("Đã nhận %(n)s thư.", n=count),
        "give": _("Đã giao %(n)s thư.", n=count),
        "back": _("Đã trả %(n)s thư về “Chưa ai nhận”.", n=count),
        "undo": _("Đã lấy lại %(n)s thư.", n=count),
        "done": _("Đã xong %(n)s thư.", n=count),
        "reopen": _("Đã mở lại %(n)s thư.", n=count),
    }
    return said[what]
