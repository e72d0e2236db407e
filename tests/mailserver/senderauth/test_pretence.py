"""Authors who pretend: every kind is noticed, and honest ones are left alone."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection

import idna
import pytest

from mailserver.mime.scan import scan
from mailserver.mime.words import encode_text
from mailserver.senderauth.pretence import Pretence, like_ours, mixes, pretences, skeleton

OURS = ("sct.hungbinh.gov.vn", "socongthuong.test")
# Letters of other alphabets that look like these Latin ones.
TWINS = {"a": "а", "c": "с", "e": "е", "h": "һ", "i": "і", "o": "ο", "p": "р", "x": "х", "s": "ѕ", "y": "у"}
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi")
GIVEN = ("Thị Hoa", "Văn An", "Quốc Cường", "Minh Phúc", "Ngọc Ánh", "Hải Yến", "Xuân Trường", "Phương Chi")
PLACES = ("hungyen.gov.vn", "gmail.com", "bo-cong-thuong.gov.vn", "sxd.hungbinh.gov.vn", "công-ty.vn", "xn--b-8xm.vn")


def kinds(name: str, addr: str, more: str = "", ours: Collection[str] = OURS) -> tuple[Pretence, ...]:
    """Of a message by `name <addr>`; more: further fields of its header."""
    shown = b"\r\n ".join(encode_text(name)).decode()
    author = f"From: {shown} <{addr}>\r\n" if name else f"From: {addr}\r\n"
    return pretences(scan((author + more + "\r\n").encode()), ours)


def pretenders(seed: int) -> list[tuple[str, str]]:
    """(name, address), sixty of them, each pretending in one way."""
    chance = random.Random(seed)
    made: list[tuple[str, str]] = []
    for number in range(60):
        person = f"{chance.choice(FAMILY)} {chance.choice(GIVEN)}"
        own = chance.choice(OURS)
        letter = chance.choice([letter for letter in TWINS if letter in own])
        made.append(
            (
                (f"{person} <giam.doc@{own}>", "x@gmail.com"),
                (f"{person} - {own}", "x@gmail.com"),
                (person.replace("a", "а").replace("n", "п", 1) + " Vаn", "x@hungyen.gov.vn"),
                (person, f"van.thu@{own.replace(letter, TWINS[letter], 1)}"),
                (person, f"van.thu@{own.replace('.', '-')}.com"),
                (person, f"van.thu@{own}.{chance.choice(['vn', 'com', 'xyz'])}"),
            )[number % 6]
        )
    return made


@pytest.mark.parametrize("seed", range(5))
def test_sixty_pretenders_are_all_noticed(seed: int) -> None:
    assert [one for one in pretenders(seed) if not kinds(*one)] == []


def test_honest_authors_are_left_alone() -> None:
    for family, given, place in itertools.product(FAMILY, GIVEN, (*PLACES, *OURS)):
        assert kinds(f"{family} {given}", f"van.thu@{place}") == ()
        assert kinds("", f"van.thu@{place}", more=f"Reply-To: phong.th@{place}\r\n") == ()


@pytest.mark.parametrize(
    ("name", "addr", "expected"),
    [
        ("an@bo.gov.vn", "an@bo.gov.vn", ()),
        ("An@Bo.gov.vn", "an@bo.gov.vn", ()),
        ("giam.doc@sct.hungbinh.gov.vn", "an@bo.gov.vn", (Pretence.OTHER_ADDRESS,)),
        ("Văn thư sct.hungbinh.gov.vn", "an@bo.gov.vn", (Pretence.OUR_DOMAIN,)),
        ("Văn thư sct.hungbinh.gov.vn", "an@sct.hungbinh.gov.vn", ()),
        ("Phòng v.v. 1.2.3", "an@bo.gov.vn", ()),
        ("Nguyеn An", "an@bo.gov.vn", (Pretence.MIXED_LETTERS,)),
        ("Иван Nguyễn", "an@bo.gov.vn", ()),
        ("田中 Tanaka", "an@bo.gov.vn", ()),
        ("", "an@sсt.hungbinh.gov.vn", (Pretence.MIXED_LETTERS, Pretence.LIKE_OURS)),
        ("", f"an@{idna.encode('sсt').decode()}.hungbinh.gov.vn", (Pretence.MIXED_LETTERS, Pretence.LIKE_OURS)),
        ("", "an@5ct.hungbinh.gov.vn", ()),
        ("", "an@sct.hungblnh.gov.vn", (Pretence.LIKE_OURS,)),
        ("", "an@phong1.sct.hungbinh.gov.vn", ()),
        ("", "an", ()),
        ("", "an@[127.0.0.1]", ()),
    ],
)
def test_each_kind(name: str, addr: str, expected: tuple[Pretence, ...]) -> None:
    assert kinds(name, addr) == expected


@pytest.mark.parametrize(
    ("fields", "odd"),
    [
        ("Reply-To: b@gmail.com\r\n", True),
        ("Reply-To: b@so.bo.gov.vn\r\n", False),
        ("Reply-To: b@gmail.com\r\nSender: ds@lists.org\r\n", False),
        ("Reply-To: ds@lists.org\r\nCc: DS@lists.org\r\n", False),
        ("Reply-To: b@bo.gov.vn, b@gmail.com\r\nTo: c@gmail.com\r\n", True),
    ],
)
def test_answers_that_go_elsewhere(fields: str, odd: bool) -> None:
    assert kinds("", "a@bo.gov.vn", fields) == ((Pretence.ANSWERS_ELSEWHERE,) if odd else ())


def test_without_authors_or_domains_of_ours_there_is_nothing() -> None:
    assert pretences(scan(b"Subject: x\r\n\r\n"), OURS) == ()
    assert kinds("", "an@sct.hungblnh.gov.vn", ours=()) == ()


def test_a_short_domain_of_ours_does_not_stand_in_others_by_chance() -> None:
    assert not like_ours("data.vnexpress.net", ["a.vn"])
    assert like_ours("а.vn", ["a.vn"])


def test_names_are_compared_as_they_are_read() -> None:
    assert skeleton("hưngbình.gov.vn") == skeleton("hungbinh.gov.vn") == skeleton("hungb1nh.gov.vn")
    assert skeleton("rn.test") == skeleton("m.test")
    assert skeleton("sct.test") != skeleton("syt.test")


@pytest.mark.parametrize("word", ["а" * 100_000 + "a", "a" * 100_000])
def test_long_names_are_looked_at_once(word: str) -> None:
    assert mixes(word) is not word.isascii()
