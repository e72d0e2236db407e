"""Forms of the registry desk and of the acts on a document."""

from __future__ import annotations

from datetime import date

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from routing.types import Cc, Fields, Secrecy, Treatment, Urgency
from webmail.i18n import _l
from webmail.identifiers import identifier
from webmail.uploads import harmless

TOO_LONG = _l("Quá dài.")
LONGEST_WORDS = 2000
LONGEST_CC_TEXT = 500


def _words(label: str, missing: str | None = None) -> TextAreaField:
    needed = [InputRequired(missing)] if missing else [Optional()]
    return TextAreaField(label, [*needed, Length(max=LONGEST_WORDS, message=_l("Tối đa 2.000 ký tự."))])


def _date(label: str) -> DateField:
    return DateField(label, [Optional()], format="%Y-%m-%d")


class CcMixin:
    """Those in copy: boxes `cc`, and for each a line of text `cc_text_ID` that says what for."""

    @property
    def cc_texts(self) -> dict[int, str]:
        chosen = [int(one) for one in request.form.getlist("cc") if one.isascii() and one.isdecimal() and len(one) < 16]
        return {one: request.form.get(f"cc_text_{one}", "")[:LONGEST_CC_TEXT] for one in chosen}

    @property
    def chosen_cc(self) -> list[Cc]:
        return [Cc(principal_id, text.strip()) for principal_id, text in self.cc_texts.items()]


class RegisterForm(FlaskForm):
    """What the register keeps; names as in `routing.types.Fields`."""

    number = StringField(_l("Số"), [Length(max=11, message=TOO_LONG)])
    notation = StringField(_l("Ký hiệu"), [Length(max=30, message=TOO_LONG)])
    issued_on = _date(_l("Ngày văn bản"))
    issuer = StringField(
        _l("Cơ quan ban hành"), [InputRequired(_l("Hãy ghi cơ quan ban hành.")), Length(max=200, message=TOO_LONG)]
    )
    type_name = StringField(_l("Loại"), [InputRequired(_l("Hãy ghi tên loại.")), Length(max=100, message=TOO_LONG)])
    summary = TextAreaField(
        _l("Trích yếu"), [InputRequired(_l("Hãy ghi trích yếu.")), Length(max=500, message=_l("Tối đa 500 ký tự."))]
    )
    signer = StringField(_l("Người ký"), [Length(max=50, message=TOO_LONG)])
    signer_position = StringField(_l("Chức vụ"), [Length(max=100, message=TOO_LONG)])
    urgency = SelectField(_l("Khẩn"), coerce=int)
    secrecy = SelectField(_l("Mật"), coerce=int)
    treatment = SelectField(_l("Yêu cầu"))
    due_on = _date(_l("Hạn xử lý"))
    procedure = SelectField(_l("Thủ tục"), [Optional()])
    arrived_on = _date(_l("Ngày đến"))
    pages = IntegerField(_l("Số trang"), [Optional(), NumberRange(1, 99_999, _l("Số trang không hợp lệ."))])
    subject_field = StringField(_l("Lĩnh vực"), [Length(max=100, message=TOO_LONG)])
    note = StringField(_l("Ghi chú"), [Length(max=500, message=TOO_LONG)])
    files = SelectMultipleField(_l("Tệp"), validate_choice=False)

    def validate_due_on(self, field: DateField) -> None:
        if field.data and self.issued_on.data and field.data < self.issued_on.data:
            raise ValidationError(_l("Hạn xử lý trước ngày văn bản."))

    def fields(self) -> Fields:
        """The values as routing wants them. Call after validation."""
        return Fields(
            issuer=self.issuer.data.strip(),
            summary=" ".join(self.summary.data.split()),
            number=(self.number.data or "").strip(),
            notation=(self.notation.data or "").strip(),
            issued_on=self.issued_on.data,
            type_name=self.type_name.data.strip(),
            signer=(self.signer.data or "").strip(),
            signer_position=(self.signer_position.data or "").strip(),
            urgency=Urgency(self.urgency.data),
            secrecy=Secrecy(self.secrecy.data),
            treatment=Treatment(self.treatment.data),
            subject_field=(self.subject_field.data or "").strip(),
            pages=self.pages.data,
            arrived_on=self.arrived_on.data,
            due_on=self.due_on.data,
            procedure=self.procedure.data or "",
            note=(self.note.data or "").strip(),
        )


class SubmitForm(FlaskForm):
    note = _words(_l("Lời trình"))
    to = SelectField(_l("Trình ai"), coerce=identifier, validate_choice=False)


class DirectForm(CcMixin, FlaskForm):
    text = _words(_l("Ý kiến chỉ đạo"), _l("Hãy ghi ý kiến chỉ đạo."))
    due_on = _date(_l("Hạn xử lý"))
    cc = SelectMultipleField(_l("Đồng gửi"), validate_choice=False)


class AssignForm(CcMixin, FlaskForm):
    """main: exactly one, a unit or a person."""

    instruction = _words(_l("Nội dung giao việc"), _l("Hãy ghi nội dung giao việc."))
    main = RadioField(_l("Xử lý chính"), coerce=identifier, validate_choice=False)
    due_on = _date(_l("Hạn xử lý"))
    cc = SelectMultipleField(_l("Đồng gửi"), validate_choice=False)

    def validate_main(self, field: RadioField) -> None:
        if not field.data:
            raise ValidationError(_l("Hãy chọn một đơn vị hoặc người xử lý chính."))

    def validate_due_on(self, field: DateField) -> None:
        if field.data and field.data < date(2000, 1, 1):
            raise ValidationError(_l("Ngày không hợp lệ."))


class ReturnForm(FlaskForm):
    reason = _words(_l("Lý do trả lại"), _l("Hãy ghi lý do trả lại."))


class FinishForm(FlaskForm):
    result = _words(_l("Kết quả"))


class ReopenForm(FlaskForm):
    reason = _words(_l("Lý do mở lại"), _l("Hãy ghi lý do mở lại."))
    due_on = _date(_l("Hạn xử lý mới"))


class AskTimeForm(FlaskForm):
    due_on = DateField(_l("Xin hạn đến"), [InputRequired(_l("Hãy chọn ngày."))], format="%Y-%m-%d")
    reason = _words(_l("Lý do xin gia hạn"), _l("Hãy ghi lý do xin gia hạn."))


class DecideTimeForm(FlaskForm):
    """due_on: another day than was asked for; reason: needed to refuse."""

    due_on = _date(_l("Cho hạn đến"))
    reason = _words(_l("Ý kiến"))


class OpinionForm(FlaskForm):
    text = _words(_l("Ý kiến"), _l("Hãy ghi ý kiến."))
    files = MultipleFileField(_l("Tệp kèm ý kiến"), [harmless])


class NotifyForm(CcMixin, FlaskForm):
    cc = SelectMultipleField(_l("Thông báo cho"), validate_choice=False)


class FileForm(FlaskForm):
    """An existing case file, or the title of a new one."""

    case_id = SelectField(_l("Hồ sơ"), coerce=identifier, validate_choice=False)
    title = StringField(_l("Lập hồ sơ mới"), [Length(max=500, message=TOO_LONG)])
    code = StringField(_l("Số, ký hiệu"), [Length(max=40, message=TOO_LONG)])


class CaseForm(FlaskForm):
    title = StringField(
        _l("Tiêu đề hồ sơ"), [InputRequired(_l("Hãy ghi tiêu đề hồ sơ.")), Length(max=500, message=TOO_LONG)]
    )
    code = StringField(_l("Số, ký hiệu"), [Length(max=40, message=TOO_LONG)])
