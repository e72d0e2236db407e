"""The fields a server puts in front."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mailserver.delivery.trace import Received, fields, is_collected

NOW = datetime(2024, 3, 5, 8, 30, tzinfo=timezone(timedelta(hours=7)))


def front(received: Received, sender: str = "an@x.test", recipient: str = "") -> str:
    return fields(received, sender=sender, hostname="mail.test", recipient=recipient, now=NOW).decode()


def test_a_stranger_is_named_by_its_hello_and_its_address() -> None:
    assert front(Received("mx.x.test", "192.0.2.7", "ESMTPS", "ab.1"), recipient="b@sct.test") == (
        "Return-Path: <an@x.test>\r\n"
        "Received: from mx.x.test ([192.0.2.7])\r\n\tby mail.test with ESMTPS id ab.1\r\n\tfor <b@sct.test>;\r\n"
        "\tTue, 05 Mar 2024 08:30:00 +0700\r\n"
    )


def test_a_bounce_has_the_null_path_and_ipv6_its_tag() -> None:
    text = front(Received("h", "2001:db8::1", "ESMTP", "1"), sender="")
    assert text.startswith("Return-Path: <>\r\nReceived: from h ([IPv6:2001:db8::1])")


def test_what_a_peer_says_can_write_no_field() -> None:
    text = front(Received("a\r\nBcc: x (y)", "", "ESMTP", "1"), sender='"a\r\nX: y"@x', recipient="b\r\nZ: 1@c")
    names = [line.partition(":")[0] for line in text.split("\r\n") if line and not line.startswith("\t")]
    assert names == ["Return-Path", "Received"]


def test_collected_mail_is_known_by_our_own_field_alone() -> None:
    collected = front(Received("imap.x.test", "192.0.2.7", "IMAPS", "1.2.3"), recipient="b@sct.test").encode()
    smtp = front(Received("with IMAP id ", "192.0.2.7", "ESMTPS", "ab.1")).encode()
    assert is_collected(collected + smtp + b"\r\n")
    assert not is_collected(smtp + collected + b"\r\n")
    assert not is_collected(b"Subject: x with IMAP id 1\r\n\r\n")


def test_mail_from_the_web_has_no_peer() -> None:
    assert "Received: by mail.test with HTTP id 1;\r\n" in front(Received("", "", "HTTP", "1"))
