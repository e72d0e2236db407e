"""The mailboxes one answers for: how full they are, and whose marks of reading they keep."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.delivery import onbehalf
from mailserver.delivery.onbehalf import SentCopyTo
from mailserver.store import access, choosing, quota
from mailserver.store.access import MailboxAccess
from mailserver.store.choosing import CHOICES
from mailserver.store.errors import FolderMissing, Forbidden
from mailserver.store.quota import Quota
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services

bp = Blueprint("mailboxes", __name__, url_prefix="/tai-khoan/hop-thu")


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox. personal: names of CHOICES that are each reader's own. sent_copy: of mail sent in its name."""

    access: MailboxAccess
    quota: Quota
    personal: frozenset[str]
    sent_copy: SentCopyTo


@bp.get("/")
def index() -> str:
    """The mailboxes whose marks one may decide about, one's own first."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> list[Box]:
        own = [one for one in access.mailboxes_for(conn, who, now) if "a" in one.rights]
        quotas = quota.of_many(conn, [one.owner_id for one in own])
        return [
            Box(one, quotas[one.owner_id], _personal(conn, one.owner_id), onbehalf.sent_copy_to(conn, one.owner_id))
            for one in own
        ]

    return render_template("account/mailboxes.html", boxes=services().store.db.read(read))


@bp.post("/<int:owner_id>/danh-dau")
def choose(owner_id: int) -> ResponseReturnValue:
    """Form: seen, flagged, present where the flag becomes each reader's own. 404 for a mailbox of others."""
    bits, now = sum(int(flag) for name, flag in CHOICES.items() if name in request.form), services().clock()
    try:
        services().store.db.write(lambda tx: choosing.choose_by_tx(tx, owner_id, bits, now), actor())
    except (FolderMissing, Forbidden):
        abort(404)
    say(_("Đã ghi cách đánh dấu của hộp thư."))
    return redirect(url_for("mailboxes.index"), code=303)


@bp.post("/<int:owner_id>/thu-da-gui")
def choose_sent_copy(owner_id: int) -> ResponseReturnValue:
    """Form: to, a value of SentCopyTo. 404 for a mailbox of others, 422 for nonsense."""
    wanted = request.form.get("to", "")
    if wanted not in set(SentCopyTo):
        abort(422)
    now = services().clock()
    try:
        services().store.db.write(
            lambda tx: onbehalf.choose_sent_copy_tx(tx, owner_id, SentCopyTo(wanted), now), actor()
        )
    except (FolderMissing, Forbidden):
        abort(404)
    say(_("Đã ghi nơi giữ bản sao thư đã gửi."))
    return redirect(url_for("mailboxes.index"), code=303)


def _personal(conn: Connection, owner_id: int) -> frozenset[str]:
    bits = choosing.personal_flags(conn, owner_id)
    return frozenset(name for name, flag in CHOICES.items() if bits & flag)
