"""Whatever strangers write into a message or their DNS: a result, and never another error."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mailserver.senderauth import dmarc, spf_macros, spf_record
from mailserver.senderauth.dkim import Message
from mailserver.senderauth.dkim_signature import Signature
from mailserver.senderauth.results import Dkim, Outcome
from mailserver.senderauth.spf_record import BadRecord
from tests.mailserver.senderauth.signed import record, rsa_key

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
RECORD = record(rsa_key()).encode()

TAGS = st.sampled_from(
    [
        b"v=1",
        b"a=rsa-sha256",
        b"a=ed25519-sha256",
        b"c=relaxed/simple",
        b"c=/",
        b"d=gov.test",
        b"d=\xff",
        b"s=s1",
        b"h=from",
        b"h=:",
        b"bh=YWJj",
        b"b=YWJj",
        b"b=",
        b"l=9",
        b"t=1",
        b"x=99999999999",
        b"i=@",
        b";",
        b"=",
        b"\r\n ",
        b"\0",
    ]
)
FIELDS = st.lists(TAGS, max_size=14).map(lambda tags: b"DKIM-Signature: " + b"; ".join(tags) + b"\r\n")
PIECES = st.one_of(
    FIELDS, st.binary(max_size=40), st.sampled_from([b"From: a@gov.test\r\n", b"\r\n", b"x: y\r\n z\r\n"])
)
KEYS = st.one_of(st.just(RECORD), st.binary(max_size=60), st.sampled_from([b"v=DKIM1; p=YWJj", b"p=;t=y", b"k=; p=a"]))


@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(KEYS, max_size=3))
def test_no_message_and_no_key_breaks_the_verifier(data: bytes, texts: list[bytes]) -> None:
    message = Message.read(data, NOW)
    for one in message.found:
        result = message.verify(one, texts) if isinstance(one, Signature) else one
        assert isinstance(result, Dkim)
        assert result.outcome is not Outcome.PASS


NAMES = ["all", "a", "mx", "ptr", "ip4", "ip6", "exists", "include", "redirect=", "exp=", "x.test", "1.2.3.4", "::1"]
ODDS = ["%{d}", "%{ir}", "%{s99r.-}", "//64", "/24", "\n", "\0", "ü"]
TERMS = st.lists(st.sampled_from([*"+-~?:/=.%{}0123 ", *NAMES, *ODDS]), max_size=20).map("".join)


@given(TERMS)
def test_a_record_is_read_or_refused(text: str) -> None:
    try:
        found = spf_record.read(f"v=spf1 {text}")
    except BadRecord:
        return
    values = dict.fromkeys("slodivhp", "a.b-c@d.test")
    for mechanism in found.mechanisms:
        assert len(spf_macros.expand(mechanism.target, values)) <= spf_macros.MAX_NAME


@given(st.lists(st.one_of(st.binary(max_size=60), TERMS.map(lambda text: b"v=DMARC1;" + text.encode())), max_size=3))
def test_any_text_is_a_dmarc_record_or_none(texts: list[bytes]) -> None:
    found = dmarc.select(texts)
    assert found is None or 0 <= found.percent <= 100
    spf_record.select([text for text in texts if not text.lower().startswith(b"v=spf1")])
