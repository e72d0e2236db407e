"""Forms about single accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mailserver.directory.people_files import LONGEST_CODE, LONGEST_NAME
from routing.staff_accounts import AccountKind
from webmail.i18n import _l
from webmail.mail.forms import one_line

TOO_LONG = _l("Quá dài.")
NAME = [one_line, Length(max=LONGEST_NAME, message=TOO_LONG)]
APPROVAL = [DataRequired(_l("Hãy ghi ai đã duyệt.")), one_line, Length(max=200, message=TOO_LONG)]


class AddForm(FlaskForm):
    """do: "preview" or "add". unit_id: 0 for none. local_part: "" for the name by the rule."""

    kind = SelectField(_l("Loại tài khoản"), default=AccountKind.PERSON.value)
    family = StringField(_l("Họ"), NAME)
    middle = StringField(_l("Tên đệm"), NAME)
    given = StringField(_l("Tên"), NAME)
    staff_code = StringField(_l("Mã cán bộ"), [one_line, Length(max=LONGEST_CODE, message=TOO_LONG)])
    birth_date = DateField(_l("Ngày sinh"), [Optional()])
    name = StringField(_l("Tên gọi"), [one_line, Length(max=200, message=TOO_LONG)])
    code = StringField(_l("Ký hiệu"), [one_line, Length(max=LONGEST_CODE, message=TOO_LONG)])
    unit_id = SelectField(_l("Đơn vị"), coerce=int)
    role = SelectField(_l("Vai trò"))
    local_part = StringField(_l("Tên tài khoản"), [one_line, Length(max=64, message=TOO_LONG)])
    approval = StringField(_l("Người duyệt, văn bản duyệt"), APPROVAL)

    def validate_given(self, field: StringField) -> None:
        if self.kind.data == AccountKind.PERSON.value and not (field.data or "").strip():
            raise ValidationError(_l("Hãy nhập tên."))

    def validate_name(self, field: StringField) -> None:
        if self.kind.data != AccountKind.PERSON.value and not (field.data or "").strip():
            raise ValidationError(_l("Hãy nhập tên gọi."))

    def validate_unit_id(self, field: SelectField) -> None:
        if self.kind.data == AccountKind.POST.value and not field.data:
            raise ValidationError(_l("Hãy chọn đơn vị của chức vụ."))

    def validate_role(self, field: SelectField) -> None:
        if self.kind.data == AccountKind.POST.value and not field.data:
            raise ValidationError(_l("Hãy chọn vai trò của chức vụ."))


class EditForm(FlaskForm):
    """What the directory says of a person. request_id: the wish that this fulfils, 0 for none."""

    family = StringField(_l("Họ"), NAME)
    middle = StringField(_l("Tên đệm"), NAME)
    given = StringField(_l("Tên"), [DataRequired(_l("Hãy nhập tên.")), *NAME])
    staff_code = StringField(_l("Mã cán bộ"), [one_line, Length(max=LONGEST_CODE, message=TOO_LONG)])
    birth_date = DateField(_l("Ngày sinh"), [Optional()])
    unit_id = SelectField(_l("Đơn vị"), coerce=int)
    roles = SelectMultipleField(_l("Vai trò"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    approval = StringField(_l("Người duyệt, văn bản duyệt"), APPROVAL)


class ReasonForm(FlaskForm):
    reason = StringField(_l("Lý do"), [DataRequired(_l("Hãy ghi lý do.")), one_line, Length(max=200, message=TOO_LONG)])
