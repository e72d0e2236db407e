"""One's own account: passwords for mail clients, sessions, language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from mailserver.delivery import waiting
from mailserver.directory import credentials, devices, people, resets, websessions
from mailserver.directory.credentials import AppPassword
from mailserver.directory.devices import SignIn
from mailserver.directory.errors import NotAllowed
from mailserver.directory.websessions import WebSession
from mailserver.redirects.records import Redirect
from routing.inspection import orders
from webmail.account import redirects
from webmail.auth.current import actor, current_user, drop_session_cookie, remote
from webmail.i18n import COOKIE, LOCALES, _, _l
from webmail.mail import undoing
from webmail.notes import say
from webmail.services import services, settings

bp = Blueprint("account", __name__, url_prefix="/tai-khoan")

YEAR_S = 365 * 24 * 3600
# The mail doors that an app password may open.
DOORS = {"imap smtp": _l("Nhận và gửi thư"), "imap": _l("Chỉ nhận thư (IMAP)"), "smtp": _l("Chỉ gửi thư (SMTP)")}
# Days after which it is worthless; 0: never.
LASTS = {"0": _l("Không hết hạn"), "30": _l("30 ngày"), "90": _l("90 ngày"), "365": _l("1 năm")}


class AppPasswordForm(FlaskForm):
    label = StringField(
        _l("Tên thiết bị hoặc chương trình"),
        [
            InputRequired(_l("Hãy đặt tên để sau này biết mà thu hồi.")),
            Length(max=100, message=_l("Tối đa 100 ký tự.")),
        ],
    )
    doors = SelectField(_l("Dùng để"), choices=[SelectChoice(*one) for one in DOORS.items()], default="imap smtp")
    lasts = SelectField(_l("Thời hạn"), choices=[SelectChoice(*one) for one in LASTS.items()], default="0")


# What of one's mail goes on elsewhere, and whether one may ask for it.
Going = tuple[list[Redirect], bool]


@dataclass(frozen=True, slots=True)
class SessionLine:
    session: WebSession
    key: str
    browser: str
    current: bool


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Shown on the answer to the very request that made it, and never again."""

    label: str
    plain: str


@bp.get("/")
def overview() -> ResponseReturnValue:
    return _render(AppPasswordForm(formdata=None))


@bp.post("/mat-khau-ung-dung")
def create_password() -> ResponseReturnValue:
    """Make an app password. Form: label, doors, lasts (days). The answer shows it once; it is not kept in any form."""
    form = AppPasswordForm()
    if not form.validate_on_submit():
        return _render(form), 422
    own_id, label = current_user().principal_id, form.label.data.strip()
    doors, days = form.doors.data.split(), int(form.lasts.data)
    ends = services().clock() + timedelta(days=days) if days else None
    plain = services().store.db.write(
        lambda tx: credentials.create_app_password_tx(tx, own_id, label, doors, ends), actor()
    )
    return _render(AppPasswordForm(formdata=None), NewPassword(label, plain)), 201


@bp.post("/mat-khau-ung-dung/<int:credential_id>/thu-hoi")
def revoke_password(credential_id: int) -> ResponseReturnValue:
    """Make an app password worthless. 404 if it is not one of one's own in use."""
    own_id = current_user().principal_id
    own = services().store.db.read(lambda conn: credentials.app_passwords(conn, own_id))
    if credential_id not in {one.id for one in own}:
        abort(404)
    try:
        services().store.db.write(lambda tx: credentials.revoke_tx(tx, own_id, credential_id), actor())
    except NotAllowed:
        abort(404)
    say(_("Đã thu hồi mật khẩu ứng dụng."))
    return redirect(url_for("account.overview"), code=303)


@bp.post("/phien/<session_id>/dong")
def close_session(session_id: str) -> ResponseReturnValue:
    """End one of one's own sessions; 404 for any other."""
    own_id = current_user().principal_id
    own = services().store.db.read(lambda conn: websessions.sessions(conn, own_id))
    found = next((one for one in own if one.id.hex() == session_id), None)
    if found is None:
        abort(404)
    services().store.db.write(lambda tx: websessions.close_by_id_tx(tx, own_id, found.id), actor())
    say(_("Đã đăng xuất phiên đó."))
    return redirect(url_for("account.overview"), code=303)


@bp.post("/phien/dong-het")
def close_others() -> ResponseReturnValue:
    """End all sessions but this one."""
    own_id, keep = current_user().principal_id, request.cookies.get(settings().session_cookie)
    services().store.db.write(lambda tx: websessions.close_all_tx(tx, own_id, keep=keep), actor())
    say(_("Đã đăng xuất mọi nơi khác."))
    return redirect(url_for("account.overview"), code=303)


@bp.get("/khoa-khan-cap")
def ask_lock_down() -> str:
    """What an emergency lock does, before it is done."""
    return render_template("account/lock_down.html")


@bp.post("/khoa-khan-cap")
def lock_down() -> ResponseReturnValue:
    """Shut the account at once and ask for a new password. 303 to the sign-in page, which says so."""
    own_id, address = current_user().principal_id, remote()
    services().store.db.write(lambda tx: resets.lock_down_tx(tx, own_id, address), actor())
    say(_("Đã khóa khẩn cấp. Quản trị hệ thống sẽ cấp cho bạn mật khẩu mới."))
    response = redirect(url_for("auth.sign_in"), code=303)
    drop_session_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/ngon-ngu")
def set_language() -> ResponseReturnValue:
    """Form: locale, one of LOCALES."""
    locale = request.form.get("locale", "")
    if locale not in LOCALES:
        abort(422)
    own_id = current_user().principal_id
    services().store.db.write(lambda tx: people.set_locale_tx(tx, own_id, locale), actor())
    response = redirect(url_for("account.overview"), code=303)
    secure = settings().secure_cookies
    response.set_cookie(COOKIE, locale, max_age=YEAR_S, secure=secure, httponly=True, samesite="Lax")
    return response


def _render(form: AppPasswordForm, new_password: NewPassword | None = None) -> str:
    own_id = current_user().principal_id

    def read(conn: Connection) -> tuple[list[AppPassword], list[WebSession], list[SignIn], bool, int, Going]:
        own = credentials.app_passwords(conn, own_id)
        inspects = bool(orders.naming(conn, own_id, most=1))
        undo = undoing.seconds(conn)
        going = redirects.open_ones(conn), redirects.may_ask(conn)
        return own, websessions.sessions(conn, own_id), devices.sign_ins(conn, own_id), inspects, undo, going

    passwords, sessions, places, inspects, undo, going = services().store.db.read(read)
    return render_template(
        "account/overview.html",
        form=form,
        new_password=new_password,
        passwords=passwords,
        sessions=[_line(one) for one in sessions],
        places=places,
        inspects=inspects,
        redirects=going[0],
        may_ask_redirect=going[1],
        undo_seconds=undo,
        undo_choices=waiting.CHOICES,
        now=services().clock(),
        DOORS=DOORS,
    )


def _line(session: WebSession) -> SessionLine:
    current = session.id == current_user().session.id
    browser = devices.client_of(session.agent) or _("Trình duyệt khác")
    return SessionLine(session, session.id.hex(), browser, current)
