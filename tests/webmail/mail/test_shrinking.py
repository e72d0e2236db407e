"""What can be made smaller, and what comes of files that are no pictures at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from random import Random

import pytest
from PIL import Image

from mailserver.mime.compose import Attachment
from webmail.mail import pictures
from webmail.mail.shrinking import MOST, SMALLEST, Way, applied, offers, wanted, zipped
from webmail.mail.thinning import Fate, Kind, Thinned, Wanted

SIZE = (1200, 800)


def photograph(kind: str, mode: str = "RGB", size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """Noise: nothing compresses it away."""
    width, height = size
    small = Image.frombytes(mode, (width // 4, height // 4), Random(1).randbytes(width * height * len(mode) // 16))
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, kind, **options)
    return out.getvalue()


def file(name: str, data: bytes, media_type: str = "application/octet-stream") -> Attachment:
    return Attachment(name, media_type, data)


TEXT = file("số liệu.csv", b"1;2;3\n" * 50_000, "text/csv")
NOISE = file("quét.pdf", b"%PDF-1.7 " + Random(2).randbytes(200_000), "application/pdf")


def looked_at(files: Sequence[Attachment]) -> dict[int, Thinned]:
    """What becomes of pictures; no PDF can be made smaller."""
    told: dict[int, Thinned] = {}
    for number, one in wanted(files).items():
        word, _line, made = (b"failed", b"", b"") if one.kind is Kind.PDF else pictures.told(one.data).partition(b"\n")
        told[number] = Thinned(Fate(word.decode()), made)
    return told


def test_pictures_are_compressed_anew_and_keep_what_they_show() -> None:
    given = [
        file("ảnh.jpg", photograph("JPEG", quality=98), "image/jpeg"),
        file("màn hình.png", photograph("PNG"), "image/png"),
        file("dấu.png", photograph("PNG", "RGBA", (2600, 400)), "image/png"),
    ]
    first, second, third = offers(given, looked_at(given))
    made = [one.made for one in (first, second, third)]
    assert [one.filename for one in made if one] == ["ảnh.jpg", "màn hình.jpg", "dấu.png"]
    for offer, picture in zip((first, second, third), made, strict=True):
        assert picture is not None and offer.best is Way.PICTURE
        assert offer.sizes[Way.PICTURE] == len(picture.data) <= 0.9 * len(offer.file.data)
    assert Image.open(io.BytesIO(made[0].data)).size == SIZE  # type: ignore[union-attr]
    clear = Image.open(io.BytesIO(made[2].data))  # type: ignore[union-attr]
    assert (clear.mode, clear.size) == ("RGBA", (2400, 369))


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\xff\xd8\xff\xe0" + b"x" * SMALLEST,
        b"GIF89a" + b"x" * SMALLEST,
        photograph("PNG")[: SMALLEST + 10],
        photograph("PNG").replace(b"IHDR\0\0\x04\xb0\0\0\x03\x20", b"IHDR\0\xff\xff\xff\0\xff\xff\xff"),
        photograph("TIFF", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    ],
    ids=["empty", "broken", "another-format", "cut-off", "bomb", "many-pages"],
)
def test_what_is_no_picture_stays_and_costs_its_neighbours_nothing(hostile: bytes) -> None:
    good = file("a.jpg", photograph("JPEG", quality=98), "image/jpeg")
    given = [file("b.jpg", hostile, "image/jpeg"), good]
    found = offers(given, looked_at(given))
    assert [one.made is not None for one in found] == [False, True]


def test_files_that_zip_well_are_offered_so_and_come_out_as_they_were() -> None:
    same = file("SỐ LIỆU.csv", b"x" * SMALLEST, "text/csv")
    found = offers([TEXT, NOISE, same], {})
    assert [one.best for one in found] == [Way.ZIP, Way.KEEP, Way.ZIP]
    kept, packed = applied(found, [one.best for one in found])
    assert kept == NOISE
    assert len(packed.data) <= sum(one.sizes[Way.ZIP] for one in found if one.best is Way.ZIP)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "số liệu.csv": TEXT.data,
            "SỐ LIỆU (2).csv": same.data,
        }


def test_pdfs_are_known_by_what_they_are_and_keep_their_names() -> None:
    small = file("nhỏ.pdf", b"%PDF-1.7", "application/pdf")
    signed = file("quét.jpg", NOISE.data + b".", "image/jpeg")
    given = [TEXT, NOISE, small, signed]
    assert wanted(given) == {1: Wanted(Kind.PDF, NOISE.data), 3: Wanted(Kind.PDF, signed.data)}
    found = offers(given, {1: Thinned(Fate.MADE, b"%PDF-small"), 3: Thinned(Fate.SIGNED)})
    assert [one.fate for one in found] == [None, Fate.MADE, None, Fate.SIGNED]
    assert [one.best for one in found] == [Way.ZIP, Way.PDF, Way.KEEP, Way.KEEP]
    assert applied(found, [Way.KEEP, Way.PDF, Way.PDF, Way.PDF]) == [
        TEXT,
        file("quét.pdf", b"%PDF-small", "application/pdf"),
        small,
        signed,
    ]


def test_of_too_many_files_some_stay_as_they_are() -> None:
    many = [NOISE] * (MOST[Kind.PDF] + 2)
    assert len(wanted(many)) == MOST[Kind.PDF]
    assert offers(many, {})[-1].fate is Fate.FAILED


def test_a_way_that_is_not_offered_leaves_the_file_alone() -> None:
    assert applied(offers([NOISE, TEXT], {}), [Way.ZIP, Way.PICTURE]) == [NOISE, TEXT]
    assert applied([], []) == []


def test_no_name_leads_out_of_the_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(zipped([file("../../etc/x", b"1"), file("", b"2")]).data)) as archive:
        assert all(not name.startswith("/") and "/" not in name for name in archive.namelist())
        assert len(archive.namelist()) == 2
