"""Making what a letter carries smaller: pictures compressed anew, those in PDFs too, other files zipped
(123/QĐ-SCT, Điều 6 khoản 2).

A PDF that is signed is left as it is: a new one would break the signature (decision 0030).
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from pathlib import Path, PurePosixPath
from typing import Final

from mailserver.mime.compose import Attachment
from webmail.mail.pdfs.asking import Fate, Thinned, is_pdf

_CHILD: Final = Path(__file__).with_name("shrink_child.py")
MEMORY: Final = 1024 * 1024 * 1024
# Seconds for all pictures of a letter; those that are not done by then stay as they are.
SECONDS: Final = 20.0
MOST_PICTURES: Final = 30
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


def offers(files: Sequence[Attachment], thin: Callable[[Sequence[bytes]], list[Thinned]]) -> list[Offer]:
    """For each file, in order. thin: looks at PDFs (`Thinner.thin`). Blocks for some `SECONDS` and as long as that;
    never raises, whatever the files are.
    """
    large = [n for n, one in enumerate(files) if len(one.data) >= SMALLEST]
    pdfs = [n for n in large if is_pdf(files[n].data)]
    wanted = [n for n in large if files[n].media_type.startswith("image/") and n not in pdfs][:MOST_PICTURES]
    pictures = dict(zip(wanted, _smaller([files[n].data for n in wanted]), strict=False))
    thinned = dict(zip(pdfs, thin([files[n].data for n in pdfs]), strict=True))
    return [_offer(file, pictures.get(number, b""), thinned.get(number)) for number, file in enumerate(files)]


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


def _offer(file: Attachment, picture: bytes, pdf: Thinned | None) -> Offer:
    sizes = {Way.KEEP: len(file.data)}
    made = None
    if picture:
        made = _as_picture(file, picture)
        sizes[Way.PICTURE] = len(picture)
    elif pdf and pdf.data:
        made = replace(file, data=pdf.data)
        sizes[Way.PDF] = len(pdf.data)
    if len(file.data) >= SMALLEST:
        packed = len(zlib.compress(file.data, 9)) + 2 * len(file.filename.encode()) + 100
        if packed <= WORTH * len(file.data):
            sizes[Way.ZIP] = packed
    return Offer(file, sizes, made, pdf.fate if pdf else None)


def _as_picture(file: Attachment, picture: bytes) -> Attachment:
    """With the name that becomes its new format."""
    media_type = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    name = PurePosixPath(file.filename)
    if name.suffix.lower() not in _SUFFIXES[media_type]:
        name = name.with_suffix(_SUFFIXES[media_type][0])
    return replace(file, filename=str(name), media_type=media_type, data=picture)


def linkable(offered: Sequence[Offer], most: int) -> list[Offer]:
    """The same, with a link in the letter as a way for each file of at most so many octets."""
    linked = [len(one.file.filename.encode()) + LINK_OCTETS for one in offered]
    return [
        replace(one, sizes={**one.sizes, Way.LINK: after}) if 0 < len(one.file.data) <= most else one
        for one, after in zip(offered, linked, strict=True)
    ]


def _smaller(pictures: Sequence[bytes]) -> list[bytes]:
    """Of each, b"" if there is none; those that the child did not get to are missing at the end."""
    if not pictures:
        return []
    given = b"".join(len(one).to_bytes(8, "big") + one for one in pictures)
    # Isolated (-I): neither the environment nor the current folder can put code into the child.
    command = [sys.executable, "-I", str(_CHILD), str(MEMORY), str(round(SECONDS))]
    try:
        told = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False).stdout
    except subprocess.TimeoutExpired as late:
        told = late.stdout or b""
    except OSError:
        return []
    return _parts(told)


def _parts(told: bytes) -> list[bytes]:
    """What stands behind each length; the last is left out if it is not whole."""
    found, at = [], 0
    while at + 8 <= len(told):
        end = at + 8 + int.from_bytes(told[at : at + 8], "big")
        if end > len(told):
            break
        found.append(told[at + 8 : end])
        at = end
    return found


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number if another file has it."""
    path = PurePosixPath(name.replace("/", "_") or "tep")
    shown, number = str(path), 1
    while shown.casefold() in taken:
        number += 1
        shown = f"{path.stem} ({number}){path.suffix}"
    taken.add(shown.casefold())
    return shown
