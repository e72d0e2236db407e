"""How what happens to accounts is called on the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mailserver.directory.changing import Change
from mailserver.directory.errors import Sentence
from mailserver.directory.importing import Imported, Outcome, column_of
from routing.staff_accounts import AccountKind
from routing.staff_roles import Line
from webmail.i18n import _, choose


def outcome(one: Outcome, tried: bool = False) -> tuple[str, str]:
    """What a tag says, and its colour. tried: it would happen."""
    return {
        Outcome.CREATED: (_("sẽ tạo mới") if tried else _("đã tạo mới"), "green"),
        Outcome.CHANGED: (_("sẽ thay đổi") if tried else _("đã thay đổi"), "blue"),
        Outcome.EXISTS: (_("không đổi"), "grey"),
        Outcome.FAILED: (_("lỗi"), "red"),
    }[one]


def count(rows: Sequence[Imported]) -> list[tuple[Outcome, int]]:
    """How many rows of each outcome there are."""
    found = Counter(row.outcome for row in rows)
    return [(one, found[one]) for one in Outcome if found[one]]


def column(note: Sentence) -> str:
    """The column of the list that a sentence is about."""
    return {
        "staff_code": _("Mã cán bộ"),
        "name": _("Họ và tên"),
        "birth_date": _("Ngày sinh"),
        "unit": _("Đơn vị"),
        "role": _("Chức vụ"),
        "address": _("Tài khoản"),
        "password": _("Mật khẩu"),
    }[column_of(note)]


def sentence(note: Sentence) -> str:
    return note.in_(choose())


def change(one: Change) -> str:
    """One field in words: what it was and what it is."""
    field = {
        "family": _("Họ"),
        "middle": _("Tên đệm"),
        "given": _("Tên"),
        "staff_code": _("Mã cán bộ"),
        "birth_date": _("Ngày sinh"),
        "unit": _("Đơn vị"),
        "roles": _("Vai trò"),
    }[one.field]
    old, new = (roles(text) if one.field == "roles" else text for text in (one.old, one.new))
    return f"{field}: {old or '–'} → {new or '–'}"


def roles(codes: str) -> str:
    """Role codes with commas between, in words."""
    return ", ".join(role(code) for code in codes.split(", ") if code)


def role(code: str) -> str:
    """A role in words; its code if the product does not know it."""
    return {
        "director": _("Giám đốc"),
        "deputy_director": _("Phó Giám đốc"),
        "chief_of_office": _("Chánh Văn phòng"),
        "deputy_chief_of_office": _("Phó Chánh Văn phòng"),
        "unit_head": _("Trưởng phòng"),
        "deputy_unit_head": _("Phó phòng"),
        "specialist": _("Chuyên viên"),
        "registry": _("Văn thư"),
        "it_admin": _("Quản trị hệ thống"),
    }.get(code, code)


def kinds() -> dict[str, str]:
    """What an account may stand for."""
    return {
        AccountKind.PERSON.value: _("Cá nhân"),
        AccountKind.UNIT.value: _("Đơn vị"),
        AccountKind.OFFICE.value: _("Cơ quan dùng một tài khoản chung"),
        AccountKind.POST.value: _("Chức vụ"),
    }


def capability(code: str) -> str:
    """What a role may do, in words; the code if the product does not know it."""
    return {
        "register_incoming": _("Vào sổ văn bản đến"),
        "view_register": _("Xem sổ"),
        "view_all_documents": _("Xem mọi văn bản"),
        "statistics": _("Báo cáo"),
        "manage_accounts": _("Quản lý tài khoản"),
        "post_notices": _("Đăng thông báo"),
        "order_inspection": _("Quyết định kiểm tra hộp thư"),
        "confirm_inspection": _("Xác nhận kiểm tra hộp thư"),
        "view_audit": _("Xem nhật ký"),
        "authorise_settlements": _("Cho phép văn bản giải quyết đơn thư"),
        "design_boards": _("Lập thư mục dùng chung"),
        "moderate_boards": _("Ẩn bài không phù hợp ở thư mục chung"),
        "decide_posts": _("Quyết định xóa bài không phù hợp"),
        "approve_delegation": _("Đồng ý ủy quyền"),
    }.get(code, code)


def act(line: Line) -> str:
    """One act on an account in words."""
    said = {
        "principal.created": _("tạo tài khoản"),
        "principal.locked": _("khóa tài khoản"),
        "principal.unlocked": _("mở khóa tài khoản"),
        "account.approved": _("được duyệt"),
        "post.appointed": _("nhận chức vụ"),
        "post.ended": _("thôi chức vụ"),
        "agency.setting": _("đổi quy định của cơ quan"),
        "person.changed": _("đổi thông tin"),
    }.get(line.action, line.action)
    told = [str(line.detail[key]) for key in ("reason", "approval", "key") if line.detail.get(key)]
    changes = line.detail.get("changes")
    if isinstance(changes, list):
        told += [change(Change(one["field"], one["old"], one["new"])) for one in changes]
    return f"{said}: {'; '.join(told)}" if told else said
