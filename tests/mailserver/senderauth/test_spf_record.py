"""The grammar of SPF records and macros."""

from __future__ import annotations

import pytest

from mailserver.senderauth import spf_macros, spf_record
from mailserver.senderauth.spf_macros import BadMacro
from mailserver.senderauth.spf_record import BadRecord

VALUES = {
    "s": "strong-bad@email.example.com",
    "l": "strong-bad",
    "o": "email.example.com",
    "d": "email.example.com",
    "i": "192.0.2.3",
    "v": "in-addr",
    "h": "mx.example.org",
}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [  # RFC 7208 §7.4
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("a%%b%_c%-d", "a%b c%20d"),
    ],
)
def test_macros_stand_for_what_the_standard_says(text: str, expanded: str) -> None:
    assert spf_macros.expand(spf_macros.parse(text), VALUES) == expanded


@pytest.mark.parametrize("text", ["%", "%{", "%{d", "%{z}", "%{d0}", "%{c}", "%(d)", "a b", "ü", "%{d}" * 33])
def test_what_is_no_macro_string(text: str) -> None:
    with pytest.raises(BadMacro):
        spf_macros.parse(text)


def test_a_long_name_is_cut_at_its_left_end() -> None:
    name = spf_macros.expand(spf_macros.parse("%{s}.example.com"), VALUES | {"s": "x." * 500 + "y"})
    assert len(name) <= spf_macros.MAX_NAME
    assert name.endswith(".y.example.com")


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 -all",
        "v=spf1   a   mx  ",
        "v=spf1 a/24 a//64 a/24//64 a:x.test/0 mx/32//128",
        "v=spf1 ip4:1.2.3.4 ip4:1.2.3.0/24 ip6::: ip6:2001:db8::/32",
        "v=spf1 include:%{d}.test exists:%{i}.x.test ptr ptr:x.test",
        "v=spf1 redirect=x.test exp=%{c}.x.test",
        "v=spf1 unknown= other=x%{t}",
    ],
)
def test_records_that_are_right(text: str) -> None:
    spf_record.read(text.replace(" exp=%{c}.x.test", ""))


@pytest.mark.parametrize(
    "term",
    [
        "al",
        "all:x.test",
        "all/8",
        "-redirect=x.test",
        "include",
        "include:",
        "include:x",
        "include:x.123",
        "exists",
        "a:",
        "a:x.test/33",
        "a:x.test/024",
        "a:x.test//129",
        "a:x.test/",
        "mx/99",
        "ptr/24",
        "ptr:",
        "ip4",
        "ip4:1.2.3",
        "ip4:1.2.3.4/33",
        "ip4:1.2.3.4/",
        "ip4:1.2.3.4/08",
        "ip4:2001:db8::1",
        "ip6:1.2.3.4",
        "ip6:fe80::1%eth0",
        "redirect=",
        "redirect=x",
        "exp=a.test exp=b.test",
        "moo.x.test",
        ":x.test",
        "a:x.test\n",
        "a:%{z}.test",
    ],
)
def test_terms_that_break_the_grammar(term: str) -> None:
    with pytest.raises(BadRecord):
        spf_record.read(f"v=spf1 {term} -all")


def test_only_a_whole_version_makes_a_record() -> None:
    assert spf_record.select([b"v=spf10 +all", b"v=spf", b"xv=spf1 +all", b"v=spf1\t+all"]) is None
    assert spf_record.select([b"other", b"v=spf1"]) == "v=spf1"
