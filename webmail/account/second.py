"""One's own second factor: switched on with an app, off with a code, and its recovery codes."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from mailserver.directory import otp, second
from mailserver.directory.errors import BadCredentials, LoginRefused
from mailserver.directory.second import Answer, Factor
from mailserver.store.database import Tx
from webmail.auth.current import DOOR, actor, current_user, remote
from webmail.auth.forms import LONGEST_PASSWORD
from webmail.clients.qr import qr
from webmail.i18n import _, _l, choose
from webmail.notes import say
from webmail.public import before_second_factor
from webmail.services import services, settings

bp = Blueprint("second", __name__, url_prefix="/tai-khoan/hai-buoc")


class PasswordForm(FlaskForm):
    """The password again: a session alone changes nothing that opens the account (ASVS 5.0 6.4.4)."""

    password = PasswordField(
        _l("Mật khẩu"), [InputRequired(_l("Hãy nhập mật khẩu.")), Length(max=LONGEST_PASSWORD, message=_l("Quá dài."))]
    )


class ProofForm(PasswordForm):
    """The password and a code."""

    code = StringField(_l("Mã xác thực"), [DataRequired(_l("Hãy nhập mã.")), Length(max=40, message=_l("Quá dài."))])


@bp.get("/")
@before_second_factor
def index() -> str:
    """Whether it is on; the secret as a QR code while it waits to be proved."""
    return _page(ProofForm(formdata=None))


@bp.post("/bat-dau")
@before_second_factor
def begin() -> ResponseReturnValue:
    """Make a secret, which the page shows. 303."""
    own_id, vault = current_user().principal_id, services().vault
    services().store.db.write(lambda tx: second.begin_tx(tx, own_id, vault), actor())
    return redirect(url_for("second.index"), code=303)


@bp.post("/bat")
@before_second_factor
def switch_on() -> ResponseReturnValue:
    """Form: password, code. 201 with the recovery codes, shown this once; 422 or 429 and the form if not."""
    form, own_id, vault = ProofForm(), current_user().principal_id, services().vault
    if not form.validate_on_submit() or not password_is_right(form):
        return _page(form), 422
    codes = services().store.db.write(lambda tx: second.confirm_tx(tx, own_id, form.code.data, vault), actor())
    if not codes:
        form.code.errors = [_("Mã không đúng. Kiểm tra giờ của điện thoại rồi nhập mã mới.")]
        return _page(form), 422
    return render_template("account/recovery_codes.html", codes=codes), 201


@bp.post("/ma-du-phong")
def renew() -> ResponseReturnValue:
    """Form: password, code. 201 with new recovery codes, shown this once; 422 or 429 and the form if not."""
    form, own_id = ProofForm(), current_user().principal_id
    status = refused(form)
    if status:
        return _page(form), status
    codes = services().store.db.write(lambda tx: second.renew_codes_tx(tx, own_id), actor())
    return render_template("account/recovery_codes.html", codes=codes), 201


@bp.post("/tat")
def switch_off() -> ResponseReturnValue:
    """Form: password, code. 303; 422 or 429 and the form if not."""
    form, own_id = ProofForm(), current_user().principal_id
    status = refused(form)
    if status:
        return _page(form), status
    services().store.db.write(lambda tx: second.switch_off_tx(tx, own_id), actor())
    say(_("Đã tắt xác thực hai bước."))
    return redirect(url_for("second.index"), code=303)


def refused(form: ProofForm) -> int:
    """The status to refuse with, the form saying why; 0 if password and code are right."""
    own_id, vault = current_user().principal_id, services().vault
    if not form.validate_on_submit() or not password_is_right(form):
        return 422

    def work(tx: Tx) -> Answer:
        return second.verify_tx(tx, own_id, form.code.data, vault) if second.of(tx.conn, own_id) else Answer.WRONG

    answer = services().store.db.write(work, actor())
    if answer is Answer.LATER:
        form.code.errors = [_("Nhập sai quá nhiều lần. Hãy đợi 5 phút rồi thử lại.")]
        return 429
    if answer is Answer.WRONG:
        form.code.errors = [_("Mã không đúng, hoặc đã dùng rồi. Hãy đợi ứng dụng hiện mã mới.")]
        return 422
    return 0


def password_is_right(form: PasswordForm) -> bool:
    """Whether it is; if not, the form says so."""
    try:
        services().auth.verify(current_user().address, form.password.data, DOOR, remote())
    except BadCredentials:
        form.password.errors = [_("Mật khẩu không đúng.")]
    except LoginRefused as refusal:
        form.password.errors = [refusal.sentence.in_(choose())]
    else:
        return True
    return False


def _page(form: ProofForm) -> str:
    own, vault, now = current_user(), services().vault, services().clock()

    def read(conn: Connection) -> tuple[Factor | None, bytes | None]:
        return second.of(conn, own.principal_id), second.pending(conn, own.principal_id, vault, now)

    factor, secret = services().store.db.read(read)
    uri = otp.uri(secret, settings().product, own.address) if secret is not None else ""
    return render_template(
        "account/second.html",
        form=form,
        factor=factor,
        code=qr(uri) if uri else None,
        shown=otp.shown(secret) if secret is not None else "",
        wanted=own.must_second,
    )
