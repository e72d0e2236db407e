"""The second half of a sign-in: the code from the phone, after the password was right.

Between the halves the browser holds a ticket, signed and good for some minutes, that says whose password was
right; there is no session yet, and the ticket opens nothing but this page.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import Connection
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from mailserver.actor import Actor
from mailserver.directory import credentials, passkeys, principals, resets, second
from mailserver.directory.credentials import Authenticated
from mailserver.directory.records import Principal, Status
from mailserver.directory.second import Answer
from webmail.auth import ceremonies
from webmail.auth.current import DOOR, remote
from webmail.auth.opening import open_session
from webmail.i18n import _, _l
from webmail.notes import say
from webmail.public import public
from webmail.redirects import own_path
from webmail.services import services

# Seconds to take the phone out; afterwards the password is asked for again.
TICKET_S = 300


class CodeForm(FlaskForm):
    """ticket: of the right password. code: of the app, or a recovery code."""

    code = StringField(_l("Mã xác thực"), [DataRequired(_l("Hãy nhập mã.")), Length(max=40, message=_l("Quá dài."))])
    ticket = HiddenField()
    next = HiddenField()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose password was right, and which credential that was."""

    who: Principal
    credential_id: int


def ask(who: Authenticated, target: str) -> str:
    """The page that asks for the code."""
    signed = _signer().dumps([who.principal.id, who.credential_id])
    return _page(CodeForm(formdata=None, data={"ticket": signed, "next": target}))


def is_asked(who: Authenticated) -> bool:
    """Whether this person's sign-in has a second half."""
    return services().store.db.read(lambda conn: second.of(conn, who.principal.id)) is not None


@public
def code_post() -> ResponseReturnValue:
    """Form: code, ticket, next. 303 and a session; 422 or 429 and the form if the code is not taken; 303 to the
    sign-in page if the ticket is too old, or the password has changed meanwhile."""
    form = CodeForm()
    ticket = ticket_of(form.ticket.data or "")
    if ticket is None:
        return again()
    if not form.validate_on_submit():
        return _page(form), 422
    who, typed, vault = ticket.who, form.code.data, services().vault
    by = Actor(who.id, who.agency_id, DOOR, remote(), who.locale)
    answer = services().store.db.write(lambda tx: second.verify_tx(tx, who.id, typed, vault), by)
    if answer is Answer.RIGHT:
        return open_session(who, own_path(form.next.data, url_for("work.today")))
    form.code.data = ""
    if answer is Answer.LATER:
        form.code.errors = [_("Nhập sai quá nhiều lần. Hãy đợi 5 phút rồi thử lại.")]
        return _page(form), 429
    form.code.errors = [_("Mã không đúng, hoặc đã dùng rồi. Hãy đợi ứng dụng hiện mã mới.")]
    return _page(form), 422


@public
def lost_post() -> ResponseReturnValue:
    """Form: ticket. Ask an administrator to switch the second factor off: the phone is lost. 303."""
    ticket = ticket_of(request.form.get("ticket", ""))
    if ticket is None:
        return again()
    who, address = ticket.who, remote()
    by = Actor(who.id, who.agency_id, DOOR, address, who.locale)
    services().store.db.write(lambda tx: resets.ask_second_tx(tx, who.id, address), by)
    say(_("Quản trị hệ thống đã nhận được yêu cầu tắt xác thực hai bước của bạn."))
    return redirect(url_for("auth.sign_in"), code=303)


def again() -> ResponseReturnValue:
    """303 to the sign-in page, which says that the password is asked for once more."""
    say(_("Đã quá lâu từ lúc nhập mật khẩu; hãy đăng nhập lại."), error=True)
    return redirect(url_for("auth.sign_in"), code=303)


def page_again(passkey_error: str) -> str:
    """The page that asks for the code, after a passkey that was not taken."""
    return _page(CodeForm(), passkey_error)


def _page(form: CodeForm, passkey_error: str = "") -> str:
    ticket = ticket_of(form.ticket.data or "")
    has_passkey = ticket is not None and ceremonies.party() is not None and _has_passkey(ticket.who.id)
    return render_template("auth/code.html", form=form, has_passkey=has_passkey, passkey_error=passkey_error)


def _has_passkey(person_id: int) -> bool:
    return bool(services().store.db.read(lambda conn: passkeys.descriptors(conn, person_id)))


def ticket_of(signed: str) -> Ticket | None:
    """Whose password was right; None: too old, forged, or the password has changed."""
    try:
        person_id, credential_id = _signer().loads(signed, max_age=TICKET_S)
    except BadData:
        return None

    def read(conn: Connection) -> Ticket | None:
        who = principals.get(conn, person_id)
        stands = who.status is Status.ACTIVE and credentials.is_in_use(conn, person_id, credential_id)
        return Ticket(who, credential_id) if stands else None

    return services().store.db.read(read)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="second factor")
