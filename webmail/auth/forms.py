"""Signing in and choosing a password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webmail.i18n import _l

LONGEST_PASSWORD = 200


class SignInForm(FlaskForm):
    """login: an address or its local part."""

    login = StringField(
        _l("Tài khoản"), [InputRequired(_l("Hãy nhập tài khoản.")), Length(max=320, message=_l("Quá dài."))]
    )
    password = PasswordField(
        _l("Mật khẩu"),
        [InputRequired(_l("Hãy nhập mật khẩu.")), Length(max=LONGEST_PASSWORD, message=_l("Quá dài."))],
    )
    next = HiddenField()


class ForgottenForm(FlaskForm):
    """login: an address or its local part."""

    login = StringField(
        _l("Tài khoản"), [InputRequired(_l("Hãy nhập tài khoản.")), Length(max=320, message=_l("Quá dài."))]
    )


class ChangePasswordForm(FlaskForm):
    current = PasswordField(_l("Mật khẩu hiện tại"), [InputRequired(_l("Hãy nhập mật khẩu hiện tại."))])
    new = PasswordField(
        _l("Mật khẩu mới"),
        [InputRequired(_l("Hãy nhập mật khẩu mới.")), Length(max=LONGEST_PASSWORD, message=_l("Quá dài."))],
    )
    again = PasswordField(
        _l("Nhập lại mật khẩu mới"), [EqualTo("new", message=_l("Hai lần nhập mật khẩu mới không giống nhau."))]
    )
