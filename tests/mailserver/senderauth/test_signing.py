"""Signatures of ours: our own verifier accepts them, and nothing can be added to what they sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailserver.senderauth.dkim import Message
from mailserver.senderauth.dkim_signature import Signature
from mailserver.senderauth.results import Dkim, Outcome
from mailserver.senderauth.signing import LIFETIME, OVERSIGNED, sign
from tests.mailserver.senderauth.signed import LETTER, pkcs1, record, rsa_key

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
RECORD = record(rsa_key()).encode()


def signed(data: bytes, now: datetime = NOW) -> bytes:
    return sign(data, "gov.test", "v202611", pkcs1(rsa_key()), now) + data


def verified(data: bytes, now: datetime = NOW) -> Outcome:
    message = Message.read(data, now)
    [one] = message.found
    return (one if isinstance(one, Dkim) else message.verify(one, [RECORD])).outcome


def test_others_verify_what_is_signed() -> None:
    now = datetime.now(UTC)  # dkimpy looks at the clock itself
    data = signed(LETTER, now)
    assert dkim.verify(data, dnsfunc=lambda *_, **__: RECORD)
    assert verified(data, now) is Outcome.PASS
    [one] = Message.read(data, now).found
    assert isinstance(one, Signature)
    assert (one.domain, one.key_name) == ("gov.test", "v202611._domainkey.gov.test")


@pytest.mark.parametrize("name", OVERSIGNED)
def test_no_field_can_be_added_in_front(name: bytes) -> None:
    field = name + b": another\r\n"
    head, _, rest = signed(LETTER).partition(b"From: ")
    assert verified(head + field + b"From: " + rest) is Outcome.FAIL
    assert verified(signed(LETTER).replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n", 1)) is Outcome.FAIL


def test_fields_of_the_way_may_be_added() -> None:
    assert verified(b"Received: from a by b; now\r\nX-Y: z\r\n" + signed(LETTER)) is Outcome.PASS


def test_a_signature_runs_out_after_a_week() -> None:
    assert verified(signed(LETTER), NOW + timedelta(seconds=LIFETIME)) is Outcome.PASS
    assert verified(signed(LETTER), NOW + timedelta(seconds=LIFETIME + 3600)) is Outcome.PERMERROR


def test_the_field_has_short_lines() -> None:
    field = sign(LETTER, "so-xay-dung.hungbinh.gov.test", "v202611-12", pkcs1(rsa_key()), NOW)
    assert max(len(line) for line in field.split(b"\r\n")) <= 78
    assert field.endswith(b"\r\n")
    assert field.count(b"\r\n") == field.count(b"\r\n ") + 1


LINES = st.lists(st.sampled_from([b"", b" ", b"a  b", b"\tc ", b".", b"x" * 80]), max_size=8)


@settings(max_examples=50)
@given(LINES, st.booleans())
def test_any_body_is_signed_as_it_is_verified(lines: list[bytes], ended: bool) -> None:
    data = b"From: an@gov.test\r\nTo: a\r\nTo: b\r\n\r\n" + b"\r\n".join(lines) + (b"\r\n" if ended else b"")
    assert verified(signed(data)) is Outcome.PASS
