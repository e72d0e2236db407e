"""Makes the pictures of one PDF smaller; run as a process of its own, which may be killed: `python -m` this module.

Hostile files make decoders loop, swell or crash: the limits on memory and processor time are set before a single octet
is looked at. Standard input holds the file; standard output gets a word of `Fate`, a line feed, and with MADE the new
file, which has been opened and compared with the old one (`proof`).

The pictures are exchanged in the file as PDFium writes it anew, object by object; PDFium's own way (putting a picture
into a page and writing the page) would write the page's text and drawing anew as well, and loses some of it.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from webmail.mail.pdfs.objects import Stream, read

if TYPE_CHECKING:
    from webmail.mail.pdfs.placed import Placed
    from webmail.mail.pdfs.samples import Smaller

MEMORY: Final = 1024 * 1024 * 1024
CPU_S: Final = 30
# Of CPU_S, for the pictures: what is not done by then stays as it is, and there is time left for the proof.
PICTURES_S: Final = 15
MOST_PAGES: Final = 500
# Pages of which the look is compared.
LOOK_AT: Final = 6
# A new file that saves less than a tenth is not worth the loss.
WORTH: Final = 0.9
# What only signed files have (ISO 32000-1 §12.8.1, §12.8.2.2).
SIGNED: Final = (b"/ByteRange", b"/DocMDP")
# Octets; smaller pictures are not worth a look.
SMALLEST: Final = 10_000
# Units of another size than a point: how large a picture is drawn would be told wrongly.
OTHER_UNITS: Final = b"/UserUnit"
# What a picture may have that speaks of single samples or of other pictures (ISO 32000-1 §8.9.5): it is left alone.
MASKS: Final = (b"Mask", b"ImageMask", b"Alternates", b"OPI")


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def thin(data: bytes, seconds: float = PICTURES_S) -> tuple[str, bytes]:
    """A word of `Fate`, and the new file if it is MADE. seconds: of processor time, for the pictures.

    Raises whatever is said of a file that is broken or too heavy.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    from webmail.mail.pdfs import placed, proof

    until = time.process_time() + seconds
    if any(mark in data for mark in SIGNED):
        return "signed", b""
    try:
        old = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as fault:
        if fault.err_code == pdfium.FPDF_ERR_PASSWORD:
            return "locked", b""
        raise
    if pdfium.FPDF_GetSecurityHandlerRevision(old) != -1:
        return "locked", b""
    if len(old) > MOST_PAGES:
        raise ValueError("pages")
    out = io.BytesIO()
    old.save(out, flags=pdfium.FPDF_NO_INCREMENTAL)
    plain = out.getvalue()
    # Now also what was packed can be seen.
    if pdfium.FPDF_GetSignatureCount(old) > 0 or any(mark in plain for mark in SIGNED):
        return "signed", b""
    if OTHER_UNITS in plain:
        return "same", b""
    file = read(plain)
    keys = keys_of(list(file.streams()))
    stored = {key: len(one.data) for key, one in keys}
    document = pypdfium2.PdfDocument(plain)
    found = placed.placed(document, stored)
    made = _made(document, found, stored, until)
    new = file.written({one.number: replaced(one, made[key]) for key, one in keys if key in made})
    if not made or len(new) > WORTH * len(data):
        return "same", b""
    look = sorted({page for key in made for page in found[key].pages})[:LOOK_AT]
    if not proof.same(old, pypdfium2.PdfDocument(new), look):
        raise ValueError("not the same")
    return "made", new


def keys_of(streams: Sequence[Stream]) -> list[tuple[bytes, Stream]]:
    """The pictures that may be changed, and by which each is known (`placed.key_of`).

    A soft mask has pixels of its own and stays as it is; only one that was mixed into the colours (Matte) must have as
    many as its picture (ISO 32000-1 §11.6.5.3).
    """
    from webmail.mail.pdfs import placed

    tied = {b"%d %d R" % (one.number, one.generation) for one in streams if b"Matte" in one.entries}
    pictures = [one for one in streams if one.entries.get(b"SMask") not in tied and changeable(one)]
    return [
        (placed.key_of(one.data, (int(one.entries[b"Width"]), int(one.entries[b"Height"]))), one) for one in pictures
    ]


def changeable(stream: Stream) -> bool:
    """Whether it is a picture of some size, not of one bit, without a mask that speaks of single samples or colours,
    and without a word of its own on how a JPEG's colours are to be taken (ISO 32000-1 §7.4.8).
    """
    entries = stream.entries
    if entries.get(b"Subtype") != b"/Image" or len(stream.data) < SMALLEST:
        return False
    if not all(entries.get(side, b"").isdigit() for side in (b"Width", b"Height")):
        return False
    plain = entries.get(b"BitsPerComponent") == b"8" and b"ColorTransform" not in entries.get(b"DecodeParms", b"")
    return plain and not any(name in entries for name in MASKS)


def replaced(old: Stream, new: Smaller) -> Stream:
    """The same picture in other octets; its colours are told as before."""
    gone = (b"DecodeParms", b"DL")
    entries = {name: value for name, value in old.entries.items() if name not in gone}
    size = {b"Width": b"%d" % new.width, b"Height": b"%d" % new.height}
    return Stream(old.number, old.generation, {**entries, **size, b"Filter": b"/DCTDecode"}, new.data)


def _made(document: Any, found: dict[bytes, Placed], stored: Mapping[bytes, int], until: float) -> dict[bytes, Smaller]:
    from webmail.mail.pdfs import placed, samples

    made = {}
    for key, picture in placed.pictures(document, found):
        if time.process_time() >= until:
            break
        try:
            new = samples.smaller(picture, stored[key])
        except Exception:  # whatever a decoder says of what is no picture
            continue
        if new is not None:
            made[key] = new
    return made


def main() -> int:
    limit()
    data = sys.stdin.buffer.read()
    try:
        word, made = thin(data)
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(word.encode() + b"\n" + made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
