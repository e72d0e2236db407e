"""Making what a letter carries smaller before it is sent: each file with its size before and after, and the way back.

The letter lies in a draft meanwhile. The one with the original files stays until the letter is sent or thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies.sentfiles.errors import SentFileError
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, new_message_id
from mailserver.mime.scan import scan
from mailserver.store.database import Tx
from webmail.auth.current import actor, current_user
from webmail.formats import size
from webmail.i18n import _
from webmail.mail import drafting, linking, outgoing, reading
from webmail.mail.drafting import Beginning
from webmail.mail.limits import size_limit
from webmail.mail.outgoing import Ref, Written, ref
from webmail.mail.pdfs.asking import Fate, Thinner
from webmail.mail.shrinking import Offer, Way, applied, linkable, offers
from webmail.mail.views import bp
from webmail.notes import say
from webmail.services import services


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it lies: what it says, what was typed, what it carries."""

    at: Ref
    written: Written
    typed: Beginning


@bp.get("/soan/thu-gon")
def shrink() -> ResponseReturnValue:
    """What can be done with each file of a draft. nhap: "folder.uid". 404 if it is not the reader's."""
    kept = _draft()
    offered = _offered(kept)
    linkable_ = sum(Way.LINK in one.sizes for one in offered)
    total = kept.written.size
    after = total - sum(len(one.file.data) - one.sizes[one.best] for one in offered)
    sizes = {"total": total, "after": after, "limit": size_limit()}
    terms = {"linkable": linkable_, "days": linking.days(), "opens_outside": linking.opens_outside()}
    return render_template("mail/shrink.html", draft=kept.at, offers=offered, ways=Way, fates=Fate, **sizes, **terms)


@bp.post("/soan/thu-gon")
def shrink_now() -> ResponseReturnValue:
    """Form: nhap; way-N for each file, in order. 303 to the letter with what was chosen done; 404."""
    kept = _draft()
    offered = _offered(kept)
    all_ = Way.LINK if request.form.get("all") == Way.LINK.value else None
    chosen = [all_ or _way(request.form.get(f"way-{number}")) for number in range(len(offered))]
    if all(way not in one.sizes or way is Way.KEEP for one, way in zip(offered, chosen, strict=True)):
        return redirect(_compose(kept.at), code=303)
    written = replace(kept.written, attachments=tuple(applied(offered, chosen)))
    linked = [one.file for one, way in zip(offered, chosen, strict=True) if way is Way.LINK and way in one.sizes]
    try:
        links = linking.keep(linked)
    except SentFileError as fault:
        say(linking.fault_words(fault), error=True)
        return redirect(url_for("mail.shrink", nhap=str(kept.at)), code=303)
    written = replace(written, text=linking.with_links(written.text, links))
    typed = replace(
        kept.typed,
        before=kept.typed.before or str(kept.at),
        made=_names(written, offered, chosen),
        links=linking.joined(kept.typed.links, links),
    )
    # An earlier original stays; what lies between is of no use to anybody.
    at = _keep(written, typed, kept.at if kept.typed.before else None)
    say(_("Đã thu gọn từ %(before)s còn %(after)s.", before=size(kept.written.size), after=size(written.size)))
    return redirect(_compose(at), code=303)


def begin(written: Written, typed: Beginning, draft: Ref | None) -> ResponseReturnValue:
    """Keep the letter, however large it is, and go to the choice."""
    return redirect(url_for("mail.shrink", nhap=str(_keep(written, typed, draft))), code=303)


def restore(written: Written, typed: Beginning, draft: Ref | None) -> ResponseReturnValue:
    """The original files again; what was written and added meanwhile stays. 404 if they are gone."""
    original = ref(typed.before)
    if original is None:
        abort(404)
    files = services().store.db.read(lambda conn: _files(conn, original))
    made = set(typed.made.splitlines())
    added = [one for one in written.attachments if one.filename not in made]
    text = linking.without_links(written.text, typed.links)
    at = _keep(
        replace(written, text=text, attachments=(*files, *added)), replace(typed, before="", made="", links=""), draft
    )
    linking.forget(typed.links)
    services().store.db.write(lambda tx: outgoing.drop_draft_tx(tx, original), actor())
    say(_("Đã lấy lại tệp gốc."))
    return redirect(_compose(at), code=303)


def forget_tx(tx: Tx, before: str | None) -> None:
    """Remove the draft with the original files: the letter is thrown away."""
    outgoing.drop_draft_tx(tx, ref(before))


def _offered(kept: Kept) -> list[Offer]:
    most = linking.most()
    offered = offers(kept.written.attachments, cast(Thinner, current_app.extensions["vanthu.thinner"]).thin)
    return linkable(offered, most) if most else offered


def _keep(written: Written, typed: Beginning, old: Ref | None) -> Ref:
    return outgoing.keep_draft(services().store, actor(), written, typed, old, services().clock())


def _compose(at: Ref) -> str:
    return url_for("mail.compose", nhap=str(at))


def _way(text: str | None) -> Way:
    return next((way for way in Way if way.value == text), Way.KEEP)


def _names(written: Written, offered: Sequence[Offer], chosen: Sequence[Way]) -> str:
    """Of the files that were in the letter when it was made smaller, or came of it."""
    originals = [one.file.filename for one in offered]
    return "\n".join(dict.fromkeys([*originals, *(one.filename for one in written.attachments)]))


def _draft() -> Kept:
    """The draft that the request names; 404 if there is none."""
    at = ref(request.values.get("nhap"))
    if at is None:
        abort(404)
    return services().store.db.read(lambda conn: _read(conn, at))


def _read(conn: Connection, at: Ref) -> Kept:
    opened = reading.open_message(conn, actor(), at.folder_id, at.uid)
    header = scan(opened.info.header)
    typed = drafting.resume(header, opened.info.header, "")
    local, _at, domain = current_user().address.rpartition("@")
    written = Written(
        from_=header.from_[0] if header.from_ else Address(current_user().name, local, domain),
        to=tuple(header.to),
        cc=tuple(header.cc),
        bcc=(),  # a draft keeps them as they were typed
        subject=header.subject,
        text=drafting.text_of(conn, services().store.blobs, opened),
        attachments=_files(conn, at),
        message_id=header.message_id or new_message_id(domain),
        in_reply_to=header.in_reply_to[0] if header.in_reply_to else None,
        references=tuple(header.references),
    )
    return Kept(at, written, typed)


def _files(conn: Connection, at: Ref) -> tuple[Attachment, ...]:
    who = actor()
    carried = outgoing.carried_of(reading.open_message(conn, who, at.folder_id, at.uid))
    return outgoing.load_carried(conn, services().store.blobs, who, [one.key for one in carried])
