"""Renders a page of a PDF; run as a process of its own, which may be killed: `python -m webmail.pdfworker`.

Hostile files make renderers loop, swell or crash. This process takes the file on standard input, has
limits on memory and processor time that it sets itself before it looks at a single octet, and writes
the answer to standard output: JSON for "facts", a JPEG for "page".
"""

from __future__ import annotations

import io
import json
import resource
import sys

MEMORY = 1024 * 1024 * 1024
CPU_S = 15
MOST_PAGES = 300
# A page larger than this in points is rendered smaller rather than not at all.
MOST_PIXELS = 12_000_000


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def facts(data: bytes) -> bytes:
    """{"pages": number in all, "sizes": [[width, height] in points of the first MOST_PAGES]}."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    count = len(document)
    sizes = [[round(side, 1) for side in document.get_page_size(index)] for index in range(min(count, MOST_PAGES))]
    return json.dumps({"pages": count, "sizes": sizes}).encode()


def page(data: bytes, index: int, width: int) -> bytes:
    """A JPEG of page `index` (from 0), `width` pixels wide."""
    import pypdfium2

    found = pypdfium2.PdfDocument(data)[index]
    points_wide, points_high = found.get_size()
    scale = width / max(points_wide, 1)
    pixels = points_wide * points_high * scale * scale
    if pixels > MOST_PIXELS:
        scale *= (MOST_PIXELS / pixels) ** 0.5
    image = found.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def main(arguments: list[str]) -> int:
    limit()
    data = sys.stdin.buffer.read()
    try:
        answer = facts(data) if arguments[0] == "facts" else page(data, int(arguments[1]), int(arguments[2]))
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
