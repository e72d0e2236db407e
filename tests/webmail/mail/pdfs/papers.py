"""PDFs made object by object, so that a test says what is in them."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from random import Random

from PIL import Image

# Drawn 200 points wide and high the pictures have 324 dots an inch; 200 of them would be 556 pixels.
SIDE, DRAWN, WANTED = 900, 200, 556
PLAIN = b"q 200 0 0 200 50 400 cm /Im Do Q"
TEXT = b"BT /F 12 Tf 60 100 Td (Cong van so 12) Tj ET"
JPEG = b"/Filter/DCTDecode"


def noise(mode: str, side: int = SIDE) -> Image.Image:
    """Nothing compresses it away."""
    small = side // 4
    octets = Random(1).randbytes(small * small * len(mode))
    return Image.frombytes(mode, (small, small), octets).resize((side, side), Image.Resampling.BICUBIC)


def jpeg(mode: str) -> bytes:
    out = io.BytesIO()
    noise(mode).save(out, "JPEG", quality=95)
    return out.getvalue()


def samples(mode: str) -> bytes:
    return zlib.compress(noise(mode).tobytes())


@dataclass(frozen=True)
class Paper:
    """A page with text, a link, a bookmark, a label, and a picture. entries: of the picture, beside its size."""

    data: bytes
    entries: bytes = b"/ColorSpace/DeviceRGB/BitsPerComponent 8" + JPEG
    content: bytes = PLAIN
    page: bytes = b""
    catalog: bytes = b""
    size: tuple[int, int] = (SIDE, SIDE)
    more: tuple[bytes, ...] = ()
    """Objects from number 10 on."""

    def objects(self) -> list[bytes]:
        resources = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</Im 5 0 R/Fm 8 0 R>>>>"
        link = b"<</Type/Annot/Subtype/Link/Rect[60 90 200 120]/A<</S/URI/URI(https://a.example/\\(1\\))>>>>"
        return [
            b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R/PageLabels<</Nums[0<</S/r>>]>>" + self.catalog + b">>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.32 841.92]/Contents 4 0 R/Annots[%s]/Resources %s%s>>"
            % (link, resources, self.page),
            stream(b"", self.content + b"\n" + TEXT),
            stream(b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (*self.size, self.entries), self.data),
            b"<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>",
            b"<</Title(Phu luc)/Parent 6 0 R/Dest[3 0 R/Fit]>>",
            stream(
                b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Matrix[2 0 0 2 0 0]/Resources<</XObject<</Im 5 0 R>>>>",
                b"q 1 0 0 1 0 0 cm /Im Do Q",
            ),
            b"null",
            *self.more,
        ]

    def written(self) -> bytes:
        return written(self.objects())


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def written(objects: list[bytes]) -> bytes:
    """A file of these, numbered from 1; the first is the catalog."""
    out, places = b"%PDF-1.6\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return out + end % (size, table, size, len(out))


def packed(objects: list[bytes]) -> bytes:
    """The same with all objects that are no streams inside of one, compressed, and a table that is a stream
    (ISO 32000-1 §7.5.7, §7.5.8)."""
    inside = {number: one for number, one in enumerate(objects, 1) if b"stream\n" not in one}
    holder, table = len(objects) + 1, len(objects) + 2
    out, rows = b"%PDF-1.6\n", {0: (0, 0, 0)}
    heads, body = b"", b""
    for index, (number, one) in enumerate(inside.items()):
        heads += b"%d %d " % (number, len(body))
        body += one + b" "
        rows[number] = (2, holder, index)
    outside = {number: one for number, one in enumerate(objects, 1) if number not in inside}
    held = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(inside), len(heads))
    outside[holder] = stream(held, zlib.compress(heads + body))
    for number, one in outside.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows[table] = (1, len(out), 0)
    cells = b"".join(bytes([kind]) + at.to_bytes(4) + bytes([index]) for _n, (kind, at, index) in sorted(rows.items()))
    named = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R" % (table + 1)
    return out + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(named, cells), len(out))
