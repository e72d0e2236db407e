"""Making a letter smaller before it is sent: sizes before and after, the writer's choice, the way back."""

from __future__ import annotations

import email
import email.policy
import io
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from tests.routing.world import World
from tests.webmail.mail.pdfs.papers import Paper, jpeg
from tests.webmail.mail.test_composing import LETTER, ME, fresh
from tests.webmail.mail.test_shrinking import NOISE, TEXT, photograph
from tests.webmail.mail.test_thinning import locked
from tests.webmail.visitor import Visitor, hidden, text_of
from webmail.mail.thinning import Kind, Wanted

PAPER = Paper(jpeg("RGB"))
PHOTO = photograph("JPEG", quality=98)


def begin(visitor: Visitor, *files: tuple[str, bytes], **more: str) -> str:
    """Write a letter with files and ask to make it smaller; the path of the choice."""
    given = [FileStorage(io.BytesIO(data), name) for name, data in files]
    answer = visitor.post("/thu/soan", **fresh(visitor), **{**LETTER, **more, "do": "shrink"}, files=given)
    assert answer.status_code == 303
    return str(answer.location)


def choice(visitor: Visitor, path: str) -> TestResponse:
    """The page of the choice, once all files are looked at."""
    page = visitor.get(path)
    while 'id="shrinking"' in page.text:
        page = visitor.get(path)
    return page


def written(visitor: Visitor, path: str) -> dict[str, Any]:
    """The form of a draft as the browser would send it."""
    page = visitor.get(path)
    names = ("message_id", "draft", "answers", "forwards", "before", "made")
    carried = re.findall(r'name="carry" value="([^"]+)"', page.text)
    return {**LETTER, **{name: hidden(page, name) for name in names}, "carry": carried}


def names(world: World, who: str, folder: str = "INBOX") -> list[tuple[str, int]]:
    letter = email.message_from_bytes(world.octets(who, folder), policy=email.policy.default)
    return [(str(one.get_filename()), len(one.get_content())) for one in letter.iter_attachments()]


@pytest.mark.requirement("R-086")
def test_the_writer_sees_both_sizes_chooses_and_sends(director: Visitor, world: World) -> None:
    path = begin(director, ("ảnh.jpg", PHOTO), (TEXT.filename, TEXT.data), (NOISE.filename, NOISE.data))
    page = choice(director, path)
    assert "Nén lại ảnh" in text_of(page) and "Cho vào một tệp .zip" in text_of(page)
    nhap = hidden(page, "nhap")
    done = director.post("/thu/soan/thu-gon", **{"nhap": nhap, "way-0": "picture", "way-1": "zip", "way-2": "keep"})
    assert "Đã thu gọn từ" in text_of(director.follow(done))
    assert director.post("/thu/soan", **written(director, str(done.location))).status_code == 303
    photo, noise, packed = names(world, "anl")
    assert photo[0] == "ảnh.jpg" and photo[1] < 0.9 * len(PHOTO)
    assert noise == (NOISE.filename, len(NOISE.data))
    assert packed[0] == "Tệp kèm.zip" and packed[1] < 10_000


@pytest.mark.requirement("R-086")
def test_the_original_files_come_back_until_it_is_sent(director: Visitor, world: World) -> None:
    path = begin(director, ("ảnh.jpg", PHOTO), text="Trước")
    done = director.post("/thu/soan/thu-gon", **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "picture"})
    form = written(director, str(done.location))
    added = (io.BytesIO(b"them"), "thêm.txt")
    back = director.post("/thu/soan", **{**form, "text": "Sau", "do": "unshrink", "files": added})
    form = written(director, str(back.location))
    assert len(world.uids("truongpk", "Drafts")) == 1 and form["before"] == ""
    assert director.post("/thu/soan", **form).status_code == 303
    assert [name for name, _size in names(world, "anl")] == ["ảnh.jpg", "thêm.txt"]
    assert world.uids("truongpk", "Drafts") == []


def test_nothing_is_left_of_the_original_when_it_is_sent_or_thrown_away(director: Visitor, world: World) -> None:
    for what in ("send", "discard"):
        path = begin(director, ("ảnh.jpg", PHOTO))
        done = director.post(
            "/thu/soan/thu-gon", **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "picture"}
        )
        form = written(director, str(done.location))
        assert len(world.uids("truongpk", "Drafts")) == 2
        assert director.post("/thu/soan", **{**form, "do": what}).status_code == 303
        assert world.uids("truongpk", "Drafts") == []
    ((name, size),) = names(world, "anl")
    assert name == "ảnh.jpg" and size < 0.9 * len(PHOTO)


