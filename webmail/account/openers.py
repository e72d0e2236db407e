"""Ai đã mở hộp thư của tôi: whoever else has read in one's mailbox, or in one that one leads."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.store import access, openings
from mailserver.store.access import MailboxAccess
from mailserver.store.openings import Ground, Opening
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.services import services

bp = Blueprint("openers", __name__, url_prefix="/tai-khoan/ai-da-mo")

MOST = 200


@dataclass(frozen=True, slots=True)
class Box:
    access: MailboxAccess
    openings: tuple[Opening, ...]


@bp.get("/")
def index() -> ResponseReturnValue:
    """The newest openings of each mailbox that one owns or leads by office."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> list[Box]:
        own = [one for one in access.mailboxes_for(conn, who, now) if "a" in one.rights]
        return [Box(one, tuple(openings.of(conn, [one.owner_id], MOST))) for one in own]

    return render_template("account/openers.html", boxes=services().store.db.read(read), grounds=_grounds())


def _grounds() -> dict[Ground | None, str]:
    return {
        Ground.OFFICE: _("theo chức vụ"),
        Ground.GRANT: _("được ủy quyền"),
        Ground.FOLDER: _("thư mục được chia sẻ"),
        None: "",
    }
