"""The process that looks at a PDF: its answer is kept for a while, its end is no harm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.webmail.mail.pdfs.papers import Paper, jpeg
from webmail.mail.pdfs import asking
from webmail.mail.pdfs.asking import KEPT_S, MOST_FILES, Fate, Thinned, Thinner, is_pdf

GOOD = Paper(jpeg("RGB")).written()
BROKEN = b"%PDF-1.7 " + b"x" * 200_000


def test_each_file_has_its_answer_and_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thinner = Thinner(tmp_path / "pdfs")
    found = thinner.thin([BROKEN, GOOD, GOOD[: len(GOOD) // 2]])
    assert [one.fate for one in found] == [Fate.FAILED, Fate.MADE, Fate.FAILED]
    assert found[1].data.startswith(b"%PDF-") and len(found[1].data) < 0.6 * len(GOOD)
    monkeypatch.setattr(asking, "_run", None)
    assert thinner.thin([GOOD, BROKEN]) == [found[1], found[0]]


def test_an_answer_goes_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_run", lambda data, _seconds: b"same\n")
    old = tmp_path / "old"
    old.write_bytes(b"made\n%PDF-")
    os.utime(old, (old.stat().st_mtime - KEPT_S - 60,) * 2)
    assert Thinner(tmp_path).thin([b"a", b"b"]) == [Thinned(Fate.SAME)] * 2
    assert not old.exists() and len(list(tmp_path.iterdir())) == 2


def test_what_hangs_is_killed_and_what_is_too_much_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.001)
    assert Thinner(tmp_path / "a").thin([GOOD]) == [Thinned(Fate.FAILED)]
    monkeypatch.setattr(asking, "_run", lambda data, _seconds: b"same\n")
    monkeypatch.setattr(asking, "SECONDS", 60)
    found = Thinner(tmp_path / "b").thin([b"%d" % number for number in range(MOST_FILES + 2)])
    assert [one.fate for one in found] == [Fate.SAME] * MOST_FILES + [Fate.FAILED] * 2


def test_a_pdf_is_known_by_what_it_is() -> None:
    assert is_pdf(b"\xef\xbb\xbf%PDF-1.4") and not is_pdf(b"PK" + b" " * 2000 + b"%PDF-1.4")
