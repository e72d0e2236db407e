"""Files that come in: in pieces from a script, which goes on after a line that broke, or whole by a plain form."""

from __future__ import annotations

import tempfile
from typing import IO, cast

from flask import Flask, Request, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from mailbox_policies.sentfiles import coming
from mailbox_policies.sentfiles.coming import Coming, Offer
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import Misplaced, SentFileError, TurnedOff
from mailbox_policies.sentfiles.terms import PIECE
from webmail.auth.current import actor
from webmail.identifiers import LARGEST
from webmail.sentfiles.views import bp, desk
from webmail.sentfiles.words import fault_words
from webmail.services import settings

FORM = "sentfiles.send"
# Octets of the form beside the file.
ROOM_FOR_FIELDS = 256 * 1024
# Octets of an uploaded file that stay in memory.
IN_MEMORY = 512 * 1024


class SpoolingRequest(Request):
    """Uploaded files lie in the folder of the installation: /tmp may be memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        folder = settings().cache_dir
        folder.mkdir(parents=True, exist_ok=True)
        return cast(IO[bytes], tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder)))


def init(app: Flask) -> None:
    """To be called before anything reads a form."""
    app.request_class = SpoolingRequest
    app.before_request(_make_room)


def _make_room() -> None:
    """The form for a file may be as large as the agency lets files be."""
    if request.endpoint == FORM and g.user is not None:
        try:
            request.max_content_length = desk().terms(actor()).limit + ROOM_FOR_FIELDS
        except TurnedOff:
            return


@bp.post("/bat-dau")
def begin() -> ResponseReturnValue:
    """Form: name, type, size, mark. JSON: id, received, piece (octets of a piece at most); 422 and error."""
    size = request.form.get("size", type=int) or 0
    if not 0 <= size <= LARGEST:
        abort(422)
    offer = Offer(request.form.get("name", ""), request.form.get("type", ""), size, request.form.get("mark", ""))
    try:
        return _told(coming.begin(desk(), actor(), offer))
    except SentFileError as fault:
        return jsonify(error=fault_words(fault)), 422


@bp.post("/<int:file_id>/doan")
def piece(file_id: int) -> ResponseReturnValue:
    """The octets that begin at tu. JSON as `begin`; 409 with what is there if it is not their turn."""
    start = request.args.get("tu", type=int)
    if start is None or (request.content_length or 0) > PIECE:
        abort(422)
    try:
        return _told(coming.add(desk(), actor(), file_id, start, request.get_data(cache=False)))
    except Misplaced as fault:
        return jsonify(received=fault.received), 409


def _told(file: Coming) -> ResponseReturnValue:
    return jsonify(id=file.id, received=file.received, piece=PIECE)


def take(desk: Desk, file: FileStorage) -> Coming:
    """A file of a plain form. Raises as `coming.add_all`."""
    stream = file.stream
    size = stream.seek(0, 2)
    stream.seek(0)
    offer = Offer(file.filename or "", file.mimetype or "", size)
    return coming.add_all(desk, actor(), offer, stream.read)
