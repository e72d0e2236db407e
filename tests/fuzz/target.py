"""What a fuzz target is, and where all of them are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Target:
    """check: raises for any fault; must be a function of the octets alone.

    seeds: inputs to begin with. words: a file of `words/` with what the mutator puts in, in libFuzzer's
    form. longest: octets of an input.
    """

    about: str
    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    words: str
    longest: int = 2048

    @property
    def dictionary(self) -> Path:
        return HERE / "words" / f"{self.words}.dict"

    def tokens(self) -> list[bytes]:
        lines = self.dictionary.read_text(encoding="ascii").splitlines()
        return [line[1:-1].encode().decode("unicode_escape").encode("latin-1") for line in lines]


NAMES = (
    "addresses",
    "dates",
    "headers",
    "imap_commands",
    "mime",
    "mutf7",
    "search",
    "sender_records",
    "smtp_commands",
)


def load(name: str) -> Target:
    """The target of that name; its module, and what it tests, is imported now. Raises KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    target: Target = import_module(f"tests.fuzz.targets.{name}").TARGET
    return target


def found(name: str) -> list[bytes]:
    """Inputs that broke this target once; they stay as tests."""
    return [path.read_bytes() for path in sorted((HERE / "found" / name).glob("*"))]
