"""The process that looks at a PDF: its end is no harm."""

from __future__ import annotations

import pytest

from tests.webmail.mail.pdfs.papers import Paper, jpeg
from webmail.mail.pdfs import asking
from webmail.mail.pdfs.asking import FAILED, is_pdf, told

GOOD = Paper(jpeg("RGB")).written()


def test_a_good_file_comes_back_smaller_and_a_broken_one_not_at_all() -> None:
    word, _line, made = told(GOOD).partition(b"\n")
    assert word == b"made" and made.startswith(b"%PDF-") and len(made) < 0.6 * len(GOOD)
    assert told(b"%PDF-1.7 " + b"x" * 200_000) == told(GOOD[: len(GOOD) // 2]) == FAILED


def test_what_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.001)
    assert told(GOOD) == FAILED


def test_a_pdf_is_known_by_what_it_is() -> None:
    assert is_pdf(b"\xef\xbb\xbf%PDF-1.4") and not is_pdf(b"PK" + b" " * 2000 + b"%PDF-1.4")
