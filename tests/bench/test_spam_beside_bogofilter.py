"""A small run of the comparison, on mail that is made up and the same each time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.spam_beside_bogofilter import FOLDS, compare, show
from tests.bench.spam_corpus import masked, read, vietnamese


def test_vietnamese_spam_is_found_with_marks_and_without_no_worse_than_by_bogofilter() -> None:
    found = {(one["way"], one["filter"]): one for one in compare(vietnamese(200))}
    folds = f"{FOLDS} folds"
    own, other = found[folds, "Vanthu"], found[folds, "bogofilter"]
    assert own["area_lost_percent"] <= max(other["area_lost_percent"], 0.1)
    assert own["recall"] >= 0.98
    assert own["false_alarms"] == 0
    assert own["found"] >= 0.95 * own["unwanted"]
    shown = io.StringIO()
    show("made up", list(found.values()), Console(file=shown, width=120))
    assert "bogofilter" in shown.getvalue()


def test_an_archive_is_read_by_the_names_of_its_folders(tmp_path: Path) -> None:
    for folder, name in (("easy-ham", "2"), ("easy-ham", "1"), ("spam-1", "1"), ("other", "1")):
        (tmp_path / "set" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / folder / name).write_bytes(f"Subject: {folder} {name}\n\n.".encode())
    assert [(one.spam, one.name) for one in read(tmp_path / "set")] == [
        (False, "set/easy-ham/1"),
        (False, "set/easy-ham/2"),
        (True, "set/spam-1/1"),
    ]


@pytest.mark.parametrize(
    "added",
    [
        b"From a@b  Thu Aug 22 13:17:22 2002\n",
        b"Return-Path: <a@b>\n",
        b"Received: from x [127.0.0.1]\n\tby localhost with IMAP (fetchmail-5.9.0)\n",
    ],
)
def test_what_the_collection_has_added_is_taken_out(added: bytes) -> None:
    kept = b"Received: from a.example by b.example\nSubject: x\n\nFrom here\n"
    assert masked(added + kept) == kept
