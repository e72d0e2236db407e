"""DKIM: what dkimpy signs is verified, and what proves nothing is no pass."""

from __future__ import annotations

import hashlib
import itertools
import re
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from mailserver.senderauth import canonical
from mailserver.senderauth.dkim import Message, without_value
from mailserver.senderauth.dkim_signature import MAX_SIGNATURES, BadTags, Signature, tags_of
from mailserver.senderauth.results import Dkim, Outcome
from tests.mailserver.senderauth.signed import LETTER, Signing, ed_key, record, rsa_key

FORMS = (b"simple", b"relaxed")


def read(data: bytes) -> Message:
    return Message.read(data, datetime.now(UTC))


def verify(data: bytes, *texts: str) -> list[Dkim]:
    """The results with these TXT records for every signature; by default the key that signs."""
    message = read(data)
    records = [text.encode() for text in texts or (record(rsa_key()),)]
    return [one if isinstance(one, Dkim) else message.verify(one, records) for one in message.found]


def only(data: bytes, *texts: str) -> tuple[Outcome, str]:
    [found] = verify(data, *texts)
    return found.outcome, found.reason


def changed(data: bytes, pattern: bytes, replacement: bytes) -> bytes:
    """The signature field with something else in it; the signature itself is then void."""
    made = re.sub(pattern, replacement, data, count=1)
    assert made != data
    return made


@pytest.mark.parametrize("forms", list(itertools.product(FORMS, FORMS)))
def test_a_signature_in_any_form_passes_and_any_change_fails(forms: tuple[bytes, bytes]) -> None:
    data = Signing(forms=forms).sign()
    [found] = verify(data)
    assert (found.outcome, found.domain, found.selector, len(found.tag)) == (Outcome.PASS, "gov.test", "s1", 8)
    assert only(data.replace(b"dong chi", b"dong khi")) == (Outcome.FAIL, "body hash mismatch")
    assert only(data.replace(b"an@gov", b"em@gov")) == (Outcome.FAIL, "signature mismatch")
    assert only(data + b"\r\n\r\n")[0] is Outcome.PASS  # empty lines at the end are nothing


def test_blanks_may_change_in_the_relaxed_form_only() -> None:
    relaxed, simple = Signing().sign(), Signing(forms=(b"simple", b"simple")).sign()
    for pattern, replacement in ((b"gui  cac", b"gui cac"), (b"Subject: ", b"SUBJECT:\r\n ")):
        assert only(relaxed.replace(pattern, replacement))[0] is Outcome.PASS
        assert only(simple.replace(pattern, replacement))[0] is Outcome.FAIL


def test_without_a_signature_there_is_nothing() -> None:
    assert verify(LETTER) == []
    assert verify(b"") == verify(b"\r\n") == verify(b"x") == []


def test_what_was_added_behind_the_signed_length_is_not_signed() -> None:
    data = Signing(length=True).sign()
    assert only(data)[0] is Outcome.PASS
    assert only(data + b"<h1>buy</h1>\r\n") == (Outcome.POLICY, "end of the body not signed")


@pytest.mark.parametrize(
    ("bits", "algorithm", "reason"),
    [(2048, b"rsa-sha1", "sha1 proves nothing"), (1024, b"rsa-sha256", "")],
)
def test_old_algorithms(bits: int, algorithm: bytes, reason: str) -> None:
    data = Signing(bits=bits, algorithm=algorithm).sign()
    assert only(data, record(rsa_key(bits))) == ((Outcome.POLICY if reason else Outcome.PASS), reason)


def test_a_short_key_proves_nothing() -> None:
    """RFC 8301 §3.2. The key is by hand, for none so short can be made any more."""
    number = ((1 << 767) + 1).to_bytes(97, "big")
    octets = b"\x30\x68\x02\x61" + number + b"\x02\x03\x01\x00\x01"
    outcome, _ = only(Signing().sign(), f"v=DKIM1; p={b64encode(octets).decode()}")
    assert outcome is Outcome.POLICY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no key for signature"),
        ("v=DKIM1; p=", "key revoked"),
        ("v=DKIM2; p=AAAA", "no key for signature"),
        ("v=DKIM1; k=ed25519; p=AAAA", "key of another type"),
        ("v=DKIM1; p=AAAA", "unreadable key"),
        ("v=DKIM1; p=%%%", "unreadable key"),
        ("no tags at all", "no key for signature"),
    ],
)
def test_records_that_give_no_key(text: str, reason: str) -> None:
    assert only(Signing().sign(), text) == (Outcome.PERMERROR, reason)


