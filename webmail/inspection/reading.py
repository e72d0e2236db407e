"""What an inspector sees by an order, and the minutes. Each of these pages is a record in the audit."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from routing.inspection import minutes, packing, printing, reading
from routing.inspection.reading import PAGE, Lines
from webmail import downloads, streams
from webmail.auth.current import actor
from webmail.inspection import words
from webmail.inspection.views import MOST_WORDS, bp
from webmail.mail import reading as letters
from webmail.paging import last_page
from webmail.services import services

# Octets of a zip in memory; the rest is in a file without a name.
IN_MEMORY = 4 * 1024 * 1024
# Octets that are sent at a time.
PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list. query: what was searched for."""

    found: Lines
    page: int
    query: str

    @property
    def last(self) -> int:
        return last_page(self.found.total, PAGE)

    def url(self, page: int) -> str:
        return url_for("inspection.messages", order_id=self.found.order.id, q=self.query or None, trang=page)


@bp.get("/<int:order_id>/thu")
def messages(order_id: int) -> ResponseReturnValue:
    """The messages of the order. q: words; trang: page. 404."""
    query = request.args.get("q", "").strip()[:MOST_WORDS]
    wanted = min(max(1, request.args.get("trang", 1, type=int)), 1_000_000)
    found = reading.look(services().store, actor(), order_id, query, wanted)
    return render_template("inspection/messages.html", page=Page(found, wanted, query))


@bp.get("/<int:order_id>/thu/<int:number>")
def message(order_id: int, number: int) -> ResponseReturnValue:
    """One message: its text without pictures or links, and its files. 404."""
    opened = reading.open_message(services().store, actor(), order_id, number)
    files = letters.files_of(opened.structure)
    return render_template("inspection/message.html", opened=opened, files=files, plain=letters.plain)


@bp.get("/<int:order_id>/thu/<int:number>/tai")
def download(order_id: int, number: int) -> Response:
    """The message as it came in. 404."""
    octets = reading.download(services().store, actor(), order_id, number)
    return downloads.download(octets, f"lenh-{order_id}-thu-{number}.eml", "message/rfc822")


@bp.get("/<int:order_id>/thu/<int:number>/tep/<part>")
def file(order_id: int, number: int, part: str) -> Response:
    """One file, to be saved. 404."""
    found = reading.open_file(services().store, actor(), order_id, number, part)
    told = letters.file_of(found.part)
    return downloads.download(found.octets, told.filename, told.media_type)


@bp.get("/<int:order_id>/bien-ban")
def as_page(order_id: int) -> ResponseReturnValue:
    """The minutes, to be printed. 404."""
    made = minutes.of(services().store, actor(), order_id)
    return render_template("inspection/minutes.html", made=made, minutes=minutes, words=words)


@bp.get("/<int:order_id>/bien-ban.pdf")
def as_pdf(order_id: int) -> Response:
    """The minutes to be printed and signed. 404."""
    octets = printing.pdf(services().store, actor(), order_id, services().clock())
    return downloads.download(octets, f"bien-ban-lenh-{order_id}.pdf", "application/pdf")


@bp.get("/<int:order_id>/bien-ban.zip")
def as_zip(order_id: int) -> Response:
    """The minutes with the originals that were opened and a manifest. 404, 503."""
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the answer closes it)
    try:
        packing.write_zip(services().store, actor(), order_id, out)
        out.seek(0, io.SEEK_END)
        size = out.tell()
        stream = streams.of_person(_pieces(out), actor().principal_id)
    except BaseException:
        out.close()
        raise
    answer = downloads.streamed(stream, f"bien-ban-lenh-{order_id}.zip", "application/zip")
    answer.call_on_close(out.close)  # where nobody wants the octets
    answer.headers["Content-Length"] = str(size)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What has been written to a file, from its beginning; it is closed behind it."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
