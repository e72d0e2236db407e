"""What forwarded letters show of what they were made from."""

from __future__ import annotations

import pytest

from mailbox_policies.forwarding import shingles
from mailbox_policies.forwarding.blocks import find
from mailbox_policies.forwarding.trail import Trail, trail_of
from mailserver.mime.scan import scan
from mailserver.store.search import words
from mailserver.text import fold
from tests.support import forwards
from tests.support.forwards import KINDS, TEXT, Forward, Original
from tests.support.steps import grows_linearly

ORIGINAL = Original("binh@so.example.vn", "Trần Thị Bình", "an@so.example.vn")


def trail(kind: str, vietnamese: bool = False, original: Original = ORIGINAL) -> Trail:
    data = KINDS[kind](Forward(original, "an@so.example.vn", "lan@ngoai.example", vietnamese))
    return trail_of(data, scan(data))


def folded(text: str) -> list[str]:
    return words(fold(text)).split()


@pytest.mark.parametrize("vietnamese", [False, True])
@pytest.mark.parametrize("kind", ["thunderbird_inline", "outlook", "apple_mail", "gmail", "neomutt"])
def test_the_lines_above_a_forwarded_text_are_read(kind: str, vietnamese: bool) -> None:
    found = trail(kind, vietnamese).blocks
    assert {(one.sender, one.subject) for one in found} == {(ORIGINAL.sender, ORIGINAL.subject)}
    assert {one.name for one in found} == {"Trần Thị Bình"}


def test_a_block_without_an_address_has_the_name() -> None:
    said = "From: Trần Thị Bình\nSent: Monday, January 5, 2026 8:00 AM\nTo: Nguyễn Văn An\nSubject: Báo cáo\n\nNội dung"
    assert [(one.sender, one.name) for one in find(said)] == [("", "Trần Thị Bình")]
    assert find(said.replace("Trần Thị Bình", "Bình [mailto:binh@so.example.vn]"))[0].sender == "binh@so.example.vn"


@pytest.mark.parametrize(
    "innocent",
    [
        "Từ: Phòng Tài chính\nNgày mai họp lúc 8 giờ, mời các đồng chí dự.\n",
        "On Mon, 5 Jan 2026, Bình <binh@so.example.vn> wrote:\n> Chủ đề: họp giao ban\n> Đến: phòng 2",
        "Ngày: 05/01/2026\nĐịa điểm: phòng 2\nNgười nhận: các phòng\n",
        "",
    ],
)
def test_other_lines_are_no_block(innocent: str) -> None:
    assert find(innocent) == ()


def test_blocks_one_below_the_other_are_told_apart() -> None:
    both = "\n\nvăn bản\n\n".join(
        f"---------- Forwarded message ---------\nFrom: <{who}@a.vn>\nDate: 1\nSubject: {who}\nTo: x" for who in "ab"
    )
    assert [(one.sender, one.subject) for one in find(both)] == [("a@a.vn", "a"), ("b@a.vn", "b")]


def test_what_is_enclosed_attached_and_referred_to() -> None:
    assert trail("thunderbird_attached").enclosed == (ORIGINAL.message_id,)
    assert ORIGINAL.message_id in trail("outlook").direct
    assert ORIGINAL.message_id in trail("thunderbird_inline").direct
    assert trail("neomutt").direct == trail("gmail").direct == ()
    inside = trail_of(ORIGINAL.octets(), scan(ORIGINAL.octets())).files
    assert [(one.size, one.name) for one in inside] == [(len(forwards.FILE), "Báo cáo.pdf")]
    assert [one.digest for one in trail("renamed_file").files] == [inside[0].digest]
    assert [one.digest for one in trail("thunderbird_attached").files] == [inside[0].digest]


def test_logos_and_empty_files_say_nothing() -> None:
    logo = forwards.attached(b"\x89PNG" * 2000, "logo.png", "image/png", "inline")
    empty = forwards.attached(b"x" * 500, "mau.docx")
    data = forwards.mail("From: <a@b.vn>", forwards.plain("x"), logo, empty)
    assert trail_of(data, scan(data)).files == ()


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"renamed_file", "answer_to_one_more"}))
def test_forwarded_words_are_recognised_however_they_are_quoted(kind: str) -> None:
    original = shingles.runs(folded(TEXT))
    assert len(original & shingles.runs(trail(kind).words)) > 0.8 * len(original)


def test_phrases_are_spread_over_the_text() -> None:
    text = [f"tu{number}" for number in range(1000)]
    found = shingles.phrases(text)
    assert len(found) <= shingles.MOST_PHRASES
    assert all(len(one.split()) == shingles.RUN and one in " ".join(text) for one in found)
    assert shingles.phrases(text[:5]) == []
    assert shingles.phrases(text[:6]) == [" ".join(text[:6])]


@pytest.mark.parametrize(
    "piece",
    ["From: a\n", "From: a@b\nSubject: c\nDate: d\n", "-", "> ", "a@", "Begin forwarded message:\n", "*", "từ ", ":"],
)
def test_reading_takes_linear_time(piece: str) -> None:
    def read(times: int) -> None:
        data = b"From: <a@b.vn>\r\n\r\n" + piece.encode() * times
        trail_of(data, scan(data))

    fine, counted = grows_linearly(read, 60)
    assert fine, counted
