"""The arguments of MAIL and RCPT."""

from __future__ import annotations

import pytest

from mailserver.smtp.address import BadParameters, BadPath, parse


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("FROM:<an@sct.test>", "an@sct.test"),
        ("from:<an@sct.test>", "an@sct.test"),
        ("FROM: <an@sct.test>", "an@sct.test"),  # Outlook
        ("FROM:<>", ""),
        ("FROM: <>", ""),
        ("FROM:an@sct.test", "an@sct.test"),
        ("FROM:< an@sct.test >", "an@sct.test"),
        ("FROM:<@relay.test,@b.test:an@sct.test>", "an@sct.test"),
        ('FROM:<"a b>c"@sct.test>', '"a b>c"@sct.test'),
        (r'FROM:<"a\"b"@sct.test>', r'"a\"b"@sct.test'),
        ("FROM:<an@[127.0.0.1]>", "an@[127.0.0.1]"),
        ("FROM:<an@[IPv6:::1]>", "an@[IPv6:::1]"),
        ("FROM:<Postmaster>", "Postmaster"),
        ("FROM:<nguyễn@sở.test>", "nguyễn@sở.test"),
        ("FROM:<prvs=12=an@sct.test>", "prvs=12=an@sct.test"),
        ("FROM:<" + "a" * 200 + "@sct.test>", "a" * 200 + "@sct.test"),
    ],
)
def test_paths_that_are_taken(argument: str, address: str) -> None:
    path = parse(argument, "FROM:")
    assert path is not None
    assert (path.address, path.parameters) == (address, {})


@pytest.mark.parametrize(
    "argument",
    [
        "FROM:",
        "FROM:<an@sct.test",
        "FROM:an@sct.test>",
        "FROM:<an>",
        "FROM:<an@>",
        "FROM:<@sct.test>",
        "FROM:<an@sct.test>x",
        "FROM:<an@b@sct.test>",
        "FROM:<a b@sct.test>",
        "FROM:<<an@sct.test>>",
        'FROM:<"an@sct.test>',
        "FROM:<an\x00@sct.test>",
        "FROM:<an\r@sct.test>",
        "FROM:<an\x7f@sct.test>",
        "FROM:<" + "a" * 2000 + "@sct.test>",
    ],
)
def test_paths_that_are_refused(argument: str) -> None:
    with pytest.raises(BadPath):
        parse(argument, "FROM:")


def test_without_the_keyword_it_is_no_path() -> None:
    assert parse("<an@sct.test>", "FROM:") is None
    assert parse("", "TO:") is None


def test_parameters_keep_the_case_of_their_values() -> None:
    path = parse("FROM:<an@sct.test> size=100  ENVID=aBc+2B SMTPUTF8 AUTH=<>", "FROM:")
    assert path is not None
    assert path.parameters == {"SIZE": "100", "ENVID": "aBc+2B", "SMTPUTF8": None, "AUTH": "<>"}


@pytest.mark.parametrize("tail", ["SIZE=", "=1", "SIZE=1 SIZE=2", "SIZE=1 size=1", "A=B=C", "-A", "Ü=1"])
def test_parameters_that_are_none(tail: str) -> None:
    with pytest.raises(BadParameters):
        parse(f"FROM:<an@sct.test> {tail}", "FROM:")
