"""The forms that DKIM signs: those of the standard, and of dkimpy, for any body."""

from __future__ import annotations

import dkim.canonicalization
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.senderauth import canonical

BODIES = st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"\r\n\r\n", b"bc", b"  ", b"."]), max_size=30).map(
    b"".join
)


@given(BODIES)
def test_bodies_are_brought_into_the_form_of_the_reference(body: bytes) -> None:
    assert canonical.simple_body(body) == dkim.canonicalization.Simple.canonicalize_body(body)
    if not body.endswith((b" ", b"\t")):  # dkimpy leaves blanks at the very end of a body without line end
        assert canonical.relaxed_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [  # RFC 6376 §3.4.5
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b"x", b"x\r\n", b"x\r\n"),
        (b"x \t", b"x \t\r\n", b"x\r\n"),
        (b"x\r\r\n", b"x\r\r\n", b"x\r\r\n"),
    ],
)
def test_the_examples_of_the_standard(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert canonical.simple_body(body) == simple
    assert canonical.relaxed_body(body) == relaxed


def test_header_fields() -> None:
    fields = canonical.fields_of(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n")
    assert [canonical.relaxed_field(one) for one in fields] == [b"a:X\r\n", b"b:Y Z\r\n"]
    assert [canonical.simple_field(one) for one in fields] == [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]


def test_of_several_fields_the_last_is_signed_first() -> None:
    fields = canonical.fields_of(b"A: 1\r\nB: 2\r\nA: 3\r\n")
    chosen = canonical.chosen(fields, [b"a", b"a", b"a", b"c", b"b"])
    assert [raw for _, raw in chosen] == [b"A: 3\r\n", b"A: 1\r\n", b"B: 2\r\n"]


def test_a_megabyte_of_blanks_takes_linear_time() -> None:
    """Trying each blank as the beginning of a line's end would take hours."""
    assert canonical.relaxed_body(b" " * 4_000_000 + b"x\r\n") == b" x\r\n"
    assert canonical.simple_body(b"\r\n" * 1_000_000) == b"\r\n"
    assert canonical.relaxed_field((b"a", b"a:" + b" " * 4_000_000 + b"x\r\n")) == b"a:x\r\n"
