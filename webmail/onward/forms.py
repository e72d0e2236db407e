"""Forms about redirects."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from mailserver.redirects.deciding import MOST_REASON, RedirectInvalid, Wish
from webmail.i18n import _l
from webmail.mail.forms import one_line
from webmail.onward import words

_TOO_LONG = _l("Quá dài.")


class AskForm(FlaskForm):
    """A redirect of the own mailbox. targets: a line each."""

    targets = TextAreaField(
        _l("Chuyển tới"), [DataRequired(_l("Hãy nhập ít nhất một địa chỉ.")), Length(max=2000, message=_TOO_LONG)]
    )
    starts_on = DateField(_l("Từ ngày"), [InputRequired(_l("Hãy chọn ngày bắt đầu."))])
    ends_on = DateField(_l("Đến hết ngày"), [InputRequired(_l("Hãy chọn ngày cuối cùng."))])
    reason = StringField(
        _l("Lý do"), [DataRequired(_l("Hãy ghi lý do.")), one_line, Length(max=MOST_REASON, message=_TOO_LONG)]
    )

    def wish(self) -> Wish:
        """What was asked for; the form is valid."""
        lines = tuple(line.strip() for line in self.targets.data.splitlines() if line.strip())
        return Wish(lines, self.starts_on.data, self.ends_on.data, self.reason.data.strip())

    def tell(self, wrong: RedirectInvalid) -> None:
        """Show what is wrong where it is."""
        name, sentence = words.fault(wrong.field, wrong.value)
        field: Field = self._fields.get(name, self.targets)
        field.errors = [sentence]


class SetForm(AskForm):
    """A redirect of any mailbox of the agency."""

    address = StringField(
        _l("Hộp thư"), [DataRequired(_l("Hãy nhập địa chỉ của hộp thư.")), one_line, Length(max=320, message=_TOO_LONG)]
    )
