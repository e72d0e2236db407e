"""Each target over its seeds, what once broke it, and mutations; and that the fuzzer finds what is planted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.mutation import mutations
from tests.fuzz.target import NAMES, found, load

ROOT = Path(__file__).resolve().parent.parent.parent
MUTATIONS = {"mime": 300, "headers": 800, "addresses": 1500, "sender_records": 500}
OTHERS = 2500


@pytest.mark.parametrize("name", NAMES)
def test_seeds_and_what_was_found_once_are_sound(name: str) -> None:
    target = load(name)
    for raw in [b"", *target.seeds(), *found(name)]:
        target.check(raw)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_seeds_are_sound(name: str) -> None:
    target = load(name)
    seeds = [*target.seeds(), *found(name)]
    for raw in mutations(seeds, target.tokens(), MUTATIONS.get(name, OTHERS), target.longest):
        target.check(raw)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)


def test_the_fuzzer_runs_and_keeps_what_is_new(tmp_path: Path) -> None:
    done = run("dates", "--runs", "3000", "--seed", "1", "--corpus", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "dates").iterdir())) > len(load("dates").seeds())
    assert not list((tmp_path / "dates-faults").iterdir())
    assert "features" in done.stdout


def test_what_the_fuzzer_finds_is_kept_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product with a fault in it: the run fails, and the input that shows the fault is there."""
    (tmp_path / "sitecustomize.py").write_text(
        "from mailserver.imap import mutf7\n"
        "def decode(raw, utf8=False):\n"
        "    if raw.startswith(b'INBOX'):\n"
        "        raise KeyError(raw)\n"
        "    raise mutf7.NameInvalid\n"
        "mutf7.decode = decode\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    done = run("mutf7", "--runs", "3000", "--corpus", str(tmp_path))
    assert done.returncode == 1
    (kept,) = (tmp_path / "mutf7-faults").iterdir()
    assert kept.read_bytes().startswith(b"INBOX")
    assert kept.name in done.stdout.replace("\n", "")
    assert "KeyError" in done.stdout


def test_the_targets_are_listed() -> None:
    done = run("--list")
    assert done.returncode == 0
    assert all(name in done.stdout for name in NAMES)
