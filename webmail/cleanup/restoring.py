"""Khôi phục thư đã xóa: what was removed from one's mailboxes for good, found and put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.cleanup.proposals import NEEDS
from mailserver.directory import principals
from mailserver.directory.principals import Principal
from mailserver.store import access, restoring, vault
from mailserver.store.access import MailboxAccess, mailboxes_for
from mailserver.store.errors import MoveRefused, OverQuota
from mailserver.store.vault import Removed
from webmail.auth.current import actor, current_user
from webmail.cleanup.views import PER_PAGE, bp, rule_of
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.mail import places
from webmail.notes import Link, say
from webmail.paging import last_page
from webmail.services import services

MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Page:
    found: list[Removed]
    people: dict[int, Principal]
    boxes: list[MailboxAccess]
    owner_id: int
    kept_for: timedelta
    total: int
    page: int
    words: str
    drafts: bool

    @property
    def last(self) -> int:
        return last_page(self.total, PER_PAGE)

    def url(self, page: int) -> str:
        drafts = 1 if self.drafts else None
        return url_for("cleanup.removed", hop=self.owner_id, trang=page, q=self.words or None, nhap=drafts)


@bp.get("/khoi-phuc")
def removed() -> ResponseReturnValue:
    """What can be taken back. hop: whose mailbox, one's own without it; q: words; nhap=1: drafts too; trang: page.

    404 for a mailbox that is not theirs to empty.
    """
    wanted, drafts = max(1, request.args.get("trang", 1, type=int)), "nhap" in request.args
    asked = request.args.get("q", "")[:MOST_WORDS].strip()
    owner_id = request.args.get("hop", 0, type=identifier) or current_user().principal_id

    def read(conn: Connection) -> Page | None:
        boxes = [box for box in mailboxes_for(conn, actor(), services().clock()) if box.rights >= NEEDS]
        if owner_id not in [box.owner_id for box in boxes]:
            return None
        skip = (wanted - 1) * PER_PAGE
        found, total = vault.found_in(conn, owner_id, asked, drafts=drafts, most=PER_PAGE, skip=skip)
        people = principals.get_many(conn, {one.removed_by_id for one in found if one.removed_by_id is not None})
        days = timedelta(days=rule_of(conn, current_user().agency_id).settings.vault_days)
        return Page(found, dict(people), boxes, owner_id, days, total, wanted, asked, drafts)

    page = services().store.db.read(read)
    if page is None:
        abort(404)
    return render_template("cleanup/vault.html", page=page)


@bp.post("/khoi-phuc")
def restore() -> ResponseReturnValue:
    """Form: hop, id (many). 303; 404 for a mailbox that is not theirs to empty."""
    owner_id = request.form.get("hop", 0, type=identifier) or 0
    ids = request.form.getlist("id", type=identifier)
    back = url_for("cleanup.removed", hop=owner_id)
    if not ids:
        say(_("Chưa chọn thư nào."), error=True)
        return redirect(back, code=303)
    db, now = services().store.db, services().clock()
    if not db.read(lambda conn: access.mailbox_rights(conn, actor(), owner_id, now)) >= NEEDS:
        abort(404)
    try:
        restored = db.write(lambda tx: restoring.restore_tx(tx, owner_id, ids), actor())
    except OverQuota:
        say(_("Hộp thư không còn chỗ cho những thư này. Hãy xóa bớt rồi khôi phục."), error=True)
    except MoveRefused as refusal:
        say(refusal.sentence, error=True)
    else:
        link = None
        if restored:
            last = restored[-1].folder
            link = Link(url_for("mail.folder", folder_id=last.id), _("Mở “%(folder)s”", folder=places.label(last)))
        say(_("Đã khôi phục %(n)s thư.", n=len(restored)), link=link)
    return redirect(back, code=303)
