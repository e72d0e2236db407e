"""Forms about distribution lists."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from mailserver.directory.mailing_lists import Posting, ReplyTo, Settings, ShownTo
from webmail.i18n import _l
from webmail.lists import words
from webmail.mail.forms import one_line

MIB = 1024 * 1024
MOST_MIB = 1024
# Characters of a text of members.
MOST_TEXT = 500_000
_TOO_LONG = _l("Quá dài.")


class ListForm(FlaskForm):
    """How a list is called and takes letters. size: MB, empty: as everywhere. local_part: of a new one."""

    title = StringField(
        _l("Tên danh sách"), [DataRequired(_l("Hãy nhập tên.")), one_line, Length(max=200, message=_TOO_LONG)]
    )
    local_part = StringField(_l("Địa chỉ"), [one_line, Length(max=64, message=_TOO_LONG)])
    posting = SelectField(_l("Ai được gửi"), default=Posting.AGENCY.value)
    moderated = BooleanField(_l("Thư của người khác chờ người phụ trách duyệt, thay vì bị từ chối"))
    reply_to = SelectField(_l("Thư trả lời gửi tới"), default=ReplyTo.AUTHOR.value)
    shown_to = SelectField(_l("Ai xem được thành viên"), default=ShownTo.MEMBERS.value)
    size = IntegerField(
        _l("Thư lớn nhất (MB)"),
        [Optional(), NumberRange(1, MOST_MIB, message=_l("Hãy nhập số từ 1 đến 1024, hoặc để trống."))],
    )
    may_leave = BooleanField(_l("Thành viên tự rời được"))
    takes_outside = BooleanField(_l("Nhận thành viên ngoài cơ quan"))

    def offer(self) -> ListForm:
        """The same with what may be chosen."""
        self.posting.choices = list(words.posting().items())
        self.reply_to.choices = list(words.reply_to().items())
        self.shown_to.choices = list(words.shown_to().items())
        return self

    def wanted(self) -> Settings:
        """What was chosen; the form is valid."""
        return Settings(
            Posting(self.posting.data),
            bool(self.moderated.data),
            (self.size.data or 0) * MIB,
            ReplyTo(self.reply_to.data),
            ShownTo(self.shown_to.data),
            bool(self.may_leave.data),
            bool(self.takes_outside.data),
        )


def as_data(title: str, held: Settings) -> dict[str, object]:
    """The fields of a list that there is."""
    chosen = {"posting": held.posting.value, "reply_to": held.reply_to.value, "shown_to": held.shown_to.value}
    kept = {"moderated": held.moderated, "may_leave": held.may_leave, "takes_outside": held.takes_outside}
    return {"title": title, "size": held.size_limit // MIB or None, **chosen, **kept}


class MembersForm(FlaskForm):
    text = TextAreaField(
        _l("Thành viên mới, mỗi dòng một địa chỉ"),
        [DataRequired(_l("Hãy nhập ít nhất một địa chỉ.")), Length(max=MOST_TEXT, message=_TOO_LONG)],
    )
