"""Text of documents, and documents that would do harm."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pytest
from reportlab.pdfgen import canvas

from mailserver.mime.extract import document_kind, extract_page, extract_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def zipped(entries: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("Công văn", 0)
    paragraph = document.add_paragraph("Kính gửi ")
    paragraph.add_run("Sở Y tế").bold = True
    paragraph.add_run(" tỉnh")
    document.add_table(1, 1).cell(0, 0).text = "12/UBND"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def sheet_file() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Họ tên", "Tuổi"])
    book.active.append(["Nguyễn", 5])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def pdf_file() -> bytes:
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.drawString(100, 700, "So 12/UBND-VP")
    page.save()
    return buffer.getvalue()


def text_file() -> bytes:
    body = "<text:h>Tờ trình</text:h><text:p>Xin <text:span>chào</text:span> bạn</text:p>"
    return zipped({"content.xml": f"<office:text {ODT_NAMES}>{body}</office:text>"})


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        pytest.param(word_file(), "a.DOCX", "Công văn\nKính gửi Sở Y tế tỉnh\n12/UBND\n", id="docx"),
        pytest.param(sheet_file(), "a.xlsx", "Sheet\nHọ tên\tTuổi\nNguyễn\t5\n", id="xlsx"),
        pytest.param(text_file(), "a.odt", "Tờ trình\nXin chào bạn\n", id="odt"),
        pytest.param(pdf_file(), "a.pdf", "So 12/UBND-VP\n", id="pdf"),
    ],
)
def test_text_of_documents(data: bytes, name: str, expected: str) -> None:
    assert extract_text(data, "application/octet-stream", name) == expected


def test_the_media_type_tells_what_a_nameless_file_is() -> None:
    assert extract_text(word_file(), DOCX, None).startswith("Công văn")


@pytest.mark.parametrize(
    ("media_type", "name", "kind"),
    [
        ("application/pdf", None, "pdf"),
        ("application/octet-stream", "A.PDF", "pdf"),
        ("application/pdf", "a.docx", "docx"),
        ("image/png", "a.png", None),
        ("text/plain", None, None),
    ],
)
def test_kinds_of_documents(media_type: str, name: str | None, kind: str | None) -> None:
    assert document_kind(media_type, name) == kind


ENTITIES = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(zipped({"word/document.xml": b" " * 120_000_000}), "a.docx", id="unpacks to more than 100 MB"),
        pytest.param(zipped({"word/document.xml": b"<a>" + b" " * 5_000_000}), "a.docx", id="ratio above 100"),
        pytest.param(zipped({f"word/document{n}.xml": "<a/>" for n in range(1_001)}), "a.docx", id="many entries"),
        pytest.param(zipped({"content.xml": ENTITIES}), "a.odt", id="entity bomb"),
        pytest.param(zipped({"xl/workbook.xml": ENTITIES}), "a.xlsx", id="entity bomb in a sheet"),
        pytest.param(zipped({"content.xml": "<a" * 100_000}), "a.odt", id="no XML"),
        pytest.param(word_file()[:-200], "a.docx", id="cut archive"),
        pytest.param(b"%PDF-1.7\n" + b"<<" * 100_000, "a.pdf", id="nested dictionaries"),
        pytest.param(b"%PDF-1.7 nothing", "a.pdf", id="no PDF"),
        pytest.param(b"", "a.pdf", id="empty"),
        pytest.param(b"plain", "a.docx", id="not what its name says"),
    ],
)
def test_harmful_documents_have_no_text(data: bytes, name: str) -> None:
    assert extract_text(data, "application/octet-stream", name) == ""


def test_a_child_that_needs_more_memory_than_allowed_gives_nothing() -> None:
    words = "".join(f"<text:p>Tờ trình số {number}</text:p>" for number in range(100_000))
    large = zipped({"content.xml": f"<office:text {ODT_NAMES}>{words}</office:text>"})
    assert extract_text(large, "", "a.odt", timeout_s=60).startswith("Tờ trình số 0")
    assert extract_text(large, "", "a.odt", timeout_s=60, memory=24 * 1024 * 1024) == ""


def test_a_child_that_takes_too_long_is_killed() -> None:
    assert extract_text(sheet_file(), "", "a.xlsx", timeout_s=0.001) == ""


def test_the_lines_of_a_first_page_have_their_places() -> None:
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=(600, 800))
    page.drawString(60, 720, "So 12/UBND-VP")
    page.drawString(400, 720, "ngay 12")
    page.drawString(60, 80, "below")
    page.showPage()
    page.drawString(60, 720, "second page")
    page.save()
    lines = extract_page(buffer.getvalue(), "application/pdf", "a.pdf")
    assert [line.text for line in lines] == ["So 12/UBND-VP", "ngay 12", "below"]
    assert lines[0].where == "body" and 0.05 < lines[0].top < 0.15 and lines[2].top > 0.85


def test_the_lines_of_a_word_file_tell_heads_boxes_and_text_apart() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:txbxContent>"
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:p><w:r><w:t>Số: 12</w:t>{box}<w:tab/><w:t>ngày</w:t></w:r></w:p>"
    head = f"<w:hdr {word}><w:p><w:r><w:t>Đầu trang</w:t></w:r></w:p></w:hdr>"
    made = zipped({"word/document.xml": f"<w:document {word}>{body}</w:document>", "word/header1.xml": head})
    lines = extract_page(made, DOCX, "a.docx")
    assert [(line.where, line.text) for line in lines] == [
        ("head", "Đầu trang"), ("box", "MẬT"), ("body", "Số: 12"), ("body", "ngày"),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"", word_file()[:-200]])
def test_a_page_that_cannot_be_read_has_no_lines(data: bytes) -> None:
    assert extract_page(data, "application/pdf", "a.pdf") == extract_page(data, DOCX, "a.docx") == ()
