"""Making what a letter carries smaller before it is sent: each file with its size before and after, and the way back.

The letter lies in a draft meanwhile. The one with the original files stays until the letter is sent or thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

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
from webmail.mail.shrinking import Offer, Way, applied, linkable, offers, wanted
from webmail.mail.thinning import Fate, Thinned, Thinner
from webmail.mail.views import bp
from webmail.notes import say
from webmail.services import services

# Seconds that a page waits for files to be made smaller, before it shows how far they are.
PATIENCE: Final = 1.5


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it lies: what it says, what was typed, what it carries."""

    at: Ref
    written: Written
    typed: Beginning


@dataclass(frozen=True, slots=True)
class Looked:
    """How far the files of a draft are: told has those that are done, by place; total: all that are looked at."""

    told: dict[int, Thinned]
    total: int
    next: str

    @property
    def done(self) -> bool:
        return len(self.told) == self.total


@bp.get("/soan/thu-gon")
def shrink() -> ResponseReturnValue:
    """What can be done with each file of a draft, or how far the look at them is: the page asks again by itself.
    nhap: "folder.uid". 404 if it is not the reader's."""
    kept = _draft()
    looked = _look(kept, PATIENCE)
    most, files = linking.most(), kept.written.attachments
    terms = {"days": linking.days(), "opens_outside": linking.opens_outside()}
    if not looked.done:
        able = sum(0 < len(one.data) <= most for one in files)
        return render_template("mail/shrink.html", draft=kept.at, looked=looked, linkable=able, **terms)
    if "HX-Request" in request.headers:  # the page that has waited: all of it changes
        return "", {"HX-Refresh": "true"}
    offered = linkable(offers(files, looked.told), most)
    total = kept.written.size
    after = total - sum(len(one.file.data) - one.sizes[one.best] for one in offered)
    sizes = {"total": total, "after": after, "limit": size_limit()}
    terms["linkable"] = sum(Way.LINK in one.sizes for one in offered)
    return render_template("mail/shrink.html", draft=kept.at, offers=offered, ways=Way, fates=Fate, **sizes, **terms)


@bp.post("/soan/thu-gon")
def shrink_now() -> ResponseReturnValue:
    """Form: nhap; way-N for each file, in order. 303 to the letter with what was chosen done, or to the choice again
    if what was made smaller has to be made anew; 404."""
    kept = _draft()
    looked = _look(kept)
    offered = linkable(offers(kept.written.attachments, looked.told), linking.most())
    all_ = Way.LINK if request.form.get("all") == Way.LINK.value else None
    chosen = [all_ or _way(request.form.get(f"way-{number}")) for number in range(len(offered))]
    if any(way in (Way.PICTURE, Way.PDF) for way in chosen) and not looked.done:
        return redirect(url_for("mail.shrink", nhap=str(kept.at)), code=303)
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


def _look(kept: Kept, patience: float = 0.0) -> Looked:
    """Begin whatever is not begun; wait some seconds for it."""
    asked, files = wanted(kept.written.attachments), kept.written.attachments
    thinner = cast(Thinner, current_app.extensions["vanthu.thinner"])
    found = dict(zip(asked, thinner.ask(list(asked.values()), patience), strict=True))
    told = {number: one for number, one in found.items() if one is not None}
    waiting = next((files[number].filename for number, one in found.items() if one is None), "")
    return Looked(told, len(found), waiting)


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
