"""Files handed out: never shown by the browser as a page of ours."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from webmail.security import DOWNLOAD_CSP
from webmail.streams import Stream

# Types that a browser may be told; everything else is just octets (ASVS 5.0 3.2.1, 5.4.1).
TOLD = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.oasis.opendocument.text",
        "message/rfc822",
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
    }
)


def download(data: bytes, filename: str, media_type: str) -> Response:
    """An attachment to be saved under `filename` (RFC 6266 §4.3, RFC 8187)."""
    told = media_type if media_type in TOLD else "application/octet-stream"
    response = Response(data, content_type=told)
    response.headers["Content-Disposition"] = f"attachment; {_name(filename)}"
    response.headers["Content-Security-Policy"] = DOWNLOAD_CSP
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def streamed(octets: Stream | None, filename: str, media_type: str) -> Response:
    """As `download`, for what is made while it is sent; None where only the head is asked for."""
    response = download(b"", filename, media_type)
    if octets is not None:
        response.response = octets
        response.direct_passthrough = True  # the stream itself is what the door gets
    del response.headers["Content-Length"]
    return response


def picture(data: bytes, media_type: str, *, keep_s: int = 3600) -> Response:
    """A picture that a page of ours shows; media_type must be one that `sniffed` gave or we made."""
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = DOWNLOAD_CSP
    response.headers["Cache-Control"] = f"private, max-age={keep_s}"
    return response


def sniffed(data: bytes) -> str | None:
    """The picture type by its first octets, whatever the sender says it is; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _name(filename: str) -> str:
    safe = "".join(char if 0x20 <= ord(char) != 0x7F and char not in '/\\"' else "_" for char in filename)[:200]
    ascii_name = safe.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    return f"filename=\"{ascii_name}\"; filename*=UTF-8''{quote(safe, safe='')}"
