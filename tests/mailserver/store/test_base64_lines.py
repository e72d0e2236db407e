"""Base64 kept decoded comes back octet for octet."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.transfer import decode_body
from mailserver.store.base64_lines import unwrap, width_of, wrap, wrapped_range
from tests.support.mail import wrapped

WIDTHS = st.sampled_from([4, 60, 64, 72, 76, 0])


@given(st.binary(max_size=2000), WIDTHS)
def test_canonical_text_is_recognised_with_its_width(content: bytes, width: int) -> None:
    text = wrap(content, width)
    found = unwrap(b"before" + text + b"after", 6, 6 + len(text))
    if len(content) * 4 // 3 > 80:
        assert found is not None
        assert found.content == content
        assert found.size == len(text)
    if found is not None:
        assert wrap(found.content, found.width)[: found.size] == text[: found.size]


INSTEAD = st.sampled_from([b"", b"=", b"A", b"B", b"\r\n", b"\n", b"!", b" "])
EDITS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3), INSTEAD), max_size=2)


@given(st.binary(max_size=600), WIDTHS, EDITS, st.booleans(), st.binary(max_size=3))
def test_who_has_the_content_already_gets_the_same(
    content: bytes, width: int, edits: list[tuple[int, int, bytes]], whole: bool, behind: bytes
) -> None:
    text = wrap(content, width)
    for at, length, instead in edits:
        text = text[:at] + instead + text[at + length :]
    data, end = b"before" + text + behind, 6 + len(text) - (0 if whole else 2)
    end = max(6, end)
    assert unwrap(data, 6, end, decode_body(data[6:end], "base64")) == unwrap(data, 6, end)


@given(st.binary(min_size=100, max_size=600), WIDTHS, st.integers(0, 900), st.integers(0, 900))
def test_a_range_is_what_slicing_the_whole_gives(content: bytes, width: int, start: int, length: int) -> None:
    whole = wrap(content, width)
    end = min(start + length, len(whole))
    start = min(start, end)
    assert wrapped_range(content, width, start, end) == whole[start:end]


def test_the_line_end_before_a_boundary_is_taken_along() -> None:
    content = os.urandom(1000)
    text = wrapped(content)
    data = text + b"--edge--"
    found = unwrap(data, 0, len(text) - 2)
    assert found is not None
    assert found.size == len(text)


def test_a_missing_last_line_end_is_kept_missing() -> None:
    text = wrapped(b"x" * 1000).removesuffix(b"\r\n")
    found = unwrap(text, 0, len(text))
    assert found is not None
    assert found.size == len(text)


def test_empty_lines_at_the_end_are_left_to_the_caller() -> None:
    text = wrapped(b"x" * 1000)
    found = unwrap(text + b"\r\n\r\n", 0, len(text) + 4)
    assert found is not None
    assert found.size == len(text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b"\r\n", b"\n"),
        lambda text: text[:78] + b" " + text[78:],
        lambda text: text[:100] + b"!" + text[101:],
        lambda text: b"\r\n" + text,
        lambda text: wrapped(b"x" * 999) + b"-- \r\na footer\r\n",
        lambda text: wrapped(b"y" * 57)[:-4] + b"\r\n" + text,
        lambda text: text.rstrip(b"\r\n=") + b"\r\n",
    ],
)
def test_anything_else_is_not_taken_for_base64(spoil: Callable[[bytes], bytes]) -> None:
    text = spoil(wrapped(b"x" * 1000))
    assert unwrap(text, 0, len(text)) is None


def test_what_follows_the_padding_is_left_to_the_caller() -> None:
    text = wrapped(b"x" * 1000)
    found = unwrap(text + b"-- \r\na footer\r\n", 0, len(text) + 15)
    assert found is not None
    assert found.size == len(text)


def test_the_width_is_read_back_from_the_codec() -> None:
    assert width_of("base64-76") == 76
    assert width_of("base64-0") == 0
    assert width_of("raw") is None
