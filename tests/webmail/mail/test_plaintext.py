from __future__ import annotations

import pytest

from tests.webmail.mail.payloads import PAYLOADS
from webmail.mail.plaintext import linked, paragraphs


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_text_stays_text(payload: str) -> None:
    found = str(paragraphs(payload))
    assert "<script" not in found.lower() and "<img" not in found.lower() and "<svg" not in found.lower()


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("xem https://bando.so.example/a?b=1&c=2 nhé", "https://bando.so.example/a?b=1&amp;c=2"),
        ("(http://so.vn/x)", "http://so.vn/x"),
        ("www.chinhphu.vn.", "http://www.chinhphu.vn"),
    ],
)
def test_web_addresses_become_links(text: str, target: str) -> None:
    found = str(linked(text))
    assert f'href="{target}"' in found
    assert 'rel="noopener noreferrer nofollow"' in found and 'target="_blank"' in found


@pytest.mark.parametrize("text", ["javascript:alert(1)", "bao.cao.docx", "a@so.vn", "file:///etc/passwd", 'x"onload=1'])
def test_anything_else_does_not(text: str) -> None:
    assert "<a" not in str(linked(text))


def test_an_address_cannot_break_out_of_its_link() -> None:
    found = str(linked('http://x.vn/"><script>alert(1)</script>'))
    assert "<script" not in found and '"><' not in found.replace('"_blank"><', "")


def test_quotations_stand_apart() -> None:
    found = str(paragraphs("Vâng.\n> Chị xem giúp.\n>> Cũ hơn\nCảm ơn"))
    assert found.count('class="prewrap quoted"') == 1
    assert "Chị xem giúp.\n&gt; Cũ hơn" in found


def test_marks_that_turn_text_around_are_gone() -> None:
    assert "\u202e" not in str(linked("a\u202efdp.exe"))


@pytest.mark.timeout(60)
def test_long_hostile_text_holds_nobody_up() -> None:
    for text in ("http://" * 20_000, "www." * 30_000, "<" * 90_000, "> " * 100_000, "a" * 2_000_000):
        paragraphs(text)
