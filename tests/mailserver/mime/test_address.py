"""Address lists as RFC 5322 has them and as people write them."""

from __future__ import annotations

import unicodedata

import pytest

from mailserver.mime.address import Address, AddressBudget, mailboxes, parse_addresses


def read(value: str) -> list[str]:
    return [address.display for address in mailboxes(parse_addresses(value.encode(), AddressBudget()))]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b", ["a@b"]),
        ("a@b, c@d", ["a@b", "c@d"]),
        ("An <a@b>", ["An <a@b>"]),
        ('"An, Phòng" <a@b>', ["An, Phòng <a@b>"]),
        ('"q \\"x\\"" <a@b>', ['q "x" <a@b>']),
        ("=?utf-8?B?Vmnhu4d0?= <a@b>", ["Việt <a@b>"]),
        ('"=?utf-8?B?Vmnhu4d0?=" <a@b>', ["Việt <a@b>"]),
        ("Nguyễn Văn A <a@b>", ["Nguyễn Văn A <a@b>"]),
        ("a@b (An)", ["An <a@b>"]),
        ("(x) a@b (y (z))", ["y (z) <a@b>"]),
        ("An <@r1,@r2:a@b>", ["An <a@b>"]),
        ("<a@b>", ["a@b"]),
        ("An <a@b", ["An <a@b>"]),
        ("Mr. A. B <a@b>", ["Mr. A. B <a@b>"]),
        ("a@b <c@d>", ["a@b <c@d>"]),
        ("An < a @ b >", ["An <a@b>"]),
        ("<a@b> <c@d>", ["a@b", "c@d"]),
        ("An <a@b> Bình <c@d>, e@f", ["An Bình <a@b>", "c@d", "e@f"]),
        ("<a@b>c@d", ["a@b", "c@d"]),
        ("An <a@b> c@d, e@f", ["An <a@b>", "c@d", "e@f"]),
        ("An <a@b> c", ["An c <a@b>"]),
        ("a . b @ c . d", ["a.b@c.d"]),
        ('"a b"@c', ["a b@c"]),
        ('An <"a b"@c>', ["An <a b@c>"]),
        ("a@[1.2.3.4]", ["a@[1.2.3.4]"]),
        ("Nhóm: a@b, An <c@d>;, e@f", ["a@b", "An <c@d>", "e@f"]),
        ("Nhóm: a@b", ["a@b"]),
        ("undisclosed-recipients:;", []),
        (",, a@b,,", ["a@b"]),
        ("root", ["root"]),
        ("just a name", ["just a name <>"]),
        ("", []),
        ("tiếng@việt.vn", ["tiếng@việt.vn"]),
        ("An\x07Bình <a@b>", ["An Bình <a@b>"]),
    ],
)
def test_mailboxes(value: str, expected: list[str]) -> None:
    assert read(value) == expected


def test_group_entries_are_those_of_an_envelope() -> None:
    entries = parse_addresses(b"G: a@b;, c@d", AddressBudget())
    assert [tuple(entry) for entry in entries] == [
        (None, None, b"G", None),
        (None, None, b"a", b"b"),
        (None, None, None, None),
        (None, None, b"c", b"d"),
    ]


def test_a_spent_budget_ends_the_reading_and_says_so() -> None:
    budget = AddressBudget(tokens=10)
    assert len(parse_addresses(b'"a"@b, ' * 100, budget)) < 10
    assert budget.exceeded


def test_address_without_domain_shows_its_local_part() -> None:
    assert Address("", "root", "").addr == "root"


@pytest.mark.parametrize("local", ["nguyá»…n.an", "hoà.bình", "Ð\x9cÑ¿D\x9ddã"])
def test_a_local_part_is_not_repaired(local: str) -> None:
    """RFC 6532 §3.1: it is UTF-8; what it seems to have been meant as would be somebody else's mailbox."""
    (found,) = mailboxes(parse_addresses(f"An <{local}@x.vn>".encode(), AddressBudget()))
    assert found.local == unicodedata.normalize("NFC", local)
