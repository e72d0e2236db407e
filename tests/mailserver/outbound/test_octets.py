"""The octets that leave."""

from __future__ import annotations

from mailserver.outbound.octets import outgoing


def test_our_return_path_stays_here_and_the_rest_is_as_it_was() -> None:
    stored = b"Return-Path: <an@sct.test>\r\nReceived: by x\r\n\ty\r\nSubject: a\r\n\r\nb\r\n"
    assert outgoing(stored).octets == stored.partition(b"\r\n")[2]


def test_a_return_path_in_the_middle_is_not_ours() -> None:
    stored = b"Subject: a\r\nReturn-Path: <x@y>\r\n\r\nb\r\n"
    assert outgoing(stored).octets == stored


def test_no_bare_cr_or_lf_leaves() -> None:
    """SMTP smuggling, outbound: CVE-2023-51764 and its like."""
    sent = outgoing(b"Subject: a\n\nx\n.\ny\r.\rz\r\n.\r\r\nMAIL FROM:<x>\r").octets
    assert sent.count(b"\r\n") == sent.count(b"\r") == sent.count(b"\n")
    assert sent.endswith(b"MAIL FROM:<x>\r\n")


def test_what_needs_8bit_and_utf8_is_seen() -> None:
    assert not outgoing(b"Subject: a\r\n\r\nb\r\n").has_8bit
    body = outgoing("Subject: a\r\n\r\nbiên bản\r\n".encode())
    assert (body.has_8bit, body.utf8_header) == (True, False)
    assert outgoing("Subject: biên bản\r\n\r\nb\r\n".encode()).utf8_header


def test_the_signer_sees_the_final_octets() -> None:
    seen: list[bytes] = []

    def sign(octets: bytes) -> bytes:
        seen.append(octets)
        return b"DKIM-Signature: x\r\n" + octets

    sent = outgoing(b"Return-Path: <>\r\nSubject: a\n\nb", sign).octets
    assert seen == [b"Subject: a\r\n\r\nb\r\n"]
    assert sent == b"DKIM-Signature: x\r\n" + seen[0]


def test_long_lines_are_encoded_before_the_signature_but_not_below_one_of_others() -> None:
    """RFC 5321 §4.5.3.1.6; a server that breaks such a line breaks the signature (RFC 6376 §5.3)."""
    letter = b"From: a@b.vn\r\n\r\n" + b"x " * 600 + b"\r\n"
    seen: list[bytes] = []
    sent = outgoing(letter, lambda octets: (seen.append(octets), octets)[1])
    assert max(map(len, sent.octets.split(b"\r\n"))) <= 998
    assert seen == [sent.octets]
    signed = b"DKIM-Signature: v=1; d=far.test\r\n" + letter
    assert outgoing(signed).octets == signed
