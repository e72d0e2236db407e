"""One's own passkeys: seen, renamed; and, after showing once more who one is, made and removed."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from mailserver.directory import passkey_proofs as proofs
from mailserver.directory import passkeys
from mailserver.directory import second as factor
from mailserver.directory.errors import BadPasskey, LoginRefused, Throttled
from mailserver.directory.passkeys import NoSuchPasskey, Passkey, PasskeyTaken, TooManyPasskeys
from webmail.account.second import PasswordForm, ProofForm, password_is_right, refused
from webmail.auth import ceremonies
from webmail.auth.ceremonies import Purpose
from webmail.auth.current import actor, current_user
from webmail.i18n import _, _l, choose
from webmail.notes import say
from webmail.services import services

bp = Blueprint("passkeys", __name__, url_prefix="/tai-khoan/khoa")

# Seconds after which who one is must be shown again.
CONFIRMED_S = 300
_CONFIRMED, _HANDLE = "passkey-confirmed", "passkey-handle"
JSON = "application/json"


class LabelForm(FlaskForm):
    label = StringField(
        _l("Tên khóa"),
        [
            InputRequired(_l("Hãy đặt tên để sau này biết mà gỡ.")),
            Length(max=passkeys.LONGEST_LABEL, message=_l("Tối đa 100 ký tự.")),
        ],
    )


@bp.get("/")
def index() -> str:
    """The list; what to do with it once it is shown who one is."""
    return _page()


@bp.post("/xac-nhan")
def confirm() -> ResponseReturnValue:
    """Form: password, and code where two steps are on. 303; 422 or 429 and the form."""
    if _has_second():
        proof = ProofForm()
        status = refused(proof)
        if status:
            return _page(proof), status
        return _confirmed()
    form = PasswordForm()
    if not form.validate_on_submit() or not password_is_right(form):
        return _page(form), 422
    return _confirmed()


@bp.post("/xac-nhan/hoi")
def ask_confirmation() -> ResponseReturnValue:
    """What the browser is to ask for, so that a passkey shows who one is; as JSON. 404 without a passkey."""
    own_id, us = current_user().principal_id, ceremonies.party() or abort(404)
    known = services().store.db.read(lambda conn: passkeys.descriptors(conn, own_id)) or abort(404)
    return Response(proofs.request(us, ceremonies.begin(Purpose.CONFIRM, _here()), known, verified=True), mimetype=JSON)


@bp.post("/xac-nhan/khoa")
def confirm_by_passkey() -> ResponseReturnValue:
    """Form: answer. 303; 422 or 429 and the page."""
    try:
        ceremonies.proved(Purpose.CONFIRM, _here(), request.form.get("answer", ""), current_user().principal_id)
    except LoginRefused as refusal:
        return _page(error=refusal.sentence.in_(choose())), 429 if isinstance(refusal, Throttled) else 422
    return _confirmed()


@bp.post("/hoi")
def ask_new() -> ResponseReturnValue:
    """What the browser is to ask for in order to make one, as JSON; 403 before `confirm`."""
    us, own = ceremonies.party() or abort(404), current_user()
    if not _is_confirmed():
        abort(403)

    def read(conn: Connection) -> tuple[bytes, list[tuple[bytes, str]]]:
        return passkeys.handle_of(conn, own.principal_id), passkeys.descriptors(conn, own.principal_id)

    handle, known = services().store.db.read(read)
    session[_HANDLE] = base64.b64encode(handle).decode()
    challenge = ceremonies.begin(Purpose.CREATE, _here())
    return Response(proofs.creation(us, challenge, handle, own.address, own.name, known), mimetype=JSON)


@bp.post("/")
def add() -> ResponseReturnValue:
    """Form: answer, label. 303; 422 and the page; 303 back if it has to be shown again who one is."""
    form, own_id, handle = LabelForm(), current_user().principal_id, base64.b64decode(session.pop(_HANDLE, ""))
    if not _is_confirmed() or not handle:
        return _unconfirmed()
    if not form.validate_on_submit():
        return _page(adding=form), 422
    label = form.label.data.strip()
    try:
        key = ceremonies.made(_here(), request.form.get("answer", ""))
        services().store.db.write(lambda tx: passkeys.add_tx(tx, own_id, handle, key, label), actor())
    except BadPasskey as refusal:
        form.label.errors = [refusal.sentence.in_(choose())]
    except PasskeyTaken:
        form.label.errors = [_("Khóa này đã có rồi.")]
    except TooManyPasskeys:
        form.label.errors = [_("Đã đủ %(most)s khóa: hãy gỡ bớt một khóa.", most=passkeys.MOST)]
    else:
        say(_("Đã thêm khóa truy cập “%(label)s”.", label=label))
        return redirect(url_for("passkeys.index"), code=303)
    return _page(adding=form), 422


@bp.post("/<int:passkey_id>/ten")
def rename(passkey_id: int) -> ResponseReturnValue:
    """Form: label. 303; 422 and the page; 404 for none of one's own."""
    form, own_id = LabelForm(), current_user().principal_id
    if not form.validate_on_submit():
        return _page(error=_("Tên khóa dài từ 1 đến 100 ký tự.")), 422
    label = form.label.data.strip()
    try:
        services().store.db.write(lambda tx: passkeys.rename_tx(tx, own_id, passkey_id, label), actor())
    except NoSuchPasskey:
        abort(404)
    say(_("Đã đổi tên khóa."))
    return redirect(url_for("passkeys.index"), code=303)


@bp.post("/<int:passkey_id>/go")
def remove(passkey_id: int) -> ResponseReturnValue:
    """303; 404 for none of one's own; 303 back if it has to be shown again who one is."""
    if not _is_confirmed():
        return _unconfirmed()
    own_id = current_user().principal_id
    try:
        label = services().store.db.write(lambda tx: passkeys.remove_tx(tx, own_id, passkey_id), actor())
    except NoSuchPasskey:
        abort(404)
    say(_("Đã gỡ khóa truy cập “%(label)s”.", label=label))
    return redirect(url_for("passkeys.index"), code=303)


def _here() -> str:
    """This session: what is shown in one counts in no other."""
    return current_user().session.id.hex()


def _confirmed() -> ResponseReturnValue:
    session[_CONFIRMED] = [_here(), int(services().clock().timestamp())]
    return redirect(url_for("passkeys.index"), code=303)


def _is_confirmed() -> bool:
    whose, at = session.get(_CONFIRMED, ("", 0))
    return bool(whose == _here() and 0 <= services().clock().timestamp() - at <= CONFIRMED_S)


def _unconfirmed() -> ResponseReturnValue:
    say(_("Hãy xác nhận lại là bạn, rồi làm tiếp."), error=True)
    return redirect(url_for("passkeys.index"), code=303)


def _has_second() -> bool:
    own_id = current_user().principal_id
    return services().store.db.read(lambda conn: factor.of(conn, own_id)) is not None


def _page(proof: PasswordForm | None = None, adding: LabelForm | None = None, error: str = "") -> str:
    own_id, us = current_user().principal_id, ceremonies.party()

    def read(conn: Connection) -> list[Passkey]:
        return passkeys.of(conn, own_id)

    found = services().store.db.read(read)
    form = proof or (ProofForm(formdata=None) if _has_second() else PasswordForm(formdata=None))
    return render_template(
        "account/passkeys.html",
        passkeys=found,
        party=us,
        confirmed=_is_confirmed(),
        proof=form,
        form=adding or LabelForm(formdata=None),
        error=error,
        is_full=len(found) >= passkeys.MOST,
    )
