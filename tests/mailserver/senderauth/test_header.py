"""Authentication-Results: nothing of a peer's can break out of it, and forged ones go."""

from __future__ import annotations

import re

import authres
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.header import Header
from mailserver.senderauth.header import field, read_ours, without_forged
from mailserver.senderauth.results import Disposition, Dkim, Dmarc, Outcome, Results, Spf

HOST = "mail.sct.test"
RESULTS = Results(
    Spf(Outcome.PASS, "gov.test"),
    (
        Dkim(Outcome.PASS, "gov.test", "s1", "abc/de+f"),
        Dkim(Outcome.PERMERROR, "x.test", "s2", "12345678", "key revoked"),
    ),
    Dmarc(Outcome.PASS, "gov.test", Disposition.REJECT),
    aligned=True,
)
TRACE = b"Return-Path: <x@y>\r\n"
RECEIVED = b"Received: from a by b;\r\n\tnow\r\n"


def test_the_field_reads_like_this() -> None:
    assert field(RESULTS, HOST).decode() == (
        "Authentication-Results: mail.sct.test;\r\n"
        "\tdmarc=pass header.from=gov.test policy.dmarc=reject;\r\n"
        "\tspf=pass smtp.mailfrom=gov.test;\r\n"
        '\tdkim=pass header.d=gov.test header.s=s1 header.b="abc/de+f";\r\n'
        '\tdkim=permerror reason="key revoked" header.d=x.test header.s=s2 header.b=12345678\r\n'
    )


def test_what_was_written_is_read_back() -> None:
    assert read_ours(TRACE + field(RESULTS, HOST) + RECEIVED + b"From: x\r\n\r\n") == RESULTS
    nothing = Results(Spf(Outcome.NONE, "h.test", from_helo=True), (), Dmarc(Outcome.NONE, "x.test"))
    assert read_ours(TRACE + field(nothing, HOST) + RECEIVED) == nothing


def test_only_what_stands_above_our_trace_is_ours() -> None:
    assert read_ours(TRACE + RECEIVED + field(RESULTS, HOST) + b"\r\n") is None
    assert read_ours(b"From: x\r\n\r\n" + field(RESULTS, HOST)) is None
    assert read_ours(b"") is None


HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from('";()\\=<>@,\r\n\0 \t.ax-_é\u2028\ud800'), st.characters(min_codepoint=0, max_codepoint=0x2FFF)
    ),
    max_size=300,
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.booleans())
def test_whatever_a_peer_says_stays_a_value(helo: str, domain: str, selector: str, tag: str, from_helo: bool) -> None:
    results = Results(
        Spf(Outcome.FAIL, helo, from_helo),
        (Dkim(Outcome.FAIL, domain, selector, tag, "body hash mismatch"),),
        Dmarc(Outcome.FAIL, domain, Disposition.REJECT),
    )
    octets = field(results, HOST)
    assert re.fullmatch(rb"[\x20-\x7e]+(?:\r\n\t[\x20-\x7e]+)*\r\n", octets)
    [(name, _)] = Header(octets).fields()
    assert name == b"authentication-results"
    read = read_ours(octets)
    assert read is not None
    assert (read.spf.outcome, read.dmarc.outcome, read.aligned) == (Outcome.FAIL, Outcome.FAIL, False)
    assert all(one.outcome is Outcome.FAIL for one in read.dkim)
    other = authres.AuthenticationResultsHeader.parse(octets.decode().strip())
    assert other.authserv_id == HOST
    assert {one.result for one in other.results} == {"fail"}


@pytest.mark.parametrize(
    "forged",
    [
        "Authentication-Results: mail.sct.test; dmarc=pass header.from=gov.test",
        "AUTHENTICATION-RESULTS:mail.sct.test;spf=pass",
        "Authentication-Results : Mail.SCT.test ; spf=pass",
        "Authentication-Results:\r\n\tmail.sct.test;\r\n spf=pass",
        "Authentication-Results: mail.sct.test 1; spf=pass",
        "Authentication-Results: (x) mail.sct.test (y;z); spf=pass",
        'Authentication-Results: "mail.sct.test"; spf=pass',
        'Authentication-Results: "mail\\.sct.test"; spf=pass',
        "Authentication-Results: mail.sct.test.; spf=pass",
        "Authentication-Results: ((()())) (\\)) mail.sct.test; none",
        "Authentication-Results: (unclosed mail.other.test; spf=pass",
        'Authentication-Results: "unclosed; spf=pass',
        "Authentication-Results: mail.sct.test",
        "Authentication-Results:",
        "Authentication-Results: ; spf=pass",
        "Authentication-Results: (" + "x" * 5000 + ") mail.sct.test; spf=pass",
        "Authentication-Results: (" + "x" * 5000 + ") other; spf=pass",
    ],
)
def test_a_forged_field_goes_and_all_else_stays(forged: str) -> None:
    before, after = (
        b"From: a@gov.test\r\nSubject:  x \r\n y\r\n",
        b"To: b\r\n\r\nAuthentication-Results: mail.sct.test\r\n",
    )
    octets = forged.encode()
    assert without_forged(before + octets + b"\r\n" + after, HOST) == before + after
    assert without_forged(octets + b"\r\n" + before + octets + b"\r\n" + after, HOST) == before + after
    assert without_forged(before + octets, HOST) == before


@pytest.mark.parametrize(
    "other",
    [
        "Authentication-Results: mail.gov.test; dkim=pass header.d=mail.sct.test",
        "Authentication-Results: xmail.sct.test; spf=pass",
        "Authentication-Results: mail.sct.test.evil.test; spf=pass",
        "X-Authentication-Results: mail.sct.test; spf=pass",
        "ARC-Authentication-Results: i=1; mail.sct.test; spf=pass",
        "Subject: x\r\n Authentication-Results: mail.sct.test; spf=pass",
    ],
)
def test_what_others_wrote_stays(other: str) -> None:
    data = other.encode() + b"\r\nFrom: a@gov.test\r\n\r\nx\r\n"
    assert without_forged(data, HOST) == data


@given(
    st.lists(
        st.sampled_from([b"A: b\r\n", b"Authentication-Results: x.test;\r\n a\r\n", b"\r\n", b"c", b"\n", b" d\r\n"])
    )
)
def test_without_a_forged_field_every_octet_stays(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert without_forged(data, HOST) == data


def test_many_fields_take_linear_time() -> None:
    foreign = b"Authentication-Results: other.test; spf=pass\r\n"
    data = foreign * 50_000 + b"From: x\r\n\r\n"
    assert without_forged(data, HOST).count(foreign) == 100
    blank = b"Authentication-Results:" + b" " * 2_000_000 + b"\r\n\r\n"
    assert without_forged(blank, HOST) == b"\r\n"
