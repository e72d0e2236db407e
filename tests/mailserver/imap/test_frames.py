"""Commands are cut out of what comes in the same way, however the network has cut it."""

from __future__ import annotations

import pytest

from mailserver.imap.literals import MemoryLiteral
from tests.mailserver.imap.fed import LIMITS, frames

LONG = b"x" * (LIMITS.line + 20)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 65, 300, 10_000])
@pytest.mark.parametrize(
    ("stream", "commands"),
    [
        pytest.param(b"a LOGIN {2+}\r\nan {2}\r\npw\r\nb NOOP\r\n", [b"a LOGIN {2+} {2}", b"b NOOP"], id="literals"),
        pytest.param(b"a X {0+}\r\n\r\nb NOOP\n", [b"a X {0+}", b"b NOOP"], id="empty literal, bare LF"),
        pytest.param(b"a " + LONG + b"\r\nb NOOP\r\n", [b"", b"b NOOP"], id="long line"),
        pytest.param(b"a " + LONG + b"{6+}\r\nb NOOP\r\nc NOOP\r\n", [b"", b"c NOOP"], id="long line, refused literal"),
        pytest.param(b"a " + LONG + b"{6+}\r\r\nb NOOP\r\n", [b"", b"b NOOP"], id="long line, no marker at its end"),
    ],
)
def test_the_cuts_of_the_network_do_not_count(stream: bytes, commands: list[bytes], size: int) -> None:
    taken, ending = frames([stream[at : at + size] for at in range(0, len(stream), size)])
    assert ending == "PeerGone"
    assert [b"" if frame.refusal else frame.data for frame in taken] == commands


def test_a_literal_is_kept_by_the_place_of_its_marker() -> None:
    (frame,), _ = frames([b"a LOGIN {2+}\r\n", b"an {2}\r", b"\np", b"w\r\n"])
    assert frame.literals == {12: MemoryLiteral(b"an"), 16: MemoryLiteral(b"pw")}
