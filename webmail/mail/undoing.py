"""Sending a letter that may be taken back for some seconds: it waits, durable, and a job of the worker sends it.

The draft stays as it was typed until the letter goes, so that taking it back is finding it there.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

import structlog
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailbox_policies.sentfiles import handing
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import SentFileError
from mailbox_policies.sentfiles.handing import Ready, Wish
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import notices, waiting
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.errors import DeliveryError, PolicyRefused
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.delivery.waiting import Decided, Envelope, Waiting
from mailserver.directory import principals
from mailserver.directory.records import Principal
from mailserver.mime.scan import scan
from mailserver.policy import Action
from mailserver.store import ingest, messages
from mailserver.store.database import Tx
from mailserver.store.errors import StoreError, StoreFull, StoreUnavailable
from webmail.auth.current import actor, current_user, remote
from webmail.i18n import _
from webmail.mail import outgoing
from webmail.mail.drafting import Beginning
from webmail.mail.linking import DAYS, hand_tx, named_in
from webmail.mail.outgoing import Ref, Written, ref
from webmail.mail.views import bp
from webmail.notes import Undo, say
from webmail.services import services

log = structlog.get_logger("webmail")


def seconds(conn: Connection) -> int:
    """How long the letters wait that this person writes, as chosen or else as the agency has it; 0: not at all."""
    user = current_user()
    chosen = waiting.chosen(conn, user.principal_id)
    return services().undo_seconds(conn, user.agency_id) if chosen is None else chosen


def keep(
    written: Written, data: bytes, typed: Beginning, draft: Ref | None, confirmed: frozenset[str], wait: int
) -> None:
    """Let a letter wait so many seconds that could be sent; its draft lies as it was typed.

    Raises StoreFull, StoreUnavailable.
    """
    store = services().store
    prepared = ingest.prepare(data, store.blobs)
    as_draft = outgoing.prepare_draft(store, written, typed, services().clock())
    from_where = remote()[:45]  # asked here: a transaction runs in another thread

    def keep_tx(tx: Tx) -> int:
        kept = outgoing.put_draft_tx(tx, as_draft, draft)
        envelope = Envelope(
            message_id=written.message_id,
            sender=written.from_.addr,
            recipients=written.recipients,
            confirmed=tuple(sorted(confirmed)),
            remote=from_where,
            draft=str(kept),
            before=typed.before,
            answers=typed.answers,
            links=typed.links,
        )
        return waiting.keep_tx(tx, prepared, envelope, wait)

    number = store.db.write(keep_tx, actor())
    back = Undo(url_for("mail.take_back", number=number), ())
    say(_("Thư sẽ được gửi sau %(n)s giây.", n=wait), back)


@bp.post("/soan/hoan-tac/<int:number>")
def take_back(number: int) -> ResponseReturnValue:
    """Do not send it: 303 to its draft; to the mail if it was sent already."""
    own_id = current_user().principal_id
    try:
        found = services().store.db.write(lambda tx: waiting.take_tx(tx, number, own_id), actor())
    except Decided:
        say(_("Thư đã được gửi, không lấy lại được nữa."), error=True)
        return redirect(url_for("mail.home"), code=303)
    say(_("Thư chưa gửi, đã trở lại thành thư nháp."))
    return redirect(url_for("mail.compose", nhap=found.envelope.draft), code=303)


@bp.post("/soan/cho-hoan-tac")
def choose() -> ResponseReturnValue:
    """Form: seconds, one of `waiting.CHOICES`. 303; 422."""
    try:
        chosen = int(request.form.get("seconds", ""))
        services().store.db.write(lambda tx: waiting.choose_tx(tx, chosen), actor())
    except ValueError:
        raise UnprocessableEntity from None
    say(_("Đã đổi thời gian chờ khi gửi thư."))
    return redirect(url_for("account.overview"), code=303)


def send_due(delivery: Delivery, desk: Desk) -> bool:
    """Send the letters whose time has come; whether there may be more. Killed anywhere, it goes on with the next."""
    found = delivery.store.db.read(lambda conn: waiting.due(conn, delivery.clock()))
    for one in found:
        try:
            _send(delivery, desk, one)
        except Exception:
            # A fault of ours about one letter must not keep those behind it; it stays and is tried again.
            log.exception("a letter that waited could not be sent", letter=one.id, writer=one.writer_id)
            delivery.store.db.write(partial(waiting.put_off_tx, number=one.id), SYSTEM)
    return len(found) == waiting.BATCH


def _send(delivery: Delivery, desk: Desk, one: Waiting) -> None:
    store, envelope = delivery.store, one.envelope
    writer = store.db.read(lambda conn: principals.get(conn, one.writer_id))
    who = Actor(writer.id, writer.agency_id, "web", envelope.remote, writer.locale)
    data = store.db.read(lambda conn: messages.read_octets(conn, store.blobs, one.message_pk))
    trace = Received("", envelope.remote, "HTTP", secrets.token_hex(8))
    rules = frozenset(envelope.confirmed)
    letter = Letter(data, envelope.sender, envelope.recipients, trace, sent_copy=data, confirmed=rules)
    try:
        files = _files(desk, who, one, data)
        submit_sync(delivery, who, letter, partial(_finish_tx, one=one), partial(_begin_tx, one=one, files=files))
    except Decided:
        return
    except (StoreFull, StoreUnavailable):
        store.db.write(lambda tx: waiting.put_off_tx(tx, one.id), SYSTEM)
    except (DeliveryError, SentFileError, StoreError) as fault:
        if isinstance(fault, PolicyRefused) and fault.verdict.action is Action.DEFER:
            store.db.write(lambda tx: waiting.put_off_tx(tx, one.id), SYSTEM)
        else:
            store.db.write(partial(_give_back_tx, delivery=delivery, one=one, writer=writer, data=data), who)


def _files(desk: Desk, who: Actor, one: Waiting, data: bytes) -> Sequence[Ready]:
    """The files that it links to, looked at once more."""
    wish = Wish(one.envelope.recipients, DAYS, "", frozenset(one.envelope.confirmed), one.envelope.message_id)
    return [handing.prepare(desk, who, number, wish) for number in named_in(desk, data, one.envelope.links)]


def _begin_tx(tx: Tx, one: Waiting, files: Sequence[Ready]) -> None:
    """In the transaction that sends it. Raises Decided: then nothing is sent."""
    waiting.take_tx(tx, one.id, one.writer_id)
    hand_tx(tx, files)


def _finish_tx(tx: Tx, one: Waiting) -> None:
    """The same, once it has left."""
    outgoing.finish_tx(tx, ref(one.envelope.draft), ref(one.envelope.before), ref(one.envelope.answers))


def _give_back_tx(tx: Tx, delivery: Delivery, one: Waiting, writer: Principal, data: bytes) -> None:
    """It cannot be sent any more: the draft is still there, and its writer is told."""
    waiting.take_tx(tx, one.id, one.writer_id)
    subject = scan(data).subject
    if writer.reads_english:
        title = f"Not sent: {subject}"
        text = f"Your letter “{subject}” could not be sent any more. It is in your drafts: send it again to see why."
    else:
        title = f"Thư chưa gửi được: {subject}"
        text = f"Thư “{subject}” chưa gửi được nữa. Thư còn trong Thư nháp: hãy mở ra và gửi lại để xem lý do."
    notices.send_tx(tx, delivery.store.blobs, writer, title, text)
