"""What became of a letter that the reader has sent: recipient by recipient."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.holding.whereabouts import Whereabouts, whereabouts
from mailserver.mime.scan import scan
from mailserver.outbound.states import State
from webmail.auth.current import actor
from webmail.formats import full_when
from webmail.i18n import _
from webmail.kept import words as kept_words
from webmail.mail import reading
from webmail.mail.views import bp
from webmail.queue import words as queue_words
from webmail.services import services


@bp.get("/<int:folder_id>/<int:uid>/da-di")
def whereabouts_of(folder_id: int, uid: int) -> ResponseReturnValue:
    """Where a letter went that the reader has sent. 404 for who may not read it."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[str, tuple[Whereabouts, ...]]:
        opened = reading.open_message(conn, who, folder_id, uid)
        scanned = scan(opened.info.header)
        own = who.principal_id
        return scanned.subject, () if own is None else whereabouts(conn, own, scanned, now)

    subject, found = services().store.db.read(read)
    back = {"folder_id": folder_id, "uid": uid}
    return render_template(
        "mail/whereabouts.html", subject=subject, found=found, back=back, state=state, detail=detail, when=when
    )


def state(one: Whereabouts) -> tuple[str, str]:
    """What a recipient's tag says, and its colour."""
    if (kept := one.kept_back) is not None:
        return kept_words.state(kept)
    if one.outgoing is not None:
        return queue_words.state(one.outgoing)
    if one.mailboxes:
        return _("đã vào %(n)s hộp thư", n=one.mailboxes), "green"
    if one.arrived is not None:
        return _("đã vào hộp thư"), "green"
    return _("không còn ghi nhận"), "grey"


def when(one: Whereabouts) -> datetime | None:
    """Of what `state` says."""
    if (kept := one.kept_back) is not None:
        return kept.decided_at or kept.at
    return one.outgoing.finished_at if one.outgoing is not None else one.arrived


def detail(one: Whereabouts) -> str:
    """Why, and until when it waits; what the other server said."""
    if (kept := one.kept_back) is not None:
        until = _("chờ đến %(when)s", when=full_when(kept.expires_at)) if kept.waits else kept.reason
        return " · ".join(filter(None, (kept_words.rule(kept.rule), until)))
    if one.outgoing is None:
        return ""
    soon = one.outgoing.state is State.WAITING and one.outgoing.next_attempt_at > services().clock()
    again = _("gửi lại lúc %(when)s", when=full_when(one.outgoing.next_attempt_at)) if soon else ""
    return " · ".join(filter(None, (one.outgoing.host, one.outgoing.answer, again)))
