"""What becomes of a PDF: pictures that are worth it get smaller, nothing else changes; some are left alone."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from tests.webmail.mail.pdfs.papers import (
    DRAWN,
    JPEG,
    PLAIN,
    SIDE,
    WANTED,
    Paper,
    jpeg,
    packed,
    samples,
    stream,
    written,
)
from webmail.mail.pdfs import proof
from webmail.mail.pdfs.child import thin

RGB = Paper(jpeg("RGB"))
TURNED = b"[1 0 1 0 1 0 1 0]"
CMYK = Paper(jpeg("CMYK"), b"/ColorSpace/DeviceCMYK/BitsPerComponent 8/Decode" + TURNED + JPEG)
PIXELS = Paper(samples("RGB"), b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode")


def soft_mask(more: bytes = b"") -> bytes:
    """Half of it can be seen through."""
    entries = b"/Type/XObject/Subtype/Image/Width 2/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    return stream(entries + more, b"\xff\x60")


def picture(pdf: bytes) -> tuple[tuple[int, int], str, int]:
    """Size in pixels, colours, octets of the one on the first page."""
    (found,) = (PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/XObject"]["/Im"].get_object(),)  # type: ignore[index]
    return (found["/Width"], found["/Height"]), found["/ColorSpace"], len(found._data)


@pytest.mark.parametrize(
    ("paper", "colours"),
    [
        (RGB, "/DeviceRGB"),
        (Paper(jpeg("L"), b"/ColorSpace/DeviceGray/BitsPerComponent 8" + JPEG), "/DeviceGray"),
        (CMYK, "/DeviceCMYK"),
        (replace(CMYK, entries=CMYK.entries.replace(b"/Decode" + TURNED, b"")), "/DeviceCMYK"),
        (PIXELS, "/DeviceRGB"),
        (Paper(samples("L"), b"/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"), "/DeviceGray"),
        (replace(PIXELS, entries=PIXELS.entries + b"/SMask 10 0 R", more=(soft_mask(),)), "/DeviceRGB"),
        (replace(RGB, page=b"/Rotate 90"), "/DeviceRGB"),
        (replace(RGB, content=b"q 0 200 -200 0 300 400 cm /Im Do Q"), "/DeviceRGB"),
        (replace(RGB, content=b"q 100 0 0 100 50 400 cm /Fm Do Q"), "/DeviceRGB"),
        (replace(RGB, content=PLAIN + b" q 50 0 0 50 300 400 cm /Im Do Q"), "/DeviceRGB"),
    ],
    ids=[
        "rgb",
        "grey",
        "cmyk-turned",
        "cmyk",
        "pixels",
        "grey-pixels",
        "soft-mask",
        "page",
        "drawn-turned",
        "in-a-form",
        "twice",
    ],
)
def test_a_picture_is_brought_to_200_dots_an_inch_and_its_colours_stay(paper: Paper, colours: str) -> None:
    old = paper.written()
    word, new = thin(old)
    size, told, octets = picture(new)
    assert (word, size, told) == ("made", (WANTED, WANTED), colours)
    assert octets < 0.6 * len(paper.data) and len(new) < 0.6 * len(old)


def test_a_picture_drawn_small_and_large_is_kept_fit_for_the_large_one() -> None:
    word, new = thin(replace(RGB, content=PLAIN + b" q 400 0 0 400 50 10 cm /Im Do Q").written())
    assert (word, picture(new)[0]) == ("made", (SIDE, SIDE)), "compressed anew only"


@pytest.mark.parametrize("form", [written, packed], ids=["plain", "packed"])
def test_everything_else_is_as_before(form: object) -> None:
    old = form(RGB.objects())  # type: ignore[operator]
    _word, new = thin(old)
    before, after = PdfReader(io.BytesIO(old)), PdfReader(io.BytesIO(new), strict=True)
    page = after.pages[0]
    assert page.get_contents().get_data() == before.pages[0].get_contents().get_data()  # type: ignore[union-attr]
    assert page.extract_text() == "Cong van so 12" and after.page_labels == ["i"]
    assert [one.title for one in after.outline] == ["Phu luc"]  # type: ignore[union-attr]
    assert page["/Annots"][0]["/A"]["/URI"] == "https://a.example/(1)"  # type: ignore[index]
    assert b"/XRef" not in new and b"/ObjStm" not in new
    assert proof.sheet(pypdfium2.PdfDocument(new), 0).size == (5953, 8419)


@pytest.mark.parametrize(
    "paper",
    [
        replace(PIXELS, entries=PIXELS.entries + b"/SMask 10 0 R", more=(soft_mask(b"/Matte[0 0 0]"),)),
        replace(RGB, entries=RGB.entries + b"/Mask[0 9 0 9 0 9]"),
        replace(RGB, entries=RGB.entries + b"/DecodeParms<</ColorTransform 0>>"),
        Paper(samples("L"), b"/ImageMask true/BitsPerComponent 1/Filter/FlateDecode", size=(SIDE * 8, SIDE)),
        Paper(samples("L"), b"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode", size=(SIDE * 8, SIDE)),
        Paper(samples("L"), b"/ColorSpace[/Indexed/DeviceRGB 1<000000FFFFFF>]/BitsPerComponent 8/Filter/FlateDecode"),
        Paper(samples("CMYK"), b"/ColorSpace/DeviceCMYK/BitsPerComponent 8/Filter/FlateDecode"),
        replace(RGB, content=b""),
        replace(RGB, page=b"/UserUnit 4"),
        replace(RGB, size=(60_000, 60_000)),
        replace(RGB, size=(SIDE, SIDE - 1)),
        replace(RGB, data=RGB.data[:2] + b"x" * 60_000),
        Paper(b"x" * 5_000),
    ],
    ids=[
        *("mixed-in", "colour-mask", "own-colours", "stencil", "one-bit", "palette", "cmyk-pixels", "never-drawn"),
        *("other-units", "bomb", "wrong-size", "no-jpeg", "small"),
    ],
)
def test_what_is_not_safe_or_not_worth_it_is_left_alone(paper: Paper) -> None:
    assert thin(paper.written()) == ("same", b"")


def test_no_time_left_leaves_the_pictures() -> None:
    assert thin(RGB.written(), seconds=0) == ("same", b"")


SIGNATURE = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>"
FIELD = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky)/Rect[0 0 0 0]/P 3 0 R%s>>"


@pytest.mark.parametrize("form", [written, packed], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "paper",
    [
        replace(RGB, catalog=b"/AcroForm<</SigFlags 3/Fields[10 0 R]>>", more=(FIELD % b"/V 11 0 R", SIGNATURE)),
        replace(RGB, catalog=b"/AcroForm<</Fields[10 0 R]>>", more=(FIELD % b"",)),
        replace(RGB, catalog=b"/Perms<</DocMDP 10 0 R>>", more=(b"<</Type/Sig>>",)),
        replace(RGB, catalog=b"/Perms<</UR3 10 0 R>>", more=(SIGNATURE,)),
    ],
    ids=["signed", "to-be-signed", "certified", "rights"],
)
def test_what_bears_a_signature_is_never_touched(paper: Paper, form: object) -> None:
    assert thin(form(paper.objects())) == ("signed", b"")  # type: ignore[operator]


@pytest.mark.parametrize("password", ["mật khẩu", ""], ids=["to-open", "to-change"])
def test_what_is_protected_is_never_touched(password: str) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(RGB.written()))
    writer.encrypt(password, "chủ", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert thin(out.getvalue()) == ("locked", b"")


def test_a_result_that_is_not_the_same_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "WORST", -1.0)
    with pytest.raises(ValueError, match="not the same"):
        thin(RGB.written())


def test_the_proof_sees_what_is_lost() -> None:
    whole = pypdfium2.PdfDocument(RGB.written())
    for other, seen in (
        (replace(RGB, content=b"q 198 0 0 200 50 400 cm /Im Do Q"), True),
        (replace(RGB, content=b""), False),
        (replace(RGB, content=b"q %d 0 0 %d 250 400 cm /Im Do Q" % (DRAWN, DRAWN)), False),
    ):
        assert proof.same(whole, pypdfium2.PdfDocument(other.written()), [0]) is seen
    for other in (
        replace(RGB, page=b"/Rotate 90"),
        replace(RGB, content=PLAIN + b" BT /F 9 Tf (x) Tj ET"),
    ):
        assert not proof.same(whole, pypdfium2.PdfDocument(other.written()), [])
    assert proof.same(whole, pypdfium2.PdfDocument(RGB.written()), [0])
