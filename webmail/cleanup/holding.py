"""Giữ theo lệnh: what may not be removed, by whose order, why and until when. For administrators only."""

from __future__ import annotations

from datetime import date

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import Hold, HoldKind, NoSuchHold, NothingToHold
from mailserver.directory import principals
from mailserver.directory.principals import Principal
from mailserver.directory.records import day_ends
from mailserver.store.database import Tx
from routing.inspection import gathering
from webmail.auth.current import actor, current_user
from webmail.cleanup import words
from webmail.cleanup.views import bp, manages
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services

MOST_REASON = 2_000
MOST_WHAT = 320


@bp.get("/giu")
def held() -> ResponseReturnValue:
    """All holds of the agency. 404 for who is no administrator."""
    return _page()


@bp.post("/giu")
def hold() -> ResponseReturnValue:
    """Form: loai, gi (an address, or a Message-ID), ly_do, den (a day, or empty). 303; 404; 422 with what is wrong."""
    if not manages():
        abort(404)
    kind = next((one for one in HoldKind if one.value == request.form.get("loai")), HoldKind.MAILBOX)
    what, why = request.form.get("gi", "").strip()[:MOST_WHAT], request.form.get("ly_do", "").strip()[:MOST_REASON]
    asked, until, now = request.form.get("den", "").strip(), None, services().clock()
    if asked:
        try:
            until = day_ends(date.fromisoformat(asked))
        except ValueError:
            return _page("den"), 422
        if until <= now:
            return _page("den"), 422
    if not what or not why:
        return _page("ly_do" if what else "gi"), 422
    agency_id = current_user().agency_id

    def work(tx: Tx) -> int:
        inspected = gathering.holding(tx.conn, agency_id, holds.message_id(what))
        return holds.hold_tx(tx, agency_id, kind, what, why, until, now, inspected)

    try:
        made = services().store.db.write(work, actor())
    except NothingToHold:
        return _page("gi"), 422
    say(_("Đã giữ %(n)s mục theo lệnh.", n=made))
    return redirect(url_for("cleanup.held"), code=303)


@bp.post("/giu/<int:hold_id>/thoi")
def release(hold_id: int) -> ResponseReturnValue:
    """End a hold. 303; 404."""
    if not manages():
        abort(404)
    agency_id, now = current_user().agency_id, services().clock()
    try:
        services().store.db.write(lambda tx: holds.end_tx(tx, agency_id, hold_id, now), actor())
    except NoSuchHold:
        abort(404)
    say(_("Đã thôi giữ."))
    return redirect(url_for("cleanup.held"), code=303)


def _page(wrong: str = "") -> str:
    if not manages():
        abort(404)
    agency_id = current_user().agency_id

    def read(conn: Connection) -> tuple[list[Hold], dict[int, Principal]]:
        found = holds.of_agency(conn, agency_id)
        who = {one for hold in found for one in (hold.created_by_id, hold.ended_by_id) if one is not None}
        return found, dict(principals.get_many(conn, who))

    found, people = services().store.db.read(read)
    kinds = list(HoldKind)
    return render_template("cleanup/holds.html", holds=found, people=people, words=words, kinds=kinds, wrong=wrong)
