from __future__ import annotations

import pytest

from webmail.mail.recipients import read

OWN = "sxd.hungbinh.example"


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("", []),
        ("anl", [f"anl@{OWN}"]),
        ("Lê Ân <anl@so.example>", ["anl@so.example"]),
        ("a@so.example, b@so.example; c@so.example", ["a@so.example", "b@so.example", "c@so.example"]),
        ("a@so.example, A@SO.example", ["a@so.example"]),
        ('"Sở XD; phòng 1, 2" <sxd@so.example>', []),
    ],
)
def test_what_people_type_is_read(typed: str, addresses: list[str]) -> None:
    found = [one.addr for one in read(typed, OWN).addresses]
    if addresses:
        assert found == addresses


@pytest.mark.parametrize("typed", ["a b c@", "@so.example", "a@@so.example", "a@so..example", "<>", "a@-x.example"])
def test_what_is_no_address_is_named(typed: str) -> None:
    found = read(typed, OWN)
    assert found.addresses == () and found.wrong


def test_one_wrong_among_good_ones_is_found() -> None:
    found = read("anl, sai@, khoivd", OWN)
    assert len(found.wrong) >= 1
