"""A glance at a header block."""

from __future__ import annotations

from mailserver.delivery.heading import glance, without_blind


def test_fields_are_counted_in_the_header_only() -> None:
    found = glance(b"From: a\r\nreceived : x\r\n\tFrom: folded\r\nDATE: y\r\n\r\nFrom: body\r\nFrom: body\r\n")
    assert (found.authors, found.hops, found.dates, found.senders, found.message_ids) == (1, 1, 1, 0, 0)
    assert found.size == len(b"From: a\r\nreceived : x\r\n\tFrom: folded\r\nDATE: y\r\n\r\n")


def test_a_name_inside_another_is_not_counted() -> None:
    found = glance(b"X-From: a\r\nFrom-Me: b\r\nResent-From: c\r\n\r\n")
    assert found.authors == 0


def test_a_message_without_header_and_one_without_body() -> None:
    assert glance(b"\r\nFrom: body\r\n\r\n").size == 2
    assert glance(b"\r\nFrom: body\r\n\r\n").authors == 0
    assert glance(b"From: a\r\nTo: b").size == len(b"From: a\r\nTo: b")
    assert glance(b"").size == 0


def test_blind_copies_are_taken_out_of_the_header_only() -> None:
    data = b"BCC: a,\r\n b\r\nX-Bcc: c\r\nSubject: x\r\n Bcc: d\r\nResent-Bcc: e\r\n\r\nBcc: f\r\n"
    left = b"X-Bcc: c\r\nSubject: x\r\n Bcc: d\r\n\r\nBcc: f\r\n"
    assert without_blind(data, glance(data).size) == left
    assert without_blind(left, glance(left).size) is left
    assert without_blind(b"To: a\r\nBcc: b", 13) == b"To: a\r\n"