@pytest.mark.requirement("R-085", "R-086")
def test_a_letter_over_the_limit_keeps_its_files_and_may_be_made_smaller(director: Visitor, world: World) -> None:
    big = (io.BytesIO(b"x" * 10_485_761), "to.csv")
    refused = director.post("/thu/soan", **fresh(director), **LETTER, files=big)
    assert refused.status_code == 422 and "to.csv" in refused.text and 'value="shrink"' in refused.text
    carried = re.findall(r'name="carry" value="([^"]+)"', refused.text)
    form: dict[str, Any] = {"draft": hidden(refused, "draft"), "carry": carried}
    answer = director.post("/thu/soan", **{**LETTER, **form, "do": "shrink"})
    path = str(answer.location)
    done = director.post("/thu/soan/thu-gon", **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "zip"})
    assert director.post("/thu/soan", **written(director, str(done.location))).status_code == 303
    ((name, size),) = names(world, "anl")
    assert name == "Tệp kèm.zip" and size < 100_000


@pytest.mark.requirement("R-086")
def test_pictures_in_a_pdf_are_made_smaller_unless_it_is_signed(director: Visitor, world: World) -> None:
    scan, signed = PAPER.written(), replace(PAPER, catalog=b"/Perms<</DocMDP 10 0 R>>").written()
    path = begin(director, ("quét.pdf", scan), ("có ký.pdf", signed))
    page = choice(director, path)
    made = re.search(r"Nén ảnh trong PDF – (\S+ KB) còn (\S+ KB)", text_of(page))
    assert made is not None and made[1] == f"{len(scan) / 1024:.0f} KB"
    assert text_of(page).count("Nén ảnh trong PDF") == 1
    assert text_of(page).count("Tệp có chữ ký số: nén sẽ làm mất hiệu lực chữ ký.") == 1
    done = director.post("/thu/soan/thu-gon", **{"nhap": hidden(page, "nhap"), "way-0": "pdf", "way-1": "pdf"})
    form = written(director, str(done.location))
    back = director.follow(director.post("/thu/soan", **{**form, "do": "unshrink"}))
    sizes = re.findall(r'name="carry"[^>]* data-size="(\d+)"', back.text)
    assert [round(int(shown) / len(scan), 3) for shown in sizes] == [1, 1]
    form = {name: hidden(back, name) for name in ("message_id", "draft", "before", "made")}
    carried = re.findall(r'name="carry" value="([^"]+)"', back.text)
    again = director.post("/thu/soan", **{**LETTER, **form, "carry": carried, "do": "shrink"})
    nhap = hidden(choice(director, str(again.location)), "nhap")
    done = director.post("/thu/soan/thu-gon", **{"nhap": nhap, "way-0": "pdf"})
    assert director.post("/thu/soan", **written(director, str(done.location))).status_code == 303
    sent = names(world, "anl")
    assert f"{sent[0][1] / 1024:.0f} KB" == made[2] and sent[0][1] < 0.6 * len(scan)
    assert sent[1] == ("có ký.pdf", len(signed))


@pytest.mark.requirement("R-086")
def test_the_page_shows_how_far_it_is_and_the_letter_may_go_as_links_meanwhile(
    director: Visitor, world: World, tmp_path: Path
) -> None:
    picture = Wanted(Kind.PICTURE, PHOTO)
    lock = locked(tmp_path / "cache" / "smaller", picture)  # as held by a process that works on it
    path = begin(director, (TEXT.filename, TEXT.data), ("ảnh.jpg", PHOTO))
    page = director.get(path)
    assert "Đang thu gọn, xong 0 / 1 tệp. Đang làm: ảnh.jpg" in text_of(page)
    assert 'hx-trigger="load delay:1s"' in page.text and "Thay tất cả bằng đường dẫn" in text_of(page)
    nhap = hidden(page, "nhap")
    early = director.post("/thu/soan/thu-gon", **{"nhap": nhap, "way-1": "picture"})
    assert early.location == path, "not done yet"
    linked = director.post("/thu/soan/thu-gon", nhap=nhap, all="link")
    assert linked.status_code == 303 and str(linked.location) != path
    os.close(lock)
    assert "Nén lại ảnh" in text_of(choice(director, path))
    assert director.get(path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_where_nothing_helps_the_page_says_so_and_nothing_changes(director: Visitor, world: World) -> None:
    path = begin(director, (NOISE.filename, NOISE.data), ("trống.txt", b""))
    page = choice(director, path)
    assert "Không tệp nào thu gọn thêm được" in text_of(page)
    done = director.post("/thu/soan/thu-gon", **{"nhap": hidden(page, "nhap"), "way-0": "zip"})
    assert done.status_code == 303 and len(world.uids("truongpk", "Drafts")) == 1


def test_another_s_draft_is_nobody_s_business(director: Visitor, outsider: Visitor) -> None:
    path = begin(director, ("a.txt", b"x"))
    nhap = path.rpartition("=")[2]
    assert outsider.get(path).status_code == 404
    assert outsider.post("/thu/soan/thu-gon", nhap=nhap).status_code == 404
    for nonsense in ("", "x", "1.", "999999.1"):
        assert director.get(f"/thu/soan/thu-gon?nhap={nonsense}").status_code == 404
    assert director.post("/thu/soan", **fresh(director), **{**LETTER, "do": "unshrink"}).status_code == 404
    assert director.post("/thu/soan", **fresh(director), **{**LETTER, "identity": ME, "do": "save"}).status_code == 303
