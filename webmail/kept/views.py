"""Held and quarantined mail: a list, one item, and what may be decided on it.

Rights are `mailbox_policies.holding.access`'s; what somebody may not know of is 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.holding import access, deciding, destroying
from mailbox_policies.holding.access import Act, Seen, Standing
from mailbox_policies.holding.notices import Office, nobody
from mailbox_policies.holding.records import AlreadyDecided, KeptMessage, Kind, NoSuchKept, StillElsewhere
from mailbox_policies.rules import forward_consent
from mailserver.delivery.errors import DeliveryError
from mailserver.directory import principals
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.messages import read_octets
from webmail import previews
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.kept import words
from webmail.notes import say
from webmail.paging import last_page
from webmail.services import services, settings

bp = Blueprint("kept", __name__, url_prefix="/thu-giu")

PER_PAGE = 50
LONGER = timedelta(days=7)
# Characters of a reason.
MOST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list. show: "cho" those that wait, "xong" the others."""

    items: list[KeptMessage]
    total: int
    page: int
    show: str
    kind: str

    @property
    def last(self) -> int:
        return last_page(self.total, PER_PAGE)

    def url(self, page: int) -> str:
        return url_for("kept.index", xem=self.show, loai=self.kind or None, trang=page)


@bp.get("/")
def index() -> ResponseReturnValue:
    """What waits, or was decided. xem: cho | xong; loai: held | quarantined; trang: page."""
    show = "xong" if request.args.get("xem") == "xong" else "cho"
    kind = next((one for one in Kind if one.value == request.args.get("loai")), None)
    wanted = max(1, request.args.get("trang", 1, type=int))
    who, skip = _standing(), (wanted - 1) * PER_PAGE

    def read(conn: Connection) -> tuple[list[KeptMessage], int]:
        return access.listing(conn, who, waiting=show == "cho", kind=kind, most=PER_PAGE, skip=skip)

    page = Page(*services().store.db.read(read), wanted, show, kind.value if kind else "")
    return render_template("kept/index.html", page=page, words=words)


@bp.get("/<int:kept_id>")
def show(kept_id: int) -> ResponseReturnValue:
    """One message: why, for whom, until when; what it says only to who may read it. 404; a look is audited."""
    who = _standing()

    def look(tx: Tx) -> Seen:
        seen = access.see(tx.conn, who, kept_id)
        access.looked_tx(tx, seen.kept, read=seen.reads)
        return seen

    try:
        seen = services().store.db.write(look, actor())
    except NoSuchKept:
        abort(404)
    kept = seen.kept
    named = {one for one in (kept.actor_id, kept.decided_by) if one is not None}
    people = services().store.db.read(lambda conn: principals.get_many(conn, named))
    shown = {"preview": _preview(seen), "people": people, "acts": _ordered(seen), "words": words}
    own_page = url_for("forwards.index") if kept.rule == forward_consent.NAME else ""
    return render_template("kept/show.html", kept=kept, seen=seen, own_page=own_page, **shown)


@bp.get("/<int:kept_id>/huy")
def ask_destroy(kept_id: int) -> ResponseReturnValue:
    """Ask once more before a message is destroyed. 404."""
    who = _standing()
    try:
        kept = services().store.db.read(lambda conn: access.must(conn, who, kept_id, Act.DESTROY))
    except NoSuchKept:
        abort(404)
    if not kept.waits:
        return _too_late(kept_id)
    return render_template("kept/destroy.html", kept=kept)


@bp.post("/<int:kept_id>")
def act(kept_id: int) -> ResponseReturnValue:
    """Form: do, an Act; reason, for REFUSE and DESTROY required. 303 to the message; 404, 422."""
    who, reason = _standing(), request.form.get("reason", "").strip()[:MOST_REASON]
    wanted = next((one for one in Act if one.value == request.form.get("do")), None)
    if wanted is None:
        abort(422)
    if wanted in (Act.REFUSE, Act.DESTROY) and not reason:
        say(_("Hãy ghi lý do."), error=True)
        return redirect(url_for("kept.show", kept_id=kept_id), code=303)
    try:
        _perform(who, kept_id, wanted, reason)
    except NoSuchKept:
        abort(404)
    except AlreadyDecided:
        return _too_late(kept_id)
    except StillElsewhere:
        say(_("Thư này còn ở hộp thư hoặc hàng đợi của người khác nên chưa hủy được ở đây."), error=True)
    except (MoveRefused, FolderMissing, DeliveryError):
        say(_("Một hộp thư nhận hiện không nhận được thư này; thư vẫn đang chờ."), error=True)
    else:
        say(words.done(wanted))
    return redirect(url_for("kept.show", kept_id=kept_id), code=303)


def _perform(who: Standing, kept_id: int, wanted: Act, reason: str) -> None:
    """Raises NoSuchKept, AlreadyDecided, StillElsewhere, and what a delivery raises."""
    db = services().store.db
    delivery = services().delivery
    consents = services().consents
    goes_on = nobody if consents is None else consents.goes_on_tx
    office = Office(delivery.outside, services().store.blobs, delivery.hostname, goes_on, settings().address)

    def work(tx: Tx) -> None:
        access.must(tx.conn, who, kept_id, wanted)
        match wanted:
            case Act.RELEASE:
                deciding.release_tx(tx, office, kept_id, reason)
            case Act.REFUSE:
                deciding.refuse_tx(tx, office, kept_id, reason)
            case Act.EXTEND:
                kept = access.see(tx.conn, who, kept_id).kept
                deciding.extend_tx(tx, kept_id, kept.expires_at + LONGER)
            case Act.WITHDRAW:
                deciding.withdraw_tx(tx, kept_id)

    if wanted is Act.DESTROY:
        db.read(lambda conn: access.must(conn, who, kept_id, wanted))
        destroying.destroy(db, office, kept_id, actor(), reason)
    else:
        db.write(work, actor())


def _too_late(kept_id: int) -> ResponseReturnValue:
    say(_("Đã có người quyết định thư này trước."), error=True)
    return redirect(url_for("kept.show", kept_id=kept_id), code=303)


def _standing() -> Standing:
    user = current_user()
    return Standing(user.principal_id, user.agency_id, user.capabilities)


def _ordered(seen: Seen) -> list[Act]:
    return [one for one in Act if one in seen.acts]


def _preview(seen: Seen) -> previews.Preview | None:
    message_pk, store = seen.kept.message_pk, services().store
    if not seen.reads or message_pk is None:
        return None
    return previews.of(store.db.read(lambda conn: read_octets(conn, store.blobs, message_pk)))
