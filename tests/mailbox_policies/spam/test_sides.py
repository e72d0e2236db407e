"""Which side of a message each feature is of."""

from __future__ import annotations

from mailbox_policies.spam.features import features
from mailbox_policies.spam.sides import Side, side_of
from mailserver.mime.scan import scan

OFFER = (
    b"Received: from pretended.example (real.isp.example [192.0.2.9]) by mx.example; x\r\n"
    b"From: Offers <cs123@kh.example>\r\nReply-To: x@other.example\r\nSubject: FREE GIFT\r\nX-Mailer: Bulk\r\n"
    b"Message-ID: <1$2@kh.example>\r\nX-Priority: 1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<font color=red>s gift v m $$$ t.v 100%</font> <a href="http://1.2.3.4:8/x%20">f</a><!-- x -->\r\n'
)
BEGINS = {
    Side.SUBJECT: ("s:", "s#"),
    Side.AUTHOR: ("f:", "f@", "f=", "f#", "r@", "r#", "t#"),
    Side.WAY: ("v@", "v=", "v:", "v#"),
    Side.MARKUP: ("<",),
}


def test_each_feature_of_a_message_is_of_the_side_it_was_found_on() -> None:
    found = features(OFFER, scan(OFFER))
    for side, beginnings in BEGINS.items():
        assert {one for one in found if side_of(one) is side} == {one for one in found if one.startswith(beginnings)}
    assert {side_of(one) for one in found} == set(Side)


def test_words_and_addresses_of_the_web_are_text() -> None:
    for feature in ("s", "v", "gift", "~qua", "s gift", "v _ m", "$$", "000%", "u:#ip", "u:1.2.3", "u/login", ""):
        assert side_of(feature) is Side.TEXT


def test_what_tells_of_the_writing_program_is_no_text() -> None:
    for feature in ("h+cc", "h-date", "h:x-priority:1", "x:bulk", "i#own", "m:text/html", "m#text/html", "c:utf-8"):
        assert side_of(feature) is Side.MAKING
