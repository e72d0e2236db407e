"""The one form that acts on chosen mail: mark, move, delete, take back."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnprocessableEntity

from mailserver.store import folders
from mailserver.store.errors import MoveRefused
from mailserver.store.folder_names import TRASH
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.mail import acts, places
from webmail.mail.acts import FLAG_ACTS, Moved
from webmail.mail.views import bp
from webmail.notes import Undo, say
from webmail.redirects import own_path
from webmail.services import services

MOST_CHOSEN = 5000
JUDGED = {"junk": acts.junk_tx, "not-junk": acts.not_junk_tx}


@bp.post("/<int:folder_id>/viec")
def act(folder_id: int) -> ResponseReturnValue:
    """Form: uid (many), do: seen, unseen, flag, unflag, move, delete, junk, not-junk, destroy; to: folder; back: path.

    303 back to the list; 404 for strangers; 409 with the reason if a folder refuses the move;
    422 for nonsense. Nothing chosen is said, and nothing happens.
    """
    uids = _chosen()
    back = own_path(request.form.get("back"), url_for("mail.folder", folder_id=folder_id))
    if not uids:
        say(_("Chưa chọn thư nào."), error=True)
        return redirect(back, code=303)
    what = request.form.get("do", "move" if request.form.get("to") else "")
    if what in FLAG_ACTS:
        services().store.db.write(lambda tx: acts.flag_tx(tx, folder_id, uids, what), actor())
        return redirect(back if what != "unseen" else url_for("mail.folder", folder_id=folder_id), code=303)
    if what == "destroy":
        return _destroy(folder_id, uids)
    if what in JUDGED:
        return _judge(folder_id, uids, what, back)
    if what not in ("move", "delete"):
        raise UnprocessableEntity
    return _move(folder_id, uids, what, back)


def _judge(folder_id: int, uids: list[int], what: str, back: str) -> ResponseReturnValue:
    """Tell the filter what mail is, by putting it where such mail belongs."""
    try:
        moved = services().store.db.write(lambda tx: JUDGED[what](tx, folder_id, uids), actor())
    except MoveRefused as refusal:
        say(refusal.sentence, error=True)
        return redirect(back, code=303)
    if what == "junk":
        text = _("Đã báo %(n)s thư là thư rác; bộ lọc sẽ học theo.", n=len(moved.uids))
    else:
        text = _("Đã đưa %(n)s thư về hộp thư đến; bộ lọc sẽ học theo.", n=len(moved.uids))
    say(text, _undo(moved))
    return redirect(_list_of(folder_id, back), code=303)


def _move(folder_id: int, uids: list[int], what: str, back: str) -> ResponseReturnValue:
    db, who = services().store.db, actor()
    if what == "delete":
        folder = db.read(lambda conn: folders.by_id(conn, folder_id))
        if folder.special_use == TRASH:
            return render_template("mail/destroy.html", folder_id=folder_id, uids=uids, back=back)
        moved = db.write(lambda tx: acts.trash_tx(tx, folder_id, uids), who)
    else:
        target_id = request.form.get("to", type=identifier)
        if not target_id:
            say(_("Hãy chọn thư mục đến."), error=True)
            return redirect(back, code=303)
        try:
            moved = db.write(lambda tx: acts.move_mail_tx(tx, folder_id, uids, target_id), who)
        except MoveRefused as refusal:
            say(refusal.sentence, error=True)
            return redirect(back, code=303)
    _say_moved(moved)
    return redirect(_list_of(folder_id, back), code=303)


def _list_of(folder_id: int, back: str) -> str:
    """The list: the message that `back` may point to is not in this folder any more."""
    here = url_for("mail.folder", folder_id=folder_id)
    return here if back.startswith(f"{here}/") else back


def _say_moved(moved: Moved) -> None:
    text = _("Đã chuyển %(n)s thư vào “%(folder)s”.", n=len(moved.uids), folder=places.label(moved.target))
    say(text, _undo(moved))


def _undo(moved: Moved) -> Undo | None:
    fields = (("do", "move"), ("to", str(moved.origin_id)), *(("uid", str(uid)) for uid in moved.uids))
    return Undo(url_for("mail.act", folder_id=moved.target.id), fields) if len(moved.uids) <= 200 else None


def _destroy(folder_id: int, uids: list[int]) -> ResponseReturnValue:
    gone = services().store.db.write(lambda tx: acts.destroy_tx(tx, folder_id, uids), actor())
    say(_("Đã xóa hẳn %(n)s thư.", n=gone))
    return redirect(url_for("mail.folder", folder_id=folder_id), code=303)


def _chosen() -> list[int]:
    """The chosen uids, ascending. Raises 422 for what is no number."""
    values = request.form.getlist("uid")[:MOST_CHOSEN]
    if not all(value.isascii() and value.isdecimal() and len(value) <= 10 for value in values):
        raise UnprocessableEntity
    return sorted({int(value) for value in values})