def test_what_a_key_is_for_is_heeded() -> None:
    data = Signing().sign()
    assert only(data, record(rsa_key(), "v=DKIM1; h=sha1; ")) == (Outcome.PERMERROR, "key for another use")
    assert only(data, record(rsa_key(), "v=DKIM1; s=tlsrpt; ")) == (Outcome.PERMERROR, "key for another use")
    assert only(data, record(rsa_key(), "v=DKIM1; h=sha1:sha256; s=email; "))[0] is Outcome.PASS
    assert only(data, record(rsa_key(), "v=DKIM1; t=y; ")) == (Outcome.NEUTRAL, "domain is testing")
    assert only(data, "some other text", record(rsa_key(), ""))[0] is Outcome.PASS


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        (rb"v=1", b"v=2", "unknown version or query"),
        (rb"a=rsa-sha256", b"a=rsa-md5", "unknown algorithm"),
        (rb"c=relaxed/relaxed", b"c=nofws", "unknown algorithm"),
        (rb"d=gov\.test", b"d=gov", "bad domain or selector"),
        (rb"d=gov\.test", b"d=g(o)v.test", "bad domain or selector"),
        (rb"d=gov\.test;\s", b"", "no d="),
        (rb"h=from", b"h=form", "From is not signed"),
        (rb"i=@gov\.test", b"i=@vgov.test", "i= is not below d="),
        (rb"q=dns/txt", b"q=http", "unknown version or query"),
        (rb"t=\d+", b"t=99999999999", "signed in the future"),
        (rb"t=\d+", b"t=5; x=9", "expired"),
        (rb"t=\d+", b"t=x", "bad time"),
        (rb"bh=", b"bh=%", "bad base64"),
        (rb"v=1", b"v=1; v=1", "malformed signature"),
        (rb"q=dns/txt", b"l=-1", "bad l="),
    ],
)
def test_signatures_that_are_not_even_tried(pattern: bytes, replacement: bytes, reason: str) -> None:
    assert only(changed(Signing().sign(), pattern, replacement)) == (Outcome.PERMERROR, reason)


def test_a_field_of_any_length_costs_nothing() -> None:
    data = changed(Signing().sign(), rb"v=1", b"v=1; z=" + b" " * 20_000)
    assert only(data) == (Outcome.PERMERROR, "signature field too long")
    many = changed(Signing().sign(), rb"h=from", b"h=" + b"x:" * 600 + b"from")
    assert only(many) == (Outcome.PERMERROR, "From is not signed")


def test_at_most_ten_signatures_are_looked_at() -> None:
    data = LETTER
    for _ in range(MAX_SIGNATURES + 2):
        data = Signing().sign(data)
    assert [one.outcome for one in verify(data)] == [Outcome.PASS] * MAX_SIGNATURES


def test_a_very_long_header_is_not_looked_at() -> None:
    data = Signing().sign(b"X: " + b"y" * 300_000 + b"\r\n" + LETTER)
    assert only(data) == (Outcome.POLICY, "header too long")


def test_ed25519_passes() -> None:
    """RFC 8463; made by hand, for dkimpy needs another library for it."""
    fields = canonical.fields_of(LETTER.partition(b"\r\n\r\n")[0] + b"\r\n")
    body = canonical.relaxed_body(LETTER.partition(b"\r\n\r\n")[2])
    text = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=gov.test; s=e1; h=from:subject; bh="
        + b64encode(hashlib.sha256(body).digest())
        + b"; b="
    )
    signed = b"".join(canonical.relaxed_field(one) for one in canonical.chosen(fields, [b"from", b"subject"]))
    own = canonical.relaxed_field((b"dkim-signature", text + b"\r\n")).removesuffix(b"\r\n")
    value = ed_key().sign(hashlib.sha256(signed + own).digest())
    data = text + b64encode(value) + b"\r\n" + LETTER
    assert only(data, record(ed_key()))[0] is Outcome.PASS
    assert only(data.replace(b"An", b"Em"), record(ed_key()))[0] is Outcome.FAIL
    assert only(data, record(rsa_key())) == (Outcome.PERMERROR, "key of another type")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"S: a=1; b=xyz\r\n abc; c=2\r\n", b"S: a=1; b=; c=2\r\n"),
        (b"S: a=1; b=xyz\r\n", b"S: a=1; b="),
        (b"S: bh=b=1; b =x;\r\n", b"S: bh=b=1; b =;\r\n"),
        (b"S: none\r\n", b"S: none\r\n"),
    ],
)
def test_the_value_is_taken_out_of_the_field(field: bytes, expected: bytes) -> None:
    assert without_value(field) == expected


@pytest.mark.parametrize("text", ["a", "=1", "a=1; a=2", "a=1;;b=2", "1a=2", "a b=1"])
def test_what_is_no_list_of_tags(text: str) -> None:
    with pytest.raises(BadTags):
        tags_of(text)


def test_a_domain_of_other_letters_is_kept_as_a_label() -> None:
    [found] = read(changed(Signing().sign(), rb"d=gov\.test", "d=bộ.test".encode())).found
    assert isinstance(found, Dkim), "i= is still the other domain"
    found_2 = read(
        changed(changed(Signing().sign(), rb"d=gov\.test", "d=bộ.test".encode()), rb"i=@gov\.test;\s", b"")
    ).found[0]
    assert isinstance(found_2, Signature)
    assert found_2.key_name == "s1._domainkey.xn--b-8xm.test"
