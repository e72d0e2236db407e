"""Writing: a new letter, an answer, a forward, a draft; keeping and sending it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict

from mailbox_policies.sentfiles.errors import SentFileError
from mailbox_policies.sentfiles.handing import Ready
from mailserver.delivery import waiting
from mailserver.delivery.errors import PolicyWarned
from mailserver.delivery.submission import Letter, submit_sync, warnings_sync
from mailserver.delivery.trace import Received
from mailserver.directory import absences, principals
from mailserver.directory.identities import Identity, allowed_senders
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, new_message_id
from mailserver.mime.scan import scan
from mailserver.store import folders, listing
from mailserver.store.database import Tx
from webmail.auth.current import actor, current_user, remote
from webmail.formats import day, full_when, today
from webmail.i18n import _
from webmail.mail import drafting, linking, outgoing, reading, recipients, shrink, undoing
from webmail.mail.advice import Advice, advise
from webmail.mail.drafting import Beginning
from webmail.mail.forms import LetterForm
from webmail.mail.limits import size_limit
from webmail.mail.outgoing import Carried, Ref, Written, ref
from webmail.mail.refusals import advice_of, kept_words, show_refusal
from webmail.mail.views import bp
from webmail.mail.weighing import weigh
from webmail.notes import Link, say
from webmail.services import services, settings
from webmail.teams import watching
from webmail.teams.watching import Watched

MESSAGE_ID = re.compile(r"[0-9a-f]{32}@[A-Za-z0-9.\-]{1,255}")


@dataclass(frozen=True, slots=True)
class Page:
    """What the compose page shows beside its form. people: (name and address, a hint or "")."""

    title: str
    limit: int
    carried: tuple[Carried, ...]
    people: tuple[tuple[str, str], ...]
    focus: str
    advice: tuple[Advice, ...] = ()
    watched: Watched | None = None


@bp.get("/soan")
def compose() -> ResponseReturnValue:
    """The form: empty, or for tra_loi, tra_loi_tat_ca, chuyen_tiep, nhap ("folder.uid"); den: an address.

    hop: the mailbox it is written from. 404 if the message is not the reader's to see.
    """
    beginning, carried, title = _beginning()
    form = LetterForm(formdata=None, data=_data(beginning), draft=request.args.get("nhap", ""))
    form.forwards.data = request.args.get("chuyen_tiep", form.forwards.data or "")
    form.message_id.data = new_message_id(current_user().address.rpartition("@")[2])
    hop = request.args.get("hop", type=int)
    _offer_identities(form, beginning.identity, hop)
    return _render(form, carried, title, focus="text" if beginning.to else "to")


@bp.post("/soan")
def send() -> ResponseReturnValue:
    """Form: see LetterForm; do: send, anyway (also what was asked about), edit, save, autosave, shrink, unshrink,
    discard.

    303 when done; JSON for autosave; 200 and the form for edit;
    422 and the form with what was typed if something is missing or refused; 409 if sent already.
    """
    form = LetterForm()
    _offer_identities(form, form.identity.data or "", None)
    what = request.form.get("do", "send")
    if what == "discard":
        return _discard(ref(form.draft.data), form.before.data, form.links.data)
    if not form.validate_on_submit():
        return _render(form, _ticked(), _("Soạn thư"), focus="to"), 422
    written = _written(form)
    if what in ("shrink", "unshrink"):
        go_on = shrink.begin if what == "shrink" else shrink.restore
        return go_on(written, _typed(form), ref(form.draft.data))
    if what in ("save", "autosave"):
        return _kept(form, written, quiet=what == "autosave")
    if what == "edit":
        return _with_files_kept(form, written)[0]
    return _sent(form, written, _seen(form) if what == "anyway" else frozenset())


def _beginning() -> tuple[Beginning, tuple[Carried, ...], str]:
    for name, title in (
        ("tra_loi", _("Trả lời")),
        ("tra_loi_tat_ca", _("Trả lời tất cả")),
        ("chuyen_tiep", _("Chuyển tiếp")),
        ("nhap", _("Thư nháp")),
    ):
        source = ref(request.args.get(name))
        if source is not None:
            beginning, carried = _from_message(name, source)
            return beginning, carried, title
    return Beginning(to=request.args.get("den", "")), (), _("Soạn thư")


def _from_message(name: str, source: Ref) -> tuple[Beginning, tuple[Carried, ...]]:
    who, store = actor(), services().store

    def read(conn: Connection) -> tuple[Beginning, tuple[Carried, ...]]:
        opened = reading.open_message(conn, who, source.folder_id, source.uid)
        header, text = scan(opened.info.header), drafting.text_of(conn, store.blobs, opened)
        when = full_when(opened.line.internal_date)
        if name == "nhap":
            return drafting.resume(header, opened.info.header, text), outgoing.carried_of(opened)
        if name == "chuyen_tiep":
            return drafting.forward(header, text, when), outgoing.carried_of(opened)
        assert who.principal_id is not None
        senders = allowed_senders(conn, who.principal_id, services().clock())
        own = {one.address.casefold() for one in senders}
        beginning = drafting.answer(header, text, when, own, everyone=name == "tra_loi_tat_ca")
        identity = next((one.address for one in senders if one.principal_id == opened.folder.owner_id), "")
        return Beginning(beginning.to, beginning.cc, "", beginning.subject, beginning.text, identity, str(source)), ()

    return store.db.read(read)


def _data(beginning: Beginning) -> dict[str, str]:
    names = ("to", "cc", "bcc", "subject", "text", "answers", "forwards", "before", "made", "links")
    return {name: getattr(beginning, name) for name in names}


def _identities(conn: Connection) -> list[Identity]:
    return allowed_senders(conn, current_user().principal_id, services().clock())


def _offer_identities(form: LetterForm, chosen: str, hop: int | None) -> None:
    found = services().store.db.read(_identities)
    form.identity.choices = [(one.address, f"{one.name} <{one.address}>") for one in found]
    if request.method == "GET":
        of_mailbox = next((one.address for one in found if one.principal_id == hop), "")
        wanted = chosen if any(one.address == chosen for one in found) else of_mailbox
        form.identity.data = wanted or (found[0].address if found else "")


def _render(
    form: LetterForm, carried: tuple[Carried, ...], title: str, focus: str, advice: tuple[Advice, ...] = ()
) -> str:
    agency_id = current_user().agency_id
    people = services().store.db.read(
        lambda conn: [
            *(one.principal for one in principals.units(conn, agency_id)),
            *(one.principal for one in principals.posts(conn, agency_id)),
            *principals.people(conn, agency_id),
        ]
    )
    today_ = today()
    away = services().store.db.read(lambda conn: absences.of_agency(conn, agency_id, today_))
    hints = {one.id: _("vắng đến %(day)s", day=day(away[one.id].ends_on)) for one in people if one.id in away}
    known = tuple((f"{one.name} <{one.address}>", hints.get(one.id, "")) for one in people)
    who, answers = actor(), form.answers.data
    watched = services().store.db.read(lambda conn: watching.answering(conn, who, answers))
    page = Page(title, size_limit(), carried, known, focus, advice, watched)
    return render_template("mail/compose.html", form=form, view=page)


def _ticked() -> tuple[Carried, ...]:
    """The boxes of a form that comes back, as they were ticked."""
    keys, who = request.form.getlist("carry"), actor()
    blobs = services().store.blobs

    def read(conn: Connection) -> tuple[Carried, ...]:
        loaded = outgoing.load_carried(conn, blobs, who, keys)
        return _boxes(keys, loaded)

    return services().store.db.read(read)


def _boxes(keys: Sequence[str], files: Sequence[Attachment]) -> tuple[Carried, ...]:
    pairs = zip(keys, files, strict=False)
    return tuple(Carried(key, file.filename, file.media_type, len(file.data)) for key, file in pairs)


def _written(form: LetterForm) -> Written:
    who, store = actor(), services().store
    domain = current_user().address.rpartition("@")[2]
    keys, answered, draft = request.form.getlist("carry"), ref(form.answers.data), ref(form.draft.data)

    def read(conn: Connection) -> tuple[Identity, tuple[Attachment, ...], outgoing.Thread]:
        chosen = next(one for one in _identities(conn) if one.address == form.identity.data)
        carried = outgoing.load_carried(conn, store.blobs, who, keys)
        if draft is not None and listing.line(conn, draft.folder_id, draft.uid) is None:
            raise Conflict
        return chosen, carried, outgoing.answering(conn, who, answered, draft)

    identity, carried, found = store.db.read(read)
    local, _at, own_domain = identity.address.rpartition("@")
    asked = form.message_id.data or ""
    written = Written(
        from_=Address(identity.name, local, own_domain),
        to=recipients.read(form.to.data or "", domain).addresses,
        cc=recipients.read(form.cc.data or "", domain).addresses,
        bcc=recipients.read(form.bcc.data or "", domain).addresses,
        subject=(form.subject.data or "").strip(),
        text=(form.text.data or "").replace("\r\n", "\n"),
        attachments=(*carried, *_uploads(form)),
        message_id=asked if MESSAGE_ID.fullmatch(asked) else new_message_id(domain),
    )
    return outgoing.with_references(written, found)


def _uploads(form: LetterForm) -> tuple[Attachment, ...]:
    files = [file for file in form.files.data or [] if getattr(file, "filename", "")]
    return tuple(
        Attachment(reading.plain(file.filename), file.mimetype or "application/octet-stream", file.read())
        for file in files
    )


def _typed(form: LetterForm) -> Beginning:
    names = ("to", "cc", "bcc", "identity", "answers", "forwards", "before", "made", "links")
    return Beginning(**{name: getattr(form, name).data or "" for name in names})


def _kept(form: LetterForm, written: Written, *, quiet: bool) -> ResponseReturnValue:
    now = services().clock()
    if written.size > size_limit():
        form.files.errors = [_("Thư và tệp vượt quá giới hạn. Bấm Thu gọn tệp để nén, hoặc thay tệp bằng đường dẫn.")]
        return _render(form, _ticked(), _("Soạn thư"), focus="text"), 422
    kept = outgoing.keep_draft(services().store, actor(), written, _typed(form), ref(form.draft.data), now)
    if quiet:
        return jsonify(draft=str(kept), at=full_when(now)[:5], carry=_keys_of(kept))
    say(_("Đã lưu thư nháp."))
    return redirect(url_for("mail.compose", nhap=str(kept)), code=303)


def _keys_of(kept: Ref) -> list[str]:
    """Where the attachments lie now that the draft has another number."""
    who = actor()
    opened = services().store.db.read(lambda conn: reading.open_message(conn, who, kept.folder_id, kept.uid))
    return [file.key for file in outgoing.carried_of(opened)]


def _sent(form: LetterForm, written: Written, seen: frozenset[str]) -> ResponseReturnValue:
    """seen: keys of what the writer was asked to look at, and sends nevertheless."""
    if not _complete(form, written):
        return _with_files_kept(form, written)
    _refuse_twice(written.message_id)
    data = written.octets(services().clock())
    trace = Received("", remote(), "HTTP", secrets.token_hex(8))
    rules = frozenset(key.partition(":")[0] for key in seen)
    letter = Letter(data, written.from_.addr, written.recipients, trace, sent_copy=data, confirmed=rules)
    linked: list[Ready] = []

    def finish_tx(tx: Tx) -> None:
        outgoing.finish_tx(tx, ref(form.draft.data), ref(form.before.data), ref(form.answers.data))

    try:
        linked = linking.prepare(written, form.links.data, rules)
        advice = _advice(form, written, data)  # which sees what is in the files behind links
        if any(one.key not in seen for one in advice):
            found = warnings_sync(services().delivery, actor(), letter)
            return _asked(form, written, (*map(advice_of, found), *advice))
        if wait := services().store.db.read(undoing.seconds):
            if found := warnings_sync(services().delivery, actor(), letter):
                return _asked(form, written, (*map(advice_of, found), *advice))
            undoing.keep(written, data, _typed(form), ref(form.draft.data), rules, wait)
            return redirect(url_for("mail.home"), code=303)
        sent = submit_sync(services().delivery, actor(), letter, finish_tx, lambda tx: linking.hand_tx(tx, linked))
    except PolicyWarned as warned:
        return _asked(form, written, (*map(advice_of, warned.refusals), *_advice(form, written, data)))
    except SentFileError as fault:
        form.files.errors = [linking.fault_words(fault)]
        return _with_files_kept(form, written)
    except Exception as refusal:
        if not show_refusal(form, refusal):
            raise
        return _with_files_kept(form, written)

    if sent.kept:
        say(kept_words(sent.kept), link=Link(url_for("kept.show", kept_id=sent.kept[0].id), _("Xem")))
    else:
        say(_("Đã gửi thư."))
    return redirect(url_for("mail.home"), code=303)


def _advice(form: LetterForm, written: Written, data: bytes) -> tuple[Advice, ...]:
    who, source, delivery = actor(), ref(form.forwards.data), services().delivery

    def read(conn: Connection) -> tuple[Advice, ...]:
        weighed = weigh(conn, who, delivery, written, data, source)
        return advise(conn, who, written, weighed, answers=bool(form.answers.data))

    return services().store.db.read(read)


def _asked(form: LetterForm, written: Written, advice: tuple[Advice, ...]) -> ResponseReturnValue:
    """The form with all that is worth a look; sending it nevertheless is a button of its own."""
    form.seen.data = ",".join(one.key for one in advice)
    return _with_files_kept(form, written, advice)


def _seen(form: LetterForm) -> frozenset[str]:
    return frozenset(filter(None, (form.seen.data or "").split(",")))


def _complete(form: LetterForm, written: Written) -> bool:
    """Whether it can be sent; the form's fields carry what is missing."""
    domain = current_user().address.rpartition("@")[2]
    for field in (form.to, form.cc, form.bcc):
        wrong = recipients.read(field.data or "", domain).wrong
        if wrong:
            field.errors = [_("Không phải địa chỉ thư: %(words)s", words=", ".join(wrong))]
    if not form.errors and not written.recipients:
        form.to.errors = [_("Hãy nhập người nhận.")]
    if written.size > size_limit():
        form.files.errors = [_("Thư và tệp vượt quá giới hạn. Bấm Thu gọn tệp để nén, hoặc thay tệp bằng đường dẫn.")]
    return not form.errors


