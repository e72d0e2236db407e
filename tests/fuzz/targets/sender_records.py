"""What strangers write into DNS and into the fields that SPF, DKIM, DMARC and their results are read from."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from mailserver.senderauth import dmarc, header, spf_macros, spf_record
from mailserver.senderauth.canonical import relaxed_body, relaxed_field, simple_body
from mailserver.senderauth.dkim import Message
from mailserver.senderauth.dkim_signature import BadTags, Signature, tags_of
from mailserver.senderauth.domains import as_ascii
from mailserver.senderauth.results import Dkim, Outcome
from mailserver.senderauth.spf_record import BadRecord
from tests.fuzz.target import Target

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
HOST = "mx.sct.test"
_VALUES = dict.fromkeys("slodivhp", "a.b-c@d.test")


def check(raw: bytes) -> None:
    text = raw.decode("latin-1")
    _check_spf(raw, text)
    for record in (raw, b"v=DMARC1;" + raw):
        found = dmarc.select([record])
        assert found is None or 0 <= found.percent <= 100
    with suppress(BadTags):
        tags_of(text)
    as_ascii(text)
    _check_dkim(raw)
    _check_results(raw)


def _check_spf(raw: bytes, text: str) -> None:
    try:
        spf_record.select([b"v=spf1 " + raw])
        record = spf_record.read(f"v=spf1 {text}")
    except BadRecord:
        return
    targets = [one.target for one in record.mechanisms] + ([record.redirect] if record.redirect else [])
    for target in targets:
        assert len(spf_macros.expand(target, _VALUES)) <= spf_macros.MAX_NAME


def _check_dkim(raw: bytes) -> None:
    message = Message.read(b"DKIM-Signature: " + raw, NOW)
    for one in message.found:
        result = message.verify(one, [raw, b"v=DKIM1; p=YWJj"]) if isinstance(one, Signature) else one
        assert isinstance(result, Dkim)
        assert result.outcome is not Outcome.PASS
    for made in (relaxed_body(raw), simple_body(raw)):
        assert made in (b"", b"\r\n") or (made.endswith(b"\r\n") and not made.endswith(b"\r\n\r\n"))
    assert relaxed_body(relaxed_body(raw)) == relaxed_body(raw)
    assert b"\n" not in relaxed_field((b"a", b"a:" + raw))[:-2]


def _check_results(raw: bytes) -> None:
    """Nothing that bears our name is left, and taking it out again changes nothing."""
    data = b"Authentication-Results: " + raw
    clean = header.without_forged(data, HOST)
    assert len(clean) <= len(data)
    assert header.without_forged(clean, HOST) == clean
    header.read_ours(data)


SEEDS = [
    b"a mx ip4:192.0.2.0/24 ip6:2001:db8::/32 include:x.test ?exists:%{ir}.x.test -all",
    b"redirect=_spf.x.test exp=e.x.test a:%{d1r.-}.x.test/24//64",
    b"p=reject; sp=quarantine; pct=50; adkim=s; aspf=r; rua=mailto:a@b",
    b"v=1; a=rsa-sha256; c=relaxed/simple; d=gov.test; s=s1; h=from:to; bh=YWJj; b=YWJj; t=1; x=1999999999; l=9\r\n"
    b"From: a@gov.test\r\n\r\nx  y \r\n\r\n",
    b"mx.sct.test; spf=pass smtp.mailfrom=x.test; dkim=pass header.d=x.test; dmarc=pass policy.dmarc=none\r\n"
    b"Received: x\r\n\r\n",
    b'(c) "mx.sct.test" 1; none\r\nAuthentication-Results: mx\\.sct.test;\r\n\r\n',
    b"v=DKIM1; k=rsa; t=y; p=YWJj",
]
TARGET = Target(
    about="SPF, DKIM and DMARC records, DKIM-Signature and Authentication-Results fields",
    check=check,
    seeds=lambda: SEEDS,
    words="sender_records",
    longest=1024,
)
