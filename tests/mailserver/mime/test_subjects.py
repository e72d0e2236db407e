"""Base subjects (RFC 5256 §2.1) and message identifiers."""

from __future__ import annotations

import pytest

from mailserver.mime.message_ids import message_id, message_ids
from mailserver.mime.subjects import base_subject, exact_base_subject, find_base


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Công văn", "cong van"),
        ("Re: Công văn", "cong van"),
        ("RE: Fwd: re : fw: Công văn", "cong van"),
        ("Re[2]: Công văn", "cong van"),
        ("Re [x] : Công văn", "cong van"),
        ("[sở y tế] Re: Công văn", "cong van"),
        ("Re: [a] [b] Công văn", "cong van"),
        ("[a] [b]", "[b]"),
        ("[a]", "[a]"),
        ("Công văn (fwd) (FWD) ", "cong van"),
        ("[Fwd: Công văn]", "cong van"),
        ("Re: [fwd: Re: Công văn (fwd)]", "cong van"),
        ("Re:", ""),
        ("", ""),
        ("Reply: x", "reply: x"),
        ("Trả lời: x", "tra loi: x"),
        ("  nhiều   khoảng  trắng ", "nhieu khoang trang"),
    ],
)
def test_base_subject(subject: str, base: str) -> None:
    assert base_subject(subject) == base


@pytest.mark.parametrize(
    ("subject", "base", "answering"),
    [
        ("Công văn", "công văn", False),
        ("[sở] Công văn", "công văn", False),
        ("[re: x] Công văn", "công văn", False),
        ("RE: ĐI HỌP", "đi họp", True),
        ("[sở] Fw: Đi họp", "đi họp", True),
        ("Đi họp (fwd)", "đi họp", True),
        ("[Fwd: Đi họp]", "đi họp", True),
        ("Đi họp  ", "đi họp", False),
        ("Ho\u0323p", "họp", False),
        ("Re:", "", True),
        ("", "", False),
    ],
)
def test_whether_a_subject_answers_another(subject: str, base: str, answering: bool) -> None:
    assert exact_base_subject(subject) == base
    assert find_base(subject).answering is answering


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"<a@b>", ("a@b",)),
        (b" <a@b> <c@d>", ("a@b", "c@d")),
        (b"<a@b><c@d>", ("a@b", "c@d")),
        (b"<a@\r\n b>", ("a@b",)),
        (b"Message of Tuesday <a@b>", ("a@b",)),
        (b"a@b", ()),
        (b"<> < >", ()),
        (b"<" + b"x" * 2000 + b">", ()),
        (b"", ()),
    ],
)
def test_identifiers(value: bytes, expected: tuple[str, ...]) -> None:
    assert message_ids(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"<a@b>", "a@b"), (b"a@b", "a@b"), (b"<a@b> (x)", "a@b"), (b"<a@b", "a@b"), (b"", None), (b"<>", None)],
)
def test_message_id(value: bytes, expected: str | None) -> None:
    assert message_id(value) == expected
