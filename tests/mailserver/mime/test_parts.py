"""Where parts begin and end, in good and in broken multiparts."""

from __future__ import annotations

import pytest

from mailserver.mime.scan import scan
from tests.mailserver.mime.samples import crlf, typed


def bodies(raw: bytes) -> list[bytes]:
    """The contents of all leaves."""
    return [raw[slice(*part.body)] for part in scan(raw).structure.walk() if not part.children and not part.message]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("preamble\n--b\n\nx\n--b\n\ny\n--b--\nepilogue\n", [b"x", b"y"], id="well formed"),
        pytest.param("--b\n\nx\n--b--", [b"x"], id="no line end behind the last delimiter"),
        pytest.param("--b\n\nx\n", [b"x\r\n"], id="no closing delimiter"),
        pytest.param("--b\n--b\n\ny\n--b--\n", [b"", b"y"], id="empty part"),
        pytest.param("--b\nContent-Type: a/b\n--b--\n", [b""], id="header without an empty line"),
        pytest.param("--b \t\n\nx\n--b-- \n", [b"x"], id="white space behind the delimiter"),
        pytest.param("--b junk\n\nx\n--b--junk\n", [b"x"], id="words behind the delimiter"),
        pytest.param("--bc\n\n--b\n\nx\n--bcd\n--b--\n", [b"x\r\n--bcd"], id="longer boundaries are others"),
        pytest.param("--b\n\nx\n--b--\n--b\n\nz\n--b--\n", [b"x"], id="nothing counts behind the closing one"),
        pytest.param("--b\n\nx\n\n--b--\n", [b"x\r\n"], id="one line end belongs to the delimiter"),
        pytest.param("text --b\n--b\n\nx\n--b--\n", [b"x"], id="delimiters begin a line"),
        pytest.param("", [b""], id="empty body"),
        pytest.param("no delimiter\n", [b""], id="no delimiter: one empty text, like Dovecot"),
    ],
)
def test_parts_of_a_multipart(body: str, expected: list[bytes]) -> None:
    assert bodies(typed("multipart/mixed; boundary=b", body)) == expected


def test_an_outer_delimiter_ends_an_unclosed_inner_multipart() -> None:
    raw = typed(
        "multipart/mixed; boundary=o",
        "--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n--o\n\ny\n--o--\n",
    )
    assert bodies(raw) == [b"x", b"y"]
    assert "unclosed" in scan(raw).defects


def test_an_inner_boundary_that_begins_like_the_outer_one_is_told_apart() -> None:
    raw = typed(
        'multipart/mixed; boundary="=_part"',
        '--=_part\nContent-Type: multipart/alternative; boundary="=_part_1"\n\n'
        "--=_part_1\n\nx\n--=_part_1\n\ny\n--=_part_1--\n\n--=_part\n\nz\n--=_part--\n",
    )
    assert bodies(raw) == [b"x", b"y", b"z"]


def test_bare_line_feeds_of_mail_from_files_are_understood() -> None:
    raw = b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: a/b\n\nx\ny\n--b--\n"
    assert bodies(raw) == [b"x\ny"]
    scanned = scan(raw)
    assert scanned.header_size == raw.index(b"--b")


def test_parts_of_a_digest_are_messages() -> None:
    raw = typed("multipart/digest; boundary=b", "--b\n\nSubject: in\n\nx\n--b--\n")
    (part,) = scan(raw).structure.root.children
    assert part.media_type == "message/rfc822"
    assert part.message is not None


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        pytest.param(typed("multipart/mixed", "x\n"), "boundary", id="no boundary"),
        pytest.param(typed("multipart/mixed; boundary=" + "b" * 2000, "x\n"), "boundary", id="endless boundary"),
        pytest.param(typed("multipart/mixed; boundary=b", "x\n"), "no-parts", id="no parts"),
        pytest.param(
            typed("multipart/mixed; boundary=b; boundary=c", "--b\n\nx\n--b--\n"), "duplicate-parameter", id="two"
        ),
        pytest.param(
            crlf("From: a@b\nContent-Type: text/html\nContent-Type: text/plain\n\nx\n"),
            "several-content-type",
            id="two types",
        ),
        pytest.param(crlf("From: a@b\nFrom: c@d\n\nx\n"), "several-from", id="two From fields"),
        pytest.param(crlf("From: a@b, c@d\n\nx\n"), "several-authors", id="two authors"),
        pytest.param(crlf("Subject: s\n\nx\n"), "no-from", id="no author"),
        pytest.param(crlf("From: a@b\nSubject: tiếng\n\nx\n"), "8bit-header", id="8-bit header"),
    ],
)
def test_what_can_be_read_in_two_ways_is_reported(raw: bytes, defect: str) -> None:
    assert defect in scan(raw).defects


def test_a_good_message_has_no_defects() -> None:
    raw = typed("multipart/mixed; boundary=b", "--b\n\nx\n--b--\n")
    assert scan(raw).defects == frozenset()
