"""Parameters as they are written, and file names made of them."""

from __future__ import annotations

import pytest

from mailserver.mime.filenames import clean, file_name
from mailserver.mime.params import parameters, without_comments


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"", [], id="none"),
        pytest.param(b"; a=b", [(b"a", b"b")], id="bare"),
        pytest.param(b';a="b;c"', [(b"a", b"b;c")], id="semicolon in quotes"),
        pytest.param(b'; a="b\\"c\\\\"', [(b"a", b'b"c\\')], id="escapes"),
        pytest.param(b"; A = b ; C=d;", [(b"A", b"b"), (b"C", b"d")], id="space and case"),
        pytest.param(b"; a; b=c;;", [(b"b", b"c")], id="names without a value"),
        pytest.param(b'; a="b', [(b"a", b"b")], id="unfinished quotes"),
        pytest.param(b'; a="b"junk; c=d', [(b"a", b"b"), (b"c", b"d")], id="junk behind quotes"),
        pytest.param(b"; charset=utf-8 (comment)", [(b"charset", b"utf-8")], id="comment behind"),
        pytest.param(b"; boundary=b(c)", [(b"boundary", b"b")], id="comment stuck to a boundary"),
        pytest.param(b"; (c;x=y) a=b", [(b"a", b"b")], id="comment with a parameter in it"),
        pytest.param(b"; name=My File (1).pdf", [(b"name", b"My File .pdf")], id="bare file name"),
        pytest.param(b"; name*0=a; name*1=b", [(b"name", b"ab")], id="RFC 2231 sections"),
        pytest.param(b'; name*1=b; name*0="a "', [(b"name", b"a b")], id="sections out of order"),
        pytest.param(b"; name*=utf-8''%41", [(b"name*", b"utf-8''%41")], id="extended"),
        pytest.param(
            b"; name*0*=utf-8''%41; name*1=b%; name*2*=%43", [(b"name*", b"utf-8''%41b%25%43")], id="mixed sections"
        ),
        pytest.param(b"; a=b; name*=x", [(b"a", b"b"), (b"name*", b"''x")], id="extended without a charset"),
    ],
)
def test_parameters(value: bytes, expected: list[tuple[bytes, bytes]]) -> None:
    assert list(parameters(value)[0]) == expected


def test_two_parameters_of_one_name_are_both_shown_and_reported() -> None:
    found, defects = parameters(b"; boundary=a; Boundary=b")
    assert list(found) == [(b"boundary", b"a"), (b"Boundary", b"b")]
    assert defects == {"duplicate-parameter"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a (b) c", b"a  c"),
        (b"a (b (c) d) e", b"a  e"),
        (b"a (b \\) c) d", b"a  d"),
        (b'"(a)" (b)', b'"(a)" '),
        (b"a(b)", b"a(b)"),
        (b"a (b", b"a "),
    ],
)
def test_comments_go(value: bytes, expected: bytes) -> None:
    assert without_comments(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"; filename=a.pdf", "a.pdf", id="plain"),
        pytest.param(b"; filename*=UTF-8''Vi%E1%BB%87t.pdf", "Việt.pdf", id="RFC 2231"),
        pytest.param(b"; filename*=windows-1258''Vi%EA%F2t.pdf", "Việt.pdf", id="RFC 2231 windows-1258"),
        pytest.param(b"; filename*0*=utf-8'vi'Vi%E1%BB; filename*1*=%87t.pdf", "Việt.pdf", id="split character"),
        pytest.param(b"; filename*=Vi%E1%BB%87t.pdf", "Việt.pdf", id="charset forgotten"),
        pytest.param(b'; filename="=?utf-8?B?Vmnhu4d0LnBkZg==?="', "Việt.pdf", id="RFC 2047 in quotes (Outlook)"),
        pytest.param(b"; filename==?utf-8?B?Vmnhu4d0LnBkZg==?=", "Việt.pdf", id="RFC 2047 bare"),
        pytest.param("; filename=Việt.pdf".encode(), "Việt.pdf", id="raw UTF-8"),
        pytest.param(b"; filename=x.pdf; filename*=utf-8''y.pdf", "y.pdf", id="the extended form wins"),
        pytest.param(b"; filename=x.pdf; filename=y.exe", "x.pdf", id="the first of two"),
        pytest.param(b"; name=x.pdf", None, id="another parameter"),
    ],
)
def test_file_names(value: bytes, expected: str | None) -> None:
    assert file_name(parameters(value)[0], b"filename") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\an\\a.doc", "a.doc"),
        ("a/..", None),
        ("...", None),
        ("", None),
        (" \t", None),
        ("a\r\nb\0.pdf", "ab.pdf"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("Vie\u0323\u0302t.pdf", "Việt.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("ệ" * 100 + ".pdf", "ệ" * 83 + ".pdf"),
        ("x" * 300, "x" * 255),
    ],
)
def test_file_names_are_safe_to_write(written: str, expected: str | None) -> None:
    assert clean(written) == expected
