"""Where one's mail goes on by itself: to be seen, asked for, and ended at once."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies import choices
from mailbox_policies.rules import auto_redirect
from mailserver.redirects.deciding import RedirectInvalid
from mailserver.redirects.records import Redirect
from routing import redirects as service
from webmail.auth.current import actor, current_user
from webmail.formats import today
from webmail.i18n import _
from webmail.notes import say
from webmail.onward import words
from webmail.onward.forms import AskForm
from webmail.onward.views import is_on, write
from webmail.services import services

bp = Blueprint("own_redirects", __name__, url_prefix="/tai-khoan/chuyen-tiep")


@bp.get("/")
def index() -> str:
    return _page(AskForm(formdata=None, starts_on=today()))


@bp.post("/")
def ask() -> ResponseReturnValue:
    """Form: AskForm. 303; 404 where nobody may ask; 422 and the form if it cannot be."""
    if not services().store.db.read(may_ask):
        abort(404)
    form = AskForm()
    if form.validate_on_submit():
        try:
            write(lambda tx, _blobs: service.ask_tx(tx, form.wish()))
        except RedirectInvalid as wrong:
            form.tell(wrong)
        else:
            say(_("Đã gửi đề nghị tới quản trị hệ thống."))
            return redirect(url_for("own_redirects.index"), code=303)
    return _page(form), 422


def may_ask(conn: Connection) -> bool:
    """Whether people of the agency may ask for a redirect."""
    if not is_on():
        return False
    agency_id = current_user().agency_id
    start = services().rules_start(conn, agency_id).choice(auto_redirect.RULE)
    chosen = choices.chosen(auto_redirect.RULE, start, choices.current(conn, agency_id).get(auto_redirect.NAME))
    return bool(chosen.settings.people_ask)


def open_ones(conn: Connection) -> list[Redirect]:
    """What works, will work or is asked for, of the mailboxes that belong to the person."""
    day = today()
    return [one for one in service.of_own(conn, actor(), services().clock()) if one.is_open(day)]


def _page(form: AskForm) -> str:
    def read(conn: Connection) -> tuple[list[Redirect], bool]:
        return service.of_own(conn, actor(), services().clock()), may_ask(conn)

    found, asks = services().store.db.read(read)
    day = today()
    open_, over = ([one for one in found if one.is_open(day) is wanted] for wanted in (True, False))
    groups = {"open": open_, "over": over}
    facts = {"groups": groups, "asks": asks, "on": is_on(), "today": day, "words": words}
    return render_template("account/redirects.html", form=form, **facts)