def _with_files_kept(form: LetterForm, written: Written, advice: tuple[Advice, ...] = ()) -> tuple[str, int]:
    """The form again, with what was typed; files that came with it are kept in a draft."""
    carried = _ticked()
    if written.attachments and written.size <= settings().max_request:
        kept = outgoing.keep_draft(
            services().store, actor(), written, _typed(form), ref(form.draft.data), services().clock()
        )
        form.draft.data = str(kept)
        carried = _boxes(_keys_of(kept), written.attachments)
    return _render(form, carried, _("Soạn thư"), focus="to", advice=advice), 422


def _refuse_twice(message_id: str) -> None:
    """409 if this very letter waits to be sent, or lies in the sent mail of the writer, or of those in whose name
    the writer may write."""
    own_id = current_user().principal_id

    def read(conn: Connection) -> bool:
        owners = {own_id, *(one.principal_id for one in _identities(conn))}
        found = (folders.by_special_use(conn, owner_id, "\\Sent") for owner_id in owners)
        if waiting.holds(conn, own_id, message_id):
            return True
        return any(listing.holds_message_id(conn, sent.id, message_id) for sent in found if sent is not None)

    if services().store.db.read(read):
        raise Conflict


def _discard(draft: Ref | None, before: str | None, links: str | None) -> ResponseReturnValue:
    def work(tx: Tx) -> None:
        outgoing.drop_draft_tx(tx, draft)
        shrink.forget_tx(tx, before)

    services().store.db.write(work, actor())
    linking.forget(links)
    say(_("Đã bỏ thư nháp."))
    return redirect(url_for("mail.home"), code=303)
