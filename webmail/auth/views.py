"""Sign in, sign out, and the new password that a first sign-in asks for."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailserver.actor import Actor
from mailserver.directory import credentials, resets, websessions
from mailserver.directory.errors import BadCredentials, LoginRefused, Throttled, WeakPassword
from webmail.auth import ceremonies, passkeys, second
from webmail.auth.current import DOOR, actor, current_user, drop_session_cookie, remote
from webmail.auth.forms import ChangePasswordForm, ForgottenForm, SignInForm
from webmail.auth.opening import open_session
from webmail.i18n import _, choose
from webmail.notes import say
from webmail.public import before_password_change, public
from webmail.redirects import own_path
from webmail.services import services, settings

bp = Blueprint("auth", __name__)
bp.add_url_rule("/dang-nhap/hai-buoc", view_func=second.code_post, methods=["POST"])
bp.add_url_rule("/dang-nhap/mat-dien-thoai", view_func=second.lost_post, methods=["POST"])
bp.add_url_rule("/dang-nhap/khoa/hoi", view_func=passkeys.ask, endpoint="passkey_ask", methods=["POST"])
bp.add_url_rule("/dang-nhap/khoa", view_func=passkeys.sign_in, endpoint="passkey_sign_in", methods=["POST"])
bp.add_url_rule("/dang-nhap/hai-buoc/khoa/hoi", view_func=passkeys.ask_second, methods=["POST"])
bp.add_url_rule("/dang-nhap/hai-buoc/khoa", view_func=passkeys.second_post, methods=["POST"])
bp.add_url_rule("/.well-known/webauthn", view_func=passkeys.origins, endpoint="passkey_origins")


@bp.app_template_global("passkeys_are_offered")
def _passkeys_are_offered() -> bool:
    return ceremonies.party() is not None


@bp.get("/dang-nhap")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page; who is signed in already goes on."""
    if g.user is not None:
        return redirect(url_for("work.today"), code=303)
    return render_template("auth/sign_in.html", form=SignInForm(next=request.args.get("next", "")))


@bp.post("/dang-nhap")
@public
def sign_in_post() -> ResponseReturnValue:
    """Open a session. Form: login, password, next. 303, or the page of the second factor; 422 or 429 and the form."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422
    try:
        who = services().auth.verify(form.login.data.strip(), form.password.data, DOOR, remote())
    except LoginRefused as refusal:
        form.password.errors = [refusal.sentence.in_(choose())]
        status = 429 if isinstance(refusal, Throttled) else 422
        return render_template("auth/sign_in.html", form=form), status
    target = own_path(form.next.data, url_for("work.today"))
    return second.ask(who, target) if second.is_asked(who) else open_session(who.principal, target)


@bp.get("/quen-mat-khau")
@public
def forgotten() -> str:
    """The page that asks an administrator for a new password."""
    return render_template("auth/forgotten.html", form=ForgottenForm(login=request.args.get("tai_khoan", "")))


@bp.post("/quen-mat-khau")
@public
def forgotten_post() -> ResponseReturnValue:
    """Form: login. 303 to the sign-in page, which says the same whether there is such an account or not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("auth/forgotten.html", form=form), 422
    login, address = form.login.data.strip(), remote()
    services().store.db.write(lambda tx: resets.ask_tx(tx, login, address), Actor(None, None, DOOR, address))
    say(_("Nếu có tài khoản này, quản trị hệ thống đã nhận được yêu cầu cấp lại mật khẩu."))
    return redirect(url_for("auth.sign_in"), code=303)


@bp.post("/dang-xuat")
@before_password_change
def sign_out() -> ResponseReturnValue:
    """End this session and clear what the browser kept of it (ASVS 5.0 14.3.1)."""
    token = request.cookies.get(settings().session_cookie, "")
    services().store.db.write(lambda tx: websessions.close_tx(tx, token), actor())
    response = redirect(url_for("auth.sign_in"), code=303)
    drop_session_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/doi-mat-khau")
@before_password_change
def change_password() -> ResponseReturnValue:
    """The page that changes one's own password."""
    return render_template("auth/change_password.html", form=ChangePasswordForm())


@bp.post("/doi-mat-khau")
@before_password_change
def change_password_post() -> ResponseReturnValue:
    """Form: current, new, again. 303 and all other sessions end; 422 and the form if invalid."""
    form = ChangePasswordForm()
    if form.validate_on_submit() and _change(form):
        say(_("Đã đổi mật khẩu. Các thiết bị khác cần đăng nhập lại."))
        return redirect(url_for("work.today"), code=303)
    return render_template("auth/change_password.html", form=form), 422


def _change(form: ChangePasswordForm) -> bool:
    """Store the new password; on failure the form carries the reason and nothing has changed."""
    user, keep = current_user(), request.cookies.get(settings().session_cookie)
    try:
        services().auth.verify(user.address, form.current.data, DOOR, remote())
        db = services().store.db
        chosen = credentials.prepare(db, user.principal_id, form.new.data)
        db.write(lambda tx: credentials.set_password_tx(tx, user.principal_id, chosen, keep_session=keep), actor())
    except BadCredentials:
        form.current.errors = [_("Mật khẩu hiện tại không đúng.")]
    except LoginRefused as refusal:
        form.current.errors = [refusal.sentence.in_(choose())]
    except WeakPassword as weak:
        form.new.errors = [weak.sentence.in_(choose())]
    else:
        return True
    return False
