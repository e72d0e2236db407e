"""Handing out the octets of a file: whole, or the one stretch that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from mailbox_policies.sentfiles import reading
from mailbox_policies.sentfiles.reading import SentFile, Stretch
from webmail.downloads import streamed
from webmail.services import services
from webmail.streams import Stream

Open = Callable[[Iterator[bytes]], Stream]


def answer(file: SentFile, pieces: Sequence[Stretch], open_: Open, note: Callable[[bool], object]) -> Response:
    """The file, to be saved; a part of it for Range (RFC 9110 §14.2).

    open_: makes the stream, for one of its readers. note: writes down that it is fetched; told whether from another
    place than its beginning. Neither is called for HEAD.
    Raises RequestedRangeNotSatisfiable, ServiceUnavailable.
    """
    tag = f'"{file.digest.hex()}"'
    start, end = _range(file.size, tag) or (0, file.size)
    octets = None
    if request.method != "HEAD":
        octets = open_(reading.octets(services().store.blobs, pieces, start, end))
        note(start > 0)
    response = streamed(octets, file.name, file.media_type)
    response.headers["Content-Length"] = str(end - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = tag
    if (start, end) != (0, file.size):
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return response


def _range(size: int, tag: str) -> tuple[int, int] | None:
    """The one stretch that is asked for; None for all: several, or of a file that was another."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    found = asked.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(size)
    return found
