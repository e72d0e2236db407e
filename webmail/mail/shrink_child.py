"""Makes one picture smaller; run as a script of its own, which may be killed (`pictures`).

Pictures come from strangers too (a forwarded letter), and decoders swell or crash on some. Standard input holds the
picture; standard output gets the new one, nothing if it cannot be made smaller. Arguments: octets of address space,
seconds of processor time.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import Final

# A picture of more pixels is left as it is: decoded it would not fit into the memory that this process has.
MOST_PIXELS: Final = 60_000_000
# The longer side, in pixels: A4 at 200 dots an inch is 1654 × 2339.
LONGEST: Final = 2400
QUALITY: Final = 80
# A new one that saves less than a tenth is not worth the loss.
WORTH: Final = 0.9


def main(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    picture = sys.stdin.buffer.read()
    try:
        made = smaller(picture)
    except Exception:  # whatever a decoder says of what is none
        made = b""
    sys.stdout.buffer.write(made)


def smaller(picture: bytes) -> bytes:
    """A JPEG, or a PNG of what can be seen through; b"" if it is not worth it."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow raises at twice this
    with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "BMP", "TIFF", "WEBP")) as opened:
        if getattr(opened, "n_frames", 1) > 1 or opened.width * opened.height > MOST_PIXELS:
            return b""
        profile = opened.info.get("icc_profile")
        opened.draft("RGB", (LONGEST, LONGEST))
        image = ImageOps.exif_transpose(opened)
        clear = image.has_transparency_data
        image = image.convert("RGBA" if clear else "RGB")
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        if clear:
            image.save(out, "PNG", optimize=True)
        else:
            image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True, icc_profile=profile)
    made = out.getvalue()
    return made if len(made) <= WORTH * len(picture) else b""


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
