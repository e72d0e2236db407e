"""The octets after 354, whatever way they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.smtp.data import END, DataDecoder, normalise


class Taken:
    """A decoder and what it wrote."""

    def __init__(self, limit: int = 1 << 30) -> None:
        self.blocks: list[bytes] = []
        self.decoder = DataDecoder(self.blocks.append, limit)

    @property
    def content(self) -> bytes:
        return b"".join(self.blocks)

    def feed(self, *chunks: bytes) -> bytes | None:
        rest = None
        for chunk in chunks:
            assert rest is None, "fed after the end"
            rest = self.decoder.feed(chunk)
        return rest


@pytest.mark.parametrize(
    ("wire", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"Hi\r\n.\r\n", b"Hi\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b"a\r\n.b\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\r\n..\r\n..b\r\n.\r\n", b"a\r\n.\r\n.b\r\n"),
        (b"a.b\r\nc.\r\n.\r\n", b"a.b\r\nc.\r\n"),
        (b"x" * 3000 + b"\r\n.\r\n", b"x" * 3000 + b"\r\n"),
    ],
)
def test_dots_are_undone_wherever_the_octets_are_cut(wire: bytes, content: bytes) -> None:
    for cut in {*range(min(len(wire), 40)), *range(max(0, len(wire) - 12), len(wire))}:
        taken = Taken()
        rest = taken.feed(wire[:cut]) if cut else None
        rest = taken.feed(wire[cut:] + b"QUIT\r\n") if rest is None else rest
        assert (taken.content, rest) == (content, b"QUIT\r\n")
        assert not taken.decoder.bare
        assert taken.decoder.received == len(wire)


LINES = st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\r", b".").replace(b"\n", b".")), max_size=12)


@given(LINES, st.data())
def test_every_text_comes_back_as_it_was_sent(lines: list[bytes], data: st.DataObject) -> None:
    text = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    wire = stuffed + b".\r\n" + b"NOOP\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    taken, rest = Taken(), None
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        piece = wire[start:end]
        rest = rest + piece if rest is not None else taken.feed(piece)
    assert (taken.content, rest, taken.decoder.bare) == (text, b"NOOP\r\n", False)


SMUGGLING = [
    ending
    for left in (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\n", b"\x00\r\n")
    for right in (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\r\x00\n")
    if END not in (ending := left + b"." + right)
]


@pytest.mark.parametrize("ending", SMUGGLING)
def test_no_other_sequence_ends_the_data(ending: bytes) -> None:
    """CVE-2023-51764, -51765, -51766, CVE-2024-27305."""
    taken = Taken()
    hidden = b"one\r\n" + ending + b"MAIL FROM:<evil@x.test>\r\n"
    assert taken.feed(hidden) is None
    assert taken.feed(b".\r\n") == b""
    assert b"MAIL FROM:<evil@x.test>\r\n" in taken.content


@pytest.mark.parametrize("bare", [b"a\nb", b"a\rb", b"\n", b"a\r\r\n", b"\r\n\n", b"a\n\r\n", b"\n.\n"])
def test_a_line_end_that_is_half_is_noticed(bare: bytes) -> None:
    taken, cut = Taken(), Taken()
    assert taken.feed(bare + b"\r\n.\r\n") == b""
    assert cut.feed(*(bytes([octet]) for octet in bare + b"\r\n.\r\n")) == b""
    assert taken.decoder.bare
    assert cut.decoder.bare
    assert taken.content == cut.content


def test_what_is_over_the_limit_is_followed_to_its_end_and_not_kept() -> None:
    taken = Taken(limit=10)
    assert taken.feed(b"12345678\r\n") is None
    assert not taken.decoder.too_large
    assert taken.feed(b"x" * 1_000_000) is None
    assert taken.decoder.too_large
    assert taken.feed(b"\r\nMAIL FROM:<a@b>\r\n.\r\nRSET\r\n") == b"RSET\r\n"
    assert len(taken.content) <= 10


def test_an_endless_line_is_not_held_back() -> None:
    taken = Taken(limit=1000)
    for _ in range(100):
        assert taken.feed(b"x" * 65_536) is None
    assert len(taken.content) <= 1000
    assert taken.feed(b"\r\n.\r\n") == b""


def test_normalise_makes_every_line_end_whole() -> None:
    assert normalise(b"a\nb\rc\r\nd\r\r\ne\n\n") == b"a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\n"
