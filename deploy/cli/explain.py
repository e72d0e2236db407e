"""Errors of the rooms below, as sentences for an administrator at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deploy import accounts
from deploy.cli.refusals import Refused
from deploy.lang import LANG, t
from mailserver.directory import errors
from mailserver.directory.mailing_changes import OutsideNotTaken


def sentence(fault: errors.DirectoryError) -> str:
    """What is wrong, in the language of the command line."""
    if isinstance(fault, errors.WeakPassword):
        return fault.sentence.in_(LANG)
    detail = str(fault)
    vi, en = _TEXTS.get(type(fault), (f"{type(fault).__name__}: {detail}", f"{type(fault).__name__}: {detail}"))
    return t(vi, en).format(detail)


@contextmanager
def explained() -> Iterator[None]:
    """Turn an error of the directory into the end of the command, with one sentence."""
    try:
        yield
    except errors.DirectoryError as fault:
        raise Refused(sentence(fault)) from fault


_TEXTS = {
    errors.CapabilityInvalid: (
        "“{}” không phải tên một khả năng IMAP có thể ẩn.",
        "“{}” is not the name of an IMAP capability that can be hidden.",
    ),
    errors.AddressInvalid: ("“{}” không phải địa chỉ thư hợp lệ.", "“{}” is not a valid mail address."),
    errors.AddressTaken: (
        "Địa chỉ {} đã có người dùng, hoặc đã từng cấp; địa chỉ không bao giờ được cấp lại.",
        "The address {} is taken, or was once; an address is never given out again.",
    ),
    errors.NotElsewhere: ("{} ở trong tên miền của cơ quan.", "{} is in a domain of our own."),
    errors.DomainTaken: ("Tên miền {} thuộc cơ quan khác.", "The domain {} belongs to another agency."),
    errors.NoSuchPrincipal: ("Không có {} trong danh bạ.", "There is no {} in the directory."),
    accounts.NoSuchRole: ("Quy chế của cơ quan không có vai trò {}.", "The agency’s profile has no role {}."),
    errors.NoSuchAgency: ("Không có cơ quan {}.", "There is no agency {}."),
    errors.AgencyCodeTaken: ("Mã cơ quan {} đã được dùng.", "The agency code {} is taken."),
    errors.StaffCodeTaken: ("Mã cán bộ {} đã có tài khoản.", "The staff code {} has an account already."),
    errors.TenureOverlap: ("Chức vụ đã có người giữ trong thời gian đó.", "The post has a holder at that time."),
    errors.DepartureInvalid: (
        "Không ghi được lịch rời cơ quan ({}): đã có lịch, đã đi, hoặc người tiếp nhận không phù hợp.",
        "The departure cannot be noted ({}): it is noted already, the person has left, or the successor does not fit.",
    ),
    errors.NoSuchDeparture: ("Không có lịch rời cơ quan nào để bỏ.", "There is no departure to take back."),
    errors.GrantInvalid: ("Ủy quyền không hợp lệ: {}.", "The grant is not valid: {}."),
    errors.MembershipCycle: (
        "Danh sách không thể là thành viên của chính nó, kể cả qua danh sách khác.",
        "A list cannot be a member of itself, through other lists either.",
    ),
    OutsideNotTaken: (
        "Danh sách không nhận thành viên ngoài ({}); cho nhận bằng: vanthu list set … --outside.",
        "The list takes no member elsewhere ({}); let it by: vanthu list set … --outside.",
    ),
    errors.NoSuchGrant: ("Không có ủy quyền đang hiệu lực.", "There is no grant in force."),
    errors.NameUnusable: (
        "Không đặt được tên tài khoản cho {}; hãy ghi địa chỉ.",
        "No account name can be made for {}; give an address.",
    ),
}
