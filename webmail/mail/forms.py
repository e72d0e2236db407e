"""The form that writes a letter."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from webmail.i18n import _l

LONGEST_TEXT = 2_000_000


def one_line(form: FlaskForm, field: StringField) -> None:
    """No character that could end a header field."""
    if any(char in "\r\n\0\x85\u2028\u2029" for char in field.data or ""):
        raise ValidationError(_l("Không được xuống dòng ở đây."))


class LetterForm(FlaskForm):
    """identity: the address to write as. draft, answers, forwards: "folder.uid" or "".

    seen: what the writer was asked to look at (`advice.Advice.key`), with "," between.
    before, made, links: see `Beginning`.
    message_id: made with the empty form, so that a letter sent twice is recognised.
    """

    identity = SelectField(_l("Từ"))
    to = StringField(_l("Đến"), [one_line, Length(max=50_000)])
    cc = StringField(_l("Đồng gửi"), [one_line, Length(max=50_000)])
    bcc = StringField(_l("Ẩn danh"), [one_line, Length(max=50_000)])
    subject = StringField(_l("Tiêu đề"), [one_line, Length(max=500, message=_l("Tối đa 500 ký tự."))])
    text = TextAreaField(_l("Nội dung"), [Length(max=LONGEST_TEXT, message=_l("Nội dung quá dài."))])
    files = MultipleFileField(_l("Tệp đính kèm"))
    draft = HiddenField()
    answers = HiddenField()
    forwards = HiddenField()
    seen = HiddenField()
    before = HiddenField()
    made = HiddenField()
    links = HiddenField()
    message_id = HiddenField()
