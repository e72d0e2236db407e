"""ENVELOPE, BODYSTRUCTURE and BODY beside the answers of Dovecot 2.3.19 to the same messages.

`dovecot.json` was recorded from it, with its literals written as quoted strings. Where we answer
otherwise on purpose, the case is in `DEVIATIONS` with the reason.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailserver.mime.scan import scan
from tests.mailserver.mime.samples import crlf, typed

RECORDED = json.loads(Path(__file__).with_name("dovecot.json").read_text())


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_same_answer_as_dovecot(name: str) -> None:
    case = RECORDED[name]
    scanned = scan(crlf(case["message"].encode("latin-1")))
    assert scanned.envelope.decode() == case["envelope"]
    assert scanned.bodystructure.decode() == case["bodystructure"]
    assert scanned.body.decode() == case["body"]


NOBODY = '((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Subject: x", f'(NIL "x" {NOBODY} {NOBODY} {NOBODY} ', id="clients break on From NIL"),
        pytest.param("From:", f"(NIL NIL {NOBODY} {NOBODY} {NOBODY} ", id="an empty From is none"),
        pytest.param("From: X <a . b@c . d>", '(NIL NIL (("X" NIL "a.b" "c.d"))', id="obsolete space around dots"),
        pytest.param("From: a@b <c@d>", '(NIL NIL (("a@b" NIL "c" "d"))', id="address written as a name"),
        pytest.param("From: Việt <a@b>", '(NIL NIL (("=?UTF-8?B?Vmnhu4d0?=" NIL "a" "b"))', id="raw UTF-8 name"),
        pytest.param("Subject: Việt", '(NIL "=?UTF-8?B?Vmnhu4d0?=" ', id="raw UTF-8 subject"),
        pytest.param("Subject: one\nSubject: two", '(NIL "one" ', id="the first of two subjects, as in lists"),
        pytest.param("Subject: a\x00b", '(NIL "ab" ', id="NUL cannot be sent"),
    ],
)
def test_envelope_deviates_from_dovecot_on_purpose(header: str, expected: str) -> None:
    assert scan(crlf(header + "\n\nbody\n")).envelope.decode().startswith(expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(typed("foo bar"), '("text" "plain" ("charset" "us-ascii") NIL', id="RFC 2045 §5.2 default"),
        pytest.param(typed("text"), '("text" "plain" ("charset" "us-ascii") NIL', id="type without subtype"),
        pytest.param(
            typed("=?utf-8?Q?text/html;_charset=3Dutf-8?="),
            '("text" "html" ("charset" "utf-8") NIL',
            id="old macOS Mail encodes the whole value (Cyrus message.c)",
        ),
        pytest.param(
            typed("application/pdf; name=a b.pdf"), '("application" "pdf" ("name" "a b.pdf") NIL', id="missing quotes"
        ),
        pytest.param(
            typed("text/plain", more="Content-Transfer-Encoding: base64; x\n"),
            '("text" "plain" ("charset" "us-ascii") NIL NIL "base64" ',
            id="junk behind the encoding",
        ),
        pytest.param(
            typed('a/b; name="Việt.pdf"'), '("a" "b" ("name" "=?UTF-8?B?Vmnhu4d0LnBkZg==?=")', id="raw UTF-8 name"
        ),
        pytest.param(
            typed("a/b", more="Content-Disposition: filename=x.pdf\n"),
            '("a" "b" NIL NIL NIL "7bit" 7 NIL ("attachment" ("filename" "x.pdf")) NIL NIL)',
            id="disposition without a type",
        ),
        pytest.param(
            typed("multipart/mixed; boundary*=us-ascii''b", "--b\n\nx\n--b--\n"),
            '(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) "mixed" ',
            id="boundary in the extended form",
        ),
        pytest.param(
            typed("message/global", "From: a@b\n\nx\n"),
            '("message" "global" NIL NIL NIL "7bit" 16 (NIL NIL ((NIL NIL "a" "b"))',
            id="RFC 9051 §9 gives message/global an envelope",
        ),
    ],
)
def test_bodystructure_deviates_from_dovecot_on_purpose(message: bytes, expected: str) -> None:
    assert scan(message).bodystructure.decode().startswith(expected)
