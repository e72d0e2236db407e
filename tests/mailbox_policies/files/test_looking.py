"""What is dangerous in a file, whatever it is called and however it is packed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_policies.files import archives
from mailbox_policies.files.archives import BOMB_OCTETS, MOST_DEPTH, MOST_MEMBERS, RAR4, RAR5, Budget
from mailbox_policies.files.kinds import Danger
from mailbox_policies.files.looking import Found, look
from tests.mailbox_policies.files import samples


def found(name: str, octets: bytes) -> list[Found]:
    return list(look(name, octets, Budget()))


def dangers(name: str, octets: bytes) -> list[Danger]:
    return [one.danger for one in found(name, octets)]


@pytest.mark.parametrize(
    ("octets", "danger"),
    [
        (samples.PROGRAM, Danger.PROGRAM),
        (b"\x7fELF\x02", Danger.PROGRAM),
        (samples.SHORTCUT, Danger.SHORTCUT),
        (samples.DISK, Danger.DISK),
        (samples.COMPOUND_WITH_MACROS, Danger.MACRO),
        (samples.zip_of({"word/vbaProject.bin": b"x"}), Danger.MACRO),
        (b"<html><HTA:APPLICATION id=x>", Danger.SCRIPT),
    ],
)
@pytest.mark.parametrize("name", ["cong-van.pdf", ""])
def test_a_file_is_what_its_octets_say(name: str, octets: bytes, danger: Danger) -> None:
    assert dangers(name, octets) == [danger]


@pytest.mark.parametrize(
    ("name", "danger"),
    [
        ("a.js", Danger.SCRIPT),
        ("bao-cao.pdf.VBS", Danger.SCRIPT),
        ("a.hta. .", Danger.SCRIPT),
        ("a.lnk", Danger.SHORTCUT),
        ("a.scr", Danger.PROGRAM),
        ("giaymoi\u202efdp.txt", Danger.NAME),
    ],
)
def test_where_octets_tell_nothing_the_name_does(name: str, danger: Danger) -> None:
    assert dangers(name, b"text") == [danger]


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("cong-van.pdf", b"%PDF-1.7"),
        ("anh.jpg", b"\xff\xd8\xff"),
        ("cu.doc", samples.COMPOUND),
        ("sct.example.com", b"text"),
        ("MZ.txt", b"MZ is how programs of DOS begin, and so does this text, which is none. " * 3),
        ("du-thao.docx", samples.zip_of({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})),
        ("rong.zip", samples.zip_of({})),
        ("ghi-chu.txt", b""),
    ],
)
def test_ordinary_files_pass(name: str, octets: bytes) -> None:
    assert found(name, octets) == []


def tarred(mode: str, name: str, octets: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(octets)
        archive.addfile(info, io.BytesIO(octets))
    return held.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        lambda octets: samples.zipped(anh_jpg=octets),
        lambda octets: samples.zipped(trong_zip=samples.zipped(anh_jpg=octets)),
        lambda octets: tarred("w", "anh.jpg", octets),
        lambda octets: tarred("w:gz", "anh.jpg", octets),
        gzip.compress,
        bz2.compress,
        lzma.compress,
    ],
)
@pytest.mark.parametrize("octets", [samples.PROGRAM, samples.DISK], ids=["program", "disk"])
def test_archives_are_looked_into(pack: Callable[[bytes], bytes], octets: bytes) -> None:
    expected = Danger.PROGRAM if octets is samples.PROGRAM else Danger.DISK
    assert dangers("ho-so", pack(octets)) == [expected]
    assert dangers("ho-so", pack(b"%PDF-1.7")) == []


def test_a_compound_file_in_an_archive_is_looked_through_to_its_end() -> None:
    long = samples.COMPOUND + b"\0" * 200_000 + "_VBA_PROJECT".encode("utf-16-le")
    assert dangers("a.zip", samples.zipped(cu_doc=long)) == [Danger.MACRO]


@pytest.mark.parametrize("make", [samples.rar4, samples.rar5])
def test_of_rar_the_names_tell(make: Callable[[str], bytes]) -> None:
    assert found("a.rar", make("hoa-don.exe")) == [Found("a.rar/hoa-don.exe", Danger.PROGRAM)]
    assert found("a.rar", make("hoa-don.pdf")) == []


def test_what_nobody_can_look_into_is_said() -> None:
    assert found("a.zip", samples.encrypted_zip("a.pdf")) == [Found("a.zip/a.pdf", Danger.ENCRYPTED)]
    assert found("a.zip", samples.encrypted_zip("a.exe")) == [Found("a.zip/a.exe", Danger.PROGRAM)]
    assert dangers("a.rar", samples.rar4("a.pdf", encrypted=True)) == [Danger.ENCRYPTED]
    assert dangers("a.7z", archives.SEVEN_ZIP + b"\0" * 26) == [Danger.UNSEEN]
    assert dangers("a.zip", b"PK\x03\x04 no archive") == [Danger.UNSEEN]


def test_archives_in_archives_in_archives_are_a_bomb() -> None:
    octets = b"x"
    for _ in range(MOST_DEPTH):
        octets = samples.zipped(a_zip=octets)
    assert dangers("a.zip", octets) == []
    assert dangers("a.zip", samples.zipped(a_zip=octets)) == [Danger.BOMB]


def test_too_many_members_are_a_bomb() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(MOST_MEMBERS + 1):
            archive.writestr(f"{number}", b"")
    assert dangers("a.zip", held.getvalue()) == [Danger.BOMB]


def test_a_member_that_says_it_is_huge_is_not_unpacked() -> None:
    made = bytearray(samples.zipped(a_txt=b"\0" * 1_000))
    at = made.index(b"PK\x01\x02")
    made[at + 24 : at + 28] = (BOMB_OCTETS * 2).to_bytes(4, "little")
    assert dangers("a.zip", bytes(made)) == [Danger.BOMB]


def test_what_is_unpacked_ends_with_the_budget() -> None:
    layer = samples.zipped(a_zip=samples.zip_of({"b": b"\0" * 200_000}) + b"\0" * 300_000)
    assert [one.danger for one in look("a.zip", layer, Budget(octets=100_000))] == [Danger.BOMB]


@given(
    st.sampled_from([RAR4, RAR5, b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"MZ"]),
    st.binary(max_size=300),
)
def test_nothing_is_raised_whatever_the_octets_are(beginning: bytes, rest: bytes) -> None:
    found("a", beginning + rest)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_archive_raises_nothing(at: int, octet: int) -> None:
    for whole in (
        samples.zipped(a_txt=b"x" * 50, b_js=b"y"),
        samples.rar4("a.txt"),
        samples.rar5("a.txt"),
        tarred("w", "a", b"x"),
    ):
        damaged = bytearray(whole)
        damaged[at % len(damaged)] = octet
        found("a", bytes(damaged))
