"""A link in a letter instead of a file: sizes, the way back, and the file handed over with the letter."""

from __future__ import annotations

import pytest

from mailserver.store import raw
from tests.routing.world import World
from tests.webmail.mail.test_composing import ME
from tests.webmail.mail.test_shrink import begin, choice, names, written
from tests.webmail.mail.test_shrinking import NOISE, TEXT
from tests.webmail.visitor import Visitor, hidden, text_of

CHOICE = "/thu/soan/thu-gon"


def resumed(visitor: Visitor, path: str) -> dict[str, object]:
    """The draft's form, with the text that stands in it."""
    page = visitor.get(path)
    text = page.text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0].lstrip("\r\n")
    return {**written(visitor, path), "links": hidden(page, "links"), "text": text}


def states(world: World) -> list[str]:
    query = "SELECT state FROM sent_file ORDER BY id"
    return [row[0] for row in world.store.db.read(lambda conn: raw.rows(conn, query))]


@pytest.mark.requirement("R-086", "R-033")
def test_a_file_becomes_a_link_that_its_recipients_can_open_once_the_letter_is_sent(
    director: Visitor, outsider: Visitor, specialist: Visitor, world: World
) -> None:
    path = begin(director, (NOISE.filename, NOISE.data), (TEXT.filename, TEXT.data))
    page = text_of(choice(director, path))
    assert "Thay bằng đường dẫn" in page and "Thay tất cả bằng đường dẫn" in page
    done = director.post(CHOICE, **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "link", "way-1": "keep"})
    form = resumed(director, str(done.location))
    assert NOISE.filename in str(form["text"]) and "https://mail.example/tep/1" in str(form["text"])
    assert outsider.get("/tep/1/tai").status_code == 404, "the letter is not sent yet"
    assert director.post("/thu/soan", **form).status_code == 303
    assert names(world, "anl") == [(TEXT.filename, len(TEXT.data))]
    letter = text_of(outsider.get(f"/thu/{world.folder('anl', 'INBOX')}/1"))
    assert f"{NOISE.filename} (" in letter and "https://mail.example/tep/1" in letter
    assert outsider.get("/tep/1/tai").data == NOISE.data
    assert specialist.get("/tep/1/tai").status_code == 404
    assert len(world.uids("anl", "INBOX")) == 1, "the letter tells of it, no other"


@pytest.mark.requirement("R-086")
def test_the_files_come_back_and_the_links_go(director: Visitor, world: World) -> None:
    path = begin(director, (NOISE.filename, NOISE.data), (TEXT.filename, TEXT.data), text="Trước")
    done = director.post(CHOICE, nhap=hidden(choice(director, path), "nhap"), all="link")
    form = resumed(director, str(done.location))
    assert str(form["text"]).count("/tep/") == 2 and form["carry"] == []
    back = director.post("/thu/soan", **{**form, "do": "unshrink"})
    form = resumed(director, str(back.location))
    assert str(form["text"]).strip() == "Trước" and form["links"] == ""
    assert states(world) == ["gone", "gone"]
    assert director.post("/thu/soan", **form).status_code == 303
    assert sorted(names(world, "anl")) == sorted((one.filename, len(one.data)) for one in (NOISE, TEXT))


def test_nobody_outside_is_sent_a_link_that_does_not_open_and_thrown_away_it_leaves_nothing(
    director: Visitor, world: World
) -> None:
    path = begin(director, (NOISE.filename, NOISE.data))
    done = director.post(CHOICE, **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "link"})
    form = resumed(director, str(done.location))
    refused = director.post("/thu/soan", **{**form, "to": "ai@ngoai.example"})
    assert refused.status_code == 422 and "không mở được đường dẫn (ai@ngoai.example)" in text_of(refused)
    assert states(world) == ["coming"] and world.uids("truongpk", "Sent") == []
    form["draft"] = hidden(refused, "draft") or form["draft"]
    assert director.post("/thu/soan", **{**form, "do": "discard"}).status_code == 303
    assert states(world) == ["gone"]


def test_a_line_that_the_writer_takes_out_hands_nothing_over(
    director: Visitor, outsider: Visitor, world: World
) -> None:
    path = begin(director, (NOISE.filename, NOISE.data))
    done = director.post(CHOICE, **{"nhap": hidden(choice(director, path), "nhap"), "way-0": "link"})
    form = resumed(director, str(done.location))
    assert director.post("/thu/soan", **{**form, "text": "Không kèm gì.", "identity": ME}).status_code == 303
    assert states(world) == ["coming"], "it goes by itself"
    assert outsider.get("/tep/1").status_code == 404
