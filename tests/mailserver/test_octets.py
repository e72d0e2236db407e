"""A mapped file is read as octets in memory are, by readers that seek too."""

from __future__ import annotations

import io
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

from mailbox_policies.files.archives import Budget
from mailbox_policies.files.looking import look
from mailserver.octets import as_file, begins, holds
from tests.mailbox_policies.files import samples


def mapped(folder: Path, octets: bytes) -> mmap:
    path = folder / "file"
    path.write_bytes(octets)
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def test_a_mapped_file_seeks_and_ends_as_one_in_memory(tmp_path: Path) -> None:
    octets = bytes(range(256)) * 40
    file, plain = as_file(mapped(tmp_path, octets)), io.BytesIO(octets)
    for place in ((0, 0), (-10, 2), (100, 0), (20, 1), (0, 2)):
        assert file.seek(*place) == plain.seek(*place)
        assert file.read(30) == plain.read(30)
        assert file.tell() == plain.tell()
    with pytest.raises(ValueError, match="beginning"):
        as_file(mapped(tmp_path, octets)).seek(-1)


@pytest.mark.parametrize(
    "octets",
    [
        samples.PROGRAM,
        samples.COMPOUND_WITH_MACROS,
        samples.DISK,
        samples.zipped(a_exe=samples.PROGRAM),
        samples.zip_of({"in.zip": samples.zip_of({"b.txt": samples.PROGRAM})}),
        samples.rar4("c.exe"),
        samples.rar5("d.exe"),
        samples.encrypted_zip("e.doc"),
        b"plain words",
    ],
)
def test_the_same_is_found_in_a_mapped_file(tmp_path: Path, octets: bytes) -> None:
    whole = mapped(tmp_path, octets)
    assert list(look("x", whole, Budget())) == list(look("x", octets, Budget()))
    assert begins(whole, octets[:4]) and holds(whole, octets[-3:])
    assert not begins(whole, b"\xff\xff") and not holds(whole, b"nowhere in it")
