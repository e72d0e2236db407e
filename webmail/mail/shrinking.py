"""Making what a letter carries smaller: pictures compressed anew, those in PDFs too, other files zipped
(123/QĐ-SCT, Điều 6 khoản 2).

A PDF that is signed is left as it is: a new one would break the signature (decision 0030).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from pathlib import PurePosixPath
from typing import Final

from mailserver.mime.compose import Attachment
from webmail.mail.pdfs.asking import is_pdf
from webmail.mail.thinning import Fate, Kind, Thinned, Wanted

# Of a letter; further ones stay as they are.
MOST: Final = {Kind.PICTURE: 30, Kind.PDF: 10}
# Smaller ones are not worth a look.
SMALLEST: Final = 100_000
# Octets that a link takes in the text of a letter, beside the file's name.
LINK_OCTETS: Final = 120
# As in `shrink_child`.
WORTH: Final = 0.9
_SUFFIXES: Final = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}


@unique
class Way(Enum):
    """What is done with a file."""

    KEEP = "keep"
    PICTURE = "picture"
    PDF = "pdf"
    ZIP = "zip"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done with one file. sizes: octets afterwards, by the ways there are; KEEP is always one.

    made: the smaller picture or PDF, None if there is none. fate: of a PDF that was looked at.
    """

    file: Attachment
    sizes: dict[Way, int]
    made: Attachment | None = None
    fate: Fate | None = None

    @property
    def smaller(self) -> bool:
        return len(self.sizes) > 1

    @property
    def shrinks(self) -> bool:
        """Whether the file itself can be made smaller."""
        return bool(self.sizes.keys() - {Way.KEEP, Way.LINK})

    @property
    def best(self) -> Way:
        return min(
            (way for way in self.sizes if way is not Way.LINK), key=lambda way: (self.sizes[way], way is not Way.KEEP)
        )


def wanted(files: Sequence[Attachment]) -> dict[int, Wanted]:
    """What is worth asking for, by the place of each file; PDFs are known by what they are."""
    found: dict[int, Wanted] = {}
    left = dict(MOST)
    for number, file in enumerate(files):
        kind = _kind(file)
        if kind is not None and left[kind]:
            left[kind] -= 1
            found[number] = Wanted(kind, file.data)
    return found


def _kind(file: Attachment) -> Kind | None:
    if len(file.data) < SMALLEST:
        return None
    if is_pdf(file.data):
        return Kind.PDF
    return Kind.PICTURE if file.media_type.startswith("image/") else None


def offers(files: Sequence[Attachment], told: Mapping[int, Thinned]) -> list[Offer]:
    """For each file, in order. told: what became of those that were `wanted`."""
    return [_offer(file, told.get(number)) for number, file in enumerate(files)]


def applied(offered: Sequence[Offer], ways: Sequence[Way]) -> list[Attachment]:
    """The files with what was chosen done; the zipped ones together come last, linked ones not at all. A way that is
    not there is KEEP."""
    chosen = [way if way in one.sizes else Way.KEEP for one, way in zip(offered, ways, strict=True)]
    kept = [
        one.made if way in (Way.PICTURE, Way.PDF) and one.made else one.file
        for one, way in zip(offered, chosen, strict=True)
        if way not in (Way.ZIP, Way.LINK)
    ]
    packed = [one.file for one, way in zip(offered, chosen, strict=True) if way is Way.ZIP]
    return [*kept, zipped(packed)] if packed else kept


def zipped(files: Sequence[Attachment]) -> Attachment:
    """One archive of all; of the same name one gets a number."""
    held = io.BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            archive.writestr(_free(file.filename, names), file.data)
    return Attachment("Tệp kèm.zip", "application/zip", held.getvalue())


def _offer(file: Attachment, told: Thinned | None) -> Offer:
    sizes, kind = {Way.KEEP: len(file.data)}, _kind(file)
    made = None
    if told and told.data:
        made = replace(file, data=told.data) if kind is Kind.PDF else _as_picture(file, told.data)
        sizes[Way.PDF if kind is Kind.PDF else Way.PICTURE] = len(told.data)
    if len(file.data) >= SMALLEST:
        packed = len(zlib.compress(file.data, 9)) + 2 * len(file.filename.encode()) + 100
        if packed <= WORTH * len(file.data):
            sizes[Way.ZIP] = packed
    fate = (told.fate if told else Fate.FAILED) if kind is Kind.PDF else None
    return Offer(file, sizes, made, fate)


def _as_picture(file: Attachment, picture: bytes) -> Attachment:
    """With the name that becomes its new format."""
    media_type = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    name = PurePosixPath(file.filename)
    if name.suffix.lower() not in _SUFFIXES[media_type]:
        name = name.with_suffix(_SUFFIXES[media_type][0])
    return replace(file, filename=str(name), media_type=media_type, data=picture)


def linkable(offered: Sequence[Offer], most: int) -> list[Offer]:
    """The same, with a link in the letter as a way for each file of at most so many octets (0: of none)."""
    linked = [len(one.file.filename.encode()) + LINK_OCTETS for one in offered]
    return [
        replace(one, sizes={**one.sizes, Way.LINK: after}) if 0 < len(one.file.data) <= most else one
        for one, after in zip(offered, linked, strict=True)
    ]


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number if another file has it."""
    path = PurePosixPath(name.replace("/", "_") or "tep")
    shown, number = str(path), 1
    while shown.casefold() in taken:
        number += 1
        shown = f"{path.stem} ({number}){path.suffix}"
    taken.add(shown.casefold())
    return shown
