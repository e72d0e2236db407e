"""What the classifier looks at in a message."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_policies.spam import features as looked
from mailserver.mime.scan import scan
from tests.support.steps import grows_linearly

HEAD = b"From: =?utf-8?q?T=C6=B0_v=E1=BA=A5n?= <cs123@kh.example>\r\nSubject: Free offer\r\n"


def found(raw: bytes) -> set[str]:
    return set(looked.features(raw, scan(raw)))


def test_words_count_by_where_they_stand() -> None:
    features = found(HEAD + b"\r\nfree gift\r\n")
    assert {
        "s:free",
        "s:free offer",
        "free",
        "free gift",
        ["f:tư", "vấn"][0],
        "f@kh.example",
        "f=cs123@kh.example",
    } <= (features)
    assert "offer" not in features


def test_words_split_by_comments_in_html_are_read_as_people_see_them() -> None:
    features = found(HEAD + b"Content-Type: text/html\r\n\r\nvi<!-- x -->agra <font color=RED>now</font>\r\n")
    assert {"viagra", "<font color=red", "<!1", "m:text/html"} <= features


def test_links_of_html_count_though_nobody_reads_them() -> None:
    features = found(HEAD + b'Content-Type: text/html\r\n\r\n<a href="http://bad.example/x">click</a>\r\n')
    assert {"u:bad.example", "<a href=http:"} <= features


def test_an_answer_elsewhere_is_noticed() -> None:
    assert "r#other" in found(HEAD + b"Reply-To: x@other.example\r\n\r\n.")
    assert "r#other" not in found(HEAD + b"Reply-To: CS123@kh.example\r\n\r\n.")


def test_a_server_is_seen_as_the_receiver_saw_it() -> None:
    hop = b"Received: from pretended.example (real.isp.example [192.0.2.9]) by mx.example; x\r\n"
    assert {"v@pretended.example", "v=isp.example", "v:192.0", "v#named"} <= found(hop + HEAD + b"\r\n.")


def test_who_is_written_to_and_what_lists_add_is_not_looked_at() -> None:
    extra = b"To: secret@ours.example\r\nList-Id: <secret.ours.example>\r\nSender: secret-admin@ours.example\r\n"
    assert not any("secret" in one or "ours.example" in one for one in found(extra + HEAD + b"\r\nhello"))


def test_a_message_has_a_bounded_number_of_features() -> None:
    raw = HEAD + b"\r\n" + b" ".join(b"w%dx" % number for number in range(100_000))
    raw = raw.replace(b"0", b"a").replace(b"1", b"b").replace(b"2", b"c").replace(b"3", b"d")
    assert len(looked.features(raw, scan(raw))) <= looked.MOST


@given(st.binary(max_size=600))
def test_nothing_is_raised_whatever_the_octets_are(raw: bytes) -> None:
    looked.features(raw, scan(raw))
    html = b"Content-Type: text/html\r\nReceived: from " + raw + b"\r\n\r\n" + raw
    looked.features(html, scan(html))


@pytest.mark.parametrize(
    "make",
    [
        lambda count: HEAD + b"\r\n" + b"a " * count,
        lambda count: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a " * count,
        lambda count: HEAD + b"Content-Type: text/html\r\n\r\n<a " + b"b= " * count + b">",
        lambda count: b"Received: from a (" * count + b"\r\n" + HEAD + b"\r\n.",
        lambda count: HEAD + b"\r\n" + b"http://" * count,
        lambda count: b"Subject: " + b" " * count + b"\r\n\r\n.",
    ],
)
def test_the_time_grows_with_the_octets(make: Callable[[int], bytes]) -> None:
    def work(count: int) -> None:
        raw = make(count)
        looked.features(raw, scan(raw))

    linear, counted = grows_linearly(work, 2_000)
    assert linear, counted
