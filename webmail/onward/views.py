"""Redirects of the agency's mailboxes to outside, for its administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailserver.directory.errors import NoSuchPrincipal
from mailserver.redirects.deciding import RedirectInvalid
from mailserver.redirects.records import NoSuchRedirect, Redirect, State
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing import redirects as service
from routing.staff import require_administrator
from webmail.auth.current import actor, current_user
from webmail.formats import today
from webmail.i18n import _
from webmail.notes import Undo, say
from webmail.onward import words
from webmail.onward.forms import SetForm
from webmail.services import services

bp = Blueprint("onward", __name__, url_prefix="/nhan-su/chuyen-tiep")

T = TypeVar("T")


@bp.get("/")
def index() -> str:
    """What is asked for, what works, and what is over. 404 for who is no administrator."""
    by, now = actor(), services().clock()
    found = services().store.db.read(lambda conn: service.of_agency(conn, by, now))
    return render_template("onward/index.html", groups=_groups(found, today()), on=is_on(), today=today(), words=words)


@bp.get("/moi")
def new() -> str:
    """The form. hop-thu: the address of a mailbox to begin with. 404 for who is no administrator."""
    _require_administrator()
    form = SetForm(formdata=None, starts_on=today(), address=request.args.get("hop-thu", ""))
    return render_template("onward/new.html", form=form)


@bp.post("/moi")
def create() -> ResponseReturnValue:
    """Form: SetForm. 303, and the way back; 404; 422 and the form if it cannot be."""
    _require_administrator()
    form = SetForm()
    if form.validate_on_submit():
        try:
            made = write(lambda tx, blobs: service.set_tx(tx, blobs, form.address.data.strip(), form.wish()))
        except RedirectInvalid as wrong:
            form.tell(wrong)
        except NoSuchPrincipal:
            form.address.errors = [_("Cơ quan không có địa chỉ này.")]
        else:
            _say_begun(made)
            return redirect(url_for("onward.index"), code=303)
    return render_template("onward/new.html", form=form), 422


@bp.post("/<int:redirect_id>/dong-y")
def agree(redirect_id: int) -> ResponseReturnValue:
    """303, and the way back; 404 for what nobody asks for any more."""
    try:
        made = write(lambda tx, blobs: service.agree_tx(tx, blobs, redirect_id))
    except NoSuchRedirect:
        abort(404)
    except RedirectInvalid as wrong:
        say(words.fault(wrong.field, wrong.value)[1], error=True)
    else:
        _say_begun(made)
    return redirect(url_for("onward.index"), code=303)


@bp.post("/<int:redirect_id>/tu-choi")
def refuse(redirect_id: int) -> ResponseReturnValue:
    """Form: reason, which the person is told. 303; 404 for what nobody asks for any more."""
    why = request.form.get("reason", "")
    try:
        one = write(lambda tx, blobs: service.refuse_tx(tx, blobs, redirect_id, why))
    except NoSuchRedirect:
        abort(404)
    except RedirectInvalid:
        say(_("Hãy ghi lý do để người đề nghị biết."), error=True)
    else:
        say(_("Đã từ chối và báo cho %(name)s.", name=one.name))
    return redirect(url_for("onward.index"), code=303)


@bp.post("/<int:redirect_id>/dung")
def end(redirect_id: int) -> ResponseReturnValue:
    """End it at once. 303 to the page one came from; 404 for another's, and for what is over."""
    try:
        one = write(lambda tx, blobs: service.end_tx(tx, blobs, redirect_id))
    except NoSuchRedirect:
        abort(404)
    if one.state is State.ASKED:
        say(_("Đã rút đề nghị."))
    else:
        say(_("Đã dừng: thư mới của %(name)s không được chuyển tiếp nữa.", name=one.name))
    own = one.owner_id == current_user().principal_id or request.form.get("back") == "account"
    return redirect(url_for("own_redirects.index" if own else "onward.index"), code=303)


def _say_begun(made: Redirect) -> None:
    said = _("Thư mới của %(name)s được chuyển tiếp; chủ hộp thư được báo.", name=made.name)
    say(said, Undo(url_for("onward.end", redirect_id=made.id), ()))


def is_on() -> bool:
    """Whether mail of the agency may go on at all, as deliveries see it."""
    return services().delivery.redirects.concerns((current_user().agency_id,))


def write(work: Callable[[Tx, BlobStore], T]) -> T:
    store = services().store
    return store.db.write(lambda tx: work(tx, store.blobs), actor())


def _groups(found: list[Redirect], day: date) -> dict[str, list[Redirect]]:
    """What waits, what works or will, and what is over."""
    open_ = [one for one in found if one.is_open(day)]
    return {
        "asked": [one for one in open_ if one.state is State.ASKED],
        "standing": [one for one in open_ if one.state is State.STANDING],
        "over": [one for one in found if not one.is_open(day)][:50],
    }


def _require_administrator() -> None:
    by, now = actor(), services().clock()
    services().store.db.read(lambda conn: require_administrator(conn, by, now))
